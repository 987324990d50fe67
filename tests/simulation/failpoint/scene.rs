//! One small installation on the simulated network: books, a funded hot wallet, a runner that may be killed, and what
//! everybody must have in the end.

use app::model::{
    AccountId, Amount, NetworkTransactionId, NetworkTransactionState as State, Time, TransactionId, Verdict,
    WalletId,
};
use server::clock::Clock;
use server::coins::CoinService;
use server::config::Prepared;
use server::db::{Db, FromRow, Query, query};
use server::event::Callbacks;
use server::job::{Context, Periods, Step, Steps};
use server::ledger::{
    AddAddress, Adjust, CreateAccount, CreateWallet, Decision, RegisterCoin, ReopenBroadcast, Send, Sums,
    audit,
};
use server::network::simulated::{EVERY_CALL, Failure, Simulated};
use server::network::{CoinSpec, Network};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tests::database::Database;
use tokio::sync::{Notify, watch};

pub const COIN: i64 = 100_000_000;
const DEPOSITS: i64 = 6;
/// Enough for all stories of a stage.
const DEPOSIT: i64 = 1_000 * COIN;
/// Seconds between rounds: leases run out, deadlines pass, back-offs end.
const ROUND_SECONDS: i64 = 30;
/// After so many rounds a story waits for something far off, such as a call that may still run for 15 minutes.
const SOON_ROUNDS: u32 = 8;
const LONG_ROUND_SECONDS: i64 = 150;
/// More than any story needs: 100 minutes pass the longest wait.
const ROUNDS_MAX: u32 = 40;
const PASSES: [Step; 5] = [Step::Lease, Step::Backend, Step::Broadcast, Step::Scan, Step::Confirm];

thread_local! {
    static PASS: Cell<bool> = const { Cell::new(false) };
}

/// Whether what happens now is a job's doing, not the story's own.
pub fn in_a_pass() -> bool {
    PASS.get()
}

/// The books on which one scene follows another, each beginning where the one before came to rest.
pub struct Stage {
    database: Database,
    pub prepared: Prepared,
    clock: Clock,
    wallet: WalletId,
    account: AccountId,
    address: String,
    scenes: u32,
}

pub struct Scene {
    pub db: Db,
    pub clock: Clock,
    pub service: Arc<CoinService>,
    pub account: AccountId,
    /// Of the account.
    pub address: String,
    pub killed: Arc<Notify>,
    /// What the account must have.
    pub due: i64,
    pub due_outside: BTreeMap<String, i64>,
    runner: Steps,
    name: String,
    runners: u32,
    stop: watch::Sender<bool>,
}

fn spec() -> CoinSpec {
    CoinSpec {
        confirmation_count: 2,
        max_confirmation_count: 4,
        ..CoinSpec::stock("ltc", Network::Regtest).expect("stock")
    }
}

impl Stage {
    pub async fn new(database: Database, prepared: Prepared) -> anyhow::Result<Self> {
        let clock = Clock::fixed(Time(1_800_000_000_000_000));
        let mut stage = Self {
            database,
            prepared,
            clock,
            wallet: WalletId(0),
            account: AccountId(0),
            address: String::new(),
            scenes: 0,
        };
        stage.open_books().await?;
        Ok(stage)
    }

    async fn open_books(&mut self) -> anyhow::Result<()> {
        let (db, now, coin) = (self.database.db.clone(), self.clock.now(), spec().coin);
        db.write(RegisterCoin { coin, network: "regtest".into(), backend: "simulated".into(), now }).await?;
        self.wallet = db.write(CreateWallet { coin, name: "hot".into(), now }).await?.id;
        self.account = db.write(CreateAccount { wallet: self.wallet, name: "alice".into(), now }).await?.id;
        let mut scene = self.scene().await?;
        self.address = scene.service.backend.new_address("").await?;
        let address = self.address.clone();
        db.write(AddAddress { account: self.account, address, label: None, import: false, now }).await?;
        for _ in 0..DEPOSITS {
            scene.network().pay(&self.address, DEPOSIT).await?;
        }
        scene.due = DEPOSITS * DEPOSIT;
        scene.ends_well().await
    }

    /// A fresh runner, and all that the account has is due to it.
    pub async fn scene(&mut self) -> anyhow::Result<Scene> {
        self.scenes += 1;
        let (db, clock) = (self.database.db.clone(), self.clock.clone());
        let network = Simulated::new(db.clone(), spec(), clock.clone(), 7, 0);
        let service = Arc::new(CoinService::new(spec(), Arc::new(network), self.prepared, None));
        let (stop, name) = (watch::Sender::new(false), format!("runner {}", self.scenes));
        let sql = "SELECT balance FROM account WHERE id = $1";
        let (due,) = query(sql).bind(self.account).one::<(i64,)>(&mut db.read().await?.tx()).await?;
        Ok(Scene {
            runner: runner(&db, &clock, &service, &stop, name.clone()),
            db,
            clock,
            service,
            account: self.account,
            address: self.address.clone(),
            killed: Arc::default(),
            due,
            due_outside: BTreeMap::new(),
            name,
            runners: 0,
            stop,
        })
    }

