//! The part of the desk about who may use Coffer: users, sessions, one's own password and second factor.

use async_trait::async_trait;

#[async_trait]
pub trait People: Send + Sync {}
