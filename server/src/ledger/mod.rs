//! The rules of money: one file per verb, each verb a value that `Db::write` applies in one database transaction.
//! Knows no HTTP and no network; what the network said comes in as arguments. Money is booked by `entry` alone.
//! Start with `entry.rs`, then `transfer.rs`; `audit.rs` checks what all of them leave behind.

mod add_address;
mod address;
mod adjust;
mod archive_address;
mod audit;
mod break_broadcast;
mod broadcast;
mod bump_broadcast;
mod cancel;
mod cancel_broadcast;
mod charge_fee;
mod close_broadcast;
mod collect;
mod confirm_broadcast;
mod covered;
mod create_account;
mod create_wallet;
mod cursor;
mod decision;
mod deposit;
mod deposit_book;
mod entry;
mod error;
mod event;
mod foreign_spend;
mod import_balance;
mod installation;
mod lease;
mod lose_broadcast;
mod mark_processed;
mod name;
mod note_trouble;
mod once;
mod open_broadcast;
mod pause_wallet;
pub mod read;
mod reconcile;
mod reduce_broadcast;
mod register_coin;
mod release;
mod reopen_broadcast;
mod reverse;
mod row;
mod send;
mod store_evidence;
mod store_prepared;
mod transfer;
mod transfer_batch;
mod versions;
pub mod vetting;

pub use add_address::AddAddress;
pub use adjust::Adjust;
pub use archive_address::ArchiveAddress;
pub use audit::{AuditReport, Mismatch, RecordAudit, audit};
pub use break_broadcast::BreakBroadcast;
pub use bump_broadcast::BumpBroadcast;
pub use cancel::CancelTransaction;
pub use cancel_broadcast::{CancelBroadcast, FinishCancel};
pub use close_broadcast::CloseBroadcast;
pub use collect::Collect;
pub use confirm_broadcast::{ConfirmBroadcast, Confirmed};
pub use create_account::CreateAccount;
pub use create_wallet::CreateWallet;
pub use cursor::StoreCursor;
pub use decision::Decision;
pub use deposit::{RecordDeposit, Recorded};
pub use error::LedgerError;
pub use foreign_spend::RecordForeignSpend;
pub use import_balance::ImportBalance;
pub use installation::Installation;
pub use lease::TakeLease;
pub use lose_broadcast::{ConflictBroadcast, LoseBroadcast};
pub use mark_processed::MarkProcessed;
pub use name::label;
pub use note_trouble::NoteTrouble;
pub use once::{ClaimKey, Once, Repeated, SettleKey};
pub use open_broadcast::{FinishAttempt, OpenBroadcast, Opened};
pub use pause_wallet::{BroadcastNow, PauseWallet, ResumeWallet};
pub use reconcile::{RecordReconciliation, Sums};
pub use reduce_broadcast::ReduceBroadcast;
pub use register_coin::RegisterCoin;
pub use reopen_broadcast::ReopenBroadcast;
pub use send::{Send, Sent};
pub use store_evidence::StoreEvidence;
pub use store_prepared::{NewVersion, StorePrepared};
pub use transfer::Transfer;
pub use transfer_batch::{BatchOutput, Ordered, TransferBatch};
pub use versions::{AdoptVersion, EraseVersion};

/// Answer of get-or-create.
pub use app::model::Created;

/// The account that carries what the network charges. It may be negative; it has no addresses and sends nothing.
pub const NETWORK_FEES: &str = "Network fees";
