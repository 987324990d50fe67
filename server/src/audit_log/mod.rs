//! Who did or tried what: one row an act, inserted beside what it tells of. A job seals the rows afterwards into a chain
//! of hashes (`seal.rs`), so that one which is changed or removed shows when the chain is verified (`verify.rs`).

mod chain;
mod seal;
mod verify;

pub use seal::{SEALED_AT_ONCE, seal};
pub use verify::{NO_HEAD, Verified, verified_at, verify_all, verify_some};

use crate::db::{Query, query};
use app::model::Time;

/// Longest subject that is kept: what a person typed may be long, and a row is read by people.
const SUBJECT_MAX: usize = 1_000;

/// `actor`: a user's name, `token NAME`, or `command line`; `action`: the verb; `outcome`: `done` or an error's code.
pub fn entry(at: Time, actor: &str, action: &str, subject: &str, outcome: &str) -> Query {
    let subject = subject.char_indices().nth(SUBJECT_MAX).map_or(subject, |(end, _)| &subject[..end]);
    query("INSERT INTO audit_log (at, actor, action, subject, outcome) VALUES ($1, $2, $3, $4, $5)")
        .bind(at)
        .bind(without_nul(actor))
        .bind(action)
        .bind(without_nul(subject))
        .bind(outcome)
}

/// PostgreSQL keeps no NUL in a text, and what a stranger types must not keep an act out of the log.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The actor of what `coffer user`, `coffer token` and their like do.
pub const COMMAND_LINE: &str = "command line";
/// The actor of what was tried without signing in.
pub const NOBODY: &str = "nobody";
