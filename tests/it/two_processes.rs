//! Two processes write the same accounts of one PostgreSQL for a minute: no request fails for a conflict, sums
//! hold, the audit is clean. The processes are this test binary again, running `worker`.

use crate::ledger::books::{Books, NOW, btc, output, units};
use app::model::{AccountId, WalletId};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use server::db::{Db, query};
use server::ledger::{CancelTransaction, Collect, LedgerError, RecordDeposit, Send, Transfer, audit};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tests::database::Database;
use tokio::process::{Child, Command};

const SECONDS: u64 = 60;
const TASKS: u64 = 6;
/// The configuration's default, which requests get.
const RETRIES: u32 = 3;
const FUNDS: i64 = 10_000;
/// Deposits that both processes hear of.
const SHARED: u32 = 300;
const ASSIGNMENT: &str = "COFFER_TEST_TWO_PROCESSES";
const DONE: &str = "worker done: ";

/// What a worker is to do; handed over in the environment.
#[derive(Serialize, Deserialize)]
struct Assignment {
    url: String,
    seed: u64,
    wallet: WalletId,
    accounts: Vec<AccountId>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Tally {
    changes: i64,
    /// For too little balance: the only reason there may be.
    refusals: i64,
    credited: i64,
    sent: i64,
    returned: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_the_same_accounts_never_fail_for_a_conflict() {
    let database = Database::postgres().await.unwrap();
    let books = Books::open(&database).await;
    let mut accounts = Vec::new();
    for name in ["0", "1", "2", "3"] {
        accounts.push(books.funded(name, FUNDS).await);
    }
    let start = |seed| {
        let (url, wallet, accounts) = (database.url.clone(), books.wallet, accounts.clone());
        start(&Assignment { url, seed, wallet, accounts })
    };
    let mut workers = vec![start(1), start(2)];
    while workers.iter_mut().any(|worker| worker.try_wait().unwrap().is_none()) {
        let report = audit(&books.db, btc()).await.unwrap();
        assert!(report.is_clean(), "a false alarm under load: {:#?}", report.mismatches);
    }
    let mut total = Tally::default();
    for worker in workers {
        let tally = finish(worker).await;
        println!("{tally:?}");
        assert!(tally.changes > 100, "{tally:?}");
        total.credited += tally.credited;
        total.sent += tally.sent;
        total.returned += tally.returned;
    }
    let mut sum = 0;
    for account in &accounts {
        sum += books.balance(*account).await;
    }
    assert_eq!(sum, 4 * FUNDS + total.credited - total.sent + total.returned);
    let shared =
        query("SELECT COUNT(*) FROM network_transaction WHERE txid LIKE 'shared-%' AND state <> 'seen'");
    let (shared,): (i64,) = books.one(shared).await;
    assert!(shared > 0, "both heard of the same deposits");
    books.audit_is_clean().await;
    database.remove().await.unwrap();
}

fn start(assignment: &Assignment) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["two_processes::worker", "--exact", "--ignored", "--nocapture"])
        .env(ASSIGNMENT, serde_json::to_string(assignment).unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn finish(worker: Child) -> Tally {
    let output = worker.wait_with_output().await.unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    let (_, tally) = stdout.split_once(DONE).unwrap_or_else(|| panic!("no tally in {stdout}\n{stderr}"));
    serde_json::from_str(tally.lines().next().unwrap()).unwrap()
}

/// One of the two processes. Run on its own it has no assignment and does nothing.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "two_processes_on_the_same_accounts_never_fail_for_a_conflict starts it"]
async fn worker() {
    #[allow(clippy::disallowed_methods, reason = "how a worker gets its assignment")]
    let Ok(assignment) = std::env::var(ASSIGNMENT) else { return };
    let assignment: Assignment = serde_json::from_str(&assignment).unwrap();
    let db = Db::open(&assignment.url, RETRIES, assignment.seed).await.unwrap();
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let work = Work {
                db: db.clone(),
                wallet: assignment.wallet,
                accounts: assignment.accounts.clone(),
                chance: StdRng::seed_from_u64(assignment.seed * 100 + task),
                tally: Tally::default(),
            };
            tokio::spawn(work.run(until))
        })
        .collect();
    let mut total = Tally::default();
    for task in tasks {
        let tally = task.await.unwrap();
        total.changes += tally.changes;
        total.refusals += tally.refusals;
        total.credited += tally.credited;
        total.sent += tally.sent;
        total.returned += tally.returned;
    }
    println!("{DONE}{}", serde_json::to_string(&total).unwrap());
}

