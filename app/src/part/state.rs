//! States: shape and word, colour only repeats. The words are the API's, unchanged.

use super::icon::Icon;
use crate::model::{
    AttemptOutcome, BackendState, DeliveryState, HandlerRow, JobState, NetworkTransactionState as Network,
    TransactionRow, TransactionState as State,
};
use leptos::prelude::*;

#[component]
pub fn Mark(
    icon: &'static str,
    #[prop(optional)] tone: &'static str,
    #[prop(into)] word: String,
) -> impl IntoView {
    let class = if tone.is_empty() { "state".to_owned() } else { format!("state {tone}") };
    view! { <span class=class><Icon name=icon/>{word}</span> }
}

pub fn of_transaction(row: &TransactionRow) -> AnyView {
    let word = row.state.as_str();
    let (icon, tone) = match row.state {
        State::Pending if row.network_state == Some(Network::Broken) => ("risk", "risk"),
        State::Pending => ("wait", "wait"),
        State::Incoming => ("in", "wait"),
        State::Credited => ("done", "done"),
        State::Failed => ("risk", ""),
        State::Broadcasted if row.confirmations.is_some_and(|n| n >= row.confirmation_count) => {
            ("out", "done")
        }
        State::Broadcasted => ("out", ""),
        State::Internal => ("move", ""),
        State::NetworkFee => ("fee", ""),
        State::BalanceImport | State::Adjustment => ("book", ""),
        State::Cancelled => ("off", ""),
        State::Reversed => ("back", "risk"),
    };
    view! { <Mark icon=icon tone=tone word=word/> }.into_any()
}

/// The class of a transaction's row: at risk, or cancelled.
pub fn row_class(row: &TransactionRow) -> &'static str {
    match row.state {
        State::Reversed => "risk",
        State::Pending if row.network_state == Some(Network::Broken) => "risk",
        State::Cancelled => "off",
        _ => "",
    }
}

pub fn of_network(state: Network) -> AnyView {
    let (icon, tone) = match state {
        Network::Collected | Network::Prepared => ("wait", "wait"),
        Network::Open | Network::Cancelling => ("open", "wait"),
        Network::Broken | Network::Conflicted => ("risk", "risk"),
        Network::Closed | Network::Confirmed => ("done", ""),
        Network::Settled => ("done", "done"),
        Network::Cancelled | Network::Abandoned => ("off", ""),
        Network::Seen => ("in", "wait"),
    };
    view! { <Mark icon=icon tone=tone word=state.as_str()/> }.into_any()
}

pub fn of_backend(state: BackendState) -> AnyView {
    let (icon, tone) = match state {
        BackendState::Up => ("done", ""),
        BackendState::Down | BackendState::Unfit => ("wait", "wait"),
        BackendState::Unknown => ("note", ""),
    };
    let word = if state == BackendState::Unknown { "not asked yet" } else { state.as_str() };
    view! { <Mark icon=icon tone=tone word=word/> }.into_any()
}

pub fn of_job(state: JobState) -> AnyView {
    let (icon, tone, word) = match state {
        JobState::Waiting => ("wait", "", "waiting"),
        JobState::Running => ("open", "", "running"),
        JobState::BackingOff => ("wait", "wait", "backing off"),
    };
    view! { <Mark icon=icon tone=tone word=word/> }.into_any()
}

pub fn of_delivery(state: DeliveryState) -> AnyView {
    let (icon, tone) = match state {
        DeliveryState::Pending => ("wait", "wait"),
        DeliveryState::Received => ("done", "done"),
        DeliveryState::Parked => ("note", "wait"),
        DeliveryState::Stopped => ("off", ""),
    };
    view! { <Mark icon=icon tone=tone word=state.as_str()/> }.into_any()
}

pub fn of_attempt(outcome: AttemptOutcome) -> AnyView {
    let (icon, tone, word) = match outcome {
        AttemptOutcome::Received => ("done", "done", "received"),
        AttemptOutcome::Refused => ("off", "", "refused"),
        AttemptOutcome::Unreachable => ("off", "", "unreachable"),
        AttemptOutcome::TimedOut => ("wait", "", "timed out"),
    };
    view! { <Mark icon=icon tone=tone word=word/> }.into_any()
}

pub fn of_handler(row: &HandlerRow) -> AnyView {
    let failed_last =
        row.last_error_at.is_some_and(|at| row.last_received_at.is_none_or(|received| received < at));
    let (icon, tone, word) = match row {
        HandlerRow { gone_at: Some(_), .. } => ("off", "", "gone"),
        HandlerRow { unreachable_since: Some(_), .. } => ("wait", "wait", "unreachable"),
        _ if failed_last => ("wait", "wait", "refuses"),
        HandlerRow { last_received_at: Some(_), .. } => ("done", "", "receives"),
        _ => ("note", "", "not tried yet"),
    };
    view! { <Mark icon=icon tone=tone word=word/> }.into_any()
}

/// "2 of 3" until the coin's count, then the number, then "15+".
pub fn confirmations(known: Option<i64>, count: i64, max: i64) -> String {
    match known {
        None => String::new(),
        Some(n) if n < 0 => "conflicted".into(),
        Some(n) if n < count => format!("{n} of {count}"),
        Some(n) if n < max => n.to_string(),
        Some(_) => format!("{max}+"),
    }
}

#[cfg(test)]
mod tests {
    use super::confirmations;

    #[test]
    fn confirmations_count_up_to_the_coins_count_then_stop_at_its_maximum() {
        let said = |n| confirmations(n, 3, 15);
        assert_eq!(
            [said(None), said(Some(2)), said(Some(3)), said(Some(14)), said(Some(15)), said(Some(-1))],
            ["", "2 of 3", "3", "14", "15+", "conflicted"]
        );
    }
}
