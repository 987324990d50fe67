//! Named places where a test may stop the process dead, or have the world change, to prove that nothing is lost or
//! done twice there. Every commit has two (`commit.NAME.before`, `commit.NAME.after`) and every call of a backend too
//! (`rpc.NAME.before`, `rpc.NAME.after`), reached in `Db::write` and `network::watched`. In optimised builds they
//! are nothing.
//! A whole process is told by its environment: `COFFER_FAILPOINT=NAME=FILE` writes FILE on reaching NAME first, and waits
//! until the test has killed it or removed FILE; `NAME=panic` panics there. A test in the same process sets a `Watch`.

#[cfg(debug_assertions)]
mod points {
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, LazyLock, RwLock};
    use std::time::Duration;

    /// How soon a removed file is noticed.
    const PAUSE: Duration = Duration::from_millis(20);

    /// Called with the point's name; what it answers is awaited there.
    pub type Watch = Arc<dyn Fn(&str) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

    static WATCH: LazyLock<RwLock<Option<Watch>>> = LazyLock::new(|| RwLock::new(ordered()));

    /// The only one of this process; `None` takes it back.
    pub fn watch(watch: Option<Watch>) {
        *WATCH.write().unwrap_or_else(std::sync::PoisonError::into_inner) = watch;
    }

    pub async fn reach(kind: &str, name: &str, when: &str) {
        let watch = WATCH.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if let Some(watch) = watch {
            watch(&format!("{kind}.{name}.{when}")).await;
        }
    }

    #[allow(clippy::disallowed_methods, reason = "the only switch of tests, read where it acts")]
    fn ordered() -> Option<Watch> {
        let order = std::env::var("COFFER_FAILPOINT").ok()?;
        let (point, file) = order.split_once('=')?;
        let (point, file) = (point.to_owned(), file.to_owned());
        let met = AtomicBool::new(false);
        Some(Arc::new(move |reached: &str| {
            if reached != point {
                return Box::pin(std::future::ready(()));
            }
            assert!(file != "panic", "a test lets {reached} panic");
            // Whoever comes later waits with the first.
            if !met.swap(true, Ordering::SeqCst)
                && let Err(error) = std::fs::write(&file, reached)
            {
                tracing::error!(%error, file, "the failpoint's file can't be written");
            }
            let file = file.clone();
            Box::pin(async move {
                while std::fs::exists(&file).unwrap_or(true) {
                    tokio::time::sleep(PAUSE).await;
                }
            })
        }))
    }
}

#[cfg(debug_assertions)]
pub use points::{Watch, reach, watch};

#[cfg(not(debug_assertions))]
pub async fn reach(_kind: &str, _name: &str, _when: &str) {}
