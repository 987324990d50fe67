//! Stories: what became of a transaction or a broadcast, oldest step first, and what comes next.

use super::{PersonalDesk, broadcast, error, transaction, vetting};
use crate::db::{Tx, query};
use app::desk::Answer;
use app::model::{
    Act, Amount, AttemptRow, BroadcastRow, DecisionRow, NetworkTransactionRow,
    NetworkTransactionState as Network, Step, StepKind, Time, TransactionId, TransactionRow,
    TransactionState as State,
};

fn step(
    at: impl Into<Option<Time>>,
    kind: StepKind,
    what: impl Into<String>,
    detail: impl Into<String>,
) -> Step {
    Step { at: at.into(), kind, what: what.into(), detail: detail.into() }
}

pub async fn of_transaction(desk: &PersonalDesk, id: TransactionId) -> Answer<Vec<Step>> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let row = transaction::find(tx, &desk.shared.coins, id).await?;
    Ok(match row.state {
        State::Pending | State::Broadcasted | State::Failed | State::Cancelled => {
            send(tx, desk, &row).await?
        }
        State::Incoming | State::Credited | State::Reversed => deposit(tx, &row).await?,
        _ => vec![booked(&row)],
    })
}

/// What is whole in one step.
fn booked(row: &TransactionRow) -> Step {
    let amount = format!("{} {}", row.amount, row.amount.coin);
    let name = |account: &Option<app::model::AccountRef>| {
        account.as_ref().map_or_else(String::new, |a| a.name.clone())
    };
    let (what, detail) = match row.state {
        State::Internal => (
            "Transferred",
            format!("{amount} from {} to {}, in the books alone.", name(&row.sending), name(&row.receiving)),
        ),
        State::NetworkFee => ("Fee booked", format!("The network charged {amount} for the broadcast.")),
        State::BalanceImport => {
            ("Imported", format!("{amount} that the backend held when the books were begun."))
        }
        _ => ("Adjusted", row.reason.clone().unwrap_or_default()),
    };
    step(row.created_at, StepKind::Done, what, detail)
}

async fn send(tx: &mut Tx<'_>, desk: &PersonalDesk, row: &TransactionRow) -> Answer<Vec<Step>> {
    let from = row.sending.as_ref().map_or("", |account| account.name.as_str());
    let created = format!(
        "{} {} left {from}, for {}.",
        row.amount,
        row.amount.coin,
        row.address.as_deref().unwrap_or("?")
    );
    let mut steps = vec![step(row.created_at, StepKind::Past, "Created", created)];
    if row.state == State::Cancelled {
        let at = last_entry(tx, row.id).await?;
        let reason = row.reason.clone().filter(|reason| !reason.is_empty());
        let detail = reason.map_or_else(String::new, |reason| format!(" Reason: {reason}"));
        steps.push(step(at, StepKind::Done, "Cancelled", format!("The amount is back on {from}.{detail}")));
        return Ok(steps);
    }
    let Some(id) = row.network_transaction else {
        steps.push(step(None, StepKind::Next, "It joins the wallet's next broadcast.", ""));
        return Ok(steps);
    };
    let broadcast = broadcast::find(tx, &desk.shared.coins, id).await?;
    let prepared_at = broadcast::prepared_at(tx, id).await.map_err(error::from_db)?;
    let attempts = broadcast::attempts(tx, id).await.map_err(error::from_db)?;
    let decisions = vetting::decisions(tx, id).await.map_err(error::from_db)?;
    steps.extend(of_broadcast(&broadcast, prepared_at, &attempts, &decisions));
    Ok(steps)
}

/// `attempts`: oldest first.
pub fn of_broadcast(
    row: &BroadcastRow,
    prepared_at: Option<Time>,
    attempts: &[AttemptRow],
    decisions: &[DecisionRow],
) -> Vec<Step> {
    let coin = row.coin;
    let addresses =
        if row.output_count == 1 { "1 address".into() } else { format!("{} addresses", row.output_count) };
    let collected = format!("{} {coin} to {addresses}.", row.amount);
    let mut steps =
        vec![step(row.created_at, StepKind::Past, format!("Collected into broadcast {}", row.id), collected)];
    if let Some(at) = prepared_at {
        let fee = row.fee.map_or_else(String::new, |fee| format!(" Fee {fee} {coin}."));
        let detail = format!("From here on the txid is known; sending again can't pay twice.{fee}");
        steps.push(step(at, StepKind::Past, "Prepared: built, signed and stored, inputs reserved", detail));
    }
    steps.extend(attempts.iter().map(attempted));
    steps.extend(decisions.iter().map(decided));
    if let Some(at) = row.closed_at {
        steps.push(step(
            at,
            StepKind::Past,
            "Closed: the backend has it",
            row.txid.clone().unwrap_or_default(),
        ));
    }
    // Stable: what happened in the same moment stays in the order of its kinds.
    steps.sort_by_key(|step| step.at);
    steps.extend(broadcast_state(row));
    steps
}

