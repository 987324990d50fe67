//! The simulated chain: its first block, mining, reorganisations. Start with `Mine`.

use super::bytes::{self, COINBASE_VOUT};
use super::chance::{draw, shown_hash};
use super::entry::{Fresh, evict, insert};
use super::outside;
use super::verb::{Fault, Rules, Verb};
use crate::db::{DbError, Tx, query};
use crate::network::{OutPoint, raw};
use async_trait::async_trait;

/// What a mined block takes from the mempool, so that one database transaction stays short.
const BLOCK_TRANSACTIONS_MAX: i64 = 5_000;
/// At one command; more would hold the database for seconds.
pub(super) const BLOCKS_MAX: u32 = 1_000;
/// The network sleeps while nobody runs it: after a pause only so many blocks are made up for.
const DUE_BLOCKS_MAX: i64 = 6;
/// What a block mined to an address pays, in minor units.
const REWARD: i64 = 5_000_000_000;

/// Makes the network unless it exists: block 0, and the seed that all its chance comes from.
pub(super) struct Found {
    pub seed: i64,
}

#[async_trait]
impl Verb for Found {
    const NAME: &'static str = "simulated_found";
    type Output = ();

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<(), Fault> {
        let coin = &rules.coin;
        let derived = || shown_hash(&[b"genesis", coin.as_bytes()]);
        let genesis = rules.spec.genesis.clone().unwrap_or_else(derived);
        let made = query(
            "INSERT INTO simulated_network (coin, seed, draws, height, best_block, last_block_at, started_at, starts)
             VALUES ($1, $2, 0, 0, $3, $4, $4, 0) ON CONFLICT (coin) DO NOTHING",
        )
        .bind(coin)
        .bind(self.seed)
        .bind(&genesis)
        .bind(rules.now())
        .run(tx)
        .await?;
        if made == 1 {
            add_block(tx, rules, &genesis, None, 0).await?;
        }
        Ok(())
    }
}

/// Mines blocks on command, each with what waits in the mempool.
pub(super) struct Mine {
    pub blocks: u32,
    /// Who gets the reward; nobody we know when `None`.
    pub to: Option<String>,
}

#[async_trait]
impl Verb for Mine {
    const NAME: &'static str = "simulated_mine";
    /// Txids of the hot wallet that were confirmed.
    type Output = Vec<String>;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Vec<String>, Fault> {
        if self.blocks > BLOCKS_MAX {
            return Err(Fault::refused(-8, format!("at most {BLOCKS_MAX} blocks at once")));
        }
        let mut news = Vec::new();
        for _ in 0..self.blocks {
            news.extend(mine_block(tx, rules, BLOCK_TRANSACTIONS_MAX, self.to.as_deref()).await?);
        }
        Ok(news)
    }
}

/// Mines the blocks that the clock owes.
pub(super) struct MineDue {
    pub block_seconds: i64,
}

#[async_trait]
impl Verb for MineDue {
    const NAME: &'static str = "simulated_mine_due";
    type Output = Vec<String>;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Vec<String>, Fault> {
        let (last,) = query("SELECT last_block_at FROM simulated_network WHERE coin = $1")
            .bind(&rules.coin)
            .one::<(app::model::Time,)>(tx)
            .await?;
        let due = rules.now().seconds_since(last) / self.block_seconds.max(1);
        let mut news = Vec::new();
        for _ in 0..due.min(DUE_BLOCKS_MAX) {
            news.extend(mine_block(tx, rules, BLOCK_TRANSACTIONS_MAX, None).await?);
        }
        Ok(news)
    }
}

/// The last blocks lose to a longer branch. Their transactions go back to the mempool, unless `double_spent`
/// names one: then the new branch has another transaction that spends its first input.
pub(super) struct Reorganise {
    pub depth: u32,
    pub double_spent: Option<String>,
}

#[async_trait]
impl Verb for Reorganise {
    const NAME: &'static str = "simulated_reorganise";
    type Output = Vec<String>;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Vec<String>, Fault> {
        let coin = &rules.coin;
        let (height,) = query("SELECT height FROM simulated_network WHERE coin = $1")
            .bind(coin)
            .one::<(i64,)>(tx)
            .await?;
        let depth = i64::from(self.depth);
        if depth == 0 || depth > height || self.depth >= BLOCKS_MAX {
            let most = height.min(i64::from(BLOCKS_MAX) - 1);
            return Err(Fault::refused(-8, format!("the depth must be 1 to {most}")));
        }
        let news = disconnect(tx, coin, height - depth).await?;
        // The new branch must not mine what fell out: only the double spend, where there is one.
        let mut content = Vec::new();
        if let Some(txid) = &self.double_spent {
            content.push(outside::double_spend(tx, rules, txid, None).await?);
        }
        for _ in 0..=depth {
            close_block(tx, rules, &std::mem::take(&mut content), None).await?;
        }
        Ok(news)
    }
}

