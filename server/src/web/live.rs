//! `/live`: the websocket of pages that change in place. It says topics and that it is alive, in words; what changed
//! the page asks for itself. It opens for whoever is signed in, from Coffer's own pages only.

use super::{Web, guard, person};
use crate::live::News;
use app::desk::AppError;
use app::model::Topic;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::error::RecvError;
use tower_sessions::Session;
use tower_sessions::session::Id;

/// Open pages of one process. Each costs a few kilobytes; more are a mistake or an attack.
pub const SOCKETS_MAX: usize = 2_000;
/// The browser has nothing to say.
const MESSAGE_BYTES: usize = 1_024;
/// How long somebody whose session was ended may still hear that something changed.
const CHECK: Duration = Duration::from_secs(20);
/// A browser that takes no message for so long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(10);

pub async fn join(
    State(web): State<Web>,
    session: Session,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Response {
    if !guard::is_own(request.headers(), &web.shared.settings.web) {
        return (StatusCode::FORBIDDEN, "This socket opens for Coffer's own pages alone.\n").into_response();
    }
    let Some(id) = session.id() else { return refused() };
    if !is_signed_in(&web, id).await {
        return refused();
    }
    let Ok(place) = web.sockets.clone().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many pages are open.\n").into_response();
    };
    upgrade
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .on_upgrade(move |socket| tell(web, id, place, socket))
}

fn refused() -> Response {
    (StatusCode::UNAUTHORIZED, format!("{}\n", AppError::Unauthorized)).into_response()
}

/// Read anew: an ended session, a disabled user are out.
async fn is_signed_in(web: &Web, id: Id) -> bool {
    matches!(person::visitor_of(web, &id).await, Ok(Some(_)))
}

/// Until the browser goes, its session ends, or the process does.
async fn tell(web: Web, id: Id, _place: OwnedSemaphorePermit, mut socket: WebSocket) {
    let mut news = web.live.listen();
    let mut check = tokio::time::interval(CHECK);
    check.tick().await;
    loop {
        let words: Vec<&str> = tokio::select! {
            told = news.recv() => match told {
                Ok(News::Changed(topic)) => vec![topic.as_str()],
                Ok(News::Alive) => vec!["alive"],
                Err(RecvError::Lagged(_)) => Topic::ALL.iter().map(|topic| topic.as_str()).collect(),
                Err(RecvError::Closed) => return,
            },
            heard = socket.recv() => match heard {
                Some(Ok(_)) => continue,
                _ => return,
            },
            _ = check.tick() => {
                if is_signed_in(&web, id).await {
                    continue;
                }
                return;
            }
        };
        for word in words {
            let sent = socket.send(Message::Text(word.into()));
            if !matches!(tokio::time::timeout(SEND_LIMIT, sent).await, Ok(Ok(()))) {
                return;
            }
        }
    }
}
