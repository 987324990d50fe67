//! What the API answers: the desk's rows as JSON, noun by noun, exact and stable. Fields may be added, never renamed or
//! removed: answers are kept beside the keys that they were given to. Knows no HTTP and no database.

mod books;
mod event;
mod network;
mod record;

pub use books::{Account, Address, BatchOutcome, BatchResults, Transaction, Wallet};
pub use event::{Delivery, DeliveryAttempt, EventAnswer, HandlerAnswer, RedeliveredAnswer};
pub use network::{
    AddressChecked, Attempt, Backend, Broadcast, CoinAnswer, Estimate, EvidenceAnswer, NetworkTransaction,
    OutputAnswer, Reconciliation,
};
pub use record::{AuditAnswer, AuditLogEntry, JobAnswer, MadeToken, MismatchAnswer, TokenAnswer, UserAnswer};

use app::desk::AppError;
use app::model::{Amount, Time};
use serde::Serialize;
use utoipa::ToSchema;

/// An amount as decimal text in the coin, always with the coin's decimals.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(as = Amount, value_type = String, pattern = r"^-?[0-9]+(\.[0-9]{1,8})?$", example = "0.10000000")]
pub struct AmountText(String);

impl From<Amount> for AmountText {
    fn from(amount: Amount) -> Self {
        Self(amount.to_string())
    }
}

/// A moment, RFC 3339 in UTC with microseconds.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(as = Time, value_type = String, format = DateTime, example = "2026-11-22T14:20:07.000000Z")]
pub struct TimeText(String);

impl From<Time> for TimeText {
    fn from(time: Time) -> Self {
        Self(time.rfc3339())
    }
}

fn time(at: Option<Time>) -> Option<TimeText> {
    at.map(Into::into)
}

/// What is absent is null, also where the books keep an empty text.
fn text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Why a call was not carried out (RFC 9457). What the refusal rests on stands beside it: `available`, `requested`,
/// `state`, `incident` …
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(example = "/api#not_enough_account_balance")]
    pub kind: String,
    #[schema(example = "The account has not enough")]
    pub title: &'static str,
    #[schema(example = 409)]
    pub status: u16,
    /// For people, with the numbers.
    pub detail: String,
    /// Stable, for programs.
    #[schema(example = "not_enough_account_balance")]
    pub code: &'static str,
    /// What was wrong with the fields of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    #[serde(flatten)]
    #[schema(ignore)]
    pub numbers: serde_json::Map<String, serde_json::Value>,
}

/// What is wrong with one field, and how to mend it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    pub field: String,
    pub message: String,
}

/// A code of the API: its status, and what it says in a few words.
pub struct Code {
    pub code: &'static str,
    pub status: u16,
    pub title: &'static str,
}

macro_rules! codes {
    ($($code:literal $status:literal $title:literal;)*) => {
        /// Every code that an answer can bear.
        pub const CODES: &[Code] = &[$(Code { code: $code, status: $status, title: $title }),*];
    };
}

codes! {
    "unauthorized" 401 "The token is missing, unknown, expired, or used from elsewhere than it may be";
    "forbidden" 403 "The token hasn't the scope that this needs";
    "not_found" 404 "There is no such thing";
    "method_not_allowed" 405 "This path doesn't take this method";
    "bad_request" 400 "The request can't be read, or says what can't be";
    "bad_amount" 400 "The amount is none of this coin";
    "bad_address" 400 "The address is none of this coin and network";
    "bad_cursor" 400 "The cursor is none that this list gave";
    "idempotency_key_required" 400 "This call needs the header Idempotency-Key, 1 to 255 printable characters";
    "not_enough_account_balance" 409 "The account has not enough";
    "same_account" 409 "An account can't pay itself";
    "different_wallet" 409 "Both accounts must be of one wallet";
    "address_exists" 409 "The address is a receiving address already";
    "wrong_state" 409 "The state doesn't allow this";
    "evidence_forbids" 409 "What is known of the broadcast doesn't allow this";
    "in_progress" 409 "The first request with this key is still being carried out";
    "below_minimum" 409 "The amount is smaller than the coin's smallest send";
    "account_barred" 409 "Debits of this account are barred since a deposit of it was reversed";
    "network_fees_reserved" 409 "The account Network fees is reserved";
    "name_taken" 409 "The name is taken";
    "handler_gone" 409 "The configuration doesn't name the handler any more";
    "last_admin" 409 "It is the last enabled admin";
    "idempotency_mismatch" 422 "The key was used for something else before";
    "too_large" 413 "The body is larger than 1 MiB";
    "rate_limited" 429 "The token asks too often";
    "conflict_unresolved" 503 "Others changed the same at the same moment; nothing was done";
    "backend_unavailable" 503 "The coin's backend doesn't answer";
    "database_unavailable" 503 "The database doesn't answer";
    "timed_out" 503 "It took too long; look whether it was done before repeating it without its key";
    "internal" 500 "A fault of Coffer's, logged under the incident";
}

