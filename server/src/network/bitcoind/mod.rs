//! Bitcoin Core and its derivates over JSON-RPC, from daemons with accounts to today's.
//! `rpc` carries calls, `features` knows what this daemon can do, `wallet` reads its answers, `send` and `history` are
//! what takes more than one call. Start with `impl Backend`; facts about the daemons are in the notes of each call
//! of Bitcoin Core's RPC reference.

mod amount;
mod answers;
mod fault;
mod features;
mod history;
mod rpc;
mod send;
mod settings;
mod status;
mod wallet;

pub(super) use fault::CERTAINLY_NOT_SENT;
pub use settings::{BitcoindSettings, SettingsError};

use super::{
    Backend, BackendClass, BackendError, BackendResult, CoinSpec, Decoded, NodeStatus, OutPoint, Output,
    SendOutcome, Since, Totals, Unspent, WalletTransaction, raw,
};
use amount::Literal;
use answers::{AddressInfo, Balances, LockedOutput, Peer, SmartFee, UnspentAnswer, WalletInfo};
use async_trait::async_trait;
use features::Features;
use rpc::Rpc;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

const NOT_FOUND: i64 = -5;
const WALLET_ERROR: i64 = -4;
const BAD_PARAMETER: i64 = -8;
/// One coin's daemon and the hot wallet in it.
pub struct Bitcoind {
    rpc: Rpc,
    spec: CoinSpec,
    wallet: Option<String>,
    account: String,
    timeout: Duration,
    features: RwLock<Option<Arc<Features>>>,
    /// The best block that was asked about last, and its time in seconds.
    tip: Mutex<Option<(String, i64)>>,
}

impl Bitcoind {
    /// Nothing is sent yet; `connect` finds out whether the daemon is there.
    pub fn new(settings: &BitcoindSettings, spec: CoinSpec) -> Result<Self, SettingsError> {
        Ok(Self {
            rpc: Rpc::new(settings)?,
            spec,
            wallet: settings.wallet.clone(),
            timeout: settings.timeout,
            account: settings.account.clone(),
            features: RwLock::new(None),
            tip: Mutex::new(None),
        })
    }

    pub fn spec(&self) -> &CoinSpec {
        &self.spec
    }

    async fn call<T: DeserializeOwned>(&self, method: &str, params: Value) -> BackendResult<T> {
        self.rpc.call(method, params).await.map_err(|fault| fault.into_error(self.wallet.as_deref()))
    }

