//! Of a payment and the version that takes it back one is mined, and a reorganisation deeper than any confirmation
//! that counted puts the other in its place: the books follow what the network has.

use super::evidence::on_both;
use super::scene::{COIN, Scene, Stage};
use app::model::{NetworkTransactionId, NetworkTransactionState as State, TransactionId};
use server::config::Prepared;
use server::db::query;
use server::job::Step;
use server::ledger::{CancelBroadcast, LoseBroadcast};
use tests::database::Database;

/// A payment and its cancelling version, which waits in the mempool.
struct Both {
    payment: TransactionId,
    broadcast: NetworkTransactionId,
    to: String,
    paying: String,
    cancelling: String,
}

impl Scene {
    async fn both(&mut self) -> anyhow::Result<Both> {
        let to = self.network().outside_address().await?;
        let payment = self.send_to(&to, COIN).await?;
        self.until_state(payment, State::Closed).await?;
        let (broadcast, paying) = self.broadcast_of(payment).await?;
        let cancel =
            CancelBroadcast { broadcast, can_replace: true, decision: Self::decision(), now: self.now() };
        self.db.write(cancel).await?;
        let mut cancelling = None;
        while cancelling.is_none() {
            self.round().await;
            let sql = "SELECT v.txid FROM attempt a JOIN broadcast_version v ON v.id = a.version
                WHERE v.broadcast = $1 AND v.kind = 'cancel' AND a.outcome = 'sent'";
            let mut read = self.db.read().await?;
            cancelling = query(sql).bind(broadcast).optional::<(String,)>(&mut read.tx()).await?;
        }
        let (cancelling,) = cancelling.expect("the loop ends with it");
        Ok(Both { payment, broadcast, to, paying, cancelling })
    }

    /// `other` waits in the place of `txid`.
    async fn swap(&self, txid: &str, other: &str) -> anyhow::Result<()> {
        let backend = &self.service.backend;
        let known = backend.transaction(other).await?.expect("the wallet keeps both");
        self.network().evict(txid).await?;
        let outcome = backend.send_prepared(&known.raw).await;
        let taken = matches!(outcome, server::network::SendOutcome::Sent { .. });
        anyhow::ensure!(taken, "{outcome:?}");
        Ok(())
    }
}

/// Cancelled for good, as it seemed; then the payment is mined after all. Nobody's books have it: a foreign spend.
async fn paid_after_all(database: Database) -> anyhow::Result<()> {
    let mut stage = Stage::new(database, Prepared::Auto).await?;
    let mut scene = stage.scene().await?;
    let Both { payment, to, paying, cancelling, .. } = scene.both().await?;
    scene.network().mine(2).await?;
    scene.until_state(payment, State::Cancelled).await?;
    scene.due += COIN;
    scene.network().reorg(3).await?;
    scene.swap(&cancelling, &paying).await?;
    scene.network().mine(1).await?;
    scene
        .until("the payment is a foreign spend", async |scene| {
            let sql = "SELECT COUNT(*) FROM foreign_spend WHERE txid = $1 AND gone_at IS NULL";
            Ok(scene.one::<(i64,)>(query(sql).bind(&paying)).await?.0 == 1)
        })
        .await?;
    scene.due_outside.insert(to, COIN);
    scene.ends_well().await
}

/// The confirmation job follows what is being cancelled; no notification or scan is needed.
async fn followed(database: Database) -> anyhow::Result<()> {
    let mut stage = Stage::new(database, Prepared::Auto).await?;
    let mut scene = stage.scene().await?;
    let Both { payment, to, .. } = scene.both().await?;
    scene.network().mine(2).await?;
    scene.passes(&[Step::Backend, Step::Confirm]).await;
    let state = scene.state_of(payment).await?;
    anyhow::ensure!(state == Some(State::Cancelled), "it is {state:?}");
    scene.due += COIN;
    scene.due_outside.insert(to, 0);
    scene.ends_well().await
}

/// Paid, although it was being cancelled; then the version that takes it back is mined instead. A person decides.
async fn taken_back_after_all(database: Database) -> anyhow::Result<()> {
    let mut stage = Stage::new(database, Prepared::Auto).await?;
    let mut scene = stage.scene().await?;
    let Both { payment, broadcast, to, paying, cancelling } = scene.both().await?;
    scene.swap(&cancelling, &paying).await?;
    scene.network().mine(2).await?;
    scene.until_state(payment, State::Closed).await?;
    scene.network().reorg(3).await?;
    scene.swap(&paying, &cancelling).await?;
    scene.network().mine(4).await?;
    scene.until_state(payment, State::Conflicted).await?;
    let lose = LoseBroadcast {
        broadcast,
        renew: false,
        max_confirmation_count: scene.service.spec.max_confirmation_count,
        decision: Scene::decision(),
        now: scene.now(),
    };
    scene.db.write(lose).await?;
    scene.due += COIN;
    scene.due_outside.insert(to, 0);
    scene.ends_well().await
}

on_both! {
    a_cancelled_payment_is_followed_by_its_confirmations: followed;
    a_cancelled_payment_that_is_mined_after_all_is_a_foreign_spend: paid_after_all;
    a_payment_whose_cancelling_version_is_mined_after_all_is_lost: taken_back_after_all;
}
