//! The simulated network as a backend: answers as a daemon would, or fails as it was told to.

use super::failure::Failure;
use super::hand_over::{HandOver, HandOverLate, Handed};
use super::verb::Fault;
use super::{Simulated, history, mempool, wallet};
use crate::db::{DbError, Tx, query};
use crate::network::bitcoind::CERTAINLY_NOT_SENT;
use crate::network::{
    Backend, BackendClass, BackendError, BackendResult, Decoded, NodeStatus, OutPoint, Output, SendOutcome,
    Since, Totals, Unspent, WalletTransaction, raw,
};
use app::model::Time;
use async_trait::async_trait;
use std::time::Duration;

/// Answers a question from one consistent view. Nearly always nothing else is to be done first, and one look at the
/// database is enough.
macro_rules! ask {
    ($self:ident, $name:literal, $tx:ident => $work:expr) => {{
        $self.found().await?;
        let mut read = $self.db.read().await.map_err(Fault::from)?;
        let due = $self.due(&mut read.tx(), $name).await?;
        if $self.is_quiet(&due) {
            let $tx = &mut read.tx();
            return Ok($work.await.map_err(Fault::from)?);
        }
        drop(read);
        let work = async {
            let mut read = $self.db.read().await.map_err(Fault::from)?;
            let $tx = &mut read.tx();
            Ok($work.await.map_err(Fault::from)?)
        };
        $self.call($name, work).await
    }};
}

impl Simulated {
    /// Does `work` and answers, or plays the failure that was ordered for this call.
    async fn call<T: Send>(
        &self,
        name: &'static str,
        work: impl Future<Output = BackendResult<T>> + Send,
    ) -> BackendResult<T> {
        let (Some(failure), _) = self.enter(name).await? else { return work.await };
        // What only asks has no effect to come late.
        if failure.is_done() || matches!(failure, Failure::Late { .. }) {
            work.await?;
        }
        hang(failure).await;
        Err(failure.error())
    }

    async fn make_address(&self, label: &str, change: bool) -> BackendResult<String> {
        self.order(wallet::MakeAddress { label: label.into(), change }).await
    }

    async fn read_node(&self, tx: &mut Tx<'_>) -> Result<NodeStatus, DbError> {
        let (height, best_block, genesis, tip_at) = query(
            "SELECT n.height, n.best_block, b.hash, t.mined_at FROM simulated_network n
             JOIN simulated_block b ON b.coin = n.coin AND b.height = 0 AND b.active
             JOIN simulated_block t ON t.coin = n.coin AND t.hash = n.best_block WHERE n.coin = $1",
        )
        .bind(&self.rules.coin)
        .one::<(i64, String, String, Time)>(tx)
        .await?;
        let chain = self.rules.spec.network.as_str().to_string();
        Ok(NodeStatus {
            chain,
            genesis,
            height,
            best_block,
            initial_download: false,
            lag: Some(0),
            tip_at: Some(tip_at),
        })
    }

    async fn read_uptime(&self, tx: &mut Tx<'_>) -> Result<Option<i64>, DbError> {
        let (started_at,) = query("SELECT started_at FROM simulated_network WHERE coin = $1")
            .bind(&self.rules.coin)
            .one::<(Time,)>(tx)
            .await?;
        Ok(Some(self.rules.now().seconds_since(started_at).max(0)))
    }

    /// Sends, or plays the failure that was ordered for this call.
    async fn send(&self, name: &'static str, handed: Handed) -> SendOutcome {
        match self.enter(name).await {
            Ok((None, starts)) => self.hand_over(handed, starts).await,
            Ok((Some(failure), starts)) => self.send_badly(handed, starts, failure).await,
            // It was not even looked at.
            Err(error) => error.into_refusal(),
        }
    }

    async fn hand_over(&self, handed: Handed, starts: i64) -> SendOutcome {
        let locked = self.locked().clone();
        match self.order(HandOver { handed, locked, starts }).await {
            Ok(accepted) => {
                if accepted.news {
                    self.tell([accepted.txid.clone()]);
                }
                SendOutcome::Sent { txid: accepted.txid }
            }
            Err(error) => outcome(&error),
        }
    }

    async fn send_badly(&self, handed: Handed, starts: i64, failure: Failure) -> SendOutcome {
        let reason = failure.error().to_string();
        match failure {
            Failure::Unavailable => return SendOutcome::Refused { code: None, reason },
            Failure::Refused { .. } => return outcome(&failure.error()),
            Failure::Late { seconds } => {
                if let Err(error) = self.order(HandOverLate { handed, seconds, starts }).await {
                    return SendOutcome::Unknown { reason: error.to_string() };
                }
            }
            _ if failure.is_done() => {
                self.hand_over(handed, starts).await;
            }
            _ => {}
        }
        hang(failure).await;
        SendOutcome::Unknown { reason }
    }
}

