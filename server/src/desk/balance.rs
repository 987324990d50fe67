//! An account's balance over time, and what is on its way to it. Whatever its history is long, only so many rows are
//! read: all changes where they are few, else readings at equal distances, each one step into an index.

use super::{PersonalDesk, account, error};
use crate::db::{DbError, Tx, query};
use crate::record;
use app::desk::Answer;
use app::model::{AccountId, AccountRow, Amount, BalanceOverTime, BalancePoint, Span, Time, Waiting};

/// Up to so many changes are shown one by one; more would be finer than a screen is.
const CHANGES_MAX: i64 = 300;
/// Readings where there were more changes: one for every five pixels of the drawing.
const READINGS: i64 = 120;
const MICROSECONDS: i64 = 1_000_000;

pub async fn over_time(desk: &PersonalDesk, id: AccountId, span: Span) -> Answer<BalanceOverTime> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let account = account::find(tx, id).await?;
    let to = desk.shared.clock.now();
    points(tx, &account, span, to).await.map_err(error::from_db)
}

async fn points(
    tx: &mut Tx<'_>,
    account: &AccountRow,
    span: Span,
    to: Time,
) -> Result<BalanceOverTime, DbError> {
    let from = to.plus_seconds(-span.seconds());
    let point = |reading: Reading| BalancePoint {
        at: reading.at,
        balance: Amount::new(account.coin, reading.balance),
    };
    let changes = changes(tx, account.id, from).await?;
    let complete = i64::try_from(changes.len()).is_ok_and(|found| found <= CHANGES_MAX);
    let mut points = Vec::new();
    if complete {
        let balance = before(tx, account.id, from).await?;
        points.push(point(Reading { at: from, balance }));
        points.extend(changes.into_iter().map(point));
    } else {
        points.extend(readings(tx, account.id, from, span).await?.into_iter().map(point));
    }
    points.push(BalancePoint { at: to, balance: account.balance });
    Ok(BalanceOverTime { span, from, to, points, complete })
}

struct Reading {
    at: Time,
    balance: i64,
}

record!(Reading { at, balance });

/// One more than are shown, if there are more.
async fn changes(tx: &mut Tx<'_>, account: AccountId, from: Time) -> Result<Vec<Reading>, DbError> {
    let sql =
        "SELECT created_at AS at, balance_after AS balance FROM entry WHERE account = $1 AND created_at > $2
        ORDER BY created_at, id LIMIT $3";
    query(sql).bind(account).bind(from).bind(CHANGES_MAX + 1).all(tx).await
}

async fn before(tx: &mut Tx<'_>, account: AccountId, at: Time) -> Result<i64, DbError> {
    let sql = "SELECT balance_after FROM entry WHERE account = $1 AND created_at <= $2
        ORDER BY created_at DESC, id DESC LIMIT 1";
    Ok(query(sql).bind(account).bind(at).optional::<(i64,)>(tx).await?.map_or(0, |(balance,)| balance))
}

async fn readings(
    tx: &mut Tx<'_>,
    account: AccountId,
    from: Time,
    span: Span,
) -> Result<Vec<Reading>, DbError> {
    let sql = "WITH RECURSIVE reading (at) AS (
            SELECT CAST($2 AS BIGINT) UNION ALL SELECT at + $3 FROM reading WHERE at + $3 < $4)
        SELECT r.at, COALESCE((SELECT e.balance_after FROM entry e WHERE e.account = $1 AND e.created_at <= r.at
            ORDER BY e.created_at DESC, e.id DESC LIMIT 1), 0) AS balance
        FROM reading r ORDER BY r.at";
    let step = span.seconds() * MICROSECONDS / READINGS;
    query(sql).bind(account).bind(from).bind(step).bind(from.plus_seconds(span.seconds())).all(tx).await
}

struct Counted {
    deposits: i64,
    fewest: i64,
    most: i64,
    sends: i64,
}

record!(Counted { deposits, fewest, most, sends });

pub async fn waiting(desk: &PersonalDesk, id: AccountId) -> Answer<Waiting> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let account = account::find(tx, id).await?;
    let sql = r#"SELECT CAST(COUNT(*) AS BIGINT) AS deposits,
            CAST(COALESCE(MIN(COALESCE(n.confirmations, 0)), 0) AS BIGINT) AS fewest,
            CAST(COALESCE(MAX(COALESCE(n.confirmations, 0)), 0) AS BIGINT) AS most,
            (SELECT CAST(COUNT(*) AS BIGINT) FROM "transaction" p
                WHERE p.state = 'pending' AND +p.sending_account = $1) AS sends
        FROM "transaction" t JOIN network_transaction n ON n.id = t.network_transaction
        WHERE t.state IN ('incoming', 'reversed') AND +t.receiving_account = $1 AND n.live"#;
    let counted = query(sql).bind(id).one::<Counted>(tx).await.map_err(error::from_db)?;
    Ok(Waiting {
        deposits: counted.deposits,
        // A deposit that was conflicted and is live again counts as unconfirmed.
        confirmations: (counted.fewest.max(0), counted.most.max(0)),
        confirmation_count: desk.service(account.coin.ticker())?.spec.confirmation_count,
        sends: counted.sends,
    })
}
