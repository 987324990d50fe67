//! What waits for a person, gravest first: money at risk, then what doesn't run.

use super::{need_of_application, need_of_books, need_of_wallet};
use crate::audit_log::NO_HEAD;
use crate::coins::Coins;
use crate::db::{DbError, FromRow, Row, Tx, query};
use crate::record;
use app::model::{AccountId, Amount, Coin, Need, NetworkTransactionId, Time};

/// Of each kind; more would hide the others.
pub const SHOWN_MAX: i64 = 20;
/// A runner renews its lease far more often; this long without it nobody works.
const LEASE_GRACE_SECONDS: i64 = 30;

/// A txid only says that the daemon's wallet has it; after this long somebody should know (PRODUCT 4).
const MISSING_SECONDS: i64 = 600;

pub async fn all(tx: &mut Tx<'_>, coins: &Coins, now: Time) -> Result<Vec<Need>, DbError> {
    let mut needs = broadcasts_at_risk(tx).await?;
    needs.extend(need_of_books::foreign_spends(tx).await?);
    needs.extend(need_of_books::differences(tx).await?);
    needs.extend(mismatches(tx).await?);
    needs.extend(broken_audit_log(tx).await?);
    needs.extend(negative_accounts(tx).await?);
    needs.extend(need_of_wallet::low(tx, coins).await?);
    needs.extend(backends(tx).await?);
    needs.extend(idle_coins(tx, now).await?);
    needs.extend(jobs(tx).await?);
    needs.extend(missing_broadcasts(tx, now).await?);
    needs.extend(waiting_broadcasts(tx).await?);
    needs.extend(need_of_application::parked(tx).await?);
    needs.extend(need_of_application::unreachable(tx, now).await?);
    needs.extend(need_of_application::gone(tx).await?);
    Ok(needs)
}

struct Broadcast {
    id: NetworkTransactionId,
    coin: Coin,
    amount: i64,
    outputs: i64,
    state: String,
    since: Time,
    last_error: Option<String>,
}

impl FromRow for Broadcast {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("id")?,
            coin: super::coin_of(row)?,
            amount: row.get("amount")?,
            outputs: row.get("outputs")?,
            state: row.get("state")?,
            since: row.get("since")?,
            last_error: row.get("last_error")?,
        })
    }
}

async fn broadcasts(tx: &mut Tx<'_>, condition: &str) -> Result<Vec<Broadcast>, DbError> {
    let sql = format!(
        "SELECT n.id, n.coin, c.decimals, n.state, n.last_error, COALESCE(n.missing_since, n.opened_at, n.created_at) AS since,
            (SELECT CAST(COALESCE(SUM(o.amount), 0) AS BIGINT) FROM broadcast_output o WHERE o.broadcast = n.id) AS amount,
            (SELECT CAST(COUNT(*) AS BIGINT) FROM broadcast_output o WHERE o.broadcast = n.id) AS outputs
        FROM coin c JOIN network_transaction n ON n.coin = c.coin
        WHERE n.type = 'broadcast' AND {condition} ORDER BY n.id LIMIT $1"
    );
    crate::db::query_owned(sql).bind(SHOWN_MAX).all(tx).await
}

fn addresses(count: i64) -> String {
    if count == 1 { "1 address".into() } else { format!("{count} addresses") }
}

async fn broadcasts_at_risk(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let rows = broadcasts(tx, "n.state IN ('broken', 'conflicted')").await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let why = if row.state == "broken" {
                "nobody knows if the network has it."
            } else {
                "another transaction spent the same inputs."
            };
            let amount = Amount::new(row.coin, row.amount);
            Need {
                risk: true,
                what: format!("Broadcast {} is {}.", row.id, row.state),
                detail: format!("{amount} {} to {}: {why}", row.coin, addresses(row.outputs)),
                since: Some(row.since),
                href: format!("/broadcasts/{}", row.id),
                act: "Look".into(),
            }
        })
        .collect())
}

async fn waiting_broadcasts(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let rows =
        broadcasts(tx, "n.state IN ('collected', 'prepared', 'open') AND n.last_error IS NOT NULL").await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: false,
            what: format!("Broadcast {} waits.", row.id),
            detail: row.last_error.unwrap_or_default(),
            since: Some(row.since),
            href: format!("/broadcasts/{}", row.id),
            act: "Look".into(),
        })
        .collect())
}

/// Closed, and the backend shows it in neither memory pool nor block.
async fn missing_broadcasts(tx: &mut Tx<'_>, now: Time) -> Result<Vec<Need>, DbError> {
    let rows = broadcasts(tx, "n.state = 'closed' AND n.missing_since IS NOT NULL").await?;
    Ok(rows
        .into_iter()
        .filter(|row| now.seconds_since(row.since) >= MISSING_SECONDS)
        .map(|row| Need {
            risk: false,
            what: format!("Broadcast {} is in neither memory pool nor block.", row.id),
            detail: format!(
                "{} {} to {}: its same signed bytes are sent again.",
                Amount::new(row.coin, row.amount),
                row.coin,
                addresses(row.outputs)
            ),
            since: Some(row.since),
            href: format!("/broadcasts/{}", row.id),
            act: "Look".into(),
        })
        .collect())
}

