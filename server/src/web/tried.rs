//! Tells the audit log of orders that were refused before a verb of the desk could: a foreign origin, nobody signed in,
//! a form that was filled in wrongly, a confirmation that was missing. What is done is told where it is done.

use super::Web;
use crate::desk::PersonalDesk;
use app::model::Time;
use app::page::Query;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, Mutex, PoisonError};

/// Refusals of strangers that are told in an hour, by each process. Whoever has no password must not fill the disk.
const STRANGERS_AN_HOUR: u32 = 200;
/// Codes that the door tells by itself, with the name that was tried.
const TOLD_BY_THE_DOOR: [&str; 2] = ["wrong_password", "wrong_code"];

/// Counts what strangers tried.
#[derive(Default)]
pub struct Strangers(Mutex<(i64, u32)>);

impl Strangers {
    pub fn may_be_told(&self, now: Time) -> bool {
        let hour = now.0 / 3_600_000_000;
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != hour {
            *counted = (hour, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= STRANGERS_AN_HOUR
    }
}

pub async fn tell(State(web): State<Web>, request: Request, next: Next) -> Response {
    let desk = request.extensions().get::<Arc<PersonalDesk>>().cloned();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let (false, Some(desk), Some(refusal)) = (safe, desk, Refusal::of(&response)) else { return response };
    let told = TOLD_BY_THE_DOOR.contains(&refusal.code.as_str());
    if !told && (desk.has_actor() || web.strangers.may_be_told(web.shared.clock.now())) {
        let action: String = path.trim_start_matches("/act/").chars().take(100).collect();
        desk.tell_refused(&action, &refusal.subject, &refusal.code).await;
    }
    response
}

/// Why the answer isn't what was asked for.
struct Refusal {
    code: String,
    /// The name that somebody tried to sign in by.
    subject: String,
}

impl Refusal {
    /// A refused form leads back to itself with a code, whoever isn't signed in to the door.
    fn of(response: &Response) -> Option<Self> {
        let only = |code: &str| Some(Self { code: code.into(), subject: String::new() });
        match response.status() {
            StatusCode::FORBIDDEN => only("foreign_origin"),
            StatusCode::SERVICE_UNAVAILABLE => only("unavailable"),
            status if status.is_client_error() || status.is_server_error() => only("bad_request"),
            status if status.is_redirection() => {
                let location = response.headers().get(LOCATION)?.to_str().ok()?;
                let query = Query::of_request(location)?;
                match query.some("refused") {
                    Some(code) if query.path() == "/sign-in" => {
                        Some(Self { code, subject: query.get("name").to_owned() })
                    }
                    Some(code) => only(&code),
                    None if query.path() == "/sign-in" && !query.get("next").is_empty() => {
                        only("unauthorized")
                    }
                    None => None,
                }
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn code(status: u16, location: &str) -> Option<String> {
        let response = Response::builder().status(status).header(LOCATION, location).body(Body::empty());
        Refusal::of(&response.unwrap()).map(|refusal| refusal.code)
    }

    #[test]
    fn a_refusal_is_read_from_where_it_leads() {
        assert_eq!(code(303, "/wallets?coin=btc&name=x&refused=bad_name"), Some("bad_name".into()));
        assert_eq!(code(303, "/sign-in?next=%2Fwallets"), Some("unauthorized".into()));
        assert_eq!(
            code(303, "/sign-in?name=ada&refused=too_many_attempts"),
            Some("too_many_attempts".into())
        );
        assert_eq!(code(403, "/"), Some("foreign_origin".into()));
        assert_eq!(code(413, "/"), Some("bad_request".into()));
        // Done, and signed out.
        assert_eq!(code(303, "/wallets/7"), None);
        assert_eq!(code(303, "/sign-in"), None);
    }

    #[test]
    fn strangers_fill_no_disk() {
        let strangers = Strangers::default();
        let told = |now: i64| (0..1_000).filter(|_| strangers.may_be_told(Time(now))).count();
        assert_eq!(told(0), 200);
        assert_eq!(told(3_599_000_000), 0);
        assert_eq!(told(3_600_000_000), 200);
    }
}
