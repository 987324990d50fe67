//! API tokens: listed, made, revoked, by the same verbs as `coffer token`.

use super::may_look;
use crate::desk::order::Order;
use crate::desk::{PersonalDesk, error};
use crate::people::{self, PeopleError};
use app::desk::{Answer, AppError};
use app::model::{NewToken, Scope, Time, TokenDraft, TokenId, TokenRow};

pub async fn list(desk: &PersonalDesk) -> Answer<Vec<TokenRow>> {
    may_look(desk, "token.list").await?;
    people::tokens(&desk.shared.db).await.map_err(error::from_db)
}

pub async fn create(desk: &PersonalDesk, draft: &TokenDraft) -> Answer<NewToken> {
    let name = draft.name.trim();
    let order = Order { needs: Scope::Admin, action: "token.create", subject: name.to_owned() };
    let actor = desk.allowed(&order).await?.name.clone();
    let now = desk.shared.clock.now();
    let tried = async {
        let scopes = scopes(&draft.scopes)?;
        let networks = draft.networks.split([',', ' ', '\n']).map(str::trim).filter(|word| !word.is_empty());
        let networks = people::networks(networks).map_err(|problem| refusal(problem, "networks"))?;
        let expires_at = match draft.days.trim() {
            "" => in_time(draft.expires_at, now)?,
            typed => {
                let days =
                    typed.parse().map_err(|_| AppError::invalid("days", "Write a whole number of days."))?;
                Some(people::token_expiry(days, now).map_err(|problem| refusal(problem, "days"))?)
            }
        };
        let owner = Some(draft.owner.trim().to_owned()).filter(|owner| !owner.is_empty());
        let token = people::NewToken { name: name.to_owned(), owner, scopes, networks, expires_at };
        let made = people::create_token(&desk.shared.db, token, now, &actor).await;
        let (id, secret) = made.map_err(|problem| refusal(problem, "name"))?;
        let token = people::token_by_id(&desk.shared.db, id).await.map_err(error::from_db)?;
        Ok(NewToken { token: token.ok_or(AppError::NotFound("token"))?, secret })
    };
    // Done is told with the token itself.
    let answer: Answer<NewToken> = tried.await;
    if let Err(refused) = &answer {
        desk.log(&order, refused.code()).await;
    }
    answer
}

/// One that has expired already would be a mistake.
fn in_time(expires_at: Option<Time>, now: Time) -> Answer<Option<Time>> {
    match expires_at {
        Some(at) if at <= now => {
            Err(AppError::invalid("expires_at", "This moment is over. Name a later one."))
        }
        other => Ok(other),
    }
}

fn scopes(words: &[String]) -> Answer<Vec<Scope>> {
    let scopes: Option<Vec<Scope>> = words.iter().map(|word| word.parse().ok()).collect();
    scopes
        .filter(|scopes| !scopes.is_empty())
        .ok_or_else(|| AppError::invalid("scopes", "Choose at least one scope."))
}

fn refusal(problem: PeopleError, field: &'static str) -> AppError {
    match problem {
        PeopleError::Invalid(message) => AppError::invalid(field, message),
        PeopleError::Exists(_) => AppError::refused("token_exists", problem.to_string()),
        PeopleError::NotFound(_) => AppError::NotFound("token"),
        PeopleError::Db(problem) => error::from_db(problem),
        #[allow(unreachable_patterns, reason = "what else people may be refused for is no token's")]
        other => error::internal(&other),
    }
}

pub async fn revoke(desk: &PersonalDesk, id: TokenId) -> Answer<String> {
    let order = Order { needs: Scope::Admin, action: "token.revoke", subject: format!("token {id}") };
    let actor = desk.allowed(&order).await?.name.clone();
    let found = people::tokens(&desk.shared.db).await.map_err(error::from_db)?;
    let tried = async {
        let name = found.into_iter().find(|token| token.id == id).map(|token| token.name);
        let name = name.ok_or(AppError::NotFound("token"))?;
        let revoked = people::revoke_token(&desk.shared.db, &name, desk.shared.clock.now(), &actor).await;
        revoked.map(|()| name).map_err(|problem| refusal(problem, "token"))
    };
    let answer = tried.await;
    if let Err(refused) = &answer {
        desk.log(&order, refused.code()).await;
    }
    answer
}
