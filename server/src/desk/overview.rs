//! The first page: coins with their backends and books, what needs a person, the newest deposits.

use super::{PersonalDesk, adjustment, coin_of, error, need, transaction, wallet};
use crate::coins::CoinService;
use crate::db::{DbError, FromRow, Row, Tx, query, query_owned};
use crate::network::BackendClass;
use app::desk::{Answer, Frame};
use app::model::{
    Amount, BackendRow, BackendState, Coin, CoinRow, Overview, Paging, Time, TransactionFilter,
    TransactionId, TransactionKind, TransactionRow, WalletRow,
};

const DAY_SECONDS: i64 = 86_400;
/// Rows that are looked at for the figures of a day; beyond it they say so many at least.
const COUNTED_MAX: i64 = 100_000;
const DEPOSITS_SHOWN: i64 = 8;

pub async fn frame(desk: &PersonalDesk) -> Answer<Frame> {
    let (actor, (_, role)) = (desk.actor()?, desk.person()?);
    let broken = wallet::broken_broadcasts(&mut desk.read().await?.tx()).await.map_err(error::from_db)?;
    Ok(Frame {
        user: actor.name.clone(),
        role,
        simulated: desk.shared.coins.any_simulated(),
        demo: desk.shared.settings.demo,
        broken_broadcasts: broken,
        now: desk.shared.clock.now(),
        version: env!("CARGO_PKG_VERSION"),
    })
}

pub async fn overview(desk: &PersonalDesk) -> Answer<Overview> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let deposits = deposits(desk, tx).await?;
    build(desk, tx, deposits).await.map_err(error::from_db)
}

async fn build(
    desk: &PersonalDesk,
    tx: &mut Tx<'_>,
    deposits: Vec<TransactionRow>,
) -> Result<Overview, DbError> {
    let now = desk.shared.clock.now();
    let wallets = wallet::all(tx).await?;
    let coins = coin_rows(desk, tx, &wallets).await?;
    let yesterday = now.plus_seconds(-DAY_SECONDS);
    let oldest_pending = oldest_pending(tx).await?;
    let counts = counts_since(tx, yesterday).await?;
    let of = |states: &[&str]| {
        counts.iter().filter(|(state, _)| states.contains(&state.as_str())).map(|(_, count)| count).sum()
    };
    let counted: i64 = counts.iter().map(|(_, count)| count).sum();
    Ok(Overview {
        counted_in_part: counted >= COUNTED_MAX,
        needs: need::all(tx, &desk.shared.coins, now).await?,
        wallet_count: i64::try_from(wallets.len()).unwrap_or(i64::MAX),
        coins,
        audited_at: audited_at(tx).await?,
        deposits,
        deposit_count: of(&["incoming", "credited", "reversed"]),
        send_count: of(&["pending", "broadcasted", "failed"]),
        pending_count: pending_count(tx).await?,
        oldest_pending,
    })
}

async fn coin_rows(
    desk: &PersonalDesk,
    tx: &mut Tx<'_>,
    wallets: &[WalletRow],
) -> Result<Vec<CoinRow>, DbError> {
    let mut coins = Vec::new();
    for service in desk.shared.coins.all() {
        coins.push(coin_row(tx, service, wallets).await?);
    }
    Ok(coins)
}

pub async fn coins(desk: &PersonalDesk, tx: &mut Tx<'_>) -> Result<Vec<CoinRow>, DbError> {
    let wallets = wallet::all(tx).await?;
    coin_rows(desk, tx, &wallets).await
}

pub async fn coin(tx: &mut Tx<'_>, service: &CoinService) -> Result<CoinRow, DbError> {
    let wallets = wallet::all(tx).await?;
    coin_row(tx, service, &wallets).await
}

struct Backend {
    row: BackendRow,
}

impl FromRow for Backend {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        Ok(Self {
            row: BackendRow {
                class: row.get("class")?,
                state: row.get::<Option<BackendState>>("state")?.unwrap_or(BackendState::Unknown),
                since: row.get("since")?,
                height: row.get("height")?,
                lag: row.get("lag")?,
                tip_at: row.get("tip_at")?,
                hot_wallet_balance: row
                    .get::<Option<i64>>("hot_wallet_balance")?
                    .map(|units| Amount::new(coin, units)),
                as_of: row.get("as_of")?,
                last_error: row.get("last_error")?,
            },
        })
    }
}

