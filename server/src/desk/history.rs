//! An account's history: its transactions as the account sees them, with the balance that each left behind.

use super::{PersonalDesk, account, error, transaction};
use crate::db::{DbError, Tx, places, query_owned};
use app::desk::Answer;
use app::model::{AccountId, Amount, HistoryRow, Page, Paging, TransactionFilter, TransactionRow};
use std::collections::BTreeMap;

pub async fn list(desk: &PersonalDesk, id: AccountId, paging: &Paging) -> Answer<Page<HistoryRow>> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    account::find(tx, id).await?;
    let filter = TransactionFilter { account: Some(id), ..TransactionFilter::default() };
    let Page { items, newer, older } = transaction::read(tx, &desk.shared.coins, &filter, paging).await?;
    let balances = balances_after(tx, id, &items).await.map_err(error::from_db)?;
    let items = items.into_iter().map(|transaction| seen_by(id, transaction, &balances)).collect();
    Ok(Page { items, newer, older })
}

/// What was left after the last entry that each of them made in this account, by their ids.
async fn balances_after(
    tx: &mut Tx<'_>,
    account: AccountId,
    of: &[TransactionRow],
) -> Result<BTreeMap<i64, i64>, DbError> {
    if of.is_empty() {
        return Ok(BTreeMap::new());
    }
    // `+`: by the transactions' index; an account may have millions of entries.
    let sql = format!(
        r#"SELECT e.id, e."transaction", e.balance_after FROM entry e
        WHERE +e.account = $1 AND e."transaction" IN ({})"#,
        places(2, of.len())
    );
    let query = of.iter().fold(query_owned(sql).bind(account), |query, row| query.bind(row.id));
    let mut entries = query.all::<(i64, i64, i64)>(tx).await?;
    entries.sort_unstable();
    Ok(entries.into_iter().map(|(_, transaction, balance)| (transaction, balance)).collect())
}

fn seen_by(account: AccountId, transaction: TransactionRow, balances: &BTreeMap<i64, i64>) -> HistoryRow {
    let coin = transaction.amount.coin;
    let debited = transaction.sending.as_ref().is_some_and(|sending| sending.id == account);
    let units = if debited { -transaction.amount.units } else { transaction.amount.units };
    let balance_after = balances.get(&transaction.id.0).map(|units| Amount::new(coin, *units));
    HistoryRow { transaction, amount: Amount::new(coin, units), balance_after }
}