struct Work {
    db: Db,
    wallet: WalletId,
    accounts: Vec<AccountId>,
    chance: StdRng,
    tally: Tally,
}

impl Work {
    async fn run(mut self, until: Instant) -> Tally {
        while Instant::now() < until {
            match self.chance.random_range(0..10) {
                0..=4 => self.transfer().await,
                5..=6 => self.send().await,
                7..=8 => self.deposit().await,
                _ => self.collect().await,
            }
        }
        self.tally
    }

    fn account(&mut self) -> AccountId {
        self.accounts[self.chance.random_range(0..self.accounts.len())]
    }

    /// Counts the answer. Too little balance is one, and so is an account that a reversal took below zero; anything
    /// else fails the test.
    fn answer<T>(&mut self, answer: Result<T, LedgerError>) -> Option<T> {
        match answer {
            Ok(done) => {
                self.tally.changes += 1;
                Some(done)
            }
            Err(LedgerError::NotEnoughBalance { .. } | LedgerError::AccountBarred) => {
                self.tally.refusals += 1;
                None
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn transfer(&mut self) {
        let (from, to) = (self.account(), self.account());
        if from == to {
            return;
        }
        let amount = units(self.chance.random_range(1..500));
        let transfer = Transfer { from, to, amount, label: "load".into(), allow_negative: false, now: NOW };
        let answer = self.db.write(transfer).await;
        self.answer(answer);
    }

    /// Half of them are taken back, as the operator would.
    async fn send(&mut self) {
        let (from, amount) = (self.account(), self.chance.random_range(1..100));
        let to_address = format!("outside-{}", self.chance.random_range(0..50));
        let send = Send {
            from,
            to_address,
            amount: units(amount),
            label: "load".into(),
            force_external: false,
            minimum_send: units(1),
            now: NOW,
        };
        let answer = self.db.write(send).await;
        let Some(sent) = self.answer(answer) else { return };
        self.tally.sent += amount;
        if self.chance.random_bool(0.5) {
            let cancel = CancelTransaction { transaction: sent.transaction, reason: String::new(), now: NOW };
            let answer = self.db.write(cancel).await;
            self.answer(answer);
            self.tally.returned += amount;
        }
    }

    async fn deposit(&mut self) {
        let number = self.chance.random_range(0..SHARED);
        let confirmations = self.chance.random_range(0..6);
        let (amount, to) = (i64::from(number) + 1, number % 4);
        let report = RecordDeposit {
            coin: btc(),
            txid: format!("shared-{number}"),
            confirmations,
            block: None,
            height: None,
            in_mempool: None,
            conflicts: vec![],
            coinbase: false,
            abandoned: false,
            spends_ours: false,
            received: vec![output(&format!("at-{to}"), amount)],
            confirmation_count: 3,
            max_confirmation_count: 15,
            now: NOW,
        };
        let answer = self.db.write(report).await;
        if let Some(recorded) = self.answer(answer) {
            self.tally.credited += amount * i64::try_from(recorded.credited.len()).unwrap();
            self.tally.credited -= amount * i64::try_from(recorded.reversed.len()).unwrap();
        }
    }

    async fn collect(&mut self) {
        let collect =
            Collect { coin: btc(), wallet: self.wallet, max_outputs: 20, available: i64::MAX, now: NOW };
        let answer = self.db.write(collect).await;
        self.answer(answer);
    }
}
