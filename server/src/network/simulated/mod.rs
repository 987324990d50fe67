//! A small network inside Coffer, for the first run, demos, browser tests, load and fault schedules: addresses, coins,
//! a mempool, blocks by the clock or on command, an outside world with a faucet, and failures to order.
//! Its state lives in tables of Coffer's database, so that it survives any crash and is one for all processes; the
//! books never read them. Start here for the controls, with `backend` for what it answers, `mempool` for its rules.

mod backend;
mod bytes;
mod chain;
mod chance;
mod entry;
mod failure;
mod hand_over;
mod history;
mod mempool;
mod one_shot;
mod outside;
mod restart;
mod verb;
mod wallet;

pub use failure::{CALLS, EVERY_CALL, Failure, OrderedFailure};

use super::{BackendError, BackendResult, CoinSpec, Network, OutPoint, Output};
use crate::clock::Clock;
use crate::db::{Db, Tx, query};
use app::model::Time;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, broadcast};
use verb::{Fault, Rules, Verb, write};

/// Txids that wait for a slow listener; one that falls further behind scans anyway.
const NOTICES_MAX: usize = 1_024;

/// One coin's simulated network, and the hot wallet on it.
pub struct Simulated {
    db: Db,
    rules: Rules,
    seed: i64,
    block_seconds: i64,
    founded: OnceCell<()>,
    /// Of this process alone, as a daemon forgets its locks with its end.
    locked: Mutex<HashSet<OutPoint>>,
    notices: broadcast::Sender<String>,
}

/// What it shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub height: i64,
    /// Transactions that wait to be mined.
    pub mempool: i64,
    /// Seconds between blocks by the clock, 0 when only on command.
    pub block_seconds: i64,
    pub failures: Vec<OrderedFailure>,
}

/// What a call finds when it arrives.
struct Due {
    last_block_at: Time,
    /// When the earliest late send is carried out.
    late_at: Option<Time>,
    starts: i64,
    /// Orders that this call has to play.
    failures: i64,
}

crate::record!(Due { last_block_at, late_at, starts, failures });

impl Simulated {
    /// `seed` counts when the network is made, later it is read from the database. `block_seconds`: 0 mines on
    /// command alone.
    pub fn new(db: Db, spec: CoinSpec, clock: Clock, seed: u64, block_seconds: i64) -> Self {
        let coin = spec.coin.ticker().to_string();
        let rules = Rules { coin, spec: Arc::new(spec), clock, replaces: true };
        Self {
            db,
            rules,
            seed: i64::from_le_bytes(seed.to_le_bytes()),
            block_seconds,
            founded: OnceCell::new(),
            locked: Mutex::default(),
            notices: broadcast::Sender::new(NOTICES_MAX),
        }
    }

    /// Whether a transaction that waits gives way to one that pays more; it does unless told otherwise here.
    #[must_use]
    pub fn replacing(mut self, replaces: bool) -> Self {
        self.rules.replaces = replaces;
        self
    }

    /// A payment from outside, from thin air, to any address of the coin; answers the txid.
    pub async fn pay(&self, address: &str, amount: i64) -> BackendResult<String> {
        let paid = self.order(outside::Pay { address: address.into(), amount }).await?;
        if paid.ours {
            self.tell([paid.txid.clone()]);
        }
        Ok(paid.txid)
    }

    /// Mines blocks with what waits in the mempool, at most 1,000 at once.
    pub async fn mine(&self, blocks: u32) -> BackendResult<()> {
        let news = self.order(chain::Mine { blocks, to: None }).await?;
        self.tell(news);
        Ok(())
    }

    /// As `mine`; each block pays a coinbase of 50 coins to `address`.
    pub async fn mine_to(&self, blocks: u32, address: &str) -> BackendResult<()> {
        let news = self.order(chain::Mine { blocks, to: Some(address.into()) }).await?;
        self.tell(news);
        Ok(())
    }

    /// The last `depth` blocks lose to a longer, empty branch; their transactions wait in the mempool again.
    pub async fn reorg(&self, depth: u32) -> BackendResult<()> {
        let news = self.order(chain::Reorganise { depth, double_spent: None }).await?;
        self.tell(news);
        Ok(())
    }

