//! The audit log's chain as the database keeps it: what was changed or removed shows, and sealing goes in steps.

use crate::ledger::books::NOW;
use anyhow::ensure;
use server::audit_log::{self, Verified, seal, verify_all, verify_some};
use server::db::{Db, Execute, query, query_owned};
use std::time::Duration;
use tests::app::Store;
use tests::database::Database;
use tests::litecoind::eventually;

const LIMIT: Duration = Duration::from_mins(1);

async fn write(db: &Db, count: i64) -> anyhow::Result<()> {
    let entry = |number| audit_log::entry(NOW, "ada", "send", &format!("account {number}"), "done");
    db.write(Execute { name: "test", queries: (0..count).map(entry).collect() }).await?;
    Ok(())
}

/// What somebody does who owns the database: the triggers are no obstacle to them.
pub async fn tamper(db: &Db, sql: &str) -> anyhow::Result<()> {
    let off: &[&str] = if db.is_sqlite() {
        &["DROP TRIGGER audit_log_is_sealed_once", "DROP TRIGGER audit_log_is_never_deleted"]
    } else {
        &["ALTER TABLE audit_log DISABLE TRIGGER USER"]
    };
    let queries = off.iter().chain([&sql]).map(|sql| query_owned((*sql).to_owned())).collect();
    db.write(Execute { name: "test", queries }).await?;
    Ok(())
}

async fn sealed(count: i64, database: &Database) -> anyhow::Result<()> {
    write(&database.db, count).await?;
    while seal(&database.db).await? > 0 {}
    let verified = verify_all(&database.db).await?;
    ensure!(matches!(verified, Verified::Whole { sequence, .. } if sequence == count), "{verified:?}");
    Ok(())
}

async fn on(store: Store) -> anyhow::Result<Database> {
    match store {
        Store::Sqlite => Database::sqlite().await,
        Store::Postgres => Database::postgres().await,
    }
}

