//! What forms order, one server function per verb, by noun. Each is a public endpoint: it takes plain strings, asks
//! the desk of the request (which checks session and role), and answers with the page to look at next. A refusal
//! goes back to the form with what was typed and a code; no sentence and no password travels in a URL.

mod account;
mod adjustment;
mod event;
mod job;
mod profile;
mod sign_in;
mod simulator;
mod token;
mod transaction;
mod user;
mod vetting;
mod wallet;

pub use account::*;
pub use adjustment::*;
pub use event::*;
pub use job::*;
pub use profile::*;
pub use sign_in::*;
pub use simulator::*;
pub use token::*;
pub use transaction::*;
pub use user::*;
pub use vetting::*;
pub use wallet::*;

use crate::desk::{Answer, AppError};
use crate::page::review::KEY;
use crate::page::{link, redirect};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// Where a refused order leads: its form, filled in as it was.
struct Form<'a> {
    /// May have a query already.
    path: String,
    typed: Vec<(&'a str, &'a str)>,
}

impl<'a> Form<'a> {
    fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), typed: Vec::new() }
    }

    fn with(mut self, name: &'a str, value: &'a str) -> Self {
        self.typed.push((name, value));
        self
    }

    /// The form again, refused for `code`.
    fn refused(&self, code: &str) -> String {
        // A key that doesn't fit this form never will: the form is made again with a new one.
        let unfit = code.starts_with(KEY);
        let typed = self.typed.iter().copied().filter(|(name, _)| !(unfit && *name == KEY));
        link(&self.path, typed.chain([("refused", code)]))
    }

    fn after(&self, error: &AppError) -> String {
        match error {
            AppError::Unauthorized => link("/sign-in", [("next", self.path.as_str())]),
            AppError::Internal { incident } => link(
                &self.path,
                self.typed.iter().copied().chain([("refused", "internal"), ("incident", incident)]),
            ),
            // Asked by a page of its own, which leads back to this form as it was filled in.
            AppError::Refused { code: "step_up_needed", .. } => {
                let form = link(&self.path, self.typed.iter().copied());
                link("/step-up", [("next", form.as_str())])
            }
            AppError::Invalid(faults) => {
                let field = faults.first().map_or("request", |fault| fault.field);
                self.refused(&format!("bad_{field}"))
            }
            other => self.refused(other.code()),
        }
    }
}

/// The response of this request; taken before the first await.
fn response() -> ResponseOptions {
    use_context::<ResponseOptions>().unwrap_or_default()
}

/// Leads to the page of what was done, or back to the form.
fn lead<T>(response: &ResponseOptions, answer: Answer<T>, form: &Form<'_>, done: impl FnOnce(T) -> String) {
    match answer {
        Ok(value) => redirect(response, &done(value)),
        Err(error) => redirect(response, &form.after(&error)),
    }
}

/// The box above the button, of what can't be taken back.
fn must_be_confirmed(confirmed: &str) -> Answer<()> {
    if confirmed.is_empty() {
        return Err(AppError::refused("not_confirmed", "Confirm it by the box above the button."));
    }
    Ok(())
}

/// An id of a form; forms carry only ids that Coffer wrote into them.
fn id<T: std::str::FromStr>(text: &str, noun: &'static str) -> Answer<T> {
    text.trim().parse().map_err(|_| AppError::NotFound(noun))
}
