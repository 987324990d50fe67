//! What must be true, in the middle and in the end.

use super::world::World;
use anyhow::ensure;
use server::db::query;
use server::job::Step;
use server::ledger::audit;
use server::network::simulated::{CALLS, EVERY_CALL, Failure};

/// Longer than any back-off; so many rounds are hours of the network's time.
const ROUND_SECONDS: i64 = 310;
const ROUNDS_MAX: u32 = 60;
const QUIET_PASSES: [Step; 4] = [Step::Backend, Step::Scan, Step::Confirm, Step::Broadcast];

pub async fn books_are_sound(world: &World) -> anyhow::Result<()> {
    let report = audit(&world.database.db, world.service.spec.coin).await?;
    ensure!(report.is_clean(), "{:?}", report.mismatches);
    Ok(())
}

/// The faults end; nobody does anything by hand.
pub async fn comes_to_rest(world: &mut World) -> anyhow::Result<()> {
    for call in CALLS.iter().chain([&EVERY_CALL]) {
        world.network().fail(call, Failure::Unavailable, 0).await?;
    }
    let mut said = Vec::new();
    for _ in 0..ROUNDS_MAX {
        world.clock.advance(ROUND_SECONDS);
        let leader = world.leader().await?;
        said.clear();
        for step in QUIET_PASSES {
            said.push(world.runners[leader].take(step).await);
        }
        world.network().mine(1).await?;
        if open_ends(world).await? == 0 {
            return Ok(());
        }
    }
    anyhow::bail!("{} things never come to rest; last: {said:?}", open_ends(world).await?)
}

/// What is pending, on its way, or not yet buried deep enough.
async fn open_ends(world: &World) -> anyhow::Result<i64> {
    let mut read = world.database.db.read().await?;
    let (open,) = query(
        "SELECT CAST((SELECT COUNT(*) FROM \"transaction\" WHERE state = 'pending')
             + (SELECT COUNT(*) FROM network_transaction WHERE state NOT IN ('settled', 'conflicted', 'cancelled'))
             AS BIGINT)",
    )
    .one::<(i64,)>(&mut read.tx())
    .await?;
    Ok(open)
}

pub async fn everybody_has_what_is_due(world: &World) -> anyhow::Result<()> {
    books_are_sound(world).await?;
    for (address, due) in &world.due_outside {
        let got = world.network().outside_received(address).await?;
        ensure!(got == *due, "{address} got {got} and should have {due}");
    }
    let mut read = world.database.db.read().await?;
    for (account, due) in world.accounts.iter().zip(&world.due) {
        let (balance,) = query("SELECT balance FROM account WHERE id = $1")
            .bind(*account)
            .one::<(i64,)>(&mut read.tx())
            .await?;
        ensure!(balance == *due, "account {account:?} has {balance} and should have {due}");
    }
    let (books,) =
        query("SELECT CAST(SUM(balance) AS BIGINT) FROM wallet").one::<(i64,)>(&mut read.tx()).await?;
    let totals = world.service.backend.totals().await?;
    ensure!(totals.trusted == books, "the hot wallet has {} and the books {books}", totals.trusted);
    ensure!((totals.untrusted_pending, totals.immature) == (0, 0), "{totals:?}");
    Ok(())
}

/// What happened to the books on the way.
#[derive(Debug, Default)]
pub struct Seen {
    deposits: i64,
    conflicts: i64,
    broadcasts: i64,
    /// Sends whose outcome nobody knew, or that were refused.
    troubles: i64,
    /// Attempts after the first of their broadcast.
    retries: i64,
    /// Runners that were killed in the middle of a pass.
    deaths: i64,
}

impl Seen {
    pub fn add(&mut self, other: &Self) {
        self.deposits += other.deposits;
        self.conflicts += other.conflicts;
        self.broadcasts += other.broadcasts;
        self.troubles += other.troubles;
        self.retries += other.retries;
        self.deaths += other.deaths;
    }

    pub fn is_eventful(&self) -> bool {
        [self.deposits, self.broadcasts, self.troubles, self.retries, self.deaths]
            .iter()
            .all(|count| *count > 0)
    }
}

pub async fn seen(world: &World) -> anyhow::Result<Seen> {
    let count = async |sql: &'static str| -> anyhow::Result<i64> {
        let mut read = world.database.db.read().await?;
        Ok(query(sql).one::<(i64,)>(&mut read.tx()).await?.0)
    };
    Ok(Seen {
        deposits: count("SELECT CAST(COUNT(*) AS BIGINT) FROM \"transaction\" WHERE state = 'credited'")
            .await?,
        conflicts: count(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM network_transaction WHERE state = 'conflicted'",
        )
        .await?,
        broadcasts: count(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM network_transaction WHERE type = 'broadcast'",
        )
        .await?,
        troubles: count(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM attempt WHERE outcome IN ('unknown', 'refused')",
        )
        .await?,
        retries: count("SELECT CAST(COUNT(*) AS BIGINT) FROM attempt WHERE number > 1").await?,
        deaths: world.deaths,
    })
}