    pub async fn end(self) -> anyhow::Result<()> {
        self.database.remove().await
    }
}

impl Scene {
    pub fn network(&self) -> &Simulated {
        self.service.backend.simulated().expect("made so")
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    pub fn decision() -> Decision {
        Decision { actor: "ines".into(), reason: "of the story".into() }
    }

    /// To somebody new outside; answers the address.
    pub async fn send(&mut self, units: i64) -> anyhow::Result<(TransactionId, String)> {
        let to = self.network().outside_address().await?;
        let transaction = self.send_to(&to, units).await?;
        *self.due_outside.entry(to.clone()).or_default() += units;
        Ok((transaction, to))
    }

    pub async fn send_to(&mut self, to: &str, units: i64) -> anyhow::Result<TransactionId> {
        let coin = self.service.spec.coin;
        let send = Send {
            from: self.account,
            to_address: to.to_owned(),
            amount: Amount::new(coin, units),
            label: String::new(),
            force_external: true,
            minimum_send: Amount::new(coin, 1),
            now: self.now(),
        };
        let sent = self.db.write(send).await?;
        self.due -= units;
        Ok(sent.transaction)
    }

    /// The jobs that move money once; whoever is killed is followed by another. Answers whether every pass got through.
    pub async fn round(&mut self) -> bool {
        self.clock.advance(ROUND_SECONDS);
        self.passes(&PASSES).await
    }

    /// The `number`th round of a wait.
    async fn round_of(&mut self, number: u32) -> bool {
        if number >= SOON_ROUNDS {
            self.clock.advance(LONG_ROUND_SECONDS - ROUND_SECONDS);
        }
        self.round().await
    }

    pub async fn passes(&mut self, steps: &[Step]) -> bool {
        let mut well = true;
        for step in steps {
            // What a pass complains of is made good by a later one.
            let (steps, killed) = (&self.runner, self.killed.clone());
            PASS.set(true);
            let ended = tokio::select! {
                biased;
                () = killed.notified() => None,
                done = steps.take(*step) => Some(done.is_ok()),
            };
            PASS.set(false);
            let Some(done) = ended else {
                self.runners += 1;
                let name = format!("{}, life {}", self.name, self.runners);
                self.runner = runner(&self.db, &self.clock, &self.service, &self.stop, name);
                return false;
            };
            well &= done;
        }
        well
    }

    /// Rounds until `done` says so.
    pub async fn until(
        &mut self,
        what: &str,
        done: impl AsyncFn(&Self) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        for number in 0..ROUNDS_MAX {
            if done(self).await? {
                return Ok(());
            }
            self.round_of(number).await;
            self.vet().await?;
        }
        anyhow::bail!("never: {what}\n{}", self.broadcasts().await?)
    }

    /// What an operator does with broken one-shots: reopens what was not found.
    async fn vet(&self) -> anyhow::Result<()> {
        let broken: Vec<(NetworkTransactionId, String)> = self
            .all(query(
                "SELECT n.id, e.verdict FROM network_transaction n JOIN evidence e ON e.broadcast = n.id
                 WHERE n.state = 'broken' AND e.id = (SELECT MAX(id) FROM evidence WHERE broadcast = n.id)",
            ))
            .await?;
        for (broadcast, verdict) in broken {
            if verdict == Verdict::NotFound.as_str() {
                let reopen = ReopenBroadcast { broadcast, decision: Self::decision(), now: self.now() };
                self.db.write(reopen).await?;
            }
        }
        Ok(())
    }

    /// The state of the broadcast that carries a transaction.
    pub async fn state_of(&self, transaction: TransactionId) -> anyhow::Result<Option<State>> {
        let sql =
            "SELECT n.state FROM network_transaction n JOIN \"transaction\" t ON t.network_transaction = n.id
            WHERE t.id = $1";
        let mut read = self.db.read().await?;
        Ok(query(sql).bind(transaction).optional::<(State,)>(&mut read.tx()).await?.map(|(state,)| state))
    }

    /// Id and txid of the broadcast that carries a transaction.
    pub async fn broadcast_of(
        &self,
        transaction: TransactionId,
    ) -> anyhow::Result<(NetworkTransactionId, String)> {
        let sql = "SELECT n.id, COALESCE(n.txid, '') FROM network_transaction n
            JOIN \"transaction\" t ON t.network_transaction = n.id WHERE t.id = $1";
        self.one(query(sql).bind(transaction)).await
    }

    pub async fn until_state(&mut self, transaction: TransactionId, state: State) -> anyhow::Result<()> {
        self.until(state.as_str(), async |scene| Ok(scene.state_of(transaction).await? == Some(state))).await
    }

    /// The mempool forgets a transaction, until the jobs have handed it over again.
    pub async fn falls_out(&mut self, txid: &str) -> anyhow::Result<()> {
        self.network().evict(txid).await?;
        let back = async |scene: &Self| Ok(scene.network().status().await?.mempool > 0);
        self.until("it is back in the mempool", back).await
    }

    /// Mines and works until everything is settled, then looks whether everybody has what is due, once.
    pub async fn ends_well(&mut self) -> anyhow::Result<()> {
        for number in 0..ROUNDS_MAX {
            let well = self.round_of(number).await;
            self.vet().await?;
            self.network().mine(4).await?;
            self.book_foreign_spends().await?;
            // What a pass could not see yet comes to the books with the next. The audit only looks, so that once will do.
            if well && self.is_at_rest().await? && self.passes(&[Step::Audit]).await {
                return self.everybody_has_what_is_due().await;
            }
        }
        anyhow::bail!("it never comes to rest\n{}", self.broadcasts().await?)
    }

    async fn is_at_rest(&self) -> anyhow::Result<bool> {
        let (open,): (i64,) = self
            .one(query(
                "SELECT CAST((SELECT COUNT(*) FROM \"transaction\" WHERE state IN ('pending', 'incoming'))
                     + (SELECT COUNT(*) FROM network_transaction WHERE state NOT IN ('settled', 'conflicted', 'cancelled'))
                     AS BIGINT)",
            ))
            .await?;
        Ok(open == 0)
    }

