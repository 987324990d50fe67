//! What is shown once waits in the session's own row, where only its cookie finds it, and leaves the database with the
//! page that shows it.

use crate::clock::Clock;
use crate::desk;
use app::desk::Answer;
use app::flash::Flash;
use app::model::Time;
use async_trait::async_trait;
use tower_sessions::Session;

/// Longer than any redirect takes; a page that is opened later has nothing to do with the order.
const KEPT_SECONDS: i64 = 600;

pub struct SessionFlash {
    pub session: Session,
    pub clock: Clock,
}

fn key(name: &str) -> String {
    format!("flash {name}")
}

#[async_trait]
impl Flash for SessionFlash {
    async fn put(&self, name: &'static str, text: &str) -> Answer<()> {
        let until = self.clock.now().plus_seconds(KEPT_SECONDS);
        self.session.insert(&key(name), (until, text)).await.map_err(|problem| desk::internal(&problem))
    }

    async fn take(&self, name: &'static str) -> Answer<Option<String>> {
        let found = self.session.remove::<(Time, String)>(&key(name)).await;
        let Some((until, text)) = found.map_err(|problem| desk::internal(&problem))? else { return Ok(None) };
        // Gone from the database before it is shown: a page that can't be sent costs the secret, never shows it twice.
        self.session.save().await.map_err(|problem| desk::internal(&problem))?;
        Ok((self.clock.now() < until).then_some(text))
    }
}
