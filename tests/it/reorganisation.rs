//! The chain takes blocks back, one to six deep, on a real litecoind: what was credited is reversed, what comes back is
//! credited again, and what was spent on leaves a negative account; with a double spend and without.

use crate::stage::{LIMIT, Stage};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use server::db::{Db, query};
use tests::app::Store;
use tests::litecoind::{Fork, OUTSIDE, eventually};

const COIN: i64 = 100_000_000;
/// What each payment brings to the account that keeps its money, and to the one that spends it on.
const STAYS: (i64, i64) = (30_000_000, 40_000_000);
const LOST: (i64, i64) = (5_000_000, 6_000_000);
const BOTH_SPENT: i64 = STAYS.1 + LOST.1;
const DEPTH_MAX: i64 = 6;
/// Coins of the outside that are still mature when blocks are taken back.
const COINS_DEPTH: i64 = 101 + 2 * DEPTH_MAX;

struct Chain {
    stage: Stage,
    /// Where spent money goes: a third account.
    elsewhere: i64,
    /// One for each round: a negative account spends nothing more.
    spent: Vec<i64>,
}

impl Chain {
    async fn set(store: Store) -> anyhow::Result<Self> {
        let stage = Stage::set_counting(store, 1, 30).await?;
        // The outside needs two coins for each round.
        stage.nodes.mine(30).await?;
        let (elsewhere, _) = stage.new_account("Elsewhere").await?;
        Ok(Self { stage, elsewhere, spent: Vec::new() })
    }

    /// Waits until the accounts hold this: the one that keeps, each that spends, and what was spent on.
    async fn until(&self, kept: i64, spent: &[i64], elsewhere: i64) -> anyhow::Result<()> {
        let mut accounts = vec![self.stage.account];
        accounts.extend(&self.spent);
        accounts.push(self.elsewhere);
        let expected: Vec<i64> = [&[kept], spent, &[elsewhere]].concat();
        let mut seen = Vec::new();
        let balanced = eventually("the balances", LIMIT, async || {
            seen.clear();
            for (account, expected) in accounts.iter().zip(&expected) {
                seen.push(self.stage.units_of(*account).await?);
                if seen.last() != Some(expected) {
                    return Ok(false);
                }
            }
            Ok(true)
        });
        balanced.await.with_context(|| format!("{seen:?} of {expected:?}; {}", self.stage.app.log_tail()))
    }

    /// Two payments from outside, neither of which spends change of the other; the txid of the second.
    async fn pay(&self, spent: &str) -> anyhow::Result<String> {
        let outside = &self.stage.nodes.outside;
        let unspent = outside.wallet(OUTSIDE, "listunspent", json!([COINS_DEPTH])).await?;
        let unspent = unspent.as_array().context("a list")?;
        ensure!(unspent.len() >= 2, "the outside has too few coins");
        let mut txid = Value::Null;
        for (input, (kept, on)) in unspent.iter().zip([STAYS, LOST]) {
            let rest = units(&input["amount"])? - kept - on - 20_000;
            let outputs = json!([{ &self.stage.address: coins(kept) }, { spent: coins(on) },
                { outside.new_address(OUTSIDE).await?: coins(rest) }]);
            let signed = self.signed(input, outputs).await?;
            txid = outside.rpc("sendrawtransaction", json!([signed])).await?;
        }
        Ok(txid.as_str().context("a txid")?.to_owned())
    }

    async fn signed(&self, input: &Value, outputs: Value) -> anyhow::Result<Value> {
        let outside = &self.stage.nodes.outside;
        let spent = json!([{ "txid": input["txid"], "vout": input["vout"] }]);
        let raw = outside.rpc("createrawtransaction", json!([spent, outputs])).await?;
        let mut signed = outside.wallet(OUTSIDE, "signrawtransactionwithwallet", json!([raw])).await?;
        ensure!(signed["complete"] == true, "not signed: {signed}");
        Ok(signed["hex"].take())
    }

