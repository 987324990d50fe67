//! What went wrong, as the person at the desk is told: the API's codes, sentences, and an incident id for our faults.

use crate::db::DbError;
use crate::ledger::LedgerError;
use crate::network::BackendError;
use crate::people::{DoorError, PeopleError};
use app::desk::{AppError, Numbers};
use app::model::FieldError;

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
        refusal => told(&refusal),
    }
}

/// A refusal of the books in the words of a person's or program's answer.
pub fn told(refusal: &LedgerError) -> AppError {
    match refusal {
        LedgerError::UnknownWallet(_) => AppError::NotFound("wallet"),
        LedgerError::UnknownAccount(_) => AppError::NotFound("account"),
        LedgerError::UnknownAddress(_) => AppError::NotFound("address"),
        LedgerError::UnknownTransaction(_) => AppError::NotFound("transaction"),
        LedgerError::UnknownBroadcast(_) => AppError::NotFound("broadcast"),
        LedgerError::UnknownCoin(_) => AppError::NotFound("coin"),
        LedgerError::NotPositive | LedgerError::BadAmount(_) | LedgerError::TooLarge => {
            AppError::invalid("amount", refusal.to_string())
        }
        LedgerError::BadName(_) => AppError::invalid("name", refusal.to_string()),
        LedgerError::BadLabel => AppError::invalid("label", refusal.to_string()),
        LedgerError::NoReason => AppError::invalid("reason", refusal.to_string()),
        LedgerError::InBatch { index, refusal } => in_batch(*index, told(refusal)),
        other => {
            AppError::Refused { code: other.code(), message: other.to_string(), numbers: numbers(other) }
        }
    }
}

fn in_batch(index: usize, refusal: AppError) -> AppError {
    let message = format!("Transfer {index} of the batch: {refusal}");
    match refusal {
        AppError::Refused { code, mut numbers, .. } => {
            numbers.push(("index", index.to_string()));
            AppError::Refused { code, message, numbers }
        }
        AppError::Invalid(faults) => AppError::Invalid(
            faults.into_iter().map(|fault| FieldError { message: message.clone(), ..fault }).collect(),
        ),
        other => other,
    }
}

fn numbers(refusal: &LedgerError) -> Numbers {
    match refusal {
        LedgerError::NotEnoughBalance { available, requested } => {
            vec![("available", available.to_string()), ("requested", requested.to_string())]
        }
        LedgerError::WrongState { state } => vec![("state", state.clone())],
        LedgerError::BelowMinimum { minimum } => vec![("minimum", minimum.to_string())],
        LedgerError::AddressExists { address } => vec![("address", address.clone())],
        LedgerError::AttemptUnderWay { deadline } => vec![("deadline", deadline.rfc3339())],
        _ => Vec::new(),
    }
}

pub fn from_backend(error: BackendError) -> AppError {
    let message = match error {
        BackendError::Unavailable(problem) => format!("The backend doesn't answer: {problem}"),
        other => format!("The backend refused: {other}"),
    };
    AppError::Unavailable { code: "backend_unavailable", message }
}

/// The same words at sign-in and wherever a password or a code is asked for once more.
pub fn from_door(error: DoorError) -> AppError {
    let refused = |code, message: &str| AppError::refused(code, message);
    match error {
        DoorError::Wrong => refused("wrong_password", "Name or password is wrong."),
        DoorError::WrongCode => refused("wrong_code", "The code is wrong, or was used before."),
        DoorError::Paused { until } => {
            let message = format!("Too many wrong tries. Try again after {} UTC.", until.clock());
            refused("too_many_attempts", &message)
        }
        DoorError::Db(problem) => from_db(problem),
    }
}

pub fn from_people(error: PeopleError) -> AppError {
    let code = match &error {
        PeopleError::Invalid(message) => return AppError::invalid("name", message.clone()),
        PeopleError::Exists(_) => "name_taken",
        PeopleError::NotFound(_) => return AppError::NotFound("user"),
        PeopleError::LastAdmin(_) => "last_admin",
        PeopleError::SecondFactorOn => "second_factor_on",
        PeopleError::SecondFactorOff => "second_factor_off",
        PeopleError::Db(_) => "database",
    };
    match error {
        PeopleError::Db(problem) => from_db(problem),
        other => AppError::refused(code, other.to_string()),
    }
}
