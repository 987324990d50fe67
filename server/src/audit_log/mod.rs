//! Who did or tried what: one row an act, inserted beside what it tells of. Read it in the order of ids.

use crate::db::{Query, query};
use app::model::Time;

/// `actor`: a user's name, `token NAME`, or `command line`; `action`: the verb; `outcome`: `done` or an error's code.
pub fn entry(at: Time, actor: &str, action: &str, subject: &str, outcome: &str) -> Query {
    query("INSERT INTO audit_log (at, actor, action, subject, outcome) VALUES ($1, $2, $3, $4, $5)")
        .bind(at)
        .bind(actor)
        .bind(action)
        .bind(subject)
        .bind(outcome)
}

/// The actor of what `coffer user`, `coffer token` and their like do.
pub const COMMAND_LINE: &str = "command line";
