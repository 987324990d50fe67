//! Many at once: sums hold, nobody is refused for a conflict, and an answer is true even when connections die.

use super::books::*;
use app::model::AccountId;
use rand::{Rng, SeedableRng, rngs::StdRng};
use server::db::{Db, DbError, query};
use server::ledger::{LedgerError, Transfer};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::time::Duration;
use tests::database::Database;
use tokio::sync::mpsc;

/// The configuration's default, which requests get.
const RETRIES: u32 = 3;
const TASKS: u64 = 12;
const TRANSFERS: usize = 25;

async fn accounts(books: &Books, units: i64) -> Vec<AccountId> {
    let mut accounts = Vec::new();
    for name in ["a", "b", "c", "d"] {
        accounts.push(books.funded(name, units).await);
    }
    accounts
}

/// A random transfer among `accounts`, recognisable by its label.
fn transfer(accounts: &[AccountId], chance: &mut StdRng, label: String) -> Transfer {
    let from = chance.random_range(0..accounts.len());
    let to = (from + chance.random_range(1..accounts.len())) % accounts.len();
    let amount = units(chance.random_range(1..40));
    Transfer { from: accounts[from], to: accounts[to], amount, label, allow_negative: false, now: NOW }
}

async fn sum(books: &Books, accounts: &[AccountId]) -> i64 {
    let mut sum = 0;
    for account in accounts {
        sum += books.balance(*account).await;
    }
    sum
}

on_both! {
    async fn transfers_among_few_accounts_never_fail_for_a_conflict(books: &Books) {
        let accounts = accounts(books, 200).await;
        let db = Db::open(&books.url, RETRIES, 2).await.unwrap();
        let tasks: Vec<_> = (0..TASKS)
            .map(|seed| {
                let (db, accounts) = (db.clone(), accounts.clone());
                tokio::spawn(async move {
                    let mut chance = StdRng::seed_from_u64(seed);
                    for number in 0..TRANSFERS {
                        let transfer = transfer(&accounts, &mut chance, format!("{seed}-{number}"));
                        match db.write(transfer).await {
                            Ok(_) | Err(LedgerError::NotEnoughBalance { .. }) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                })
            })
            .collect();
        // The audit raises no false alarm while they run.
        while tasks.iter().any(|task| !task.is_finished()) {
            books.audit_is_clean().await;
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(sum(books, &accounts).await, 800);
        books.audit_is_clean().await;
        db.close().await;
    }

    async fn a_deposit_told_by_many_at_once_is_credited_once(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let (db, report) = (books.db.clone(), books.report("tx", 1 + number % 3, &[("a", 5)]));
                tokio::spawn(async move { db.write(report).await.unwrap().credited.len() })
            })
            .collect();
        let mut credits = 0;
        for task in tasks {
            credits += task.await.unwrap();
        }
        assert_eq!((credits, books.balance(alice).await), (1, 5));
        books.audit_is_clean().await;
    }
}

/// Ends one connection of Coffer, if it can one that is at COMMIT.
async fn kill_one(killer: &mut PgConnection) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'coffer'
        ORDER BY query = 'COMMIT' DESC, random() LIMIT 1";
    killer.execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_agrees_with_the_books_when_connections_die_around_commit() {
    let database = Database::postgres().await.unwrap();
    let books = Books::open(&database).await;
    let accounts = accounts(&books, 1_000_000).await;
    let (answered, mut answers) = mpsc::unbounded_channel();
    let tasks: Vec<_> = (0..4)
        .map(|seed| {
            let (db, accounts, answered) = (database.db.clone(), accounts.clone(), answered.clone());
            tokio::spawn(async move {
                let mut chance = StdRng::seed_from_u64(seed);
                for number in 0..60 {
                    let label = format!("{seed}-{number}");
                    let answer = db.write(transfer(&accounts, &mut chance, label.clone())).await;
                    answered.send((label, answer)).unwrap();
                }
            })
        })
        .collect();
    drop(answered);
    let mut killer = PgConnection::connect(&database.url).await.unwrap();
    let mut all = Vec::new();
    let limit = Duration::from_secs(100);
    while let Some(answer) = tokio::time::timeout(limit, answers.recv()).await.expect("changes go on") {
        if answer.1.is_ok() {
            kill_one(&mut killer).await;
        }
        all.push(answer);
    }
    for task in tasks {
        task.await.unwrap();
    }
    killer.close().await.unwrap();
    let db = Db::open(&database.url, RETRIES, 3).await.unwrap();
    let books = Books { db: db.clone(), ..books };
    let done = all.iter().filter(|(_, answer)| answer.is_ok()).count();
    assert!(
        done > 0 && done < all.len(),
        "{done} of {} were done: some must meet a dead connection",
        all.len()
    );
    for (label, answer) in all {
        let kept = books.count(&format!("\"transaction\" WHERE label = '{label}'")).await;
        assert_eq!(kept, i64::from(answer.is_ok()), "{label}: {answer:?}");
        assert!(matches!(answer, Ok(_) | Err(LedgerError::Db(DbError::Unavailable(_)))), "{answer:?}");
    }
    assert_eq!(sum(&books, &accounts).await, 4_000_000);
    books.audit_is_clean().await;
    let lost = books.one::<(i64,)>(query("SELECT COUNT(*) FROM change WHERE name = 'lost'")).await.0;
    println!("{done} done, {lost} lost at COMMIT");
    db.close().await;
    database.remove().await.unwrap();
}
