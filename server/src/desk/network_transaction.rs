//! Network transactions: the list of deposits and broadcasts together, and one with its transactions and story.

use super::narrow::{Condition, Narrowed, filled, too_many};
use super::paging::Keyset;
use super::transaction_filter::txids_beginning;
use super::{PersonalDesk, broadcast, coin_of, error, story};
use crate::coins::Coins;
use crate::db::{DbError, FromRow, Row, Tx, query, query_owned};
use app::desk::{Answer, AppError};
use app::model::{
    Amount, NetworkTransactionDetail, NetworkTransactionFilter, NetworkTransactionId, NetworkTransactionRow,
    NetworkTransactionType, Page, Paging, TransactionId,
};

pub const SELECT: &str = r#"
SELECT n.id, n.coin, c.decimals, n.type, n.state, n.txid, n.confirmations, n.live, n.block, n.opened_at, n.closed_at, n.settled_at, n.created_at,
    n.updated_at,
    (SELECT CAST(COUNT(*) AS BIGINT) FROM "transaction" t WHERE t.network_transaction = n.id AND t.state <> 'network_fee')
        AS transaction_count,
    CASE n.type
        WHEN 'deposit' THEN (SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM "transaction" t
            WHERE t.network_transaction = n.id AND t.receiving_account IS NOT NULL)
        ELSE (SELECT CAST(COALESCE(SUM(o.amount), 0) AS BIGINT) FROM broadcast_output o WHERE o.broadcast = n.id) END AS amount
FROM network_transaction n JOIN coin c ON c.coin = n.coin"#;

/// Beginnings of a txid that a filter looks up at most.
const BEGINNINGS: usize = 200;

pub struct Found(NetworkTransactionRow);

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        Ok(Self(NetworkTransactionRow {
            id: row.get("id")?,
            coin,
            kind: row.get("type")?,
            state: row.get("state")?,
            txid: row.get("txid")?,
            confirmations: row.get("confirmations")?,
            confirmation_count: 0,
            max_confirmation_count: 0,
            amount: Amount::new(coin, row.get("amount")?),
            transaction_count: row.get("transaction_count")?,
            live: row.get("live")?,
            block: row.get("block")?,
            opened_at: row.get("opened_at")?,
            closed_at: row.get("closed_at")?,
            settled_at: row.get("settled_at")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        }))
    }
}

impl Found {
    pub fn row(self, coins: &Coins) -> NetworkTransactionRow {
        let (confirmation_count, max_confirmation_count) = coins.confirmation_counts(self.0.coin);
        NetworkTransactionRow { confirmation_count, max_confirmation_count, ..self.0 }
    }
}

pub async fn list(
    desk: &PersonalDesk,
    filter: &NetworkTransactionFilter,
    paging: &Paging,
) -> Answer<Page<NetworkTransactionRow>> {
    let mut read = desk.read().await?;
    read_list(&mut read.tx(), &desk.shared.coins, filter, paging).await
}

/// The list with the ids of what each concerns, all of one view.
pub async fn details(
    desk: &PersonalDesk,
    filter: &NetworkTransactionFilter,
    paging: &Paging,
) -> Answer<Page<(NetworkTransactionRow, Vec<TransactionId>)>> {
    let sql = r#"SELECT id FROM "transaction" WHERE network_transaction = $1 AND state <> 'network_fee' ORDER BY id LIMIT $2"#;
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let page = read_list(tx, &desk.shared.coins, filter, paging).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let ids = query(sql).bind(row.id).bind(broadcast::SHOWN_MAX).all::<(TransactionId,)>(tx).await;
        let ids = ids.map_err(error::from_db)?.into_iter().map(|(id,)| id).collect();
        items.push((row, ids));
    }
    Ok(Page { items, newer: page.newer, older: page.older })
}

