//! Broadcasts: the list, and one with its transactions, attempts, inputs and story.

use super::narrow::{Condition, Narrowed, filled};
use super::paging::Keyset;
use super::{PersonalDesk, coin_of, error, offer, story, transaction, vetting};
use crate::coins::Coins;
use crate::db::{DbError, FromRow, Row, Tx, query, query_owned};
use crate::record;
use app::desk::{Answer, AppError};
use app::model::{
    Amount, AttemptRow, BroadcastDetail, BroadcastFilter, BroadcastRow, Coin, InputRow, NetworkTransactionId,
    OutputRow, Page, Paging, TransactionRow,
};

const SELECT: &str = "
SELECT n.id, n.coin, c.decimals, n.wallet, w.name AS wallet_name, n.state, n.fee, n.txid, n.confirmations, n.last_error,
    n.retry_at, n.missing_since, n.opened_at, n.closed_at, n.created_at,
    (SELECT CAST(COUNT(*) AS BIGINT) FROM broadcast_output o WHERE o.broadcast = n.id) AS output_count,
    (SELECT CAST(COALESCE(SUM(o.amount), 0) AS BIGINT) FROM broadcast_output o WHERE o.broadcast = n.id) AS amount
FROM network_transaction n JOIN coin c ON c.coin = n.coin JOIN wallet w ON w.id = n.wallet";

/// Transactions that one page shows of a broadcast; its outputs are bounded too, by `max_outputs`.
pub const SHOWN_MAX: i64 = 2_000;

struct Found(BroadcastRow);

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        Ok(Self(BroadcastRow {
            id: row.get("id")?,
            coin,
            wallet: row.get("wallet")?,
            wallet_name: row.get("wallet_name")?,
            state: row.get("state")?,
            output_count: row.get("output_count")?,
            amount: Amount::new(coin, row.get("amount")?),
            fee: row.get::<Option<i64>>("fee")?.map(|units| Amount::new(coin, units)),
            txid: row.get("txid")?,
            confirmations: row.get("confirmations")?,
            confirmation_count: 0,
            max_confirmation_count: 0,
            last_error: row.get("last_error")?,
            retry_at: row.get("retry_at")?,
            missing_since: row.get("missing_since")?,
            opened_at: row.get("opened_at")?,
            closed_at: row.get("closed_at")?,
            created_at: row.get("created_at")?,
        }))
    }
}

impl Found {
    fn row(self, coins: &Coins) -> BroadcastRow {
        let (confirmation_count, max_confirmation_count) = coins.confirmation_counts(self.0.coin);
        BroadcastRow { confirmation_count, max_confirmation_count, ..self.0 }
    }
}

/// By the index of what narrows most: of its wallet, of its coin and state, or of all broadcasts.
pub async fn list(
    desk: &PersonalDesk,
    filter: &BroadcastFilter,
    paging: &Paging,
) -> Answer<Page<BroadcastRow>> {
    let mut read = desk.read().await?;
    read_list(&mut read.tx(), &desk.shared.coins, filter, paging).await
}

async fn read_list(
    tx: &mut Tx<'_>,
    coins: &Coins,
    filter: &BroadcastFilter,
    paging: &Paging,
) -> Answer<Page<BroadcastRow>> {
    let mut rest = Vec::new();
    if let Some(state) = filter.state {
        rest.push(Condition::one("n.state = $", state));
    }
    if let Some(coin) = filled(filter.coin.as_ref()) {
        rest.push(Condition::one("n.coin = $", coin));
    }
    let way = match filter.wallet {
        Some(wallet) => Condition::one("n.wallet = $", wallet),
        None => Condition::new("n.type = 'broadcast'", Vec::new()),
    };
    let list = Narrowed { table: "network_transaction n", id: "n.id", key: &["n.id"], ways: vec![way], rest };
    let keyset = Keyset::sorted(paging, filter.oldest_first)?;
    let (rows, edge) = list.read::<i64, Found>(tx, SELECT, &keyset).await.map_err(error::from_db)?;
    let rows = rows.into_iter().map(|found| found.row(coins)).collect();
    Ok(keyset.page_within(rows, edge, |row: &BroadcastRow| row.id.0))
}

pub async fn find(tx: &mut Tx<'_>, coins: &Coins, id: NetworkTransactionId) -> Answer<BroadcastRow> {
    let sql = format!("{SELECT} WHERE n.id = $1 AND n.type = 'broadcast'");
    let found = query_owned(sql).bind(id).optional::<Found>(tx).await.map_err(error::from_db)?;
    Ok(found.ok_or(AppError::NotFound("broadcast"))?.row(coins))
}

