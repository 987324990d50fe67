//! What happens in a scene when nothing goes wrong by itself; the faults come on top. Between them the stories take
//! the jobs through every commit and call they have.

use super::scene::{COIN, Scene};
use app::model::NetworkTransactionState as State;
use server::config::Prepared;
use server::db::query;
use server::ledger::{BumpBroadcast, CancelBroadcast, LoseBroadcast};
use server::network::simulated::Failure;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// A deposit comes, two payments go.
    Payment,
    /// One payment of a batch is dust that no node takes; it is found, and taken back.
    Culprit,
    /// A closed broadcast falls out of the mempool, and gets a higher fee later.
    Fallen,
    /// A closed broadcast is cancelled by a version.
    Cancelled,
    /// Somebody changes the txid of a broadcast.
    Malleated,
    /// Another program spends what a broadcast was about to spend.
    Rival,
    /// A one-shot's request is lost on the way; it is broken, not found, and reopened.
    Lost,
    /// A one-shot is refused for one payment of it.
    Refused,
    /// A one-shot falls out of the mempool; its wallet has the bytes.
    Evicted,
}

impl Story {
    pub fn of(prepared: Prepared) -> &'static [Self] {
        match prepared {
            Prepared::Auto => {
                &[Self::Payment, Self::Culprit, Self::Fallen, Self::Cancelled, Self::Malleated, Self::Rival]
            }
            Prepared::Never => &[Self::Payment, Self::Lost, Self::Refused, Self::Evicted],
        }
    }

    /// A crash here means something else in this story than in the ones before.
    pub fn is_delicate(self, point: &str) -> bool {
        let about = |names: &[&str]| names.iter().any(|name| point.contains(&format!(".{name}.")));
        match self {
            Self::Culprit => {
                about(&["store_prepared", "test_prepared", "sign", "collect", "reduce_broadcast"])
            }
            Self::Fallen | Self::Cancelled => {
                about(&["store_prepared", "send_prepared", "open_broadcast", "finish_attempt"])
            }
            Self::Rival => about(&["send_prepared", "record_foreign_spend", "finish_attempt"]),
            Self::Lost | Self::Refused => about(&["send_many", "open_broadcast", "finish_attempt"]),
            Self::Payment | Self::Malleated | Self::Evicted => false,
        }
    }

    pub async fn play(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Payment => payment(scene).await?,
            Self::Culprit => culprit(scene).await?,
            Self::Fallen => fallen(scene).await?,
            Self::Cancelled => cancelled(scene).await?,
            Self::Malleated => malleated(scene).await?,
            Self::Rival => rival(scene).await?,
            Self::Lost => lost(scene).await?,
            Self::Refused => refused(scene).await?,
            Self::Evicted => evicted(scene).await?,
        }
        scene.ends_well().await
    }
}

async fn payment(scene: &mut Scene) -> anyhow::Result<()> {
    scene.network().pay(&scene.address, COIN).await?;
    scene.due += COIN;
    let (first, _) = scene.send(COIN).await?;
    scene.send(2 * COIN).await?;
    scene.until_state(first, State::Closed).await
}

async fn culprit(scene: &mut Scene) -> anyhow::Result<()> {
    // It can't be prepared at first.
    scene.network().fail("change_address", Failure::Refused { code: -4 }, 1).await?;
    let (good, _) = scene.send(COIN).await?;
    let nobody = scene.network().outside_address().await?;
    let dust = scene.send_to(&nobody, 100).await?;
    scene.until_state(good, State::Closed).await?;
    scene.until_state(dust, State::Collected).await?;
    let (broadcast, _) = scene.broadcast_of(dust).await?;
    let cancel =
        CancelBroadcast { broadcast, can_replace: true, decision: Scene::decision(), now: scene.now() };
    scene.db.write(cancel).await?;
    scene.due += 100;
    Ok(())
}

