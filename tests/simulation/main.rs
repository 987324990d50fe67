//! Jobs, books and the simulated network under a seeded schedule of payments, sends, blocks, reorganisations, double
//! spends, failures to order, crashes in the middle of a pass and two runners that both want to work. However it
//! went: once the faults end, everything comes to rest by itself, and every coin is where it belongs, once.
//! A failure names its seed; `COFFER_SIMULATION_SEED=N` runs its schedule again (how far a killed pass got may differ, as
//! that is the database's affair). Start with `run`.

mod check;
mod failpoint;
mod import;
mod killed;
mod schedule;
mod world;

use check::Seen;
use tests::database::Database;
use world::World;

/// Each takes some ten seconds, on PostgreSQL more; any other number is as good.
const SEEDS_ON_SQLITE: u64 = 3;
const SEEDS_ON_POSTGRES: u64 = 1;
const ACTS: u32 = 150;
/// The books are audited in the middle of all trouble as well.
const ACTS_BETWEEN_AUDITS: u32 = 30;

async fn run(database: Database, seed: u64) -> anyhow::Result<Seen> {
    let mut world = World::new(database, seed).await?;
    for act in 1..=ACTS {
        schedule::act(&mut world).await?;
        if act % ACTS_BETWEEN_AUDITS == 0 {
            check::books_are_sound(&world).await?;
        }
    }
    check::comes_to_rest(&mut world).await?;
    check::everybody_has_what_is_due(&world).await?;
    check::seen(&world).await
}

/// A schedule in which nothing happened proves nothing.
async fn run_all(count: u64, new_database: impl AsyncFn() -> anyhow::Result<Database>) {
    let mut total = Seen::default();
    for seed in seeds(count) {
        match run(new_database().await.unwrap(), seed).await {
            Ok(seen) => {
                println!("seed {seed}: {seen:?}");
                total.add(&seen);
            }
            Err(error) => panic!("seed {seed}: {error:?}"),
        }
    }
    // One seed alone may be a quiet one.
    assert!(count == 1 || total.is_eventful(), "{total:?}");
}

fn seeds(count: u64) -> Vec<u64> {
    #[allow(clippy::disallowed_methods, reason = "how a person replays a failure")]
    let asked = std::env::var("COFFER_SIMULATION_SEED").ok().and_then(|seed| seed.parse().ok());
    asked.map_or_else(|| (1..=count).collect(), |seed| vec![seed])
}

#[tokio::test]
async fn money_is_neither_lost_nor_doubled_on_sqlite() {
    run_all(SEEDS_ON_SQLITE, Database::sqlite).await;
}

#[tokio::test]
async fn money_is_neither_lost_nor_doubled_on_postgres() {
    run_all(SEEDS_ON_POSTGRES, Database::postgres).await;
}
