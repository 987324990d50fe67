//! What a session keeps beside its user, and the one place that knows under which keys. All of it goes with the
//! session: a new id takes it along, another person who signs in finds none of it.

use crate::desk::{OwnSession, internal};
use crate::people::session::Visitor;
use app::desk::{Answer, AppError};
use app::model::{SessionId, Time, UserId};
use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use tower_sessions::Session;

/// Whose session it is: only of who is wholly signed in.
pub const USER: &str = "user";
/// When the session ends, whatever changes in it meanwhile.
pub const UNTIL: &str = "until";
pub const SIGNED_IN_AT: &str = "signed_in_at";
const PROVEN_AT: &str = "proven_at";
/// Who gave the right password, and nothing yet that opens anything.
const HALF: &str = "half";
/// How long the second page of signing in waits.
const HALF_SECONDS: i64 = 600;

fn failed(problem: impl Display) -> AppError {
    internal(&problem)
}

/// Begins `user`'s session. A new id, so that one which was planted before signing in opens nothing afterwards; and
/// nothing of who was here before stays.
pub async fn begin(session: &Session, user: UserId, now: Time, hours: i64) -> Answer<()> {
    renew_empty(session).await?;
    put(session, USER, user.0).await?;
    put(session, SIGNED_IN_AT, now.0).await?;
    put(session, PROVEN_AT, now.0).await?;
    put(session, UNTIL, now.plus_seconds(hours * 3_600).0).await
}

/// Begins the wait for `user`'s code.
pub async fn begin_half(session: &Session, user: UserId, mark: &str, now: Time) -> Answer<()> {
    renew_empty(session).await?;
    put(session, HALF, (user.0, mark)).await?;
    put(session, UNTIL, now.plus_seconds(HALF_SECONDS).0).await
}

/// Who is half in, and the mark of the password that they gave.
pub async fn half(session: &Session) -> Answer<Option<(UserId, String)>> {
    Ok(get::<(i64, String)>(session, HALF).await?.map(|(user, mark)| (UserId(user), mark)))
}

async fn renew_empty(session: &Session) -> Answer<()> {
    session.clear().await;
    session.cycle_id().await.map_err(failed)
}

async fn put(session: &Session, key: &str, value: impl Serialize) -> Answer<()> {
    session.insert(key, value).await.map_err(failed)
}

async fn get<T: DeserializeOwned>(session: &Session, key: &str) -> Answer<Option<T>> {
    session.get(key).await.map_err(failed)
}

/// The session of a desk's request.
pub struct Own {
    pub session: Session,
    pub id: SessionId,
}

impl Own {
    pub fn new(session: Session, visitor: &Visitor) -> Self {
        Self { session, id: visitor.session }
    }
}

#[async_trait]
impl OwnSession for Own {
    fn id(&self) -> SessionId {
        self.id
    }

    async fn proven_at(&self) -> Answer<Option<Time>> {
        Ok(get::<i64>(&self.session, PROVEN_AT).await?.map(Time))
    }

    async fn prove(&self, now: Time) -> Answer<()> {
        self.session.cycle_id().await.map_err(failed)?;
        put(&self.session, PROVEN_AT, now.0).await
    }

    async fn keep(&self, key: &'static str, text: &str) -> Answer<()> {
        put(&self.session, key, text).await
    }

    async fn kept(&self, key: &'static str) -> Answer<Option<String>> {
        get(&self.session, key).await
    }

    async fn forget(&self, key: &'static str) -> Answer<()> {
        self.session.remove::<String>(key).await.map(|_| ()).map_err(failed)
    }
}