struct Finding {
    coin: String,
    subject: String,
    mismatch: String,
    found_at: Time,
}

record!(Finding { coin, subject, mismatch, found_at });

async fn mismatches(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let sql = "SELECT coin, subject, mismatch, found_at FROM audit_finding WHERE gone_at IS NULL ORDER BY id LIMIT $1";
    let rows = query(sql).bind(SHOWN_MAX).all::<Finding>(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: true,
            what: "The books don't add up.".into(),
            detail: format!("{}, {}: {}", row.coin, row.subject, row.mismatch),
            since: Some(row.found_at),
            href: "/jobs".into(),
            act: "Look".into(),
        })
        .collect())
}

/// Somebody has changed the database past Coffer, and may have changed more than this.
async fn broken_audit_log(tx: &mut Tx<'_>) -> Result<Option<Need>, DbError> {
    let found: Option<(Option<String>, Option<Time>)> =
        query("SELECT fault, fault_since FROM audit_log_head").optional(tx).await?;
    let (fault, since) = found.unwrap_or_else(|| (Some(NO_HEAD.into()), None));
    Ok(fault.map(|fault| Need {
        risk: true,
        what: "The audit log is broken.".into(),
        detail: format!("Since it was sealed somebody has changed the database past Coffer: {fault}."),
        since,
        href: "/audit-log".into(),
        act: "Look".into(),
    }))
}

struct Barred {
    id: AccountId,
    name: String,
    balance: Amount,
    since: Time,
}

impl FromRow for Barred {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let balance = Amount::new(super::coin_of(row)?, row.get("balance")?);
        Ok(Self { id: row.get("id")?, name: row.get("name")?, balance, since: row.get("barred_at")? })
    }
}

async fn negative_accounts(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let sql = "SELECT a.id, a.name, a.coin, c.decimals, a.balance, a.barred_at FROM account a JOIN coin c ON c.coin = a.coin
        WHERE a.barred_at IS NOT NULL ORDER BY a.id LIMIT $1";
    let rows = query(sql).bind(SHOWN_MAX).all::<Barred>(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: true,
            what: format!("{} is barred.", row.name),
            detail: format!(
                "A deposit that it had spent was reversed; it stands at {} {}.",
                row.balance.to_string().replace('-', "−"),
                row.balance.coin
            ),
            since: Some(row.since),
            href: format!("/accounts/{}", row.id),
            act: "Look".into(),
        })
        .collect())
}

struct Backend {
    coin: String,
    state: String,
    since: Time,
    last_error: Option<String>,
}

record!(Backend { coin, state, since, last_error });

async fn backends(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let sql = "SELECT coin, state, since, last_error FROM backend WHERE state IN ('down', 'unfit') ORDER BY since LIMIT $1";
    let rows = query(sql).bind(SHOWN_MAX).all::<Backend>(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: false,
            what: format!("The backend of {} is {}.", row.coin, row.state),
            detail: row.last_error.unwrap_or_default(),
            since: Some(row.since),
            href: "/jobs".into(),
            act: "Look".into(),
        })
        .collect())
}

struct Idle {
    coin: String,
    since: Time,
}

record!(Idle { coin, since });

/// Coins whose jobs no process runs.
async fn idle_coins(tx: &mut Tx<'_>, now: Time) -> Result<Vec<Need>, DbError> {
    let sql = "SELECT c.coin, COALESCE(l.expires_at, c.created_at) AS since FROM coin c LEFT JOIN lease l ON l.coin = c.coin
        WHERE COALESCE(l.expires_at, c.created_at) < $1 ORDER BY c.coin LIMIT $2";
    let rows =
        query(sql).bind(now.plus_seconds(-LEASE_GRACE_SECONDS)).bind(SHOWN_MAX).all::<Idle>(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: false,
            what: format!("Nobody runs the jobs of {}.", row.coin),
            detail: "Nothing is credited or sent until coffer serve or coffer helper runs.".into(),
            since: Some(row.since),
            href: "/jobs".into(),
            act: "Look".into(),
        })
        .collect())
}

struct Job {
    name: String,
    coin: String,
    last_error: Option<String>,
    failing_since: Time,
}

record!(Job { name, coin, last_error, failing_since });

/// Failing jobs, but for those that fail because their backend is away: that is said already.
async fn jobs(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let sql = "SELECT j.name, j.coin, j.last_error, j.failing_since FROM job j LEFT JOIN backend b ON b.coin = j.coin
        WHERE j.failing_since IS NOT NULL AND (b.state IS NULL OR b.state NOT IN ('down', 'unfit') OR j.name = 'audit')
        ORDER BY j.failing_since LIMIT $1";
    let rows = query(sql).bind(SHOWN_MAX).all::<Job>(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: false,
            what: if row.coin.is_empty() {
                format!("The job {} fails.", row.name)
            } else {
                format!("The job {} of {} fails.", row.name, row.coin)
            },
            detail: row.last_error.unwrap_or_default(),
            since: Some(row.failing_since),
            href: "/jobs".into(),
            act: "Look".into(),
        })
        .collect())
}
