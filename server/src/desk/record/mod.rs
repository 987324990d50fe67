//! The desk's part about what is kept about Coffer itself: API tokens, the audit log, the settings as loaded. Whoever
//! may not look is refused, and the log says that they tried.

mod audit_log;
mod settings;
mod token;

use super::PersonalDesk;
use super::order::Order;
use crate::audit_log as log;
use crate::db::Execute;
use app::desk::{Answer, Record};
use app::model::{
    AuditLogChain, AuditLogFilter, AuditLogRow, Export, LoadedSettings, NewToken, Page, Paging, Scope,
    TokenDraft, TokenId, TokenRow,
};
use async_trait::async_trait;

#[async_trait]
impl Record for PersonalDesk {
    async fn audit_log(&self, filter: &AuditLogFilter, paging: Paging) -> Answer<Page<AuditLogRow>> {
        audit_log::list(self, filter, &paging).await
    }
    async fn audit_log_chain(&self) -> Answer<AuditLogChain> {
        audit_log::chain(self).await
    }
    async fn begin_export(&self, list: Export, what: &str) -> Answer<()> {
        let needs = if list == Export::AuditLog { Scope::Admin } else { Scope::Read };
        let order = Order { needs, action: list.action(), subject: what.to_owned() };
        let actor = self.allowed(&order).await?;
        // Told before the first row leaves, and nothing leaves that can't be told.
        let entry = log::entry(self.shared.clock.now(), &actor.name, order.action, &order.subject, "done");
        self.shared.db.write(Execute::one("begin_export", entry)).await.map_err(super::from_db)?;
        Ok(())
    }

    async fn tokens(&self) -> Answer<Vec<TokenRow>> {
        token::list(self).await
    }
    async fn create_token(&self, draft: &TokenDraft) -> Answer<NewToken> {
        token::create(self, draft).await
    }
    async fn revoke_token(&self, id: TokenId) -> Answer<String> {
        token::revoke(self, id).await
    }

    async fn settings(&self) -> Answer<LoadedSettings> {
        settings::loaded(self).await
    }
}

/// Looking is logged only where it is refused.
async fn may_look(desk: &PersonalDesk, action: &'static str) -> Answer<()> {
    desk.allowed(&Order { needs: Scope::Admin, action, subject: String::new() }).await.map(|_| ())
}
