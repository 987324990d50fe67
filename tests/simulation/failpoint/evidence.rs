//! Vetting by the jobs on the simulated network: the evidence names the right transaction, and forbids what could pay
//! twice.

use super::scene::{COIN, Scene, Stage};
use app::model::{Evidence, NetworkTransactionState as State, TransactionId, Verdict};
use server::config::Prepared;
use server::db::query;
use server::ledger::{CloseBroadcast, LedgerError, ReopenBroadcast};
use server::network::simulated::Failure;
use tests::database::Database;

impl Scene {
    async fn evidence_of(&self, transaction: TransactionId) -> anyhow::Result<Evidence> {
        let sql =
            "SELECT e.detail FROM evidence e JOIN \"transaction\" t ON t.network_transaction = e.broadcast
            WHERE t.id = $1 ORDER BY e.id DESC LIMIT 1";
        let (detail,): (String,) = self.one(query(sql).bind(transaction)).await?;
        Ok(serde_json::from_str(&detail)?)
    }

    /// A one-shot whose request meets `how`, past its deadline.
    async fn broken(&mut self, to: &str, how: Failure) -> anyhow::Result<TransactionId> {
        self.network().fail("send_many", how, 1).await?;
        // Nor can it be found right away.
        self.network().fail("sent_since", Failure::Unavailable, 1).await?;
        let payment = self.send_to(to, COIN).await?;
        for _ in 0..4 {
            self.round().await;
        }
        Ok(payment)
    }
}

/// Two payouts that look the same, an hour apart: the second's outcome is unknown.
async fn twins(database: Database) -> anyhow::Result<()> {
    let mut stage = Stage::new(database, Prepared::Never).await?;
    for (how, sent) in [(Failure::LostReply, true), (Failure::NotDelivered, false)] {
        let mut scene = stage.scene().await?;
        let to = scene.network().outside_address().await?;
        let first = scene.send_to(&to, COIN).await?;
        scene.until_state(first, State::Closed).await?;
        let (_, first_txid) = scene.broadcast_of(first).await?;
        scene.network().mine(1).await?;
        scene.clock.advance(3600);
        let second = scene.broken(&to, how).await?;
        let (broadcast, txid) = scene.broadcast_of(second).await?;
        scene.due_outside.insert(to, 2 * COIN);
        if sent {
            anyhow::ensure!(
                scene.state_of(second).await? == Some(State::Closed),
                "found means close, by itself"
            );
            anyhow::ensure!(txid != first_txid && !txid.is_empty(), "the evidence named {txid}");
        } else {
            let evidence = scene.evidence_of(second).await?;
            anyhow::ensure!(evidence.verdict == Verdict::CantTell, "{evidence:?}");
            anyhow::ensure!(
                !evidence.sent.iter().any(|row| row.txid == first_txid && row.broadcast.is_none())
            );
            let close = CloseBroadcast {
                broadcast,
                txid: first_txid,
                fee: None,
                attempt: None,
                decision: Some(Scene::decision()),
                now: scene.now(),
            };
            let refused = scene.db.write(close).await;
            anyhow::ensure!(matches!(refused, Err(LedgerError::TxidTaken { .. })), "{refused:?}");
        }
        scene.ends_well().await?;
    }
    Ok(())
}

/// A call that a busy daemon carries out ten minutes after its caller gave up.
async fn late(database: Database) -> anyhow::Result<()> {
    let mut stage = Stage::new(database, Prepared::Never).await?;
    let mut scene = stage.scene().await?;
    let to = scene.network().outside_address().await?;
    let payment = scene.broken(&to, Failure::Late { seconds: 600 }).await?;
    scene.due_outside.insert(to, COIN);
    let (broadcast, _) = scene.broadcast_of(payment).await?;
    let reopen = async |scene: &Scene| {
        let reopen = ReopenBroadcast { broadcast, decision: Scene::decision(), now: scene.now() };
        scene.db.write(reopen).await
    };
    let mut refused = 0;
    while scene.state_of(payment).await? == Some(State::Broken) {
        let answer = reopen(&scene).await;
        anyhow::ensure!(matches!(answer, Err(LedgerError::EvidenceForbids(_))), "{answer:?}");
        refused += 1;
        anyhow::ensure!(refused < 30, "it is found when it has run");
        scene.round().await;
    }
    anyhow::ensure!(refused > 10, "reopening was asked for {refused} times");
    scene.ends_well().await
}

/// Started anew, the daemon carries nothing out that waited before: then it is safe at once.
async fn restarted(database: Database) -> anyhow::Result<()> {
    let mut stage = Stage::new(database, Prepared::Never).await?;
    let mut scene = stage.scene().await?;
    let to = scene.network().outside_address().await?;
    let payment = scene.broken(&to, Failure::Late { seconds: 600 }).await?;
    scene.due_outside.insert(to, COIN);
    scene.network().restart().await?;
    scene.round().await;
    let evidence = scene.evidence_of(payment).await?;
    anyhow::ensure!(evidence.verdict == Verdict::NotFound, "{evidence:?}");
    scene.until_state(payment, State::Closed).await?;
    scene.clock.advance(700);
    scene.ends_well().await
}

/// A test on each database of an async function that gets it.
macro_rules! on_both {
    ($($rule:ident: $story:ident;)*) => {$(mod $rule {
        #[tokio::test]
        async fn on_sqlite() {
            super::$story(super::Database::sqlite().await.unwrap()).await.unwrap();
        }

        #[tokio::test]
        async fn on_postgres() {
            super::$story(super::Database::postgres().await.unwrap()).await.unwrap();
        }
    })*};
}

pub(super) use on_both;

on_both! {
    of_two_identical_payouts_the_evidence_names_the_right_one: twins;
    reopening_is_refused_while_a_late_call_may_still_run: late;
    a_restarted_daemon_makes_reopening_safe_at_once: restarted;
}
