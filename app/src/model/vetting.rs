//! Vetting: what was found out about a broadcast of unknown outcome, and what a person may order about it.

use super::{Amount, NetworkTransactionId, Time};
use serde::{Deserialize, Serialize};

states! {
    /// Of the evidence about a one-shot broadcast.
    Verdict {
        Found = "found",
        NotFound = "not_found",
        CantTell = "cant_tell",
    }
}

states! {
    /// What a person orders about a broadcast.
    Act {
        Close = "close",
        Reopen = "reopen",
        Cancel = "cancel",
        /// A new version with a higher fee.
        Bump = "bump",
        /// Lost for good: its transactions fail, the money goes back.
        Fail = "fail",
        /// Lost for good: its transactions are pending again, in a new broadcast.
        Renew = "renew",
    }
}

/// What the backend was found to know, when, and what follows from it. Kept as JSON beside its verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    #[serde(with = "word")]
    pub verdict: Verdict,
    /// Sentences for the person who decides: why this verdict.
    pub reason: String,
    /// The txid that it found.
    pub txid: Option<String>,
    /// When "can't tell" may become another verdict.
    pub may_change_at: Option<Time>,
    /// Outgoing network transactions of the hot wallet since a little before the broadcast was opened, newest first.
    pub sent: Vec<SentRow>,
    pub checks: Vec<Check>,
    pub gathered_at: Time,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentRow {
    pub txid: String,
    pub at: Option<Time>,
    /// How many of the broadcast's outputs it pays.
    pub matching: i64,
    pub confirmations: i64,
    /// It carries this broadcast's comment.
    pub comment: bool,
    /// The broadcast that has this txid already.
    pub broadcast: Option<NetworkTransactionId>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// It speaks for trusting the verdict.
    pub good: bool,
    pub text: String,
}

/// An act on a broadcast as the page offers it now.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub act: Act,
    /// What it does to balances and network, a sentence each.
    pub does: Vec<String>,
    /// What is lost if it rests on an error.
    pub danger: Option<String>,
    /// Why it is refused now, and when that may change; `None`: it may be ordered.
    pub refused: Option<String>,
}

/// All that a person needs to decide about a broadcast, and what was decided before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vetting {
    /// Sent in one call: its txid can't be known before the network has it.
    pub one_shot: bool,
    pub evidence: Option<Evidence>,
    /// It was ordered to gather again, and that hasn't begun.
    pub gather_asked: bool,
    /// Newest first.
    pub versions: Vec<VersionRow>,
    pub offers: Vec<Offer>,
    /// Oldest first.
    pub decisions: Vec<DecisionRow>,
}

/// What a person typed to close a broadcast.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Closing {
    pub txid: String,
    pub reason: String,
    /// Why it was sent although the backend can't show it; empty: only what the backend shows is closed.
    pub override_reason: String,
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRow {
    pub act: Act,
    pub actor: String,
    pub reason: String,
    pub txid: Option<String>,
    /// Of the evidence that it rested on.
    pub verdict: Option<Verdict>,
    pub decided_at: Time,
}

/// One signed version of a broadcast.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionRow {
    pub number: i64,
    /// It pays nobody: it takes the anchor back to us.
    pub cancels: bool,
    pub txid: String,
    pub fee: Amount,
    /// Its bytes were erased before they were handed over.
    pub erased: bool,
    pub created_at: Time,
}

mod word {
    use super::Verdict;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub fn serialize<S: Serializer>(verdict: &Verdict, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(verdict.as_str())
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Verdict, D::Error> {
        let word = String::deserialize(from)?;
        word.parse().map_err(|()| D::Error::custom(format!("\"{word}\" is no verdict")))
    }
}