/// Back to `fork`; answers the hot wallet's transactions that lost their block.
async fn disconnect(tx: &mut Tx<'_>, coin: &str, fork: i64) -> Result<Vec<String>, Fault> {
    let lost: Vec<(String, bool, bool)> = query(
        "SELECT txid, ours, coinbase FROM simulated_transaction WHERE coin = $1 AND height > $2 ORDER BY id",
    )
    .bind(coin)
    .bind(fork)
    .all(tx)
    .await?;
    query("UPDATE simulated_block SET active = FALSE WHERE coin = $1 AND active AND height > $2")
        .bind(coin)
        .bind(fork)
        .run(tx)
        .await?;
    query(
        "UPDATE simulated_transaction SET height = NULL, in_mempool = TRUE WHERE coin = $1 AND height > $2",
    )
    .bind(coin)
    .bind(fork)
    .run(tx)
    .await?;
    query("UPDATE simulated_transaction SET conflict_height = NULL WHERE coin = $1 AND height IS NULL AND NOT in_mempool AND conflict_height > $2")
        .bind(coin)
        .bind(fork)
        .run(tx)
        .await?;
    for (txid, _, _) in lost.iter().filter(|(_, _, coinbase)| *coinbase) {
        evict(tx, coin, txid, None).await?;
        query("UPDATE simulated_transaction SET abandoned = TRUE WHERE coin = $1 AND txid = $2")
            .bind(coin)
            .bind(txid)
            .run(tx)
            .await?;
    }
    query(
        "UPDATE simulated_network SET height = $2,
             best_block = (SELECT hash FROM simulated_block WHERE coin = $1 AND height = $2 AND active)
         WHERE coin = $1",
    )
    .bind(coin)
    .bind(fork)
    .run_one(tx)
    .await?;
    Ok(lost.into_iter().filter(|(_, ours, _)| *ours).map(|(txid, _, _)| txid).collect())
}

/// A block with the oldest of the mempool, parents before what spends them.
async fn mine_block(
    tx: &mut Tx<'_>,
    rules: &Rules,
    most: i64,
    to: Option<&str>,
) -> Result<Vec<String>, Fault> {
    let waiting: Vec<(String, bool)> = query(
        "SELECT txid, ours FROM simulated_transaction WHERE coin = $1 AND in_mempool ORDER BY id LIMIT $2",
    )
    .bind(&rules.coin)
    .bind(most)
    .all(tx)
    .await?;
    let (txids, ours): (Vec<String>, Vec<bool>) = waiting.into_iter().unzip();
    close_block(tx, rules, &txids, to).await?;
    Ok(txids.into_iter().zip(ours).filter(|(_, ours)| *ours).map(|(txid, _)| txid).collect())
}

async fn close_block(
    tx: &mut Tx<'_>,
    rules: &Rules,
    txids: &[String],
    to: Option<&str>,
) -> Result<(), Fault> {
    let coin = &rules.coin;
    let (height, parent) = query("SELECT height, best_block FROM simulated_network WHERE coin = $1")
        .bind(coin)
        .one::<(i64, String)>(tx)
        .await?;
    let height = height + 1;
    let nonce = draw(tx, coin).await?;
    let hash = shown_hash(&[parent.as_bytes(), &height.to_le_bytes(), txids.concat().as_bytes(), &nonce]);
    add_block(tx, rules, &hash, Some(&parent), height).await?;
    for txid in txids {
        query(
            "UPDATE simulated_transaction SET height = $3, in_mempool = FALSE WHERE coin = $1 AND txid = $2",
        )
        .bind(coin)
        .bind(txid)
        .bind(height)
        .run_one(tx)
        .await?;
    }
    if let Some(address) = to {
        pay_miner(tx, rules, address, height).await?;
    }
    settle_conflicts(tx, coin, height).await?;
    query("UPDATE simulated_network SET height = $2, best_block = $3, last_block_at = $4 WHERE coin = $1")
        .bind(coin)
        .bind(height)
        .bind(&hash)
        .bind(rules.now())
        .run_one(tx)
        .await?;
    Ok(())
}

async fn add_block(
    tx: &mut Tx<'_>,
    rules: &Rules,
    hash: &str,
    parent: Option<&str>,
    height: i64,
) -> Result<(), DbError> {
    query("INSERT INTO simulated_block (coin, hash, parent, height, active, mined_at) VALUES ($1, $2, $3, $4, TRUE, $5)")
        .bind(&rules.coin)
        .bind(hash)
        .bind(parent)
        .bind(height)
        .bind(rules.now())
        .run_one(tx)
        .await
}

async fn pay_miner(tx: &mut Tx<'_>, rules: &Rules, address: &str, height: i64) -> Result<(), Fault> {
    let script = outside::script_of(rules, address)?;
    let nothing = OutPoint { txid: "0".repeat(64), vout: COINBASE_VOUT };
    // The height in the secret keeps two coinbases to one address apart, as BIP 34 does.
    let unique = draw(tx, &rules.coin).await?;
    let bytes =
        bytes::transaction(&[nothing], &[(script, REWARD)], &unique).ok_or_else(outside::unwritable)?;
    let decoded = raw::decode(&bytes, &rules.spec.versions).map_err(|_| outside::unwritable())?;
    let fresh = Fresh { coinbase_height: Some(height), ..Fresh::new(&bytes, &decoded) };
    insert(tx, &rules.coin, &fresh, rules.now()).await?;
    Ok(())
}

/// What waits nowhere and spends the same as a transaction of the new block is in conflict from now on.
async fn settle_conflicts(tx: &mut Tx<'_>, coin: &str, height: i64) -> Result<(), DbError> {
    let beaten: Vec<(String,)> = query(
        "SELECT DISTINCT l.txid FROM simulated_transaction l
         JOIN simulated_input a ON a.coin = l.coin AND a.txid = l.txid
         JOIN simulated_input b ON b.coin = a.coin AND b.spent_txid = a.spent_txid AND b.spent_vout = a.spent_vout
         JOIN simulated_transaction m ON m.coin = b.coin AND m.txid = b.txid
         WHERE l.coin = $1 AND l.height IS NULL AND NOT l.in_mempool AND l.conflict_height IS NULL
             AND NOT l.coinbase AND m.height = $2",
    )
    .bind(coin)
    .bind(height)
    .all(tx)
    .await?;
    for (txid,) in beaten {
        evict(tx, coin, &txid, Some(height)).await?;
    }
    Ok(())
}