    /// As `call`, with one error code meaning that there is none.
    async fn find<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
        none: i64,
    ) -> BackendResult<Option<T>> {
        match self.call(method, params).await {
            Ok(found) => Ok(Some(found)),
            Err(BackendError::Refused { code, .. }) if code == none => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn known_features(&self) -> Option<Arc<Features>> {
        self.features.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn features(&self) -> BackendResult<Arc<Features>> {
        match self.known_features() {
            Some(features) => Ok(features),
            None => self.learn_features().await,
        }
    }

    async fn learn_features(&self) -> BackendResult<Arc<Features>> {
        let help: String = self.call("help", json!([])).await?;
        let features = Arc::new(Features::from_help(&help));
        *self.features.write().unwrap_or_else(PoisonError::into_inner) = Some(features.clone());
        Ok(features)
    }

    async fn address_info(&self, address: &str) -> BackendResult<AddressInfo> {
        let features = self.features().await?;
        let method = if features.has("getaddressinfo") { "getaddressinfo" } else { "validateaddress" };
        self.call(method, json!([address])).await
    }

    fn units(&self, literal: &Literal) -> BackendResult<i64> {
        literal.units(self.spec.coin.decimals()).map_err(wallet::senseless)
    }

    fn units_or_zero(&self, literal: Option<&Literal>) -> BackendResult<i64> {
        literal.map_or(Ok(0), |literal| self.units(literal))
    }

    /// An address that the daemon made, spelled our way.
    fn own_address(&self, address: &str) -> BackendResult<String> {
        self.spec.versions.canonical(address).map_err(|error| {
            let coin = self.spec.coin;
            BackendError::Unavailable(format!(
                "The daemon made the address {address}, which is none of {coin}: {error}"
            ))
        })
    }

    async fn locked(&self) -> BackendResult<HashSet<OutPoint>> {
        let locked: Vec<LockedOutput> = self.call("listlockunspent", json!([])).await?;
        Ok(locked.into_iter().map(|output| OutPoint { txid: output.txid, vout: output.vout }).collect())
    }

    /// One that is spent or unknown makes the daemon refuse them all; it needs no lock, so the others are then
    /// taken one by one.
    async fn set_lock(
        &self,
        locked: bool,
        inputs: impl Iterator<Item = &OutPoint> + Send,
    ) -> BackendResult<()> {
        let inputs: Vec<Value> = inputs.map(outpoint_json).collect();
        if inputs.is_empty() {
            return Ok(());
        }
        // The daemon's first argument is whether to unlock.
        if self.find::<bool>("lockunspent", json!([!locked, inputs]), BAD_PARAMETER).await?.is_some() {
            return Ok(());
        }
        for input in inputs {
            self.find::<bool>("lockunspent", json!([!locked, [input]]), BAD_PARAMETER).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Backend for Bitcoind {
    fn class(&self) -> BackendClass {
        BackendClass::Bitcoind
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    async fn connect(&self) -> BackendResult<NodeStatus> {
        let features = self.learn_features().await?;
        let status = self.status(&features).await?;
        self.check_wallet(&features).await?;
        Ok(status)
    }

    async fn node(&self) -> BackendResult<NodeStatus> {
        self.status(&*self.features().await?).await
    }

    async fn owns(&self, address: &str) -> BackendResult<bool> {
        self.address_info(address).await.map(|info| info.ismine)
    }

    async fn new_address(&self, label: &str) -> BackendResult<String> {
        // `*` means all labels and is no name for one.
        let label = if label == "*" { "" } else { label };
        let name = if self.features().await?.labels() { label } else { &self.account };
        let address: String = self.call("getnewaddress", json!([name])).await?;
        self.own_address(&address)
    }

    async fn totals(&self) -> BackendResult<Totals> {
        let features = self.features().await?;
        if features.has("getbalances") {
            let mine = self.call::<Balances>("getbalances", json!([])).await?.mine;
            let trusted = self.units(&mine.trusted)?.checked_add(self.units_or_zero(mine.used.as_ref())?);
            return Ok(Totals {
                trusted: trusted
                    .ok_or_else(|| wallet::senseless("a balance is larger than Coffer can count"))?,
                untrusted_pending: self.units(&mine.untrusted_pending)?,
                immature: self.units(&mine.immature)?,
            });
        }
        if features.has("getwalletinfo") {
            let info: WalletInfo = self.call("getwalletinfo", json!([])).await?;
            if let Some(balance) = &info.balance {
                return Ok(Totals {
                    trusted: self.units(balance)?,
                    untrusted_pending: self.units_or_zero(info.unconfirmed_balance.as_ref())?,
                    immature: self.units_or_zero(info.immature_balance.as_ref())?,
                });
            }
        }
        // Without an account it is the whole wallet's.
        let balance: Literal = self.call("getbalance", json!([])).await?;
        Ok(Totals { trusted: self.units(&balance)?, ..Totals::default() })
    }

    fn can_prepare(&self) -> bool {
        self.known_features().is_some_and(|features| features.can_prepare())
    }

    /// Locked outputs are left out by the daemon itself.
    async fn unspent(&self) -> BackendResult<Vec<Unspent>> {
        let answers: Vec<UnspentAnswer> = self.call("listunspent", json!([1])).await?;
        wallet::spendable(answers, self.spec.coin.decimals())
    }

    async fn fee_rate(&self, target_blocks: u32) -> BackendResult<Option<i64>> {
        let features = self.features().await?;
        let rate = if features.has("estimatesmartfee") {
            self.call::<SmartFee>("estimatesmartfee", json!([target_blocks])).await?.feerate
        } else if features.has("estimatefee") {
            Some(self.call::<Literal>("estimatefee", json!([target_blocks])).await?)
        } else {
            None
        };
        let Some(rate) = rate else { return Ok(None) };
        let rate = rate.units_rounded_up(self.spec.coin.decimals()).map_err(wallet::senseless)?;
        // Old daemons say -1 when they have no estimate.
        Ok((rate > 0).then_some(rate))
    }

    async fn change_address(&self) -> BackendResult<String> {
        let address: String = self.call("getrawchangeaddress", json!([])).await?;
        self.own_address(&address)
    }

    async fn sign(&self, inputs: &[Unspent], outputs: &[Output]) -> BackendResult<Vec<u8>> {
        self.build_and_sign(inputs, outputs).await
    }

    fn decode(&self, raw: &[u8]) -> BackendResult<Decoded> {
        raw::decode(raw, &self.spec.versions).map_err(wallet::senseless)
    }

    async fn send_prepared(&self, raw: &[u8]) -> SendOutcome {
        self.send_raw(raw).await
    }

    async fn test_prepared(&self, raw: &[u8]) -> BackendResult<Option<String>> {
        self.test_raw(raw).await
    }

    fn can_replace(&self) -> bool {
        self.spec.replaceable
    }

    async fn send_many(&self, outputs: &[Output], comment: &str) -> SendOutcome {
        self.send_one_shot(outputs, comment).await
    }

    async fn sent_since(&self, block: &str) -> BackendResult<Vec<WalletTransaction>> {
        self.list_sent(block).await
    }

    async fn uptime(&self) -> BackendResult<Option<i64>> {
        if self.features().await?.has("uptime") {
            self.call("uptime", json!([])).await.map(Some)
        } else {
            Ok(None)
        }
    }

    async fn peers(&self) -> BackendResult<Option<i64>> {
        let peers: Vec<Peer> = self.call("getpeerinfo", json!([])).await?;
        let listening = peers.iter().filter(|peer| peer.has_shaken_hands()).count();
        Ok(i64::try_from(listening).ok())
    }

    async fn transaction(&self, txid: &str) -> BackendResult<Option<WalletTransaction>> {
        self.find_transaction(txid).await
    }

    async fn since(&self, cursor: Option<&str>, depth: u32) -> BackendResult<Since> {
        self.list_since(cursor, depth.max(1)).await.map(wallet::since)
    }

    /// Locking twice is an error on some daemons and then fails for all, so only what is missing is locked.
    async fn lock(&self, inputs: &[OutPoint]) -> BackendResult<()> {
        let locked = self.locked().await?;
        self.set_lock(true, inputs.iter().filter(|input| !locked.contains(input))).await
    }

    async fn unlock(&self, inputs: &[OutPoint]) -> BackendResult<()> {
        let locked = self.locked().await?;
        self.set_lock(false, inputs.iter().filter(|input| locked.contains(input))).await
    }
}

fn outpoint_json(outpoint: &OutPoint) -> Value {
    json!({ "txid": outpoint.txid, "vout": outpoint.vout })
}

#[cfg(test)]
#[path = "old_tests.rs"]
mod tests;
