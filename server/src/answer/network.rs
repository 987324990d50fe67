//! Coins, their backends, and what stands on their networks, as the API answers them.

use super::{AmountText, TimeText, time};
use app::model::{
    AddressCheck, BackendRow, BroadcastDetail, CoinRow, Evidence, FeeEstimate, NetworkTransactionDetail,
    NetworkTransactionId, NetworkTransactionRow, ReconciliationRow, TransactionId,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A coin with its backend's last answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Coin)]
pub struct CoinAnswer {
    #[schema(example = "btc")]
    pub coin: String,
    #[schema(example = "Bitcoin")]
    pub name: String,
    #[schema(example = 8)]
    pub decimals: u8,
    /// `main`, `test`, `signet` or `regtest`.
    #[schema(example = "main")]
    pub network: String,
    pub testnet: bool,
    /// A deposit counts from here on.
    #[schema(example = 3)]
    pub confirmation_count: i64,
    /// And is no longer asked about from here on.
    #[schema(example = 15)]
    pub max_confirmation_count: i64,
    pub minimum_send: AmountText,
    pub backend: Backend,
    /// Sum of the coin's wallets; null where it is wider than an amount can be.
    pub books_balance: Option<AmountText>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Backend {
    /// `bitcoind`, `simulated` or `null`.
    #[schema(example = "bitcoind")]
    pub class: String,
    /// `unknown`, `up`, `down` or `unfit`.
    #[schema(example = "up")]
    pub state: &'static str,
    pub since: Option<TimeText>,
    pub height: Option<i64>,
    pub hot_wallet_balance: Option<AmountText>,
    pub as_of: Option<TimeText>,
    pub last_error: Option<String>,
}

impl From<BackendRow> for Backend {
    fn from(row: BackendRow) -> Self {
        Self {
            class: row.class,
            state: row.state.as_str(),
            since: time(row.since),
            height: row.height,
            hot_wallet_balance: row.hot_wallet_balance.map(Into::into),
            as_of: time(row.as_of),
            last_error: row.last_error,
        }
    }
}

impl From<CoinRow> for CoinAnswer {
    fn from(row: CoinRow) -> Self {
        Self {
            coin: row.coin.to_string(),
            name: row.name,
            decimals: row.coin.decimals(),
            testnet: row.network != "main",
            network: row.network,
            confirmation_count: row.confirmation_count,
            max_confirmation_count: row.max_confirmation_count,
            minimum_send: row.minimum_send.into(),
            backend: row.backend.into(),
            books_balance: row.books.map(Into::into),
        }
    }
}

/// What an address is to a coin and its books.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AddressCheck)]
pub struct AddressChecked {
    pub valid: bool,
    /// Why not, in words that say how to mend it.
    pub reason: Option<String>,
    /// The one spelling under which it is kept.
    pub address: Option<String>,
    /// What it pays to: `p2pkh`, `p2sh`, `p2wpkh`, `p2wsh`, `p2tr` or `witness`.
    #[schema(example = "p2wpkh")]
    pub kind: Option<&'static str>,
    /// `receiving` or `external` where the books know it.
    pub known_as: Option<&'static str>,
    /// The account whose receiving address it is.
    pub own_account: Option<i64>,
}

impl From<AddressCheck> for AddressChecked {
    fn from(check: AddressCheck) -> Self {
        Self {
            valid: check.reason.is_none(),
            reason: check.reason,
            address: check.address,
            kind: check.kind,
            known_as: check.known_as.map(app::model::AddressKind::as_str),
            own_account: check.own_account.map(|id| id.0),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FeeEstimate)]
pub struct Estimate {
    /// Per 1,000 virtual bytes.
    pub fee_rate: AmountText,
    /// `backend`, or `fallback` where the backend has no estimate.
    #[schema(example = "backend")]
    pub source: &'static str,
    pub as_of: TimeText,
}

impl From<FeeEstimate> for Estimate {
    fn from(estimate: FeeEstimate) -> Self {
        Self {
            fee_rate: estimate.rate.into(),
            source: if estimate.estimated { "backend" } else { "fallback" },
            as_of: estimate.as_of.into(),
        }
    }
}

/// Books against backend.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reconciliation {
    pub coin: String,
    pub backend_total: AmountText,
    pub books_total: AmountText,
    /// Debited and not broadcasted yet.
    pub pending: AmountText,
    /// Live deposits that aren't credited yet.
    pub uncredited: AmountText,
    /// Backend minus books, pending and uncredited. It counts once two readings in a row agree.
    pub difference: AmountText,
    pub height: i64,
    pub read_at: TimeText,
}

impl From<ReconciliationRow> for Reconciliation {
    fn from(row: ReconciliationRow) -> Self {
        Self {
            coin: row.coin.to_string(),
            backend_total: row.backend_total.into(),
            books_total: row.books_total.into(),
            pending: row.pending.into(),
            uncredited: row.uncredited.into(),
            difference: row.difference.into(),
            height: row.height,
            read_at: row.read_at.into(),
        }
    }
}

/// A deposit or a broadcast, as a transaction of the coin's network.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NetworkTransaction {
    #[schema(example = 3)]
    pub id: i64,
    #[schema(example = "btc")]
    pub coin: String,
    /// `deposit` or `broadcast`.
    #[serde(rename = "type")]
    #[schema(example = "deposit")]
    pub kind: &'static str,
    /// Deposits: `seen`, `confirmed`, `settled`, `conflicted`, `abandoned`; broadcasts: `collected`, `prepared`, `open`,
    /// `broken`, `closed`, `settled`, `conflicted`, `cancelling`, `cancelled`.
    #[schema(example = "confirmed")]
    pub state: &'static str,
    pub txid: Option<String>,
    /// Null until known, negative when conflicted.
    pub confirmations: Option<i64>,
    pub opened_at: Option<TimeText>,
    pub closed_at: Option<TimeText>,
    pub created_at: TimeText,
    /// Ids of the transactions that it concerns; a booked fee is none of them.
    pub transactions: Vec<i64>,
}

impl From<NetworkTransactionDetail> for NetworkTransaction {
    fn from(detail: NetworkTransactionDetail) -> Self {
        let ids: Vec<TransactionId> = detail.transactions.iter().map(|row| row.id).collect();
        (detail.network_transaction, ids).into()
    }
}

impl From<(NetworkTransactionRow, Vec<TransactionId>)> for NetworkTransaction {
    fn from((row, transactions): (NetworkTransactionRow, Vec<TransactionId>)) -> Self {
        Self {
            id: row.id.0,
            coin: row.coin.to_string(),
            kind: row.kind.as_str(),
            state: row.state.as_str(),
            txid: row.txid,
            confirmations: row.confirmations,
            opened_at: time(row.opened_at),
            closed_at: time(row.closed_at),
            created_at: row.created_at.into(),
            transactions: ids(transactions.into_iter()),
        }
    }
}

fn ids(ids: impl Iterator<Item = TransactionId>) -> Vec<i64> {
    ids.map(|id| id.0).collect()
}

/// An outgoing network transaction that carries one or more pending transactions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Broadcast {
    #[schema(example = 5)]
    pub id: i64,
    #[schema(example = "btc")]
    pub coin: String,
    #[serde(rename = "type")]
    #[schema(example = "broadcast")]
    pub kind: &'static str,
    #[schema(example = "broken")]
    pub state: &'static str,
    pub txid: Option<String>,
    pub confirmations: Option<i64>,
    pub opened_at: Option<TimeText>,
    pub closed_at: Option<TimeText>,
    pub created_at: TimeText,
    pub transactions: Vec<i64>,
    pub wallet: i64,
    pub outputs: Vec<OutputAnswer>,
    /// Built, signed and stored before it was sent: sending it again is harmless.
    pub prepared: bool,
    pub fee: Option<AmountText>,
    /// The newest ones, oldest of them first.
    pub attempts: Vec<Attempt>,
    pub evidence: Option<EvidenceAnswer>,
    /// Why the last try did not send.
    pub last_error: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Output)]
