//! What a person is shown exactly once, after a redirect: the secret that was just made for them. It waits in their own
//! session for the next page, so that it never stands in a URL, and never in the database under a name of its own.

use crate::desk::{Answer, AppError};
use async_trait::async_trait;
use std::sync::Arc;

#[async_trait]
pub trait Flash: Send + Sync {
    /// Kept for the page that takes `name` next, for ten minutes at most; the one before of this name is gone.
    async fn put(&self, name: &'static str, text: &str) -> Answer<()>;
    /// Takes it out: whoever looks again finds nothing.
    async fn take(&self, name: &'static str) -> Answer<Option<String>>;
}

/// Of this request's session; the server puts it into the context. Take it before the first await.
pub fn flash() -> Answer<Arc<dyn Flash>> {
    leptos::prelude::use_context().ok_or(AppError::Unauthorized)
}
