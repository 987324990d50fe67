//! Which points there are: those that a story reaches, and those that the code has.

use server::failpoint;
use server::network::watched;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Points that `work` reaches, each once, in the order it reaches them first. The simulated network's own commits
/// are the daemon's affair.
pub async fn record<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<Vec<String>> {
    let reached: Arc<Mutex<Vec<String>>> = Arc::default();
    let notes = reached.clone();
    failpoint::watch(Some(Arc::new(move |point: &str| {
        let mut notes = notes.lock().expect("nobody panics with it");
        if super::scene::in_a_pass() && !is_the_daemons(point) && !notes.iter().any(|known| known == point) {
            notes.push(point.to_owned());
        }
        Box::pin(std::future::ready(()))
    })));
    let done = work.await;
    failpoint::watch(None);
    done?;
    Ok(std::mem::take(&mut *reached.lock().expect("nobody panics with it")))
}

pub fn is_the_daemons(point: &str) -> bool {
    point.contains(".simulated_")
}

/// Ordered by people, on pages and the command line: no job commits them.
const ORDERED: &[&str] = &[
    "add_address",
    "adjust",
    "archive_address",
    "broadcast_now",
    "bump_broadcast",
    "cancel_broadcast",
    "cancel_transaction",
    "claim_key",
    "create_account",
    "create_wallet",
    "import_balance",
    "lose_broadcast",
    "mark_processed",
    "pause_wallet",
    "register_coin",
    "reopen_broadcast",
    "resume_wallet",
    "send",
    "settle_key",
    "transfer",
    "transfer_batch",
];
/// Calls that no job makes.
const ASKED_BY_PEOPLE: &[&str] = &["new_address"];

/// The name of every verb of the ledger and of every call of a backend, but for those that people order.
pub fn of_the_code() -> BTreeSet<String> {
    let mut names = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src/ledger"), &mut names);
    let commits =
        names.iter().filter(|name| !ORDERED.contains(&name.as_str())).map(|name| format!("commit.{name}"));
    let calls = watched::CALLS
        .iter()
        .filter(|call| !ASKED_BY_PEOPLE.contains(call))
        .map(|call| format!("rpc.{call}"));
    let all: Vec<String> = commits.chain(calls).collect();
    assert!(all.len() > 30, "the source is read wrongly: {all:?}");
    all.iter().flat_map(|point| [format!("{point}.before"), format!("{point}.after")]).collect()
}

fn collect(folder: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("the source lies beside the tests") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("readable");
            let after = text.split("fn name(&self) -> &'static str {").skip(1);
            names.extend(
                after
                    .filter_map(|text| text.split('"').nth(1).filter(|name| !name.contains(' ')))
                    .map(ToOwned::to_owned),
            );
        }
    }
}
