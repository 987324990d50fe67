//! The door: what the sign-in page may ask before anybody is signed in. The server keeps sessions, passwords and the
//! count of tries; one `SignIn` is made per request.

use crate::desk::{Answer, AppError};
use crate::model::Time;
use async_trait::async_trait;
use std::sync::Arc;

/// What a person who isn't signed in may know of this installation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// Any coin of this installation is simulated.
    pub simulated: bool,
    /// `coffer demo`: the page says where the password was printed.
    pub demo: bool,
}

/// How often a name may still be tried from where the request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    pub left: u32,
    /// Set while the door is closed.
    pub paused_until: Option<Time>,
}

/// What the right password opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    In,
    /// Nothing yet: a code of the second factor comes first.
    AsksCode,
}

#[async_trait]
pub trait SignIn: Send + Sync {
    fn door(&self) -> Door;
    async fn attempts(&self, name: &str) -> Answer<Attempts>;
    /// Starts a session under a new id. `Refused` with the code `wrong_password` or `too_many_attempts`.
    async fn sign_in(&self, name: &str, password: &str) -> Answer<Entry>;
    /// Who has given the right password in this session and not yet a code; `None` where there is nobody, or too late.
    async fn half_in(&self) -> Answer<Option<String>>;
    /// The code that `Entry::AsksCode` asked for. `Refused` with `wrong_code` or `too_many_attempts`.
    async fn give_code(&self, code: &str) -> Answer<()>;
    /// Ends this session; nothing happens where there is none.
    async fn sign_out(&self) -> Answer<()>;
}

/// The door of this request; the server puts it into the context. Take it before the first await.
pub fn sign_in() -> Answer<Arc<dyn SignIn>> {
    leptos::prelude::use_context().ok_or(AppError::Unauthorized)
}
