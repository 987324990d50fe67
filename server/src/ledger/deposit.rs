//! What the network says of a transaction that pays us: seen, confirmed, conflicted. Credits it once.
//! `deposit_book.rs` writes; this file decides what counts.

use super::deposit_book::{
    Deposit, Report, Written, credit, deposits, insert_incoming, write_network_transaction,
};
use super::reverse::{Fall, reverse};
use super::row::{same_coin, wallets};
use super::txupdate::Update;
use super::{LedgerError, covered};
use crate::db::{Change, Tx, query};
use crate::network::Output;
use crate::record;
use app::model::{
    AccountId, AddressId, Coin, NetworkTransactionId, Time, TransactionId, TransactionState, WalletId,
};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// Coins that were mined can be spent only this deep (consensus rule `COINBASE_MATURITY`, and the block itself).
const COINBASE_MATURITY: i64 = 101;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// `None` when it pays nobody of ours.
    pub network_transaction: Option<NetworkTransactionId>,
    /// Written by this call.
    pub incoming: Vec<TransactionId>,
    /// Credited by this call.
    pub credited: Vec<TransactionId>,
    /// Anything was written.
    pub changed: bool,
    /// Reversed by this call.
    pub reversed: Vec<TransactionId>,
    /// It spends our outputs and no broadcast knows it: nothing of it is a deposit.
    pub foreign_spend: bool,
}

/// Idempotent; confirmations may fall. Only receiving addresses of ours count, archived ones too.
#[derive(Clone, Debug)]
pub struct RecordDeposit {
    pub coin: Coin,
    pub txid: String,
    /// Negative when conflicted.
    pub confirmations: i64,
    pub block: Option<String>,
    /// Of that block.
    pub height: Option<i64>,
    /// `None` where the backend can't say, or when it is mined.
    pub in_mempool: Option<bool>,
    /// Txids that spend the same.
    pub conflicts: Vec<String>,
    pub coinbase: bool,
    pub abandoned: bool,
    /// It spends outputs of our hot wallet: only what a broadcast recorded for an address counts, the rest is change.
    pub spends_ours: bool,
    /// Canonical addresses; outputs to one address are summed.
    pub received: Vec<Output>,
    pub confirmation_count: i64,
    pub max_confirmation_count: i64,
    pub now: Time,
}

/// A receiving address of ours that the transaction pays.
pub(super) struct Paid {
    pub address: AddressId,
    pub account: AccountId,
    pub wallet: WalletId,
    pub units: i64,
}

#[async_trait]
impl Change for RecordDeposit {
    type Output = Recorded;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "record_deposit"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        let mut all = recorded_wallets(tx, self.coin, &self.txid).await?;
        for address in self.sums()?.into_keys() {
            let paid = receiver(tx, self.coin, address).await?;
            all.extend(paid.map(|receiver| receiver.wallet.0));
        }
        Ok(all)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Recorded, LedgerError> {
        let mut recorded = Recorded::default();
        let known = deposits(tx, self.coin, &self.txid).await?;
        let paid = self.paid(tx, &mut recorded).await?;
        let paid = covered::leave_out(tx, self, paid).await?;
        let new: Vec<&Paid> =
            paid.iter().filter(|paid| known.iter().all(|deposit| deposit.address != paid.address)).collect();
        self.must_agree(&paid, &known)?;
        if new.is_empty() && known.is_empty() {
            return Ok(recorded);
        }
        let live = self.live(tx).await?;
        let written = write_network_transaction(tx, &self.report(live)).await?;
        let network_transaction = written.id;
        recorded.network_transaction = Some(network_transaction);
        recorded.changed = written.changed || !new.is_empty();
        let mut deposits = known;
        for paid in new {
            let deposit = insert_incoming(tx, self.coin, network_transaction, paid, self.now).await?;
            recorded.incoming.push(deposit.id);
            deposits.push(deposit);
        }
        let ids = |deposits: &[Deposit]| deposits.iter().map(|deposit| deposit.id).collect();
        if self.abandoned || self.confirmations <= 0 {
            deposits.retain(|deposit| deposit.state == TransactionState::Credited);
            reverse(tx, &self.fall(network_transaction), &deposits).await?;
            recorded.reversed = ids(&deposits);
        } else if self.confirmations >= self.threshold() {
            deposits.retain(|deposit| deposit.state != TransactionState::Credited);
            credit(tx, &deposits, self.now).await?;
            recorded.credited = ids(&deposits);
        } else {
            deposits.clear();
        }
        recorded.changed |= !deposits.is_empty();
        self.tell(tx, &written, &recorded).await?;
        Ok(recorded)
    }
}

impl RecordDeposit {
    fn threshold(&self) -> i64 {
        let count = self.confirmation_count.max(1);
        if self.coinbase { count.max(COINBASE_MATURITY) } else { count }
    }

    /// Of all its deposits when the confirmations changed, else of those that this call recorded, credited or reversed.
    async fn tell(&self, tx: &mut Tx<'_>, written: &Written, recorded: &Recorded) -> Result<(), LedgerError> {
        let update = Update {
            coin: self.coin,
            network_transaction: written.id,
            transaction_type: "deposit",
            txid: &self.txid,
            confirmations: self.confirmations,
            now: self.now,
        };
        if written.confirmations {
            return update.tell(tx, None).await;
        }
        let moved: Vec<TransactionId> =
            [&recorded.incoming[..], &recorded.credited, &recorded.reversed].concat();
        if moved.is_empty() { Ok(()) } else { update.tell(tx, Some(&moved)).await }
    }