async fn fallen(scene: &mut Scene) -> anyhow::Result<()> {
    let (payment, _) = scene.send(COIN).await?;
    scene.until_state(payment, State::Closed).await?;
    let (broadcast, txid) = scene.broadcast_of(payment).await?;
    scene.falls_out(&txid).await?;
    let bump = BumpBroadcast { broadcast, can_replace: true, decision: Scene::decision(), now: scene.now() };
    scene.db.write(bump).await?;
    scene
        .until("a version with a higher fee is sent", async |scene| {
            let sql = "SELECT COUNT(*) FROM attempt a JOIN broadcast_version v ON v.id = a.version
                WHERE v.broadcast = $1 AND v.number = 2 AND a.outcome = 'sent'";
            Ok(scene.one::<(i64,)>(query(sql).bind(broadcast)).await?.0 > 0)
        })
        .await
}

async fn cancelled(scene: &mut Scene) -> anyhow::Result<()> {
    let nobody = scene.network().outside_address().await?;
    let payment = scene.send_to(&nobody, COIN).await?;
    scene.until_state(payment, State::Closed).await?;
    let (broadcast, _) = scene.broadcast_of(payment).await?;
    let cancel =
        CancelBroadcast { broadcast, can_replace: true, decision: Scene::decision(), now: scene.now() };
    scene.db.write(cancel).await?;
    scene.due += COIN;
    scene.due_outside.insert(nobody, 0);
    scene
        .until("the cancelling version is sent", async |scene| {
            let sql = "SELECT COUNT(*) FROM attempt a JOIN broadcast_version v ON v.id = a.version
                WHERE v.broadcast = $1 AND v.kind = 'cancel' AND a.outcome = 'sent'";
            Ok(scene.one::<(i64,)>(query(sql).bind(broadcast)).await?.0 > 0)
        })
        .await
}

async fn malleated(scene: &mut Scene) -> anyhow::Result<()> {
    let (payment, _) = scene.send(COIN).await?;
    scene.until_state(payment, State::Closed).await?;
    let (_, txid) = scene.broadcast_of(payment).await?;
    let other = scene.network().malleate(&txid).await?;
    scene.network().mine(1).await?;
    scene
        .until("the changed copy counts", async |scene| Ok(scene.broadcast_of(payment).await?.1 == other))
        .await
}

/// The bytes never arrive, and meanwhile the same output is spent by hand.
async fn rival(scene: &mut Scene) -> anyhow::Result<()> {
    let nobody = scene.network().outside_address().await?;
    scene.network().fail("send_prepared", Failure::NotDelivered, 200).await?;
    let payment = scene.send_to(&nobody, 4 * COIN).await?;
    scene.until_state(payment, State::Open).await?;
    let theirs = scene.network().outside_address().await?;
    scene.network().spend_behind(&theirs, 3 * COIN).await?;
    scene.network().fail("send_prepared", Failure::NotDelivered, 0).await?;
    scene.network().mine(5).await?;
    scene.until_state(payment, State::Conflicted).await?;
    scene.book_foreign_spends().await?;
    let (broadcast, _) = scene.broadcast_of(payment).await?;
    let lose = LoseBroadcast {
        broadcast,
        renew: false,
        max_confirmation_count: scene.service.spec.max_confirmation_count,
        decision: Scene::decision(),
        now: scene.now(),
    };
    scene.db.write(lose).await?;
    scene.due += 4 * COIN;
    scene.due_outside.insert(nobody, 0);
    Ok(())
}

async fn lost(scene: &mut Scene) -> anyhow::Result<()> {
    scene.network().fail("send_many", Failure::NotDelivered, 1).await?;
    let (payment, _) = scene.send(COIN).await?;
    scene.until_state(payment, State::Closed).await
}

async fn refused(scene: &mut Scene) -> anyhow::Result<()> {
    scene.network().fail("send_many", Failure::Refused { code: -6 }, 1).await?;
    let (first, _) = scene.send(COIN).await?;
    let (second, _) = scene.send(2 * COIN).await?;
    scene.until_state(first, State::Closed).await?;
    scene.until_state(second, State::Closed).await
}

async fn evicted(scene: &mut Scene) -> anyhow::Result<()> {
    let (payment, _) = scene.send(COIN).await?;
    scene.until_state(payment, State::Closed).await?;
    let (_, txid) = scene.broadcast_of(payment).await?;
    scene.falls_out(&txid).await
}
