//! The desk's part about who may use Coffer: users, sessions, one's own password and second factor.

use super::PersonalDesk;
use app::desk::People;
use async_trait::async_trait;

#[async_trait]
impl People for PersonalDesk {}
