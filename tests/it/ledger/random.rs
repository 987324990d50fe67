//! Random verbs against a model of a few lines, on both databases: the books say the same as the model, refuse
//! the same, and the audit finds nothing.

use super::books::*;
use app::model::{AccountId, NetworkTransactionId, TransactionId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use server::ledger::{CancelTransaction, CloseBroadcast, ReduceBroadcast};
use tests::database::Database;

const ACCOUNTS: usize = 4;
/// Each is a fresh database; what shrinks runs again.
const CASES: u32 = 6;

#[derive(Clone, Debug)]
enum Verb {
    Transfer { from: usize, to: usize, units: i64 },
    Send { from: usize, units: i64 },
    SendInside { from: usize, to: usize, units: i64 },
    Cancel { which: usize },
    Deposit { which: usize, confirmations: i64 },
    Collect,
    Reduce { keep: usize },
    Broadcast,
}

fn verb() -> impl Strategy<Value = Verb> {
    let account = 0..ACCOUNTS;
    prop_oneof![
        4 => (account.clone(), account.clone(), -2..120i64).prop_map(|(from, to, units)| Verb::Transfer { from, to, units }),
        3 => (account.clone(), 5..90i64).prop_map(|(from, units)| Verb::Send { from, units }),
        1 => (account.clone(), account, 1..90i64).prop_map(|(from, to, units)| Verb::SendInside { from, to, units }),
        2 => (0..12usize).prop_map(|which| Verb::Cancel { which }),
        4 => (0..8usize, -2..18i64).prop_map(|(which, confirmations)| Verb::Deposit { which, confirmations }),
        1 => Just(Verb::Collect),
        1 => (0..3usize).prop_map(|keep| Verb::Reduce { keep }),
        1 => Just(Verb::Broadcast),
    ]
}

/// What must be true, in whole units and vectors.
#[derive(Default)]
struct Model {
    balances: [i64; ACCOUNTS],
    fees: i64,
    credited: [bool; 8],
    sends: Vec<Payment>,
}

struct Payment {
    id: TransactionId,
    from: usize,
    units: i64,
    broadcast: Option<NetworkTransactionId>,
    /// Cancelled, or its bytes are signed.
    done: bool,
}

impl Model {
    fn may_debit(&self, from: usize, units: i64) -> bool {
        units > 0 && self.balances[from] >= units
    }

    fn transfer(&mut self, from: usize, to: usize, units: i64) -> bool {
        let may = from != to && self.may_debit(from, units);
        if may {
            self.balances[from] -= units;
            self.balances[to] += units;
        }
        may
    }

    fn collected(&self) -> Option<NetworkTransactionId> {
        self.sends.iter().find(|payment| !payment.done && payment.broadcast.is_some())?.broadcast
    }
}

struct Run {
    books: Books,
    accounts: Vec<AccountId>,
    model: Model,
}

impl Run {
    async fn begin(database: &Database) -> Self {
        let books = Books::open(database).await;
        let mut accounts = Vec::new();
        for number in 0..ACCOUNTS {
            let account = books.account(&format!("account {number}")).await;
            books.address(account, &format!("at-{number}")).await;
            accounts.push(account);
        }
        Self { books, accounts, model: Model::default() }
    }

    async fn act(&mut self, verb: &Verb) {
        match *verb {
            Verb::Transfer { from, to, units } => {
                let done = self.books.transfer(self.accounts[from], self.accounts[to], units).await;
                assert_eq!(done.is_ok(), self.model.transfer(from, to, units), "{done:?}");
            }
            Verb::SendInside { from, to, units } => {
                let done = self.books.send(self.accounts[from], &format!("at-{to}"), units).await;
                assert_eq!(done.is_ok(), self.model.transfer(from, to, units), "{done:?}");
            }
            Verb::Send { from, units } => self.send(from, units).await,
            Verb::Cancel { which } => self.cancel(which).await,
            Verb::Deposit { which, confirmations } => self.deposit(which, confirmations).await,
            Verb::Collect => self.collect().await,
            Verb::Reduce { keep } => self.reduce(keep).await,
            Verb::Broadcast => self.broadcast().await,
        }
    }

    async fn send(&mut self, from: usize, units: i64) {
        let done = self.books.send(self.accounts[from], "outside", units).await;
        assert_eq!(done.is_ok(), units >= 10 && self.model.may_debit(from, units), "{done:?}");
        let Ok(sent) = done else { return };
        self.model.balances[from] -= units;
        self.model.sends.push(Payment { id: sent.transaction, from, units, broadcast: None, done: false });
    }

    async fn cancel(&mut self, which: usize) {
        let Some(payment) = self.model.sends.get_mut(which) else { return };
        let cancel = CancelTransaction { transaction: payment.id, reason: String::new(), now: NOW };
        let done = self.books.db.write(cancel).await;
        assert_eq!(done.is_ok(), !payment.done, "{done:?}");
        if done.is_ok() {
            payment.done = true;
            self.model.balances[payment.from] += payment.units;
        }
    }

    async fn deposit(&mut self, which: usize, confirmations: i64) {
        let (to, units) = (which % ACCOUNTS, 50 + i64::try_from(which).unwrap());
        let seen = self
            .books
            .seen(&format!("deposit {which}"), confirmations, &[(&format!("at-{to}"), units)])
            .await;
        let credit = confirmations >= 3 && !self.model.credited[which];
        let reverse = confirmations <= 0 && self.model.credited[which];
        assert_eq!((seen.credited.len(), seen.reversed.len()), (usize::from(credit), usize::from(reverse)));
        if credit {
            self.model.credited[which] = true;
            self.model.balances[to] += units;
        }
        if reverse {
            self.model.credited[which] = false;
            self.model.balances[to] -= units;
        }
    }

    async fn collect(&mut self) {
        let broadcast = self.books.collect().await;
        let mut waiting = self
            .model
            .sends
            .iter_mut()
            .filter(|payment| !payment.done && payment.broadcast.is_none())
            .peekable();
        assert_eq!(broadcast.is_some(), waiting.peek().is_some());
        waiting.for_each(|payment| payment.broadcast = broadcast);
    }

    async fn reduce(&mut self, keep: usize) {
        let Some(broadcast) = self.model.collected() else { return };
        self.books.db.write(ReduceBroadcast { broadcast, keep, now: NOW }).await.unwrap();
        let carried = self
            .model
            .sends
            .iter_mut()
            .filter(|payment| !payment.done && payment.broadcast == Some(broadcast));
        carried.skip(keep).for_each(|payment| payment.broadcast = None);
    }

    async fn broadcast(&mut self) {
        let Some(broadcast) = self.model.collected() else { return };
        let txid = format!("broadcast {broadcast}");
        let version = self.books.prepare(broadcast, &txid).await;
        self.books.db.write(self.books.open_of(broadcast, version).await).await.unwrap();
        let close = CloseBroadcast { broadcast, txid, fee: Some(7), attempt: None, decision: None, now: NOW };
        self.books.db.write(close).await.unwrap();
        self.model.fees -= 7;
        self.model
            .sends
            .iter_mut()
            .filter(|payment| payment.broadcast == Some(broadcast))
            .for_each(|payment| payment.done = true);
    }

    async fn agrees(&self) {
        for (account, balance) in self.accounts.iter().zip(self.model.balances) {
            assert_eq!(self.books.balance(*account).await, balance);
        }
        assert_eq!(self.books.balance(self.books.network_fees().await).await, self.model.fees);
        self.books.audit_is_clean().await;
    }
}

async fn run(database: Database, verbs: &[Verb]) {
    let mut run = Run::begin(&database).await;
    for verb in verbs {
        run.act(verb).await;
    }
    run.agrees().await;
    drop(run);
    database.remove().await.unwrap();
}

fn random_verbs_agree(database: impl AsyncFn() -> Database) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config =
        Config { cases: CASES, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&prop::collection::vec(verb(), 30..90), |verbs| {
            runtime.block_on(async { run(database().await, &verbs).await });
            Ok(())
        })
        .unwrap();
}

#[test]
fn random_verbs_agree_with_the_model_on_sqlite() {
    random_verbs_agree(async || Database::sqlite().await.unwrap());
}

#[test]
fn random_verbs_agree_with_the_model_on_postgres() {
    random_verbs_agree(async || Database::postgres().await.unwrap());
}
