//! The part of the desk about looking things up across books and network: the search box, addresses, network transactions.

use async_trait::async_trait;

#[async_trait]
pub trait Find: Send + Sync {}