pub struct OutputAnswer {
    pub address: String,
    pub amount: AmountText,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attempt {
    pub number: i64,
    pub runner: String,
    /// `sent`, `refused` or `unknown`; null while it is under way.
    pub outcome: Option<String>,
    pub detail: Option<String>,
    pub started_at: TimeText,
    pub finished_at: Option<TimeText>,
}

/// What was found out about a broadcast of unknown outcome.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceAnswer {
    /// `found`, `not_found` or `cant_tell`.
    pub verdict: &'static str,
    pub reason: String,
    pub txid: Option<String>,
    pub may_change_at: Option<TimeText>,
    pub gathered_at: TimeText,
}

impl From<Evidence> for EvidenceAnswer {
    fn from(evidence: Evidence) -> Self {
        Self {
            verdict: evidence.verdict.as_str(),
            reason: evidence.reason,
            txid: evidence.txid,
            may_change_at: time(evidence.may_change_at),
            gathered_at: evidence.gathered_at.into(),
        }
    }
}

impl From<BroadcastDetail> for Broadcast {
    fn from(detail: BroadcastDetail) -> Self {
        let row = detail.broadcast;
        let NetworkTransactionId(id) = row.id;
        let attempts = detail.attempts.into_iter().map(|attempt| Attempt {
            number: attempt.number,
            runner: attempt.runner,
            outcome: attempt.outcome,
            detail: attempt.detail,
            started_at: attempt.started_at.into(),
            finished_at: time(attempt.finished_at),
        });
        let outputs = detail
            .outputs
            .into_iter()
            .map(|output| OutputAnswer { address: output.address, amount: output.amount.into() });
        Self {
            id,
            coin: row.coin.to_string(),
            kind: "broadcast",
            state: row.state.as_str(),
            txid: row.txid,
            confirmations: row.confirmations,
            opened_at: time(row.opened_at),
            closed_at: time(row.closed_at),
            created_at: row.created_at.into(),
            transactions: ids(detail.transactions.iter().map(|row| row.id)),
            wallet: row.wallet.0,
            outputs: outputs.collect(),
            prepared: !detail.vetting.versions.is_empty(),
            fee: row.fee.map(Into::into),
            attempts: attempts.collect(),
            evidence: detail.vetting.evidence.map(Into::into),
            last_error: row.last_error,
        }
    }
}
