//! Transactions as they are read: one, or a page of the list. Its filters stand in `transaction_filter`.

use super::narrow::Narrowed;
use super::paging::{Key, Keyset};
use super::transaction_filter::{self, Plan};
use super::{PersonalDesk, coin_of, error};
use crate::coins::Coins;
use crate::db::{DbError, FromRow, Row, Tx, places, query_owned};
use app::desk::{Answer, AppError};
use app::model::{
    AccountId, AccountRef, Amount, Page, Paging, Sort, TransactionFilter, TransactionId, TransactionRow,
};

pub const SELECT: &str = r#"
SELECT t.id, t.coin, c.decimals, t.wallet, w.name AS wallet_name, t.state, t.amount, t.label,
    t.sending_account, s.name AS sending_name, t.receiving_account, r.name AS receiving_name, d.address,
    t.network_transaction, n.state AS network_state, n.txid, n.confirmations, t.reason, t.created_at, t.credited_at,
    t.processed_at
FROM "transaction" t
JOIN coin c ON c.coin = t.coin
JOIN wallet w ON w.id = t.wallet
LEFT JOIN account s ON s.id = t.sending_account
LEFT JOIN account r ON r.id = t.receiving_account
LEFT JOIN address d ON d.id = t.address
LEFT JOIN network_transaction n ON n.id = t.network_transaction"#;

pub struct Found(TransactionRow);

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        let account = |id, name| -> Result<Option<AccountRef>, DbError> {
            let (id, name): (Option<AccountId>, Option<String>) = (row.get(id)?, row.get(name)?);
            Ok(id.zip(name).map(|(id, name)| AccountRef { id, name }))
        };
        Ok(Self(TransactionRow {
            id: row.get("id")?,
            wallet: row.get("wallet")?,
            wallet_name: row.get("wallet_name")?,
            state: row.get("state")?,
            amount: Amount::new(coin, row.get("amount")?),
            label: row.get("label")?,
            sending: account("sending_account", "sending_name")?,
            receiving: account("receiving_account", "receiving_name")?,
            address: row.get("address")?,
            network_transaction: row.get("network_transaction")?,
            network_state: row.get("network_state")?,
            txid: row.get("txid")?,
            confirmations: row.get("confirmations")?,
            confirmation_count: 0,
            max_confirmation_count: 0,
            reason: row.get("reason")?,
            created_at: row.get("created_at")?,
            credited_at: row.get("credited_at")?,
            processed_at: row.get("processed_at")?,
        }))
    }
}

impl Found {
    /// The coin's counts come from the configuration; a coin that left it keeps the stock ones.
    pub fn row(self, coins: &Coins) -> TransactionRow {
        let (confirmation_count, max_confirmation_count) = coins.confirmation_counts(self.0.amount.coin);
        TransactionRow { confirmation_count, max_confirmation_count, ..self.0 }
    }
}

pub async fn find(tx: &mut Tx<'_>, coins: &Coins, id: TransactionId) -> Answer<TransactionRow> {
    read_one(tx, coins, id).await.map_err(error::from_db)?.ok_or(AppError::NotFound("transaction"))
}

/// As `find`, for changes that tell of what they made.
pub async fn read_one(
    tx: &mut Tx<'_>,
    coins: &Coins,
    id: TransactionId,
) -> Result<Option<TransactionRow>, DbError> {
    let found = query_owned(format!("{SELECT} WHERE t.id = $1")).bind(id).optional::<Found>(tx).await?;
    Ok(found.map(|found| found.row(coins)))
}

/// Rows at once, by their ids.
const AT_ONCE: usize = 250;

/// As `read_one`, of many; in no order.
pub async fn read_many(
    tx: &mut Tx<'_>,
    coins: &Coins,
    ids: &[TransactionId],
) -> Result<Vec<TransactionRow>, DbError> {
    let mut rows = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let sql = format!("{SELECT} WHERE t.id IN ({})", places(1, some.len()));
        let query = some.iter().fold(query_owned(sql), |query, id| query.bind(*id));
        rows.extend(query.all::<Found>(tx).await?.into_iter().map(|found| found.row(coins)));
    }
    Ok(rows)
}

pub async fn one(desk: &PersonalDesk, id: TransactionId) -> Answer<TransactionRow> {
    find(&mut desk.read().await?.tx(), &desk.shared.coins, id).await
}

pub async fn list(
    desk: &PersonalDesk,
    filter: &TransactionFilter,
    paging: &Paging,
) -> Answer<Page<TransactionRow>> {
    let mut view = desk.read().await?;
    read(&mut view.tx(), &desk.shared.coins, filter, paging).await
}

pub async fn read(
    tx: &mut Tx<'_>,
    coins: &Coins,
    filter: &TransactionFilter,
    paging: &Paging,
) -> Answer<Page<TransactionRow>> {
    let rising = matches!(filter.sort, Sort::Oldest | Sort::Smallest);
    match transaction_filter::plan(tx, coins, filter).await? {
        Plan::ById(list) => page(tx, coins, &list, &Keyset::sorted(paging, rising)?, |row| row.id.0).await,
        Plan::ByFigure(list) => {
            let by_amount = matches!(filter.sort, Sort::Largest | Sort::Smallest);
            let figure = |row: &TransactionRow| if by_amount { row.amount.units } else { row.created_at.0 };
            page(tx, coins, &list, &Keyset::sorted(paging, rising)?, |row| (figure(row), row.id.0)).await
        }
    }
}

async fn page<K: Key>(
    tx: &mut Tx<'_>,
    coins: &Coins,
    list: &Narrowed,
    keyset: &Keyset<K>,
    key: impl Fn(&TransactionRow) -> K,
) -> Answer<Page<TransactionRow>> {
    let (rows, edge) = list.read::<K, Found>(tx, SELECT, keyset).await.map_err(error::from_db)?;
    let rows = rows.into_iter().map(|found| found.row(coins)).collect();
    Ok(keyset.page_within(rows, edge, key))
}
