//! Jobs, audits, and what is kept about Coffer itself, as the API answers them. A secret is answered once, to whoever
//! ordered it.

use super::{TimeText, text, time};
use app::model::{AuditLogRow, Audited, JobRow, NewToken, Scope, TokenRow, UserRow};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobAnswer {
    #[schema(example = "scan")]
    pub name: String,
    /// Null for jobs that serve all coins.
    #[schema(example = "btc")]
    pub coin: Option<String>,
    /// `waiting`, `running` or `backing_off`.
    #[schema(example = "waiting")]
    pub state: &'static str,
    pub last_started_at: Option<TimeText>,
    pub last_finished_at: Option<TimeText>,
    pub last_result: Option<String>,
    pub last_error: Option<String>,
    pub next_run_at: Option<TimeText>,
    /// Set while a run that was asked for hasn't begun.
    pub run_asked_at: Option<TimeText>,
    pub runner: Option<String>,
}

impl From<JobRow> for JobAnswer {
    fn from(row: JobRow) -> Self {
        Self {
            name: row.name,
            coin: text(row.coin),
            state: row.state.as_str(),
            last_started_at: time(row.last_started_at),
            last_finished_at: time(row.last_finished_at),
            last_result: row.last_result,
            last_error: row.last_error,
            next_run_at: time(row.next_run_at),
            run_asked_at: time(row.run_asked_at),
            runner: row.runner,
        }
    }
}

/// What an audit of a coin's books found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Audit)]
pub struct AuditAnswer {
    pub coin: String,
    pub clean: bool,
    /// Accounts, entries, transactions, addresses and network transactions looked at.
    pub checked: i64,
    pub mismatches: Vec<MismatchAnswer>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Mismatch)]
pub struct MismatchAnswer {
    #[schema(example = "account 7")]
    pub subject: String,
    /// Amounts in minor units.
    pub message: String,
}

impl From<Audited> for AuditAnswer {
    fn from(audited: Audited) -> Self {
        let mismatches: Vec<_> = audited
            .mismatches
            .into_iter()
            .map(|(subject, message)| MismatchAnswer { subject, message })
            .collect();
        Self {
            coin: audited.coin.to_string(),
            clean: mismatches.is_empty(),
            checked: audited.checked,
            mismatches,
        }
    }
}

/// Who did or tried what.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditLogEntry {
    pub id: i64,
    /// Its number in the chain of hashes; null until it is sealed, some seconds after it was written.
    pub sequence: Option<i64>,
    pub hash: Option<String>,
    pub at: TimeText,
    #[schema(example = "token shop")]
    pub actor: String,
    #[schema(example = "transfer")]
    pub action: String,
    pub subject: String,
    /// `done`, or the code of the refusal.
    #[schema(example = "done")]
    pub outcome: String,
}

impl From<AuditLogRow> for AuditLogEntry {
    fn from(row: AuditLogRow) -> Self {
        Self {
            id: row.id,
            sequence: row.sequence,
            hash: row.hash,
            at: row.at.into(),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            outcome: row.outcome,
        }
    }
}

/// A program's token, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenAnswer {
    pub id: i64,
    #[schema(example = "shop")]
    pub name: String,
    /// Whose idempotency keys it uses.
    #[schema(example = "shop")]
    pub owner: String,
    pub scopes: Vec<&'static str>,
    /// Where it may be used from; null: from anywhere.
    pub networks: Option<Vec<String>>,
    pub expires_at: Option<TimeText>,
    /// To the minute.
    pub last_used_at: Option<TimeText>,
    pub created_at: TimeText,
}

impl From<TokenRow> for TokenAnswer {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            owner: row.owner,
            scopes: row.scopes.into_iter().map(Scope::as_str).collect(),
            networks: Some(row.networks).filter(|networks| !networks.is_empty()),
            expires_at: time(row.expires_at),
            last_used_at: time(row.last_used_at),
            created_at: row.created_at.into(),
        }
    }
}

/// A token that was just made. The secret is shown this once.
#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    #[serde(flatten)]
    pub token: TokenAnswer,
    #[schema(example = "coffer_…")]
    pub secret: String,
}

impl From<NewToken> for MadeToken {
    fn from(made: NewToken) -> Self {
        Self { token: made.token.into(), secret: made.secret }
    }
}

/// Somebody who may sign in to the dashboard.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserAnswer {
    pub id: i64,
    #[schema(example = "ada")]
    pub name: String,
    /// `viewer`, `operator` or `admin`.
    #[schema(example = "operator")]
    pub role: &'static str,
    /// Signing in asks for a code since then.
    pub second_factor_since: Option<TimeText>,
    pub disabled_at: Option<TimeText>,
    pub last_seen_at: Option<TimeText>,
    pub created_at: TimeText,
}

impl From<UserRow> for UserAnswer {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            role: row.role.as_str(),
            second_factor_since: time(row.second_factor_since),
            disabled_at: time(row.disabled_at),
            last_seen_at: time(row.last_seen_at),
            created_at: row.created_at.into(),
        }
    }
}
