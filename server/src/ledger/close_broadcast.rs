//! The network has it: transactions become `broadcasted`, the fee is booked.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::charge_fee::charge_fee;
use super::decision::Decision;
use super::row::{WALLET_OF_BROADCAST, wallets};
use super::vetting::Facts;
use crate::db::{Change, Tx, query};
use app::model::{
    Act, AttemptId, NetworkTransactionId, NetworkTransactionState as State, Time, TransactionEvent,
};
use async_trait::async_trait;

/// open, broken or cancelling → closed. Closed already with the same txid is no error.
#[derive(Clone, Debug)]
pub struct CloseBroadcast {
    pub broadcast: NetworkTransactionId,
    pub txid: String,
    /// Minor units; that of the version with this txid when it isn't given. Closing never waits for it.
    pub fee: Option<i64>,
    /// The attempt that sent it, where it still has no outcome.
    pub attempt: Option<AttemptId>,
    /// A person's, for a broken one; else the backend has said so.
    pub decision: Option<Decision>,
    pub now: Time,
}

#[async_trait]
impl Change for CloseBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "close_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        if let Some(decision) = &self.decision {
            Facts::load(tx, self.broadcast).await?.may(Act::Close, false, 0, self.now)?;
            decision.keep(tx, &broadcast, Act::Close, Some(&self.txid), self.now).await?;
        }
        let closed = matches!(broadcast.state, State::Closed | State::Settled | State::Conflicted);
        if !closed {
            broadcast.must_be(&[State::Open, State::Broken, State::Cancelling, State::Collected])?;
            if broadcast.state == State::Collected {
                self.was_attempted(tx).await?;
            }
            self.txid_is_free(tx, &broadcast).await?;
            self.close(tx, &broadcast).await?;
        } else if broadcast.txid.as_deref() != Some(&self.txid) {
            return Err(LedgerError::wrong_state(broadcast.state.as_str()));
        }
        if let Some(fee) = self.fee(tx, closed).await? {
            charge_fee(tx, &broadcast, fee, self.now).await?;
        }
        self.finish_attempt(tx).await
    }
}

impl CloseBroadcast {
    /// A one-shot that was to be sent again and turned out to be sent.
    async fn was_attempted(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (attempts,): (i64,) =
            query("SELECT COUNT(*) FROM attempt WHERE broadcast = $1 AND version IS NULL")
                .bind(self.broadcast)
                .one(tx)
                .await?;
        if attempts > 0 { Ok(()) } else { Err(LedgerError::wrong_state("collected")) }
    }

    async fn close(&self, tx: &mut Tx<'_>, broadcast: &Broadcast) -> Result<(), LedgerError> {
        // A cancelling one may have been closed before: its transactions are broadcasted already.
        if broadcast.state != State::Cancelling || broadcast.txid.is_none() {
            broadcast.advance(tx, TransactionEvent::BroadcastCloses).await?;
        }
        query(
            "UPDATE network_transaction SET state = $3, txid = $4, closed_at = COALESCE(closed_at, $5),
                 updated_at = $5,
                 last_error = NULL, retry_at = NULL
             WHERE id = $1 AND state = $2",
        )
        .bind(self.broadcast)
        .bind(broadcast.state)
        .bind(State::Closed)
        .bind(&self.txid)
        .bind(self.now)
        .run_one(tx)
        .await?;
        Ok(())
    }

    /// A txid that another broadcast closed with, or signed, is not ours to take.
    async fn txid_is_free(&self, tx: &mut Tx<'_>, broadcast: &Broadcast) -> Result<(), LedgerError> {
        match super::read::broadcast_of_txid(tx, broadcast.coin()?, &self.txid).await? {
            Some(other) if other != self.broadcast => Err(LedgerError::TxidTaken { txid: self.txid.clone() }),
            _ => Ok(()),
        }
    }

    /// Once closed, only what the caller knows counts: a later difference was booked from better knowledge.
    async fn fee(&self, tx: &mut Tx<'_>, closed: bool) -> Result<Option<i64>, LedgerError> {
        if closed || self.fee.is_some() {
            return Ok(self.fee);
        }
        let fee = query("SELECT fee FROM broadcast_version WHERE broadcast = $1 AND txid = $2")
            .bind(self.broadcast)
            .bind(&self.txid)
            .optional(tx)
            .await?;
        Ok(fee.map(|(fee,)| fee))
    }

    async fn finish_attempt(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let Some(attempt) = self.attempt else { return Ok(()) };
        query(
            "UPDATE attempt SET outcome = 'sent', finished_at = $3
             WHERE id = $1 AND broadcast = $2 AND outcome IS NULL",
        )
        .bind(attempt)
        .bind(self.broadcast)
        .bind(self.now)
        .run(tx)
        .await?;
        Ok(())
    }
}