/// As the client of a real daemon has to read an error: certain are only those of a closed list.
fn outcome(error: &BackendError) -> SendOutcome {
    let reason = error.to_string();
    match error {
        BackendError::Refused { code, .. } if CERTAINLY_NOT_SENT.contains(code) => {
            SendOutcome::Refused { code: Some(*code), reason }
        }
        _ => SendOutcome::Unknown { reason },
    }
}

async fn hang(failure: Failure) {
    if let Failure::Hang { seconds } = failure {
        tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await;
    }
}

#[async_trait]
impl Backend for Simulated {
    fn class(&self) -> BackendClass {
        BackendClass::Simulated
    }

    async fn connect(&self) -> BackendResult<NodeStatus> {
        ask!(self, "connect", tx => self.read_node(tx))
    }

    async fn node(&self) -> BackendResult<NodeStatus> {
        ask!(self, "node", tx => self.read_node(tx))
    }

    async fn owns(&self, address: &str) -> BackendResult<bool> {
        ask!(self, "owns", tx => wallet::owns(tx, &self.rules, address))
    }

    async fn new_address(&self, label: &str) -> BackendResult<String> {
        self.call("new_address", self.make_address(label, false)).await
    }

    async fn totals(&self) -> BackendResult<Totals> {
        ask!(self, "totals", tx => wallet::totals(tx, &self.rules.coin))
    }

    fn can_prepare(&self) -> bool {
        true
    }

    async fn unspent(&self) -> BackendResult<Vec<Unspent>> {
        let all = async { ask!(self, "unspent", tx => wallet::unspent(tx, &self.rules.coin)) };
        let mut unspent: Vec<Unspent> = all.await?;
        let locked = self.locked();
        unspent.retain(|output| !locked.contains(&output.outpoint));
        Ok(unspent)
    }

    async fn fee_rate(&self, _target_blocks: u32) -> BackendResult<Option<i64>> {
        self.call("fee_rate", async { Ok(Some(self.rules.spec.fee_rate_fallback)) }).await
    }

    async fn change_address(&self) -> BackendResult<String> {
        self.call("change_address", self.make_address("", true)).await
    }

    async fn sign(&self, inputs: &[Unspent], outputs: &[Output]) -> BackendResult<Vec<u8>> {
        ask!(self, "sign", tx => wallet::sign(tx, &self.rules, inputs, outputs))
    }

    fn decode(&self, raw: &[u8]) -> BackendResult<Decoded> {
        raw::decode(raw, &self.rules.spec.versions).map_err(|error| BackendError::Refused {
            code: -22,
            message: format!("TX decode failed: {error}"),
        })
    }

    async fn send_prepared(&self, raw: &[u8]) -> SendOutcome {
        self.send("send_prepared", Handed::Prepared { raw: raw.to_vec() }).await
    }

    async fn test_prepared(&self, raw: &[u8]) -> BackendResult<Option<String>> {
        ask!(self, "test_prepared", tx => mempool::objection(tx, &self.rules, raw))
    }

    fn can_replace(&self) -> bool {
        self.rules.replaces
    }

    async fn send_many(&self, outputs: &[Output], comment: &str) -> SendOutcome {
        self.send("send_many", Handed::OneShot { outputs: outputs.to_vec(), comment: comment.into() }).await
    }

    async fn sent_since(&self, block: &str) -> BackendResult<Vec<WalletTransaction>> {
        ask!(self, "sent_since", tx => history::sent_since(tx, &self.rules, block))
    }

    async fn uptime(&self) -> BackendResult<Option<i64>> {
        ask!(self, "uptime", tx => self.read_uptime(tx))
    }

    async fn transaction(&self, txid: &str) -> BackendResult<Option<WalletTransaction>> {
        ask!(self, "transaction", tx => history::transaction(tx, &self.rules, txid))
    }

    async fn since(&self, cursor: Option<&str>, depth: u32) -> BackendResult<Since> {
        ask!(self, "since", tx => history::since(tx, &self.rules.coin, cursor, depth))
    }

    async fn lock(&self, inputs: &[OutPoint]) -> BackendResult<()> {
        self.call("lock", async {
            self.locked().extend(inputs.iter().cloned());
            Ok(())
        })
        .await
    }

    async fn unlock(&self, inputs: &[OutPoint]) -> BackendResult<()> {
        self.call("unlock", async {
            self.locked().retain(|locked| !inputs.contains(locked));
            Ok(())
        })
        .await
    }

    fn simulated(&self) -> Option<&Simulated> {
        Some(self)
    }
}
