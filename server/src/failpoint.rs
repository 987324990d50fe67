//! Named places where a test may stop the process dead, to prove that nothing is lost or done twice there.
//! In optimised builds they are nothing. `COFFER_FAILPOINT=NAME=FILE`: on reaching NAME, write FILE and wait for
//! the kill that the test then sends.

/// Reached between a commit and what follows it.
#[cfg(debug_assertions)]
#[allow(clippy::disallowed_methods, reason = "the only switch of tests, read where it acts")]
pub async fn reach(name: &str) {
    let Ok(order) = std::env::var("COFFER_FAILPOINT") else { return };
    let Some((point, file)) = order.split_once('=') else { return };
    if point == name {
        if let Err(error) = std::fs::write(file, name) {
            tracing::error!(%error, file, "the failpoint's file can't be written");
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(not(debug_assertions))]
pub async fn reach(_name: &str) {}
