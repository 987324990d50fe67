//! The desk's part about looking things up across books and network: the search box, addresses, network transactions.

use super::PersonalDesk;
use app::desk::Find;
use async_trait::async_trait;

#[async_trait]
impl Find for PersonalDesk {}
