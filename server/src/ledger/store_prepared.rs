//! The signed bytes of a broadcast and the inputs it reserves, stored before anything leaves.

use super::broadcast::Broadcast;
use super::row::{WALLET_OF_BROADCAST, wallets};
use super::{LedgerError, lease};
use crate::db::{Change, Tx, query};
use crate::network::{OutPoint, Output};
use app::model::{NetworkTransactionId, NetworkTransactionState, Time, VersionId};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// collected → prepared. The caller has checked that `raw` spends exactly `inputs` and pays exactly `outputs`.
#[derive(Clone, Debug)]
pub struct StorePrepared {
    pub broadcast: NetworkTransactionId,
    pub epoch: i64,
    pub runner: String,
    pub raw: Vec<u8>,
    pub txid: String,
    /// Minor units.
    pub fee: i64,
    /// With their amounts; the first is the anchor.
    pub inputs: Vec<(OutPoint, i64)>,
    /// What it pays, change left out. Must be the broadcast's outputs still: a transaction may have been
    /// cancelled while the bytes were signed.
    pub outputs: Vec<Output>,
    pub now: Time,
}

#[async_trait]
impl Change for StorePrepared {
    type Output = VersionId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "store_prepared"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<VersionId, LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        broadcast.must_be(&[NetworkTransactionState::Collected])?;
        lease::must_hold(tx, broadcast.coin()?, &self.runner, self.epoch, self.now).await?;
        self.pays_what_is_recorded(tx).await?;
        self.adds_up()?;
        for (index, (outpoint, amount)) in self.inputs.iter().enumerate() {
            self.reserve(tx, &broadcast, outpoint, *amount, index == 0).await?;
        }
        let (version,) = query(
            "INSERT INTO broadcast_version (coin, broadcast, number, kind, txid, raw, fee, created_at)
             VALUES ($1, $2, 1, 'payment', $3, $4, $5, $6) RETURNING id",
        )
        .bind(broadcast.coin()?.ticker())
        .bind(self.broadcast)
        .bind(&self.txid)
        .bind(self.raw.clone())
        .bind(self.fee)
        .bind(self.now)
        .one(tx)
        .await?;
        broadcast.set_state(tx, NetworkTransactionState::Prepared, self.now).await?;
        Ok(version)
    }
}

impl StorePrepared {
    async fn pays_what_is_recorded(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let recorded: Vec<(String, i64)> = query(
            "SELECT d.address, o.amount FROM broadcast_output o JOIN address d ON d.id = o.address
             WHERE o.broadcast = $1",
        )
        .bind(self.broadcast)
        .all(tx)
        .await?;
        let recorded: BTreeMap<_, _> = recorded.into_iter().collect();
        let mut paid: BTreeMap<String, i64> = BTreeMap::new();
        for output in &self.outputs {
            let sum = paid.entry(output.address.clone()).or_default();
            *sum = sum.checked_add(output.amount).ok_or(LedgerError::TooLarge)?;
        }
        if paid == recorded { Ok(()) } else { Err(LedgerError::BroadcastChanged) }
    }

    /// Inputs cover outputs and fee; what is over is change.
    fn adds_up(&self) -> Result<(), LedgerError> {
        let inputs: i128 = self.inputs.iter().map(|(_, amount)| i128::from(*amount)).sum();
        let outputs: i128 = self.outputs.iter().map(|output| i128::from(output.amount)).sum();
        if self.fee < 0 || inputs < outputs + i128::from(self.fee) {
            let fee = self.fee;
            return Err(LedgerError::Contradiction(format!(
                "Inputs of {inputs} units can't pay outputs of {outputs} and a fee of {fee}."
            )));
        }
        Ok(())
    }

    async fn reserve(
        &self,
        tx: &mut Tx<'_>,
        broadcast: &Broadcast,
        outpoint: &OutPoint,
        amount: i64,
        anchor: bool,
    ) -> Result<(), LedgerError> {
        let reserved = query(
            "INSERT INTO broadcast_input (coin, broadcast, txid, vout, amount, anchor)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (coin, txid, vout) WHERE freed_at IS NULL DO NOTHING",
        )
        .bind(broadcast.coin()?.ticker())
        .bind(self.broadcast)
        .bind(&outpoint.txid)
        .bind(i64::from(outpoint.vout))
        .bind(amount)
        .bind(anchor)
        .run(tx)
        .await?;
        if reserved == 1 {
            return Ok(());
        }
        Err(LedgerError::InputReserved { txid: outpoint.txid.clone(), vout: outpoint.vout })
    }
}
