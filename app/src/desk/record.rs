//! The part of the desk about what is kept about Coffer itself: API tokens, the audit log, the settings as loaded.

use async_trait::async_trait;

#[async_trait]
pub trait Record: Send + Sync {}
