//! The part of the desk about what is kept about Coffer itself: API tokens, the audit log, the settings as loaded.
//! All of it but exports of the books needs the role admin.

use super::Answer;
use crate::model::{
    AuditLogChain, AuditLogFilter, AuditLogRow, Export, LoadedSettings, NewToken, Page, Paging, TokenDraft,
    TokenId, TokenRow,
};
use async_trait::async_trait;

#[async_trait]
pub trait Record: Send + Sync {
    async fn audit_log(&self, filter: &AuditLogFilter, paging: Paging) -> Answer<Page<AuditLogRow>>;
    async fn audit_log_chain(&self) -> Answer<AuditLogChain>;
    /// To be asked before the first row leaves: whether this person may have the list, and the act's row in the audit
    /// log. `what`: the path with its filter.
    async fn begin_export(&self, list: Export, what: &str) -> Answer<()>;

    async fn tokens(&self) -> Answer<Vec<TokenRow>>;
    async fn create_token(&self, draft: &TokenDraft) -> Answer<NewToken>;
    /// Whoever uses it is refused from now on. Answers its name.
    async fn revoke_token(&self, id: TokenId) -> Answer<String>;

    async fn settings(&self) -> Answer<LoadedSettings>;
}
