//! An account's history: its transactions as the account sees them, with the balance that each left behind.

use super::paging::Keyset;
use super::{PersonalDesk, account, error, transaction};
use crate::db::{DbError, FromRow, Row, query_owned};
use app::desk::Answer;
use app::model::{AccountId, Amount, HistoryRow, Page, Paging, TransactionRow};

struct Found {
    transaction: transaction::Found,
    balance_after: Option<i64>,
}

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self { transaction: transaction::Found::from_row(row)?, balance_after: row.get("balance_after")? })
    }
}

/// Both sides are read by their own index up to the page's length, then merged.
pub async fn list(desk: &PersonalDesk, id: AccountId, paging: &Paging) -> Answer<Page<HistoryRow>> {
    let keyset = Keyset::new(paging)?;
    let ((sign, bound), order) = (keyset.bound(), keyset.order());
    let side = |column: &str| {
        format!(
            r#"SELECT x.id FROM (SELECT id FROM "transaction" WHERE {column} = $1 AND id {sign} $2 ORDER BY id {order} LIMIT $3) AS x"#
        )
    };
    let balance_after = r#"(SELECT e.balance_after FROM entry e WHERE e."transaction" = t.id AND e.account = $1
        ORDER BY e.id DESC LIMIT 1) AS balance_after"#;
    let columns = transaction::SELECT.replacen("\nFROM", &format!(",\n    {balance_after}\nFROM"), 1);
    let sql = format!(
        "{columns} WHERE t.id IN ({} UNION {}) ORDER BY t.id {order} LIMIT $3",
        side("sending_account"),
        side("receiving_account")
    );
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    account::find(tx, id).await?;
    let rows = query_owned(sql)
        .bind(id)
        .bind(bound)
        .bind(keyset.fetch())
        .all::<Found>(tx)
        .await
        .map_err(error::from_db)?;
    let rows = rows.into_iter().map(|found| seen_by(id, found, desk)).collect();
    Ok(keyset.page(rows, |row: &HistoryRow| row.transaction.id.0))
}

fn seen_by(account: AccountId, found: Found, desk: &PersonalDesk) -> HistoryRow {
    let transaction: TransactionRow = found.transaction.row(&desk.shared.coins);
    let coin = transaction.amount.coin;
    let debited = transaction.sending.as_ref().is_some_and(|sending| sending.id == account);
    let units = if debited { -transaction.amount.units } else { transaction.amount.units };
    let balance_after = found.balance_after.map(|units| Amount::new(coin, units));
    HistoryRow { transaction, amount: Amount::new(coin, units), balance_after }
}