fn attempted(attempt: &AttemptRow) -> Step {
    let (kind, outcome) = match attempt.outcome.as_deref() {
        Some("sent") => (StepKind::Past, "sent"),
        Some("refused") => (StepKind::Wait, "refused"),
        Some(_) => (StepKind::Wait, "outcome unknown"),
        None => (StepKind::Wait, "under way"),
    };
    let what = format!("Attempt {} by {}: {outcome}", attempt.number, attempt.runner);
    step(attempt.started_at, kind, what, attempt.detail.clone().unwrap_or_default())
}

/// What a person ordered, and why.
fn decided(decision: &DecisionRow) -> Step {
    let what = match decision.act {
        Act::Close => "Ordered to close",
        Act::Reopen => "Ordered to reopen",
        Act::Cancel => "Ordered to cancel",
        Act::Bump => "Ordered to bump the fee",
        Act::Fail => "Ordered to fail",
        Act::Renew => "Ordered to renew",
    };
    step(
        decision.decided_at,
        StepKind::Past,
        format!("{what}, by {}", decision.actor),
        decision.reason.clone(),
    )
}

/// Where it stands, and what comes next.
fn broadcast_state(row: &BroadcastRow) -> Vec<Step> {
    let waits = row.last_error.clone().unwrap_or_default();
    match row.state {
        Network::Collected if !waits.is_empty() => vec![step(None, StepKind::Wait, "It waits", waits)],
        Network::Collected => vec![step(None, StepKind::Next, "It is prepared next.", "")],
        Network::Prepared => vec![step(None, StepKind::Next, "It is sent next.", waits)],
        Network::Open => {
            vec![step(None, StepKind::Next, "It is sent again until the backend has it.", waits)]
        }
        Network::Broken => {
            vec![step(
                None,
                StepKind::Risk,
                "Broken",
                "Nobody knows if the network has it. A person decides.",
            )]
        }
        Network::Conflicted => {
            vec![step(None, StepKind::Risk, "Conflicted", "Another transaction spent the same inputs.")]
        }
        Network::Cancelling => vec![step(None, StepKind::Wait, "It is being cancelled", "")],
        Network::Cancelled => vec![step(None, StepKind::Done, "Cancelled", "Its inputs are free again.")],
        _ => confirmations(
            row.confirmations,
            row.confirmation_count,
            row.max_confirmation_count,
            "It is settled",
        ),
    }
}

async fn deposit(tx: &mut Tx<'_>, row: &TransactionRow) -> Answer<Vec<Step>> {
    let to = row.receiving.as_ref().map_or("", |account| account.name.as_str());
    let seen =
        format!("{} {} for {to}, on {}.", row.amount, row.amount.coin, row.address.as_deref().unwrap_or("?"));
    let mut steps = vec![step(row.created_at, StepKind::Past, "Seen on the network", seen)];
    steps.extend(credits(&entries(tx, row.id).await?, to));
    if let Some(at) = row.processed_at {
        steps.push(step(at, StepKind::Past, "Processed", "The application is done with it."));
    }
    match row.network_state {
        Some(Network::Conflicted) => {
            steps.push(step(
                None,
                StepKind::Wait,
                "Conflicted",
                "Another transaction spent the same inputs.",
            ));
        }
        Some(Network::Abandoned) => {
            steps.push(step(None, StepKind::Wait, "Abandoned", "The network no longer has it."));
        }
        _ if row.state == State::Credited => {
            steps.extend(confirmations(
                row.confirmations,
                row.confirmation_count,
                row.max_confirmation_count,
                "It is settled",
            ));
        }
        _ => steps.extend(confirmations(
            row.confirmations,
            row.confirmation_count,
            row.confirmation_count,
            "It is credited",
        )),
    }
    Ok(steps)
}