    fn fall(&self, network_transaction: NetworkTransactionId) -> Fall<'_> {
        Fall {
            coin: self.coin,
            network_transaction,
            txid: &self.txid,
            confirmations: self.confirmations,
            now: self.now,
        }
    }

    /// Of unconfirmed deposits that spend the same only one counts: the one that waits in the mempool, or the first
    /// that was recorded where the backend can't say.
    async fn live(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        if self.confirmations != 0 || self.abandoned {
            return Ok(self.confirmations > 0);
        }
        if let Some(in_mempool) = self.in_mempool {
            return Ok(in_mempool);
        }
        for txid in &self.conflicts {
            let other: Option<(i64,)> = query(
                "SELECT id FROM network_transaction WHERE coin = $1 AND type = 'deposit' AND txid = $2 AND live",
            )
            .bind(self.coin.ticker())
            .bind(txid)
            .optional(tx)
            .await?;
            if other.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn report(&self, live: bool) -> Report<'_> {
        Report {
            coin: self.coin,
            txid: &self.txid,
            confirmations: self.confirmations,
            block: self.block.as_deref(),
            abandoned: self.abandoned,
            live,
            // A settled one is no longer asked about, so it must have been credited by then.
            settled_at: self.max_confirmation_count.max(self.threshold()),
            now: self.now,
        }
    }

    fn sums(&self) -> Result<BTreeMap<&str, i64>, LedgerError> {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for output in self.received.iter().filter(|output| output.amount > 0) {
            let sum = sums.entry(&output.address).or_default();
            *sum = sum.checked_add(output.amount).ok_or(LedgerError::TooLarge)?;
        }
        Ok(sums)
    }

    /// What of it is a payment to us, in the order of the addresses' ids.
    async fn paid(&self, tx: &mut Tx<'_>, recorded: &mut Recorded) -> Result<Vec<Paid>, LedgerError> {
        let promised = if self.spends_ours {
            let promised = promised(tx, self.coin, &self.txid).await?;
            recorded.foreign_spend = promised.is_none();
            Some(promised.unwrap_or_default())
        } else {
            None
        };
        let mut paid = Vec::new();
        for (address, units) in self.sums()? {
            let Some(receiver) = receiver(tx, self.coin, address).await? else { continue };
            same_coin(super::row::coin_of(&receiver.coin, receiver.decimals)?, self.coin)?;
            let units = match &promised {
                None => Some(units),
                // Change may go to the same address only by accident; it is no deposit even then.
                Some(promised) => promised.get(&receiver.id).map(|promised| units.min(*promised)),
            };
            let Some(units) = units else { continue };
            paid.push(Paid {
                address: receiver.id,
                account: receiver.account,
                wallet: receiver.wallet,
                units,
            });
        }
        paid.sort_by_key(|paid| paid.address);
        Ok(paid)
    }

    /// A txid names its outputs, so what was recorded of it can't become another amount.
    fn must_agree(&self, paid: &[Paid], known: &[Deposit]) -> Result<(), LedgerError> {
        for deposit in known {
            let now = paid.iter().find(|paid| paid.address == deposit.address);
            if let Some(now) = now.filter(|now| now.units != deposit.amount) {
                return Err(LedgerError::Contradiction(format!(
                    "{} paid {} units to address {} before, and {} now.",
                    self.txid, deposit.amount, deposit.address, now.units
                )));
            }
        }
        Ok(())
    }
}

struct Receiver {
    id: AddressId,
    account: AccountId,
    wallet: WalletId,
    coin: String,
    decimals: i64,
}

record!(Receiver { id, account, wallet, coin, decimals });

async fn receiver(tx: &mut Tx<'_>, coin: Coin, address: &str) -> Result<Option<Receiver>, LedgerError> {
    let found = query(
        "SELECT d.id, d.account, a.wallet, c.coin, c.decimals
         FROM address d JOIN account a ON a.id = d.account JOIN coin c ON c.coin = d.coin
         WHERE d.coin = $1 AND d.address = $2 AND d.kind = 'receiving'",
    )
    .bind(coin.ticker())
    .bind(address)
    .optional(tx)
    .await?;
    Ok(found)
}

/// What the broadcast with this txid recorded for its addresses, in minor units; `None` when no broadcast has it.
/// A cancelling version pays us back what was ours: nothing of that is a deposit.
async fn promised(
    tx: &mut Tx<'_>,
    coin: Coin,
    txid: &str,
) -> Result<Option<BTreeMap<AddressId, i64>>, LedgerError> {
    let Some(broadcast) = super::read::broadcast_of_txid(tx, coin, txid).await? else { return Ok(None) };
    let outputs: Vec<(AddressId, i64)> = query(
        "SELECT address, amount FROM broadcast_output WHERE broadcast = $1 AND NOT EXISTS
             (SELECT 1 FROM broadcast_version WHERE coin = $2 AND txid = $3 AND kind = 'cancel')",
    )
    .bind(broadcast)
    .bind(coin.ticker())
    .bind(txid)
    .all(tx)
    .await?;
    Ok(Some(outputs.into_iter().collect()))
}

async fn recorded_wallets(tx: &mut Tx<'_>, coin: Coin, txid: &str) -> Result<Vec<i64>, LedgerError> {
    let Some(network_transaction) = super::deposit_book::network_transaction(tx, coin, txid).await? else {
        return Ok(Vec::new());
    };
    wallets(
        tx,
        "SELECT DISTINCT wallet FROM \"transaction\" WHERE network_transaction = $1",
        network_transaction,
    )
    .await
}
