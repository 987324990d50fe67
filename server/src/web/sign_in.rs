//! The door as the sign-in page uses it: one request's session, and the rules of `people::Door`.

use super::{Web, person};
use crate::audit_log;
use crate::db::Execute;
use crate::desk;
use crate::people::{self, DoorError};
use app::desk::{Answer, AppError};
use app::model::UserId;
use app::sign_in::{Attempts, Door, SignIn};
use async_trait::async_trait;
use tower_sessions::Session;

pub struct PersonalDoor {
    pub web: Web,
    pub session: Session,
}

#[async_trait]
impl SignIn for PersonalDoor {
    fn door(&self) -> Door {
        Door { simulated: self.web.shared.coins.any_simulated(), demo: self.web.shared.settings.demo }
    }

    async fn attempts(&self, name: &str) -> Answer<Attempts> {
        self.web.door.attempts(name).await.map_err(desk::from_db)
    }

    async fn sign_in(&self, name: &str, password: &str) -> Answer<()> {
        let user = match self.web.door.sign_in(name, password).await {
            Ok(user) => user,
            Err(DoorError::Wrong) => {
                let message = "Name or password is wrong.".into();
                return Err(AppError::Refused { code: "wrong_password", message });
            }
            Err(DoorError::Paused { until }) => {
                let message = format!("Too many wrong passwords. Try again after {} UTC.", until.clock());
                return Err(AppError::Refused { code: "too_many_attempts", message });
            }
            Err(DoorError::Db(problem)) => return Err(desk::from_db(problem)),
        };
        // A new id, so that one which was planted before signing in opens nothing afterwards.
        self.session.cycle_id().await.map_err(|problem| desk::internal(&problem))?;
        self.session.insert(person::USER, user.0).await.map_err(|problem| desk::internal(&problem))
    }

    async fn sign_out(&self) -> Answer<()> {
        let user = self.session.get::<i64>(person::USER).await.map_err(|problem| desk::internal(&problem))?;
        self.session.flush().await.map_err(|problem| desk::internal(&problem))?;
        let Some(id) = user else { return Ok(()) };
        let Some(user) = people::by_id(&self.web.shared.db, UserId(id)).await.map_err(desk::from_db)? else {
            return Ok(());
        };
        let entry = audit_log::entry(self.web.shared.clock.now(), &user.name, "sign_out", &user.name, "done");
        self.web.shared.db.write(Execute::one("sign_out", entry)).await.map_err(desk::from_db)?;
        Ok(())
    }
}
