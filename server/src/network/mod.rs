//! Talking to coin networks. `Backend` is the one trait that a coin's daemon or service implements; every
//! implementation passes the same conformance suite (`tests/it/backend.rs`).
//! Knows no ledger: it reports what the network says, and others book it.

pub mod address;
pub mod bitcoind;
pub mod coin;
pub mod null;
pub mod raw;
pub mod simulated;
#[cfg(debug_assertions)]
pub mod watched;

use async_trait::async_trait;
use std::time::Duration;

use app::model::Time;
pub use coin::{CoinSpec, Network};

/// What a coin's backend is, as the configuration names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackendClass {
    Bitcoind,
    Simulated,
    Null,
}

impl BackendClass {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bitcoind => "bitcoind",
            Self::Simulated => "simulated",
            Self::Null => "null",
        }
    }
}

/// The chain as the backend sees it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeStatus {
    /// The daemon's own word for its chain: `main`, `test`, `signet`, `regtest`.
    pub chain: String,
    pub genesis: String,
    pub height: i64,
    pub best_block: String,
    /// Initial block download: nothing it says about missing transactions can be trusted yet.
    pub initial_download: bool,
    /// Headers known minus blocks verified; `None` where the daemon doesn't tell.
    pub lag: Option<i64>,
    /// The time that the best block bears; `None` where the daemon doesn't tell.
    pub tip_at: Option<Time>,
}

/// Sums over the backend's whole hot wallet, in minor units. Their sum is what reconciliation compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub trusted: i64,
    pub untrusted_pending: i64,
    pub immature: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutPoint {
    pub txid: String,
    pub vout: u32,
}

/// An output of ours that can be spent: at least one confirmation, mature, signable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unspent {
    pub outpoint: OutPoint,
    /// Minor units.
    pub amount: i64,
    pub confirmations: i64,
    pub address: Option<String>,
}

/// Where money goes: canonical address, minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub address: String,
    pub amount: i64,
}

/// A signed transaction, taken apart on our side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub txid: String,
    pub inputs: Vec<OutPoint>,
    /// `None` where the script is none of an address of this coin and network.
    pub outputs: Vec<(Option<String>, i64)>,
    /// Virtual bytes, rounded up (BIP 141); what fee rates multiply.
    pub virtual_size: i64,
}

/// What became of a send. The three are never mixed up: only `Refused` is certain not to have left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    Sent {
        txid: String,
    },
    /// Certainly not sent (for prepared broadcasts this still decides nothing alone: look the txid up).
    Refused {
        /// Of the backend's own error, as `BackendError::Refused` has it.
        code: Option<i64>,
        reason: String,
    },
    /// Nobody knows: time-outs, cut replies, errors that don't say.
    Unknown {
        reason: String,
    },
}

/// One output of a network transaction that pays an address of the backend's wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// As the backend spells it; canonicalise before comparing.
    pub address: String,
    pub vout: u32,
    /// Minor units.
    pub amount: i64,
}

/// A network transaction as the backend's wallet knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletTransaction {
    pub txid: String,
    /// Negative when it conflicts with a mined transaction, by that one's depth. Never test for -1 alone.
    pub confirmations: i64,
    pub block: Option<String>,
    /// Of that block.
    pub height: Option<i64>,
    /// When the wallet first saw it, where it says so.
    pub at: Option<Time>,
    /// In the memory pool; `None` where the backend can't say (or it is mined).
    pub in_mempool: Option<bool>,
    pub coinbase: bool,
    pub abandoned: bool,
    /// It spends inputs of our wallet: its outputs to us are change or a payment to ourselves, not plain deposits.
    pub spends_ours: bool,
    /// Minor units, positive; only for what we sent ourselves.
    pub fee: Option<i64>,
    /// By how much it changes the hot wallet's total, in minor units, fee taken off; negative when it spends.
    pub net: i64,
    /// As it was given to `send_many`.
    pub comment: Option<String>,
    /// Txids that spend the same inputs.
    pub conflicts: Vec<String>,
    pub received: Vec<Received>,
    pub inputs: Vec<OutPoint>,
    /// All of them in order; `None` where the script is none of an address of this coin and network.
    pub outputs: Vec<(Option<String>, i64)>,
    /// Its signed bytes; empty where the backend doesn't tell them.
    pub raw: Vec<u8>,
}

/// What `since` brought, and where to go on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// Txids of wallet transactions that may have changed, each once, oldest first.
    pub txids: Vec<String>,
    /// Opaque; a block hash at the asked depth. `None`: ask for everything next time.
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// No answer, or one that is not the backend's: down, wrong password, time-out.
    #[error("{0}")]
    Unavailable(String),
    /// The backend answered with an error of its own. Code and message as JSON-RPC has them.
    #[error("{message} (error {code})")]
    Refused { code: i64, message: String },
    #[error("this backend can't {0}")]
    Unsupported(&'static str),
}