impl Problem {
    /// `code` is one of `CODES`; another is told as the fault that it is.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        let known = CODES.iter().find(|known| known.code == code);
        let Code { code, status, title } =
            known.unwrap_or(&Code { code: "internal", status: 500, title: "A fault of Coffer's" });
        Self {
            kind: format!("/api#{code}"),
            title,
            status: *status,
            detail: detail.into(),
            code,
            fields: Vec::new(),
            numbers: serde_json::Map::new(),
        }
    }

    /// A request that can't be, because of this field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut problem = Self::new(code_of_field(field), &message);
        problem.fields.push(FieldProblem { field: field.to_owned(), message });
        problem
    }

    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.numbers.insert(name.to_owned(), value.into());
        self
    }
}

fn code_of_field(field: &str) -> &'static str {
    match field {
        "amount" | "min_amount" | "max_amount" => "bad_amount",
        "address" | "to_address" => "bad_address",
        _ => "bad_request",
    }
}

/// Pages tell some refusals in words of their own.
fn code_of(code: &'static str) -> &'static str {
    match code {
        "txid_unknown" | "txid_differs" | "txid_taken" => "evidence_forbids",
        "txid_unchecked" => "backend_unavailable",
        "token_exists" => "name_taken",
        "own_profile" => "forbidden",
        other => other,
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let detail = error.to_string();
        match error {
            AppError::Unauthorized => {
                Self::new("unauthorized", "Show a token that is valid: Authorization: Bearer coffer_…")
            }
            AppError::Invalid(faults) => {
                let code = faults.first().map_or("bad_request", |fault| code_of_field(fault.field));
                let mut problem = Self::new(code, detail);
                problem.fields = faults
                    .into_iter()
                    .map(|fault| FieldProblem { field: fault.field.to_owned(), message: fault.message })
                    .collect();
                problem
            }
            AppError::Refused { code, numbers, .. } => {
                let problem = Self::new(code_of(code), detail);
                numbers.into_iter().fold(problem, |problem, (name, value)| problem.with(name, value))
            }
            AppError::Unavailable { code, .. } => Self::new(code_of(code), detail),
            AppError::Internal { incident } => Self::new("internal", detail).with("incident", incident),
            AppError::OutOfScope(scope) => Self::new("forbidden", detail).with("scope", scope.as_str()),
            AppError::Forbidden { .. } | AppError::NotFound(_) => Self::new(error.code(), detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_its_numbers() {
        let numbers = vec![("available", "0.05000000".into()), ("requested", "0.10000000".into())];
        let refused =
            AppError::Refused { code: "not_enough_account_balance", message: "Too little.".into(), numbers };
        let json = serde_json::to_value(Problem::from(refused)).unwrap();
        assert_eq!(json["status"], 409);
        assert_eq!((&json["available"], &json["requested"]), (&"0.05000000".into(), &"0.10000000".into()));
        assert_eq!(json["type"], "/api#not_enough_account_balance");
        let bad = serde_json::to_value(Problem::from(AppError::invalid("to_address", "Mistyped."))).unwrap();
        assert_eq!((&bad["code"], &bad["fields"][0]["field"]), (&"bad_address".into(), &"to_address".into()));
    }

    #[test]
    fn every_code_stands_in_the_table_once() {
        for code in CODES {
            assert_eq!(CODES.iter().filter(|other| other.code == code.code).count(), 1, "{}", code.code);
        }
    }
}
