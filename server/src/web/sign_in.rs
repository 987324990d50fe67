//! The door as the pages of signing in use it: one request's session, and the rules of `people::Door`.

use super::{Web, own_session};
use crate::audit_log;
use crate::db::Execute;
use crate::desk;
use crate::people::{self, Entered};
use app::desk::{Answer, AppError};
use app::model::UserId;
use app::sign_in::{Attempts, Door, Entry, SignIn};
use async_trait::async_trait;
use tower_sessions::Session;

pub struct PersonalDoor {
    pub web: Web,
    pub session: Session,
}

impl PersonalDoor {
    async fn begin(&self, user: UserId) -> Answer<()> {
        let hours = self.web.shared.settings.web.session_hours;
        own_session::begin(&self.session, user, self.web.shared.clock.now(), hours).await
    }

    async fn name_of(&self, user: UserId) -> Answer<Option<String>> {
        let mut read = self.web.shared.db.read().await.map_err(desk::from_db)?;
        let user = people::by_id(&mut read.tx(), user, self.web.shared.clock.now()).await;
        Ok(user.map_err(desk::from_db)?.map(|user| user.name))
    }
}

#[async_trait]
impl SignIn for PersonalDoor {
    fn door(&self) -> Door {
        Door { simulated: self.web.shared.coins.any_simulated(), demo: self.web.shared.settings.demo }
    }

    async fn attempts(&self, name: &str) -> Answer<Attempts> {
        self.web.door.attempts(name).await.map_err(desk::from_db)
    }

    async fn sign_in(&self, name: &str, password: &str) -> Answer<Entry> {
        let entered = self.web.door.sign_in(name, password).await.map_err(desk::from_door)?;
        match entered {
            Entered { user, asks_code: None } => {
                self.begin(user).await?;
                Ok(Entry::In)
            }
            Entered { user, asks_code: Some(mark) } => {
                own_session::begin_half(&self.session, user, &mark, self.web.shared.clock.now()).await?;
                Ok(Entry::AsksCode)
            }
        }
    }

    async fn half_in(&self) -> Answer<Option<String>> {
        match own_session::half(&self.session).await? {
            Some((user, _)) => self.name_of(user).await,
            None => Ok(None),
        }
    }

    async fn give_code(&self, code: &str) -> Answer<()> {
        let (user, mark) = own_session::half(&self.session).await?.ok_or(AppError::Unauthorized)?;
        self.web.door.give_code(user, &mark, code).await.map_err(desk::from_door)?;
        self.begin(user).await
    }

    async fn sign_out(&self) -> Answer<()> {
        let user =
            self.session.get::<i64>(own_session::USER).await.map_err(|problem| desk::internal(&problem))?;
        self.session.flush().await.map_err(|problem| desk::internal(&problem))?;
        let Some(id) = user else { return Ok(()) };
        let Some(name) = self.name_of(UserId(id)).await? else { return Ok(()) };
        let entry = audit_log::entry(self.web.shared.clock.now(), &name, "sign_out", &name, "done");
        self.web.shared.db.write(Execute::one("sign_out", entry)).await.map_err(desk::from_db)?;
        Ok(())
    }
}
