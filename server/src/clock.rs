//! The one place that reads the system's time. Everything else takes a `Clock`, so that every run can be replayed.

use app::model::Time;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Clone, Default)]
pub struct Clock {
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    pub fn system() -> Self {
        Self::default()
    }

    /// Stands still until `advance` moves it; clones share it.
    pub fn fixed(at: Time) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(at.0))) }
    }

    pub fn advance(&self, seconds: i64) {
        if let Some(fixed) = &self.fixed {
            fixed.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        }
    }

    #[allow(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Time {
        if let Some(fixed) = &self.fixed {
            return Time(fixed.load(Ordering::SeqCst));
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}