pub async fn one(desk: &PersonalDesk, id: NetworkTransactionId) -> Answer<BroadcastDetail> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let coins = &desk.shared.coins;
    let broadcast = find(tx, coins, id).await?;
    let mut detail = detail(tx, coins, broadcast).await.map_err(error::from_db)?;
    let prepared_at = prepared_at(tx, id).await.map_err(error::from_db)?;
    let BroadcastDetail { broadcast, transactions, attempts, vetting, .. } = &detail;
    let offers = offer::all(tx, desk, broadcast, transactions, vetting).await?;
    detail.story = story::of_broadcast(broadcast, prepared_at, attempts, &vetting.decisions);
    detail.vetting.offers = offers;
    Ok(detail)
}

/// All but its story and what may be ordered now.
async fn detail(tx: &mut Tx<'_>, coins: &Coins, broadcast: BroadcastRow) -> Result<BroadcastDetail, DbError> {
    let id = broadcast.id;
    let transactions = transactions(tx, coins, id).await?;
    let (outputs, attempts) = (outputs(tx, broadcast.coin, id).await?, attempts(tx, id).await?);
    let inputs = inputs(tx, broadcast.coin, id).await?;
    let vetting = vetting::read(tx, &broadcast).await?;
    Ok(BroadcastDetail { broadcast, outputs, transactions, attempts, inputs, story: Vec::new(), vetting })
}

/// The list with its details, all of one view.
pub async fn details(
    desk: &PersonalDesk,
    filter: &BroadcastFilter,
    paging: &Paging,
) -> Answer<Page<BroadcastDetail>> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let page = read_list(tx, &desk.shared.coins, filter, paging).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(detail(tx, &desk.shared.coins, row).await.map_err(error::from_db)?);
    }
    Ok(Page { items, newer: page.newer, older: page.older })
}

async fn outputs(tx: &mut Tx<'_>, coin: Coin, id: NetworkTransactionId) -> Result<Vec<OutputRow>, DbError> {
    let sql = "SELECT d.address, o.amount FROM broadcast_output o JOIN address d ON d.id = o.address
        WHERE o.broadcast = $1 ORDER BY o.id LIMIT $2";
    let rows = query(sql).bind(id).bind(SHOWN_MAX).all::<(String, i64)>(tx).await?;
    let output = |(address, units)| OutputRow { address, amount: Amount::new(coin, units) };
    Ok(rows.into_iter().map(output).collect())
}

/// The payments of it; the booked fee is no payment.
pub async fn transactions(
    tx: &mut Tx<'_>,
    coins: &Coins,
    id: NetworkTransactionId,
) -> Result<Vec<TransactionRow>, DbError> {
    let sql = format!(
        "{} WHERE t.network_transaction = $1 AND t.state <> 'network_fee' ORDER BY t.id LIMIT $2",
        transaction::SELECT
    );
    let rows = query_owned(sql).bind(id).bind(SHOWN_MAX).all::<transaction::Found>(tx).await?;
    Ok(rows.into_iter().map(|found| found.row(coins)).collect())
}

record!(AttemptRow { number, runner, outcome, detail, started_at, finished_at });

/// The newest ones, oldest of them first: a node that was away for a day may have caused thousands.
pub async fn attempts(tx: &mut Tx<'_>, id: NetworkTransactionId) -> Result<Vec<AttemptRow>, DbError> {
    let sql = "SELECT number, runner, outcome, detail, started_at, finished_at FROM attempt
        WHERE broadcast = $1 ORDER BY number DESC LIMIT 50";
    let mut rows = query(sql).bind(id).all::<AttemptRow>(tx).await?;
    rows.reverse();
    Ok(rows)
}

struct Input {
    txid: String,
    vout: i64,
    amount: i64,
    anchor: bool,
}

record!(Input { txid, vout, amount, anchor });

async fn inputs(tx: &mut Tx<'_>, coin: Coin, id: NetworkTransactionId) -> Result<Vec<InputRow>, DbError> {
    let sql = "SELECT txid, vout, amount, anchor FROM broadcast_input WHERE broadcast = $1 ORDER BY anchor DESC, id LIMIT $2";
    let rows = query(sql).bind(id).bind(SHOWN_MAX).all::<Input>(tx).await?;
    let row = |Input { txid, vout, amount, anchor }| InputRow {
        txid,
        vout,
        amount: Amount::new(coin, amount),
        anchor,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// When its first signed version was stored.
pub async fn prepared_at(
    tx: &mut Tx<'_>,
    id: NetworkTransactionId,
) -> Result<Option<app::model::Time>, DbError> {
    let sql = "SELECT MIN(created_at) FROM broadcast_version WHERE broadcast = $1";
    Ok(query(sql).bind(id).one::<(Option<app::model::Time>,)>(tx).await?.0)
}