    /// As `reorg`; the new branch has another transaction that spends what the payment `txid` from outside spent.
    pub async fn reorg_with_double_spend(&self, depth: u32, txid: &str) -> BackendResult<()> {
        let news = self.order(chain::Reorganise { depth, double_spent: Some(txid.into()) }).await?;
        self.tell(news);
        Ok(())
    }

    /// Replaces an unmined payment from outside; the money goes to `to`, or to somebody outside. Answers the new txid.
    pub async fn double_spend(&self, txid: &str, to: Option<&str>) -> BackendResult<String> {
        self.order(outside::DoubleSpend { txid: txid.into(), to: to.map(Into::into) }).await
    }

    /// The mempool forgets a transaction and what spends it, as full mempools do.
    pub async fn evict(&self, txid: &str) -> BackendResult<()> {
        self.order(mempool::Evict { txid: txid.into() }).await
    }

    /// Somebody changes the signatures of an unmined transaction of ours, and the changed copy stays; answers its txid.
    pub async fn malleate(&self, txid: &str) -> BackendResult<String> {
        let copy = self.order(outside::Malleate { txid: txid.into() }).await?;
        self.tell([copy.clone()]);
        Ok(copy)
    }

    /// `kill -9` of the daemon, and its start: calls that were not carried out never will be, its locks are gone, its
    /// wallet hands in again what fell out of the mempool, and `uptime` begins anew.
    pub async fn restart(&self) -> BackendResult<()> {
        // What was due before the kill was done before it.
        self.tick().await?;
        let back = self.order(restart::Restart).await?;
        self.locked().clear();
        self.tell(back);
        Ok(())
    }

    /// Another program spends from the same hot wallet, behind the books' back; answers the txid.
    pub async fn spend_behind(&self, address: &str, amount: i64) -> BackendResult<String> {
        self.found().await?;
        let change = self.order(wallet::MakeAddress { label: String::new(), change: true }).await?;
        let fee = self.rules.spec.fee_rate_fallback;
        let mut read = self.db.read().await.map_err(Fault::from)?;
        let tx = &mut read.tx();
        let mut inputs = wallet::unspent(tx, &self.rules.coin).await.map_err(Fault::from)?;
        inputs.truncate(1);
        let rest = inputs.first().map_or(0, |input| input.amount) - amount - fee;
        if rest < self.rules.spec.dust {
            return Err(Fault::refused(-6, "Insufficient funds").into());
        }
        let outputs = [Output { address: address.into(), amount }, Output { address: change, amount: rest }];
        let raw = wallet::sign(tx, &self.rules, &inputs, &outputs).await?;
        drop(read);
        let accepted = self.order(mempool::Accept { raw }).await?;
        self.tell([accepted.txid.clone()]);
        Ok(accepted.txid)
    }

    /// The next `times` calls of this name (`send_prepared`, …, or `every_call`) fail so; 0 takes all orders for
    /// it back. Orders stand in the database and count for every process.
    pub async fn fail(&self, call: &str, how: Failure, times: u32) -> BackendResult<()> {
        self.order(failure::Order { call: call.into(), how, times }).await
    }

    /// Orders that are not used up, oldest first.
    pub async fn failures(&self) -> BackendResult<Vec<OrderedFailure>> {
        self.found().await?;
        let mut read = self.db.read().await.map_err(Fault::from)?;
        Ok(failure::ordered(&mut read.tx(), &self.rules.coin).await.map_err(Fault::from)?)
    }