async fn read_list(
    tx: &mut Tx<'_>,
    coins: &Coins,
    filter: &NetworkTransactionFilter,
    paging: &Paging,
) -> Answer<Page<NetworkTransactionRow>> {
    let keyset = Keyset::sorted(paging, filter.oldest_first)?;
    let (ways, rest) = conditions(tx, filter).await?;
    let list = Narrowed { table: "network_transaction n", id: "n.id", key: &["n.id"], ways, rest };
    let (rows, edge) = list.read::<i64, Found>(tx, SELECT, &keyset).await.map_err(error::from_db)?;
    let rows = rows.into_iter().map(|found| found.row(coins)).collect();
    Ok(keyset.page_within(rows, edge, |row: &NetworkTransactionRow| row.id.0))
}

/// The ways by their indexes: of the txid, of coin and state, of the type, of the coin.
async fn conditions(
    tx: &mut Tx<'_>,
    filter: &NetworkTransactionFilter,
) -> Answer<(Vec<Condition>, Vec<Condition>)> {
    let coin = filled(filter.coin.as_ref());
    let mut kind = filter.kind.map(|kind| Condition::word("n.type", kind.as_str()));
    let mut in_coin = coin.map(|coin| Condition::one("n.coin = $", coin));
    let mut state = filter.state.map(|state| Condition::one("n.state = $", state));
    let ways = if let Some(txid) = filled(filter.txid.as_ref()) {
        let ids = txids_beginning(tx, filter.coin.as_ref(), txid, BEGINNINGS).await?;
        if ids.len() > BEGINNINGS {
            return Err(too_many("txid", BEGINNINGS, "network transactions begin with this"));
        }
        vec![Condition::among("n.id", ids)]
    } else if let Some(of_state) = filter.state {
        state = None;
        let coins = match coin {
            Some(coin) => vec![(coin.to_owned(),)],
            None => query("SELECT coin FROM coin ORDER BY coin").all(tx).await.map_err(error::from_db)?,
        };
        in_coin = None;
        let of = |coin: String| {
            Condition::both(Condition::one("n.coin = $", coin), Condition::word("n.state", of_state.as_str()))
        };
        coins.into_iter().map(|(coin,)| of(coin)).collect()
    } else {
        vec![kind.take().or_else(|| in_coin.take()).unwrap_or_else(Condition::always)]
    };
    Ok((ways, [kind, in_coin, state].into_iter().flatten().collect()))
}

pub async fn find(tx: &mut Tx<'_>, coins: &Coins, id: NetworkTransactionId) -> Answer<NetworkTransactionRow> {
    let found = query_owned(format!("{SELECT} WHERE n.id = $1")).bind(id).optional::<Found>(tx).await;
    Ok(found.map_err(error::from_db)?.ok_or(AppError::NotFound("network transaction"))?.row(coins))
}

pub async fn one(desk: &PersonalDesk, id: NetworkTransactionId) -> Answer<NetworkTransactionDetail> {
    let mut read = desk.read().await?;
    let (tx, coins) = (&mut read.tx(), &desk.shared.coins);
    let network_transaction = find(tx, coins, id).await?;
    let transactions = broadcast::transactions(tx, coins, id).await.map_err(error::from_db)?;
    let story = match network_transaction.kind {
        NetworkTransactionType::Deposit => story::of_deposit(tx, &network_transaction).await?,
        NetworkTransactionType::Broadcast => Vec::new(),
    };
    Ok(NetworkTransactionDetail { network_transaction, transactions, story })
}

/// Rows of these ids, newest first.
pub async fn among(tx: &mut Tx<'_>, coins: &Coins, ids: Vec<i64>) -> Answer<Vec<NetworkTransactionRow>> {
    let keyset = Keyset::<i64>::new(&Paging::default())?;
    let ways = vec![Condition::among("n.id", ids)];
    let list =
        Narrowed { table: "network_transaction n", id: "n.id", key: &["n.id"], ways, rest: Vec::new() };
    let (rows, _) = list.read::<i64, Found>(tx, SELECT, &keyset).await.map_err(error::from_db)?;
    Ok(rows.into_iter().map(|found| found.row(coins)).collect())
}