    /// An admin charges what was spent behind the books to their account.
    pub async fn book_foreign_spends(&mut self) -> anyhow::Result<()> {
        let spends: Vec<(i64, i64)> = self
            .all(query("SELECT id, amount FROM foreign_spend WHERE gone_at IS NULL AND adjustment IS NULL"))
            .await?;
        for (id, units) in spends {
            let adjust = Adjust {
                account: self.account,
                amount: Amount::new(self.service.spec.coin, units),
                credit: false,
                foreign_spend: Some(id),
                reason: "spent by hand".into(),
                actor: "ines".into(),
                now: self.now(),
            };
            self.db.write(adjust).await?;
            self.due -= units;
        }
        Ok(())
    }

    async fn everybody_has_what_is_due(&self) -> anyhow::Result<()> {
        // What is left of a fault may not meet the test's own questions.
        self.network().fail(EVERY_CALL, Failure::Unavailable, 0).await?;
        for (address, due) in &self.due_outside {
            let got = self.network().outside_received(address).await?;
            anyhow::ensure!(
                got == *due,
                "{address} got {got} and should have {due}\n{}",
                self.broadcasts().await?
            );
        }
        let sql = "SELECT balance FROM account WHERE id = $1";
        let (balance,): (i64,) = self.one(query(sql).bind(self.account)).await?;
        anyhow::ensure!(balance == self.due, "the account has {balance} and should have {}", self.due);
        let report = audit(&self.db, self.service.spec.coin).await?;
        anyhow::ensure!(report.is_clean(), "{:?}", report.mismatches);
        let totals = self.service.backend.totals().await?;
        let mut read = self.db.read().await?;
        let sums = Sums::read(&mut read.tx(), self.service.spec.coin).await?;
        let total = totals.trusted + totals.untrusted_pending + totals.immature;
        anyhow::ensure!(total == sums.due()?, "the backend has {total}, the books say {sums:?}");
        Ok(())
    }

    async fn broadcasts(&self) -> anyhow::Result<String> {
        let rows: Vec<(i64, String, String)> = self
            .all(query(
                "SELECT n.id, n.state, COALESCE(n.last_error, '') || ' ' || COALESCE(
                     (SELECT e.detail FROM evidence e WHERE e.broadcast = n.id ORDER BY e.id DESC LIMIT 1), '')
                 FROM network_transaction n WHERE n.type = 'broadcast' ORDER BY n.id",
            ))
            .await?;
        Ok(format!("{rows:#?}"))
    }

    pub async fn one<T: FromRow>(&self, query: Query) -> anyhow::Result<T> {
        let mut read = self.db.read().await?;
        Ok(query.one(&mut read.tx()).await?)
    }

    async fn all<T: FromRow>(&self, query: Query) -> anyhow::Result<Vec<T>> {
        let mut read = self.db.read().await?;
        Ok(query.all(&mut read.tx()).await?)
    }
}

fn runner(
    db: &Db,
    clock: &Clock,
    service: &Arc<CoinService>,
    stop: &watch::Sender<bool>,
    name: String,
) -> Steps {
    let second = Duration::from_secs(1);
    let context = Context {
        db: db.clone(),
        clock: clock.clone(),
        coins: vec![service.clone()],
        events: Vec::new(),
        callbacks: Callbacks::default(),
        runner: name,
        periods: Periods { broadcast: second, confirmation: second, audit: second },
        stop: stop.subscribe(),
    };
    Steps::new(&context, service)
}
