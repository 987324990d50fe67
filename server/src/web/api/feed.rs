//! The feed: every event from a place on, in order, then those that come, over a websocket or by waiting requests. Readers go
//! on from the last sequence that they have; nothing is kept for them here. Who reads too slowly is cut off, and goes on from
//! there.

use super::event::{page, sequence};
use super::problem::Refusal;
use super::read::{Asked, Caller};
use super::said::List;
use super::{Api, bearer};
use crate::answer::{EventAnswer, Problem};
use crate::live::News;
use crate::people;
use app::model::{EventFilter, Topic};
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::http::header::UPGRADE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::Instant;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Feeds of one process: applications, not browsers.
pub const FEEDS_MAX: usize = 200;
/// Events read at once, and the most that one reader has in memory: some hundred kilobytes.
const AT_ONCE: i64 = 200;
/// Waiting requests answer well before the time limit of every request.
const WAIT_MAX_SECONDS: u64 = 20;
/// A reader that takes no message for so long is cut off; its place is the last sequence that it has.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// Between two pings, each also a look whether the token still holds.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Without any sign of life for so long the reader is gone: three pings that nobody answered.
const SILENCE: Duration = Duration::from_secs(50);
/// A reader has nothing to say but pongs.
const MESSAGE_BYTES: usize = 1_024;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(feed))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Place {
    /// The last sequence that the reader has; from the first event when not said.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Seconds to wait where nothing is new. A websocket doesn't take it.
    #[param(minimum = 0, maximum = 20)]
    wait: Option<u64>,
}

/// The feed of events
///
/// Every event after `after` in order and without a gap, then those that come. As a websocket (`Upgrade: websocket`) each
/// message is one event as JSON; pings keep the connection alive, and who takes none for ten seconds is cut off. Else it
/// answers at most 200 events, and waits up to `wait` seconds where there is none. Go on from the last sequence.
#[utoipa::path(get, path = "/feed", tag = "events", params(Place),
    responses((status = 200, description = "In order", body = List<EventAnswer>),
        (status = 101, description = "The websocket is open")),
    security(("bearer" = ["read"])))]
async fn feed(
    State(api): State<Api>,
    caller: Caller,
    Asked(place): Asked<Place>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let after = sequence(place.after)?;
    let reader = Reader { news: api.web.live.listen(), caller, after };
    if !headers.contains_key(UPGRADE) {
        return wait(reader, place.wait.unwrap_or(0)).await;
    }
    if place.wait.is_some() {
        return Err(Problem::field("wait", "wait: a websocket waits by itself.").into());
    }
    let upgrade = upgrade.map_err(|problem| Refusal::new("bad_request", problem.body_text()))?;
    let busy = "Too many feeds are open; ask by waiting requests, or later.";
    let seat = api.feeds.clone().try_acquire_owned().map_err(|_| Refusal::new("rate_limited", busy))?;
    let secret = bearer::secret(&headers).unwrap_or_default().to_owned();
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(move |socket| tell(api, reader, secret, seat, socket)))
}

/// A place in the feed.
struct Reader {
    news: Receiver<News>,
    caller: Caller,
    after: i64,
}

impl Reader {
    /// What comes next; its place moves along.
    async fn next(&mut self) -> Result<Vec<EventAnswer>, Refusal> {
        let rows = self.caller.events_after(self.after, &EventFilter::default(), AT_ONCE).await?;
        let events: Vec<EventAnswer> = rows.into_iter().map(Into::into).collect();
        self.after = events.last().map_or(self.after, |event| event.sequence);
        Ok(events)
    }

    /// Until events have got their numbers, or it can't be known; false at the process' end.
    async fn heard(&mut self) -> bool {
        loop {
            match self.news.recv().await {
                // Numbers may have come without a word that was heard; a look now and then costs little.
                Ok(News::Changed(Topic::Events) | News::Alive) | Err(RecvError::Lagged(_)) => return true,
                Ok(News::Changed(_)) => {}
                Err(RecvError::Closed) => return false,
            }
        }
    }
}

async fn wait(mut reader: Reader, seconds: u64) -> Result<Response, Refusal> {
    if seconds > WAIT_MAX_SECONDS {
        let message = format!("wait: write seconds, at most {WAIT_MAX_SECONDS}.");
        return Err(Problem::field("wait", message).into());
    }
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        let events = reader.next().await?;
        let over = Instant::now() >= end;
        if !events.is_empty() || over {
            return Ok(page(events, AT_ONCE).into_response());
        }
        // Looks once more when the time is over.
        let _ = tokio::time::timeout_at(end, reader.heard()).await;
    }
}

/// Until the reader goes or is too slow, its token ends, or the process does.
async fn tell(
    api: Api,
    mut reader: Reader,
    secret: String,
    _seat: OwnedSemaphorePermit,
    mut socket: WebSocket,
) {
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    heartbeat.tick().await;
    let mut heard_at = Instant::now();
    loop {
        let events = match reader.next().await {
            Ok(events) => events,
            Err(problem) => {
                tracing::debug!(?problem, "a feed can't be read on");
                return;
            }
        };
        let full = i64::try_from(events.len()).is_ok_and(|count| count >= AT_ONCE);
        for event in &events {
            let Ok(text) = serde_json::to_string(event) else { return };
            if !send(&mut socket, Message::Text(text.into())).await {
                return;
            }
        }
        if full {
            continue;
        }
        tokio::select! {
            news = reader.heard() => if !news { return },
            said = socket.recv() => match said {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => heard_at = Instant::now(),
            },
            _ = heartbeat.tick() => {
                let alive = heard_at.elapsed() < SILENCE && holds(&api, &secret).await;
                if !alive || !send(&mut socket, Message::Ping(Vec::new().into())).await {
                    return;
                }
            }
        }
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> bool {
    matches!(tokio::time::timeout(SEND_LIMIT, socket.send(message)).await, Ok(Ok(())))
}

/// A token that was revoked or has expired hears no more.
async fn holds(api: &Api, secret: &str) -> bool {
    let shared = &api.web.shared;
    let found = people::bearer(&shared.db, secret, shared.clock.now()).await;
    // A database that doesn't answer revokes nothing.
    found.map_or(true, |token| token.is_some())
}