    /// The last `depth` blocks lose to a longer branch, in which `txid` is spent in another way.
    async fn reorganise(&self, depth: i64, txid: &str) -> anyhow::Result<Fork> {
        let (hot, outside) = (&self.stage.nodes.hot, &self.stage.nodes.outside);
        let fork = outside.double_spend(depth, txid).await?;
        let followed = async || Ok(hot.best_block().await? == outside.best_block().await?);
        eventually("the hot daemon to follow", LIMIT, followed).await?;
        Ok(fork)
    }

    /// The branch that lost wins after all.
    async fn turn_back(&self, fork: &Fork) -> anyhow::Result<()> {
        for daemon in [&self.stage.nodes.hot, &self.stage.nodes.outside] {
            daemon.rpc("invalidateblock", json!([fork.new])).await?;
            daemon.rpc("reconsiderblock", json!([fork.old])).await?;
        }
        self.stage.nodes.sync().await
    }
}

fn units(amount: &Value) -> anyhow::Result<i64> {
    Ok(amount.to_string().replace('.', "").parse()?)
}

fn coins(units: i64) -> String {
    format!("{}.{:08}", units / COIN, units % COIN)
}

async fn reorganisations_of_every_depth(store: Store) -> anyhow::Result<()> {
    let mut chain = Chain::set(store).await?;
    let mut reversals = 0;
    for depth in 1..=DEPTH_MAX {
        let (account, address) = chain.stage.new_account(&format!("Spent on {depth}")).await?;
        let lost = chain.pay(&address).await?;
        chain.spent.push(account);
        // What stayed of the rounds before is mined again with it, and lost again with it.
        chain.stage.nodes.mine(u32::try_from(depth)?).await?;
        let mut spent = vec![-LOST.1; chain.spent.len()];
        *spent.last_mut().context("this round's")? = BOTH_SPENT;
        let before = (depth - 1) * BOTH_SPENT;
        chain.until(depth * STAYS.0 + LOST.0, &spent, before).await?;
        chain.stage.transfer(account, chain.elsewhere, &coins(BOTH_SPENT)).await?;
        let fork = chain.reorganise(depth, &lost).await?;
        spent.fill(-BOTH_SPENT);
        chain.until(0, &spent, before + BOTH_SPENT).await.with_context(|| format!("{depth} deep"))?;
        reversals += 2 * (depth - 1) + 4;
        if depth == DEPTH_MAX {
            chain.turn_back(&fork).await?;
            spent.fill(-LOST.1);
            spent[chain.spent.len() - 1] = 0;
            chain.until(DEPTH_MAX * STAYS.0 + LOST.0, &spent, DEPTH_MAX * BOTH_SPENT).await?;
        }
    }
    chain.stage.nodes.mine(1).await?;
    chain.stage.books_equal_daemon().await?;
    chain.stage.app.must(&["audit"], "").await?;
    told(&chain, reversals).await
}

/// Rows and events say what happened: each reversal, and each account that it left negative.
async fn told(chain: &Chain, reversals: i64) -> anyhow::Result<()> {
    let db = Db::open(&chain.stage.app.database_url, 3, 1).await?;
    let mut read = db.read().await?;
    let tx = &mut read.tx();
    let events = "SELECT CAST(COUNT(*) AS BIGINT) FROM event WHERE name = $1";
    let reversed = query(events).bind("deposit_reversed").one::<(i64,)>(tx).await?.0;
    ensure!(reversed == reversals, "{reversed} reversals were told, not {reversals}");
    let negative = query(events).bind("account_negative").one::<(i64,)>(tx).await?.0;
    ensure!(negative >= DEPTH_MAX, "{negative} negative accounts were told");
    let states = "SELECT CAST(COUNT(*) AS BIGINT) FROM \"transaction\" WHERE state = $1";
    let rows = query(states).bind("reversed").one::<(i64,)>(tx).await?.0;
    // The last round's double spend lost in the end.
    ensure!(rows == 2 * (DEPTH_MAX - 1), "{rows} deposits are reversed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reorganisations_reverse_and_credit_again_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    reorganisations_of_every_depth(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reorganisations_reverse_and_credit_again_by_litecoind_on_postgres() -> anyhow::Result<()> {
    reorganisations_of_every_depth(Store::Postgres).await
}
