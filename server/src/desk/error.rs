//! What went wrong, as the person at the desk is told: the API's codes, sentences, and an incident id for our faults.

use crate::db::DbError;
use crate::ledger::LedgerError;
use crate::network::BackendError;
use app::desk::AppError;

/// Logged here, once, under the id that the person sees.
pub fn internal(error: &dyn std::fmt::Display) -> AppError {
    let incident = format!("{:012x}", rand::random::<u64>() >> 16);
    tracing::error!(incident, %error, "a request failed");
    AppError::Internal { incident }
}

pub fn from_db(error: DbError) -> AppError {
    match error {
        DbError::Conflict | DbError::Unique(_) => AppError::Unavailable {
            code: "conflict_unresolved",
            message: "Others changed the same at the same moment. Nothing was done; try again.".into(),
        },
        DbError::Unavailable(problem) => {
            tracing::warn!(problem, "the database doesn't answer a request");
            AppError::Unavailable {
                code: "database_unavailable",
                message: "The database doesn't answer. Nothing was done; try again in a while.".into(),
            }
        }
        other => internal(&other),
    }
}

pub fn from_ledger(error: LedgerError) -> AppError {
    match error {
        LedgerError::Db(error) => from_db(error),
        LedgerError::Contradiction(_) | LedgerError::CoinChanged { .. } => internal(&error),
        LedgerError::UnknownWallet(_) => AppError::NotFound("wallet"),
        LedgerError::UnknownAccount(_) => AppError::NotFound("account"),
        LedgerError::UnknownAddress(_) => AppError::NotFound("address"),
        LedgerError::UnknownTransaction(_) => AppError::NotFound("transaction"),
        LedgerError::UnknownBroadcast(_) => AppError::NotFound("broadcast"),
        LedgerError::UnknownCoin(_) => AppError::NotFound("coin"),
        LedgerError::NotPositive | LedgerError::TooLarge => AppError::invalid("amount", error.to_string()),
        LedgerError::BadName(_) => AppError::invalid("name", error.to_string()),
        LedgerError::BadLabel => AppError::invalid("label", error.to_string()),
        other => AppError::Refused { code: other.code(), message: other.to_string() },
    }
}

pub fn from_backend(error: BackendError) -> AppError {
    let message = match error {
        BackendError::Unavailable(problem) => format!("The backend doesn't answer: {problem}"),
        other => format!("The backend refused: {other}"),
    };
    AppError::Unavailable { code: "backend_unavailable", message }
}