/// What the network did with a deposit, and when it was booked in consequence.
pub async fn of_deposit(tx: &mut Tx<'_>, row: &NetworkTransactionRow) -> Answer<Vec<Step>> {
    let said = format!("{} {} to addresses of ours.", row.amount, row.coin);
    let mut steps = vec![step(row.created_at, StepKind::Past, "Seen on the network", said)];
    let sql = r#"SELECT e.amount, e.created_at, a.name FROM "transaction" t JOIN entry e ON e."transaction" = t.id
        JOIN account a ON a.id = e.account WHERE t.network_transaction = $1 AND t.receiving_account IS NOT NULL
        ORDER BY e.id LIMIT 200"#;
    let entries: Vec<(i64, Time, String)> = query(sql).bind(row.id).all(tx).await.map_err(error::from_db)?;
    for (units, at, to) in entries {
        let amount = Amount::new(row.coin, units.saturating_abs());
        let (kind, what, did) = if units > 0 {
            (StepKind::Done, "Credited", "counts towards the balance of")
        } else {
            (StepKind::Risk, "Reversed", "was taken from")
        };
        steps.push(step(at, kind, what, format!("{amount} {} {did} {to}.", row.coin)));
    }
    let lost = |what: &'static str, why: &'static str| vec![step(row.updated_at, StepKind::Wait, what, why)];
    steps.extend(match row.state {
        Network::Conflicted => lost("Conflicted", "Another transaction spent the same inputs."),
        Network::Abandoned => lost("Abandoned", "The network no longer has it."),
        Network::Seen => {
            confirmations(row.confirmations, row.confirmation_count, row.confirmation_count, "It is credited")
        }
        _ => confirmations(
            row.confirmations,
            row.confirmation_count,
            row.max_confirmation_count,
            "It is settled",
        ),
    });
    if let Some(at) = row.settled_at {
        steps.push(step(at, StepKind::Done, "Settled", "Its confirmations are no longer asked for."));
    }
    Ok(steps)
}

/// Credits and reversals alternate, each by an entry of its own.
fn credits(entries: &[(i64, Time)], to: &str) -> Vec<Step> {
    let entry = |(at, (amount, time)): (usize, &(i64, Time))| match (*amount > 0, at) {
        (true, 0) => {
            step(*time, StepKind::Done, "Credited", format!("It counts towards the balance of {to}."))
        }
        (true, _) => step(
            *time,
            StepKind::Done,
            "Credited again",
            format!("It came back into the chain: it counts towards the balance of {to} once more."),
        ),
        (false, _) => {
            step(*time, StepKind::Risk, "Reversed", format!("It left the chain; {to} was debited."))
        }
    };
    entries.iter().enumerate().map(entry).collect()
}

/// "2 of 3 confirmations", and what the last one brings.
fn confirmations(known: Option<i64>, count: i64, goal: i64, then: &str) -> Vec<Step> {
    let Some(known) = known else {
        return vec![step(None, StepKind::Next, "Its confirmations are asked for next.", "")];
    };
    let left = goal - known;
    let reached = if known >= count { known.to_string() } else { format!("{known} of {count}") };
    let noun = if reached == "1" { "confirmation" } else { "confirmations" };
    let kind = if known >= count { StepKind::Done } else { StepKind::Wait };
    let now = step(None, kind, format!("{reached} {noun}"), "");
    if left <= 0 {
        return vec![now];
    }
    let more = if left == 1 { "1 more confirmation".into() } else { format!("{left} more confirmations") };
    vec![now, step(None, StepKind::Next, format!("{then} with {more}."), "")]
}

/// Each movement of money for this transaction, oldest first: signed amount and time.
async fn entries(tx: &mut Tx<'_>, id: TransactionId) -> Answer<Vec<(i64, Time)>> {
    let sql = r#"SELECT amount, created_at FROM entry WHERE "transaction" = $1 ORDER BY id LIMIT 200"#;
    query(sql).bind(id).all(tx).await.map_err(error::from_db)
}

/// When money moved last for this transaction.
async fn last_entry(tx: &mut Tx<'_>, id: TransactionId) -> Answer<Option<Time>> {
    let sql = r#"SELECT MAX(created_at) FROM entry WHERE "transaction" = $1"#;
    Ok(query(sql).bind(id).one::<(Option<Time>,)>(tx).await.map_err(error::from_db)?.0)
}
