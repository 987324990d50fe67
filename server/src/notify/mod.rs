//! Being told by daemons that a wallet transaction is new or changed. A notification brings a txid and is only a
//! hint: the backend is asked for the facts, and the jobs find by themselves what no notification told.
//! Knows no backend and no ledger. Start with `http`.

pub mod http;

/// That something happened to a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Notification {
    /// The coin by its ticker, where the sender named it; otherwise any coin may be meant.
    pub coin: Option<String>,
    /// 64 lowercase hexadecimal digits.
    pub txid: String,
}
