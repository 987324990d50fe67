//! What goes wrong at a point, once.

use super::points::is_the_daemons;
use super::scene::{Scene, in_a_pass};
use server::failpoint;
use server::network::simulated::{EVERY_CALL, Failure};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing more of its pass happens; another runner takes over.
    HelperKilled,
    /// Nothing answers for a while; what it had not done it never will.
    DaemonKilled,
    ReplyCut,
    NotDelivered,
    Garbled,
    /// The next call is carried out a minute after the caller gave up.
    Late,
}

/// Takes the fault back when it ends.
pub struct Met(Arc<AtomicBool>);

impl Met {
    /// Whether the point was reached.
    pub fn end(self) -> bool {
        failpoint::watch(None);
        self.0.load(Ordering::SeqCst)
    }
}

/// The first time that a pass of `scene` reaches `point`, `fault` happens: to the process, or to the daemon from its
/// next call on.
pub fn at(point: &str, fault: Fault, scene: &Scene) -> Met {
    assert!(!is_the_daemons(point));
    let (met, point) = (Arc::new(AtomicBool::new(false)), point.to_owned());
    let (seen, service, killed) = (met.clone(), scene.service.clone(), scene.killed.clone());
    failpoint::watch(Some(Arc::new(move |reached: &str| {
        if reached != point || !in_a_pass() || seen.swap(true, Ordering::SeqCst) {
            return Box::pin(std::future::ready(()));
        }
        let (service, killed) = (service.clone(), killed.clone());
        Box::pin(async move {
            let network = service.backend.simulated().expect("made so");
            let order = |how, times| network.fail(EVERY_CALL, how, times);
            match fault {
                Fault::HelperKilled => {
                    killed.notify_one();
                    std::future::pending::<()>().await;
                }
                Fault::DaemonKilled => {
                    network.restart().await.expect("it is killed");
                    order(Failure::Unavailable, 3).await.expect("it stays away");
                }
                Fault::ReplyCut => order(Failure::LostReply, 1).await.expect("ordered"),
                Fault::NotDelivered => order(Failure::NotDelivered, 1).await.expect("ordered"),
                Fault::Garbled => order(Failure::Garbled, 1).await.expect("ordered"),
                Fault::Late => order(Failure::Late { seconds: 60 }, 1).await.expect("ordered"),
            }
        })
    })));
    Met(met)
}
