//! The parts of the daemon's answers that are used, as it spells them. Fields that only some versions have are
//! optional; amounts are literals.

use super::amount::Literal;
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Deserialize)]
pub struct ChainInfo {
    pub chain: String,
    pub blocks: i64,
    pub headers: Option<i64>,
    pub bestblockhash: String,
    /// The best block's, in seconds; from 23.0 on.
    pub time: Option<i64>,
    /// From 0.16 on.
    pub initialblockdownload: Option<bool>,
    /// A share of the chain, guessed by the daemon; no amount, so a float will do.
    pub verificationprogress: Option<f64>,
}

/// `getinfo`, for daemons before 0.9 that have no `getblockchaininfo`.
#[derive(Debug, Deserialize)]
pub struct Info {
    pub blocks: i64,
    #[serde(default)]
    pub testnet: bool,
}

#[derive(Debug, Deserialize)]
pub struct AddressInfo {
    #[serde(default)]
    pub ismine: bool,
    /// From 0.17 on.
    pub ischange: Option<bool>,
    /// Of daemons with accounts; only addresses that were given out have one.
    pub account: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Balances {
    pub mine: MyBalances,
}

#[derive(Debug, Deserialize)]
pub struct MyBalances {
    pub trusted: Literal,
    pub untrusted_pending: Literal,
    pub immature: Literal,
    /// On reused addresses; only in wallets made with `avoid_reuse`, which leave it out of `trusted`.
    pub used: Option<Literal>,
}

#[derive(Debug, Deserialize)]
pub struct WalletInfo {
    pub balance: Option<Literal>,
    pub unconfirmed_balance: Option<Literal>,
    pub immature_balance: Option<Literal>,
}

#[derive(Debug, Deserialize)]
pub struct UnspentAnswer {
    pub txid: String,
    pub vout: u32,
    pub amount: Literal,
    pub confirmations: i64,
    pub address: Option<String>,
    /// False for watched addresses.
    #[serde(default = "yes")]
    pub spendable: bool,
    /// False for unconfirmed outputs of strangers. From 0.15 on.
    #[serde(default = "yes")]
    pub safe: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
pub struct LockedOutput {
    pub txid: String,
    pub vout: u32,
}

#[derive(Debug, Deserialize)]
pub struct Peer {
    /// Bytes by kind of message; daemons before 0.11 don't tell.
    bytesrecv_per_msg: Option<HashMap<String, i64>>,
}

impl Peer {
    /// Before that nothing is told to it.
    pub fn has_shaken_hands(&self) -> bool {
        self.bytesrecv_per_msg.as_ref().is_none_or(|received| received.contains_key("verack"))
    }
}

#[derive(Debug, Deserialize)]
pub struct Signed {
    pub hex: String,
    pub complete: bool,
    #[serde(default)]
    pub errors: Vec<SigningError>,
}

#[derive(Debug, Deserialize)]
pub struct SigningError {
    #[serde(default)]
    pub error: String,
}

#[derive(Debug, Deserialize)]
pub struct SmartFee {
    pub feerate: Option<Literal>,
}

/// Of `getblockheader` and of `getblock`, which daemons before 0.12 have alone.
#[derive(Debug, Deserialize)]
pub struct Header {
    pub height: i64,
    /// Seconds since 1970.
    pub time: i64,
}

#[derive(Debug, Deserialize)]
pub struct Tested {
    #[serde(default)]
    pub allowed: bool,
    #[serde(rename = "reject-reason")]
    pub reject_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct SinceAnswer {
    pub transactions: Vec<SinceEntry>,
    /// Reorganised away since; from 0.15 on.
    #[serde(default)]
    pub removed: Vec<SinceEntry>,
    pub lastblock: String,
}

#[derive(Debug, Deserialize)]
pub struct SinceEntry {
    /// Entries of moves between accounts have none.
    pub txid: Option<String>,
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub confirmations: i64,
    /// Whole seconds.
    #[serde(default)]
    pub time: i64,
}

#[derive(Debug, Deserialize)]
pub struct TransactionAnswer {
    pub txid: String,
    #[serde(default)]
    pub confirmations: i64,
    pub blockhash: Option<String>,
    /// From 0.20 on.
    pub blockheight: Option<i64>,
    /// Whole seconds since 1970: when the wallet first saw it, or its block's when it was found by a rescan.
    pub time: Option<i64>,
    /// What the wallet got by it less what it spent, without the fee; nothing while a coinbase is immature.
    pub amount: Literal,
    /// As it was given to `sendmany`.
    pub comment: Option<String>,
    /// Negative; only when inputs are ours.
    pub fee: Option<Literal>,
    #[serde(default)]
    pub generated: bool,
    #[serde(default)]
    pub walletconflicts: Vec<String>,
    /// From 26 on: conflicts that aren't mined yet.
    #[serde(default)]
    pub mempoolconflicts: Vec<String>,
    #[serde(default)]
    pub details: Vec<Detail>,
    pub hex: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Detail {
    pub category: String,
    /// Missing for what has none, such as MWEB outputs.
    pub address: Option<String>,
    pub amount: Literal,
    /// From 0.10 on.
    pub vout: Option<u32>,
    #[serde(default)]
    pub abandoned: bool,
}