    pub async fn status(&self) -> BackendResult<Status> {
        let failures = self.failures().await?;
        let mut read = self.db.read().await.map_err(Fault::from)?;
        let (height, mempool) = query(
            "SELECT n.height, (SELECT CAST(COUNT(*) AS BIGINT) FROM simulated_transaction t
                 WHERE t.coin = n.coin AND t.in_mempool)
             FROM simulated_network n WHERE n.coin = $1",
        )
        .bind(&self.rules.coin)
        .one::<(i64, i64)>(&mut read.tx())
        .await
        .map_err(Fault::from)?;
        Ok(Status { height, mempool, block_seconds: self.block_seconds, failures })
    }

    /// An address of somebody outside.
    pub async fn outside_address(&self) -> BackendResult<String> {
        self.order(outside::OutsideAddress).await
    }

    /// Minor units that an address got in blocks of the best chain.
    pub async fn outside_received(&self, address: &str) -> BackendResult<i64> {
        self.found().await?;
        let versions = &self.rules.spec.versions;
        let address = versions.canonical(address).map_err(|error| Fault::refused(-5, error.to_string()))?;
        let mut read = self.db.read().await.map_err(Fault::from)?;
        Ok(outside::received(&mut read.tx(), &self.rules.coin, &address).await.map_err(Fault::from)?)
    }

    /// Txids of the hot wallet as they come and are confirmed, of this process's own doing alone: as with
    /// `walletnotify`, nobody may rely on hearing of all.
    pub fn subscribe(&self) -> broadcast::Receiver<String> {
        self.notices.subscribe()
    }

    /// Does what the clock owes: blocks, and sends that were ordered to be late. Every call of the backend does so
    /// before it answers; a job calls it so that blocks come while nobody asks.
    pub async fn tick(&self) -> BackendResult<()> {
        let due = self.due_now("").await?;
        self.catch_up(&due).await
    }

    async fn due_now(&self, call: &str) -> BackendResult<Due> {
        self.found().await?;
        let mut read = self.db.read().await.map_err(Fault::from)?;
        Ok(self.due(&mut read.tx(), call).await?)
    }

    /// What stands to be done before `call` is answered, in one look, since every call of every job takes it.
    async fn due(&self, tx: &mut Tx<'_>, call: &str) -> Result<Due, Fault> {
        let due = query(
            "SELECT last_block_at, starts,
                 (SELECT MIN(due_at) FROM simulated_late_send l WHERE l.coin = n.coin) AS late_at,
                 (SELECT CAST(COUNT(*) AS BIGINT) FROM simulated_failure f
                     WHERE f.coin = n.coin AND f.call IN ($2, $3)) AS failures
             FROM simulated_network n WHERE coin = $1",
        )
        .bind(&self.rules.coin)
        .bind(call)
        .bind(EVERY_CALL);
        Ok(due.one(tx).await?)
    }

    fn is_quiet(&self, due: &Due) -> bool {
        due.failures == 0 && !self.is_late(due) && !self.is_block_due(due)
    }

    fn is_late(&self, due: &Due) -> bool {
        due.late_at.is_some_and(|late| late <= self.rules.now())
    }

    fn is_block_due(&self, due: &Due) -> bool {
        self.block_seconds > 0 && self.rules.now().seconds_since(due.last_block_at) >= self.block_seconds
    }

    async fn catch_up(&self, due: &Due) -> BackendResult<()> {
        if self.is_late(due) {
            let locked = self.locked().clone();
            let news = write(&self.db, &self.rules, hand_over::AcceptLate { locked }).await?;
            self.tell(news);
        }
        if self.is_block_due(due) {
            let news =
                write(&self.db, &self.rules, chain::MineDue { block_seconds: self.block_seconds }).await?;
            self.tell(news);
        }
        Ok(())
    }

    async fn order<V: Verb>(&self, verb: V) -> BackendResult<V::Output> {
        self.found().await?;
        Ok(write(&self.db, &self.rules, verb).await?)
    }

    /// Makes the network at first use.
    async fn found(&self) -> BackendResult<()> {
        if self.rules.spec.network == Network::Main {
            // Its addresses have no keys: what somebody paid to one on the real network would be lost.
            return Err(BackendError::Unsupported(
                "play a main network: real money could be sent to its addresses",
            ));
        }
        let found = || async { write(&self.db, &self.rules, chain::Found { seed: self.seed }).await };
        self.founded.get_or_try_init(found).await?;
        Ok(())
    }

    /// A call arrives: the failure that it has to play, if one was ordered, and how often the daemon was started again.
    async fn enter(&self, call: &'static str) -> BackendResult<(Option<Failure>, i64)> {
        let due = self.due_now(call).await?;
        self.catch_up(&due).await?;
        let failure = if due.failures == 0 { None } else { self.order(failure::Take { call }).await? };
        Ok((failure, due.starts))
    }

    fn tell(&self, txids: impl IntoIterator<Item = String>) {
        for txid in txids {
            // An error says that nobody listens.
            let _ = self.notices.send(txid);
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashSet<OutPoint>> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
