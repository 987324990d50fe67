//! Every commit and every call of a backend that the jobs make is crashed at, in every way: the helper is killed, the
//! daemon is killed, a reply is lost, a request never arrives, a reply makes no sense, a call is carried out late.
//! However it went, what was asked for is paid exactly once, and books and backend agree.
//! `scene` is one installation, `story` what happens in it, `faults` what goes wrong; start with `crash_everywhere`.

mod evidence;
mod faults;
mod points;
mod scene;
mod story;
mod versions;

use faults::Fault;
use scene::Stage;
use server::config::Prepared;
use std::collections::BTreeSet;
use story::Story;
use tests::database::Database;

/// Stories tell their points in this order; each point is crashed at in the first story that reaches it, and again
/// where a story has something at stake there.
async fn points_of(stage: &mut Stage, stories: &[Story]) -> anyhow::Result<Vec<(Story, Vec<String>)>> {
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for story in stories {
        let mut scene = stage.scene().await?;
        let reached = points::record(story.play(&mut scene))
            .await
            .map_err(|error| error.context(format!("{story:?}")))?;
        let new = |point: &String| known.insert(point.clone()) || story.is_delicate(point);
        all.push((*story, reached.into_iter().filter(new).collect()));
    }
    Ok(all)
}

async fn crash_everywhere(mut stage: Stage, fault: Fault) -> anyhow::Result<()> {
    let stories = Story::of(stage.prepared);
    for (story, points) in points_of(&mut stage, stories).await? {
        for point in points {
            let mut scene = stage.scene().await?;
            let met = faults::at(&point, fault, &scene);
            let ended = story.play(&mut scene).await;
            let met = met.end();
            ended.map_err(|error| error.context(format!("{story:?}, {fault:?} at {point}")))?;
            anyhow::ensure!(met, "{story:?} did not reach {point} again");
        }
    }
    stage.end().await
}

macro_rules! crash_everywhere {
    ($($mode:ident: $prepared:ident { $($name:ident: $fault:ident,)* })*) => {$(mod $mode {
        use super::*;

        $(mod $name {
            use super::*;

            #[tokio::test]
            async fn on_sqlite() {
                let stage = Stage::new(Database::sqlite().await.unwrap(), Prepared::$prepared).await.unwrap();
                crash_everywhere(stage, Fault::$fault).await.unwrap();
            }

            #[tokio::test]
            async fn on_postgres() {
                let stage = Stage::new(Database::postgres().await.unwrap(), Prepared::$prepared).await.unwrap();
                crash_everywhere(stage, Fault::$fault).await.unwrap();
            }
        })*
    })*};
}

crash_everywhere! {
    prepared_broadcasts_pay_once_and_need_nobody: Auto {
        when_the_helper_is_killed: HelperKilled,
        when_the_daemon_is_killed: DaemonKilled,
        when_a_reply_is_cut: ReplyCut,
        when_a_request_is_never_delivered: NotDelivered,
        when_a_reply_is_garbled: Garbled,
        when_a_blocked_daemon_acts_late: Late,
    }
    one_shots_pay_once: Never {
        when_the_helper_is_killed: HelperKilled,
        when_the_daemon_is_killed: DaemonKilled,
        when_a_reply_is_cut: ReplyCut,
        when_a_request_is_never_delivered: NotDelivered,
        when_a_reply_is_garbled: Garbled,
        when_a_blocked_daemon_acts_late: Late,
    }
}

/// A commit or call that is new in the jobs must be in some story, else nobody has crashed there.
#[tokio::test]
async fn every_point_of_the_jobs_is_crashed_at() {
    let mut crashed = BTreeSet::new();
    for prepared in [Prepared::Auto, Prepared::Never] {
        let mut stage = Stage::new(Database::sqlite().await.unwrap(), prepared).await.unwrap();
        for (_, points) in points_of(&mut stage, Story::of(prepared)).await.unwrap() {
            crashed.extend(points);
        }
    }
    let missing: Vec<String> =
        points::of_the_code().into_iter().filter(|point| !crashed.contains(point)).collect();
    assert!(missing.is_empty(), "no story crashes at {missing:#?}");
    println!("{} points", crashed.len());
}
