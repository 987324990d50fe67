//! The desk's part about what is kept about Coffer itself: API tokens, the audit log, the settings as loaded.

use super::PersonalDesk;
use app::desk::Record;
use async_trait::async_trait;

#[async_trait]
impl Record for PersonalDesk {}
