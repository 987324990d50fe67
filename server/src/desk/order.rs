//! Orders: the role is checked, the change applied, and the audit log told, in the same database transaction where
//! the change is kept. Refusals are logged too.

use super::{Actor, FORM_KEY, PersonalDesk, Who, error};
use crate::audit_log;
use crate::db::{Change, Execute, Query, Tx};
use crate::ledger::LedgerError;
use app::desk::{Answer, AppError};
use app::model::Scope;
use async_trait::async_trait;
use std::sync::{MutexGuard, PoisonError};

/// What is ordered, in the audit log's words.
#[derive(Clone)]
pub struct Order {
    pub needs: Scope,
    pub action: &'static str,
    pub subject: String,
}

/// A change and the row that tells of it, kept together.
pub struct Logged<C> {
    change: C,
    entry: Query,
}

#[async_trait]
impl<C: Change<Error = LedgerError>> Change for Logged<C> {
    type Output = C::Output;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        self.change.name()
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        self.change.wallets(tx).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<C::Output, LedgerError> {
        let output = self.change.apply(tx).await?;
        self.entry.clone().run(tx).await?;
        Ok(output)
    }
}

/// What this request has ordered so far, for the row of a refusal that no verb tells of.
#[derive(Default)]
pub(super) struct Tried {
    /// The last one that role or scopes allow.
    order: Option<Order>,
    /// The audit log has it, done or refused.
    told: bool,
}

/// The code of an order that asks for a proof; `web.step_up_minutes`.
pub const STEP_UP_NEEDED: &str = "step_up_needed";

/// Orders by which money leaves, or by which a person decides what becomes of a broadcast. Transfers stay in the books,
/// and gathering evidence decides nothing.
fn asks_proof(action: &str) -> bool {
    match action {
        "send" | "account.adjust" => true,
        "broadcast.gather" => false,
        other => other.starts_with("broadcast."),
    }
}

/// Keys of forms and of the API, as PRODUCT says: printable, bounded.
const KEY_MAX: usize = 255;

impl PersonalDesk {
    /// Who orders, or the reason why not; a refusal is logged.
    pub async fn allowed(&self, order: &Order) -> Answer<&Actor> {
        let actor = self.actor()?;
        let refusal = if let Err(refusal) = actor.may(order.needs) {
            refusal
        } else if asks_proof(order.action) && !self.is_proven().await? {
            let message = "Say once more who you are: this order moves money.";
            AppError::refused(STEP_UP_NEEDED, message)
        } else {
            *self.tried() = Tried { order: Some(order.clone()), told: false };
            return Ok(actor);
        };
        self.log(order, refusal.code()).await;
        Err(refusal)
    }

    /// As `allowed`, by a form or a program that gives this key; a refusal of the key is logged too.
    pub async fn allowed_once(&self, order: &Order, key: &str) -> Answer<&Actor> {
        let actor = self.allowed(order).await?;
        match check_key(actor, key) {
            Ok(()) => Ok(actor),
            Err(refusal) => {
                self.log(order, refusal.code()).await;
                Err(refusal)
            }
        }
    }

    pub async fn carry_out<C>(&self, order: Order, change: C) -> Answer<C::Output>
    where
        C: Change<Error = LedgerError>,
    {
        let actor = self.allowed(&order).await?;
        let logged = self.logged(actor, &order, change);
        self.finish(&order, self.shared.db.write(logged).await).await
    }

    /// Tells the audit log of what no change tells: refusals and acts outside the books.
    pub async fn log(&self, order: &Order, outcome: &str) {
        self.tried().told = true;
        self.write_entry(order.action, &order.subject, outcome).await;
    }

    async fn write_entry(&self, action: &str, subject: &str, outcome: &str) {
        let name = self.actor.as_ref().map_or(audit_log::NOBODY, |actor| actor.name.as_str());
        let entry = audit_log::entry(self.shared.clock.now(), name, action, subject, outcome);
        if let Err(problem) = self.shared.db.write(Execute::one("audit_log", entry)).await {
            tracing::warn!(%problem, action, outcome, "the audit log could not be written");
        }
    }

    /// Whoever may give an order may read what it is about.
    pub(super) fn has_ordered(&self) -> bool {
        self.tried().order.is_some()
    }

    pub fn has_actor(&self) -> bool {
        self.actor.is_some()
    }

    /// Tells of an order that was refused, unless a verb did. `action` and `subject` stand in where none was begun.
    pub async fn tell_refused(&self, action: &str, subject: &str, outcome: &str) {
        let order = {
            let tried = self.tried();
            if tried.told {
                return;
            }
            tried.order.clone()
        };
        match order {
            Some(order) => self.log(&order, outcome).await,
            None => self.write_entry(action, subject, outcome).await,
        }
    }

    fn tried(&self) -> MutexGuard<'_, Tried> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn logged<C>(&self, actor: &Actor, order: &Order, change: C) -> Logged<C> {
        let now = self.shared.clock.now();
        Logged { change, entry: audit_log::entry(now, &actor.name, order.action, &order.subject, "done") }
    }

    pub(super) async fn finish<T>(&self, order: &Order, result: Result<T, LedgerError>) -> Answer<T> {
        match result {
            Ok(output) => {
                self.tried().told = true;
                Ok(output)
            }
            Err(problem) => {
                let answer = error::from_ledger(problem);
                self.log(order, answer.code()).await;
                Err(answer)
            }
        }
    }
}

/// A form that was taken from somebody else's page is refused, whoever sends it.
fn check_key(actor: &Actor, key: &str) -> Answer<()> {
    let printable = key.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if key.is_empty() || key.len() > KEY_MAX || !printable {
        return Err(AppError::refused(
            "idempotency_key_required",
            "The form's key is missing or damaged. Open the page again.",
        ));
    }
    let Who::User { id, .. } = &actor.who else { return Ok(()) };
    let owner = key.strip_prefix(FORM_KEY).and_then(|rest| rest.split_once('-')).map(|(user, _)| user);
    if owner.is_some_and(|user| user != id.to_string()) {
        return Err(AppError::refused(
            "idempotency_mismatch",
            "This form was made for somebody else. Open the page again.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::asks_proof;

    #[test]
    fn what_pays_or_decides_asks_for_a_proof() {
        for action in [
            "send",
            "account.adjust",
            "broadcast.close",
            "broadcast.reopen",
            "broadcast.cancel",
            "broadcast.bump",
            "broadcast.fail",
            "broadcast.renew",
        ] {
            assert!(asks_proof(action), "{action}");
        }
        for action in
            ["transfer", "send.review", "transaction.cancel", "broadcast.gather", "wallet.create", "prove"]
        {
            assert!(!asks_proof(action), "{action}");
        }
    }
}