/// Whether an error may be about one of several payments, so that fewer of them may pass: bad amount, bad address, too
/// little money, bad parameter (codes of bitcoind's `rpc/protocol.h`).
pub fn is_about_payments(code: i64) -> bool {
    matches!(code, -3 | -5 | -6 | -8)
}

pub type BackendResult<T> = Result<T, BackendError>;

impl BackendError {
    /// Of a question that had to be answered before anything was sent.
    pub fn into_refusal(self) -> SendOutcome {
        let code = if let Self::Refused { code, .. } = self { Some(code) } else { None };
        SendOutcome::Refused { code, reason: self.to_string() }
    }
}

/// A connection to one coin's network and hot wallet. Calls may take up to the configured time-out; none may be
/// made inside a database transaction or while a page is rendered.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    fn class(&self) -> BackendClass;

    /// Longest that one call takes; afterwards nothing of it is under way on our side.
    fn timeout(&self) -> Duration {
        Duration::from_secs(15)
    }

    /// Finds out what the backend can do (once, and again after it was away) and answers as `node`.
    async fn connect(&self) -> BackendResult<NodeStatus>;

    async fn node(&self) -> BackendResult<NodeStatus>;

    /// Whether the hot wallet has the key of this address.
    async fn owns(&self, address: &str) -> BackendResult<bool>;

    /// A new receiving address of the hot wallet.
    async fn new_address(&self, label: &str) -> BackendResult<String>;

    async fn totals(&self) -> BackendResult<Totals>;

    /// Whether broadcasts can be built, signed and stored before they are sent. Known after `connect`.
    fn can_prepare(&self) -> bool;

    /// What may be spent, largest first. Outputs that other programs locked are left out.
    async fn unspent(&self) -> BackendResult<Vec<Unspent>>;

    /// Minor units per 1,000 virtual bytes for confirmation within `target_blocks`; `None` when it has no estimate.
    async fn fee_rate(&self, target_blocks: u32) -> BackendResult<Option<i64>>;

    /// A fresh address of ours for change; never handed out, never in the books.
    async fn change_address(&self) -> BackendResult<String>;

    /// Builds and signs a transaction that spends exactly `inputs` and pays exactly `outputs`; the difference is
    /// the fee. Nothing leaves. The bytes are complete and can be sent by `send_prepared`.
    async fn sign(&self, inputs: &[Unspent], outputs: &[Output]) -> BackendResult<Vec<u8>>;

    /// Takes signed bytes apart without asking anybody.
    fn decode(&self, raw: &[u8]) -> BackendResult<Decoded>;

    /// Hands signed bytes to the network. Harmless to repeat with the same bytes.
    async fn send_prepared(&self, raw: &[u8]) -> SendOutcome;

    /// Whether nodes would take these signed bytes; the reason when they wouldn't. Nothing is handed over.
    /// `Unsupported` where the backend can't say.
    async fn test_prepared(&self, _raw: &[u8]) -> BackendResult<Option<String>> {
        Err(BackendError::Unsupported("test a transaction before it is sent"))
    }

    /// Whether the network replaces an unconfirmed transaction by one that pays more (BIP 125). Known after `connect`.
    fn can_replace(&self) -> bool {
        false
    }

    /// One-shot: picks inputs, signs and sends in one call, never to be repeated. The wallet keeps `comment` with it.
    async fn send_many(&self, _outputs: &[Output], _comment: &str) -> SendOutcome {
        SendOutcome::Refused { code: None, reason: "this backend can't send in one call".into() }
    }

    /// What the wallet has sent in blocks after `block` and unconfirmed, conflicted ones too, newest first;
    /// everything when the block is unknown.
    async fn sent_since(&self, _block: &str) -> BackendResult<Vec<WalletTransaction>> {
        Err(BackendError::Unsupported("list what it has sent"))
    }

    /// Seconds since the daemon started; `None` where it doesn't say. What it had not carried out by then it never will.
    async fn uptime(&self) -> BackendResult<Option<i64>> {
        Ok(None)
    }

    /// How many peers hear what is sent now; `None` where the backend can't say.
    async fn peers(&self) -> BackendResult<Option<i64>> {
        Ok(None)
    }

    /// A transaction of the wallet, `None` when the backend says that it knows none of this txid.
    async fn transaction(&self, txid: &str) -> BackendResult<Option<WalletTransaction>>;

    /// Wallet transactions in blocks after `cursor` (everything without one) and unconfirmed ones. The new cursor
    /// lies `depth` blocks deep, so that what a reorganisation may change is asked again.
    async fn since(&self, cursor: Option<&str>, depth: u32) -> BackendResult<Since>;

    /// Keeps other users of the same wallet from spending these. Dies with the daemon: a courtesy, not a guard.
    async fn lock(&self, inputs: &[OutPoint]) -> BackendResult<()>;

    /// Takes back `lock`, for inputs that a broadcast let go; ones that aren't locked are left alone.
    async fn unlock(&self, _inputs: &[OutPoint]) -> BackendResult<()> {
        Ok(())
    }

    /// The simulated network's own controls; nothing else has them.
    fn simulated(&self) -> Option<&simulated::Simulated> {
        None
    }
}
