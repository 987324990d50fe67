//! The signed bytes of a broadcast and the inputs it reserves, stored before anything leaves. Every version spends
//! the anchor, the first input of the first: at most one of them can ever confirm.

use super::broadcast::Broadcast;
use super::row::{WALLET_OF_BROADCAST, wallets};
use super::{LedgerError, lease};
use crate::db::{Change, Tx, query};
use crate::network::{OutPoint, Output};
use app::model::{NetworkTransactionId, NetworkTransactionState as State, Time, VersionId};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// What the signed bytes are to the broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewVersion {
    /// collected → prepared.
    First,
    /// The same payments for a higher fee; the state stays.
    Bump,
    /// Takes the anchor back to us: pays nobody. The broadcast is cancelling.
    Cancel,
}

/// The caller has checked that `raw` spends exactly `inputs` and pays exactly `outputs`.
#[derive(Clone, Debug)]
pub struct StorePrepared {
    pub broadcast: NetworkTransactionId,
    pub version: NewVersion,
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
        broadcast.must_be(match self.version {
            NewVersion::First => &[State::Collected],
            NewVersion::Bump => &[State::Open, State::Closed],
            NewVersion::Cancel => &[State::Cancelling],
        })?;
        lease::must_hold(tx, broadcast.coin()?, &self.runner, self.epoch, self.now).await?;
        if self.version != NewVersion::Cancel {
            self.pays_what_is_recorded(tx).await?;
        }
        self.adds_up()?;
        let anchor = self.anchor(tx).await?;
        for (outpoint, amount) in &self.inputs {
            self.reserve(tx, &broadcast, outpoint, *amount, *outpoint == anchor).await?;
        }
        let kind = if self.version == NewVersion::Cancel { "cancel" } else { "payment" };
        let (version,) = query(
            "INSERT INTO broadcast_version (coin, broadcast, number, kind, txid, raw, fee, created_at)
             SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $7, $3, $4, $5, $6 FROM broadcast_version
             WHERE broadcast = $2 RETURNING id",
        )
        .bind(broadcast.coin()?.ticker())
        .bind(self.broadcast)
        .bind(&self.txid)
        .bind(self.raw.clone())
        .bind(self.fee)
        .bind(self.now)
        .bind(kind)
        .one(tx)
        .await?;
        let state = if self.version == NewVersion::First { State::Prepared } else { broadcast.state };
        broadcast.set_state(tx, state, self.now).await?;
        Ok(version)
    }
}

impl StorePrepared {
    /// The input that all versions share.
    async fn anchor(&self, tx: &mut Tx<'_>) -> Result<OutPoint, LedgerError> {
        let known: Option<(String, i64)> = query(
            "SELECT txid, vout FROM broadcast_input WHERE broadcast = $1 AND anchor AND freed_at IS NULL",
        )
        .bind(self.broadcast)
        .optional(tx)
        .await?;
        let spent = |anchor: &OutPoint| self.inputs.iter().any(|(input, _)| input == anchor);
        match (self.version, known) {
            (NewVersion::First, None) => self.inputs.first().map(|(input, _)| input.clone()).ok_or(()),
            (NewVersion::Bump | NewVersion::Cancel, Some((txid, vout))) => {
                let anchor = OutPoint { txid, vout: u32::try_from(vout).unwrap_or(u32::MAX) };
                if spent(&anchor) { Ok(anchor) } else { Err(()) }
            }
            _ => Err(()),
        }
        .map_err(|()| {
            LedgerError::Contradiction(format!("A version of broadcast {} lacks its anchor.", self.broadcast))
        })
    }

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
             ON CONFLICT (coin, txid, vout) WHERE freed_at IS NULL DO UPDATE SET amount = excluded.amount
             WHERE broadcast_input.broadcast = excluded.broadcast",
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