async fn backend(tx: &mut Tx<'_>, service: &CoinService) -> Result<BackendRow, DbError> {
    let sql = "SELECT b.coin, c.decimals, b.class, b.state, b.since, b.height, b.lag, b.tip_at, b.hot_wallet_balance, b.as_of, b.last_error
        FROM backend b JOIN coin c ON c.coin = b.coin WHERE b.coin = $1";
    let found = query(sql).bind(service.spec.coin.ticker()).optional::<Backend>(tx).await?;
    Ok(found.map_or_else(
        || BackendRow {
            class: service.backend.class().as_str().into(),
            state: BackendState::Unknown,
            since: None,
            height: None,
            lag: None,
            tip_at: None,
            hot_wallet_balance: None,
            as_of: None,
            last_error: None,
        },
        |found| found.row,
    ))
}

async fn coin_row(tx: &mut Tx<'_>, service: &CoinService, wallets: &[WalletRow]) -> Result<CoinRow, DbError> {
    let (spec, coin) = (&service.spec, service.spec.coin);
    let backend = backend(tx, service).await?;
    let books =
        Amount::sum(coin, wallets.iter().filter(|wallet| wallet.coin == coin).map(|wallet| wallet.balance))
            .ok();
    let (unconfirmed, pending) = (uncredited(tx, coin).await?, pending(tx, coin).await?);
    Ok(CoinRow {
        coin,
        name: spec.name.clone(),
        network: spec.network.as_str().into(),
        simulated: service.backend.class() == BackendClass::Simulated,
        confirmation_count: spec.confirmation_count,
        max_confirmation_count: spec.max_confirmation_count,
        minimum_send: Amount::new(coin, spec.minimum_send),
        backend,
        books,
        unconfirmed,
        pending,
        unfunded_fees: unfunded_fees(tx, coin).await?,
        reconciliation: adjustment::compared(tx, coin).await?,
    })
}

/// Deposits that the backend counts and the books don't yet.
async fn uncredited(tx: &mut Tx<'_>, coin: Coin) -> Result<Amount, DbError> {
    let sql = r#"SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM "transaction" t
        JOIN network_transaction n ON n.id = t.network_transaction
        WHERE t.state IN ('incoming', 'reversed') AND n.live AND t.coin || '' = $1"#;
    sum(tx, sql, coin).await
}

async fn pending(tx: &mut Tx<'_>, coin: Coin) -> Result<Amount, DbError> {
    let sql = r#"SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM "transaction" WHERE state = 'pending' AND coin || '' = $1"#;
    sum(tx, sql, coin).await
}

async fn unfunded_fees(tx: &mut Tx<'_>, coin: Coin) -> Result<Amount, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(-a.balance), 0) AS BIGINT) FROM wallet w
        JOIN account a ON a.wallet = w.id AND a.name = 'Network fees' AND a.balance < 0 WHERE w.coin = $1";
    sum(tx, sql, coin).await
}

async fn sum(tx: &mut Tx<'_>, sql: &str, coin: Coin) -> Result<Amount, DbError> {
    let (units,) = query_owned(sql.to_owned()).bind(coin.ticker()).one::<(i64,)>(tx).await?;
    Ok(Amount::new(coin, units))
}

async fn deposits(desk: &PersonalDesk, tx: &mut Tx<'_>) -> Answer<Vec<TransactionRow>> {
    let filter = TransactionFilter { kind: Some(TransactionKind::Deposit), ..TransactionFilter::default() };
    let newest = Paging { limit: Some(DEPOSITS_SHOWN), ..Paging::default() };
    Ok(transaction::read(tx, &desk.shared.coins, &filter, &newest).await?.items)
}

/// How many transactions were made since then, by their states. Reads by time: what is older costs nothing.
async fn counts_since(tx: &mut Tx<'_>, since: Time) -> Result<Vec<(String, i64)>, DbError> {
    let sql = r#"SELECT state, CAST(COUNT(*) AS BIGINT) FROM
        (SELECT state FROM "transaction" WHERE created_at >= $1 ORDER BY created_at DESC, id DESC LIMIT $2) AS newest
        GROUP BY state"#;
    query(sql).bind(since).bind(COUNTED_MAX).all(tx).await
}

async fn pending_count(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    let sql = r#"SELECT CAST(COUNT(*) AS BIGINT) FROM "transaction" WHERE state = 'pending'"#;
    Ok(query(sql).one::<(i64,)>(tx).await?.0)
}

async fn oldest_pending(tx: &mut Tx<'_>) -> Result<Option<(TransactionId, Time)>, DbError> {
    let sql = r#"SELECT id, created_at FROM "transaction" WHERE state = 'pending' ORDER BY id LIMIT 1"#;
    query(sql).optional(tx).await
}

/// When the coin that waits longest was audited last.
async fn audited_at(tx: &mut Tx<'_>) -> Result<Option<Time>, DbError> {
    let sql = "SELECT MIN(last_finished_at) FROM job WHERE name = 'audit' AND last_error IS NULL";
    Ok(query(sql).one::<(Option<Time>,)>(tx).await?.0)
}