pub async fn tampered(store: Store) -> anyhow::Result<()> {
    for (sql, fault) in [
        ("UPDATE audit_log SET subject = 'account 8' WHERE sequence = 5", "row 5 isn't as it was sealed"),
        ("UPDATE audit_log SET at = at + 1 WHERE sequence = 1", "row 1 isn't as it was sealed"),
        (
            "UPDATE audit_log SET hash = REPLACE(hash, 'a', 'b') WHERE sequence = 9",
            "row 9 isn't as it was sealed",
        ),
        ("DELETE FROM audit_log WHERE sequence = 4", "row 4 is missing"),
        ("DELETE FROM audit_log WHERE sequence BETWEEN 2 AND 3", "rows 2 to 3 are missing"),
        ("DELETE FROM audit_log WHERE sequence = 10", "row 10 is missing"),
        ("DELETE FROM audit_log WHERE sequence > 6", "rows 7 to 10 are missing"),
        ("DELETE FROM audit_log", "rows 1 to 10 are missing"),
        (
            "INSERT INTO audit_log (at, actor, action, subject, outcome, sequence, hash)
             SELECT at, actor, action, subject, outcome, 11, hash FROM audit_log WHERE sequence = 10",
            "row 11 isn't as it was sealed",
        ),
    ] {
        let database = on(store).await?;
        sealed(10, &database).await?;
        tamper(&database.db, sql).await?;
        let expected = Verified::Broken(fault.into());
        let verified = verify_all(&database.db).await?;
        ensure!(verified == expected, "{sql}: {verified:?}");
        // The continuous verification says so too, keeps saying so, and goes on sealing.
        for later in [60, 120] {
            ensure!(verify_some(&database.db, NOW.plus_seconds(later)).await? == expected, "{sql}");
        }
        let kept: (String, i64) = query("SELECT fault, fault_since FROM audit_log_head")
            .one(&mut database.db.read().await?.tx())
            .await?;
        ensure!(kept == (fault.to_owned(), NOW.plus_seconds(60).0), "{kept:?}");
        // What is sealed afterwards doesn't hide it; a row with the next number in it keeps sealing from going on.
        write(&database.db, 1).await?;
        let _ = seal(&database.db).await;
        ensure!(verify_all(&database.db).await? == expected, "{sql}, and one row more");
        database.remove().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_row_that_was_changed_or_removed_shows_on_sqlite() -> anyhow::Result<()> {
    tampered(Store::Sqlite).await
}

#[tokio::test]
async fn a_row_that_was_changed_or_removed_shows_on_postgres() -> anyhow::Result<()> {
    tampered(Store::Postgres).await
}

async fn kept(store: Store) -> anyhow::Result<()> {
    let database = on(store).await?;
    write(&database.db, 2).await?;
    for state in ["unsealed", "sealed"] {
        for sql in [
            "UPDATE audit_log SET outcome = 'done '",
            "UPDATE audit_log SET id = id + 100",
            "DELETE FROM audit_log",
            "DELETE FROM audit_log_head",
        ] {
            let answer = database.db.write(Execute::one("test", query(sql))).await;
            ensure!(answer.is_err(), "{sql} was taken from {state} rows");
        }
        while seal(&database.db).await? > 0 {}
    }
    let again = query("UPDATE audit_log SET sequence = sequence + 10, hash = hash");
    ensure!(database.db.write(Execute::one("test", again)).await.is_err(), "sealed twice");
    let falls = query("UPDATE audit_log_head SET sequence = 1");
    ensure!(database.db.write(Execute::one("test", falls)).await.is_err(), "the head fell");
    ensure!(matches!(verify_all(&database.db).await?, Verified::Whole { sequence: 2, .. }));
    database.remove().await
}

#[tokio::test]
async fn no_row_of_the_audit_log_changes_or_goes_on_sqlite() -> anyhow::Result<()> {
    kept(Store::Sqlite).await
}

#[tokio::test]
async fn no_row_of_the_audit_log_changes_or_goes_on_postgres() -> anyhow::Result<()> {
    kept(Store::Postgres).await
}

/// A long log is verified in steps, and what is written meanwhile is sealed and verified in its turn.
async fn in_steps(store: Store) -> anyhow::Result<()> {
    let database = on(store).await?;
    sealed(5_400, &database).await?;
    let first = verify_some(&database.db, NOW).await?;
    ensure!(first == Verified::So { far: 5_000 }, "{first:?}");
    write(&database.db, 10).await?;
    seal(&database.db).await?;
    let second = verify_some(&database.db, NOW).await?;
    ensure!(matches!(second, Verified::Whole { sequence: 5_410, .. }), "{second:?}");
    database.remove().await
}

#[tokio::test]
async fn a_long_log_is_verified_in_steps_on_sqlite() -> anyhow::Result<()> {
    in_steps(Store::Sqlite).await
}

#[tokio::test]
async fn a_long_log_is_verified_in_steps_on_postgres() -> anyhow::Result<()> {
    in_steps(Store::Postgres).await
}

/// Two processes have nothing in common but the database: two of its handles with connections of their own, sealing
/// while a third writes.
#[tokio::test(flavor = "multi_thread")]
async fn two_that_seal_at_once_make_one_chain_on_postgres() -> anyhow::Result<()> {
    let database = Database::postgres().await?;
    let other = Db::open(&database.url, 3, 2).await?;
    let writes = async {
        for _ in 0..60 {
            write(&database.db, 17).await?;
        }
        anyhow::Ok(())
    };
    let sealer = |db: Db| async move {
        let mut count = 0;
        let all = eventually("all rows to be sealed", LIMIT, async || {
            count += seal(&db).await?;
            let sql = "SELECT sequence FROM audit_log_head";
            let (head,): (i64,) = query(sql).one(&mut db.read().await?.tx()).await?;
            Ok(head == 60 * 17)
        });
        all.await.map(|()| count)
    };
    let (written, first, second) = tokio::join!(writes, sealer(database.db.clone()), sealer(other.clone()));
    written?;
    ensure!(first? + second? == 60 * 17);
    ensure!(matches!(verify_all(&database.db).await?, Verified::Whole { sequence: 1020, .. }));
    other.close().await;
    database.remove().await
}
