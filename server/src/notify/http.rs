//! Wallet notifications by HTTP: `walletnotify=curl --data txid=%s http://127.0.0.1:28882/COIN`.
//! Answers at once whatever becomes of the notification: the daemon waits for its notifier in old versions, and a
//! lost one is found by the jobs.

use super::Notification;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::Sender;

/// `txid=` and 64 digits, and room for what else a notifier may add.
const BODY_BYTES_MAX: usize = 1024;
/// For reading those few bytes from this machine or the next.
const BODY_SECONDS: u64 = 5;
const TXID_DIGITS: usize = 64;

#[derive(Debug, thiserror::Error)]
#[error("Wallet notifications can't be taken at {address}: {source}. Is another program using this port?")]
pub struct ListenError {
    address: SocketAddr,
    source: std::io::Error,
}

/// The one listener of all coins, bound and not yet serving.
pub struct HttpNotify {
    listener: TcpListener,
    address: SocketAddr,
}

struct Shared {
    coins: Vec<String>,
    sender: Sender<Notification>,
}

impl HttpNotify {
    /// `address` with port 0 takes any free one.
    pub async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        let fault = |source| ListenError { address, source };
        let listener = TcpListener::bind(address).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        Ok(Self { listener, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` completes and what was begun is answered. `coins`: tickers that have a path.
    pub async fn serve(
        self,
        coins: Vec<String>,
        sender: Sender<Notification>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let router = router(coins, sender);
        axum::serve(self.listener, router).with_graceful_shutdown(shutdown).await
    }
}

fn router(coins: Vec<String>, sender: Sender<Notification>) -> Router {
    Router::new()
        .route("/", post(any_coin))
        .route("/{coin}", post(one_coin))
        .with_state(Arc::new(Shared { coins, sender }))
}

async fn any_coin(State(shared): State<Arc<Shared>>, request: Request) -> (StatusCode, &'static str) {
    take(&shared, None, request).await
}

async fn one_coin(
    State(shared): State<Arc<Shared>>,
    Path(coin): Path<String>,
    request: Request,
) -> (StatusCode, &'static str) {
    if !shared.coins.contains(&coin) {
        tracing::warn!(coin = %shortened(&coin), "wallet notification for a coin that is not configured");
        return (StatusCode::NOT_FOUND, "No such coin is configured.\n");
    }
    take(&shared, Some(coin), request).await
}

async fn take(shared: &Shared, coin: Option<String>, request: Request) -> (StatusCode, &'static str) {
    let body = to_bytes(request.into_body(), BODY_BYTES_MAX);
    let Ok(body) = tokio::time::timeout(Duration::from_secs(BODY_SECONDS), body).await else {
        return (StatusCode::REQUEST_TIMEOUT, "The notification did not arrive in time.\n");
    };
    let Ok(body) = body else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "A notification is a form with a txid, not more.\n");
    };
    let Some(txid) = txid(&body) else {
        tracing::warn!(body = %shortened(&String::from_utf8_lossy(&body)), "wallet notification without a txid");
        return (StatusCode::BAD_REQUEST, "Send txid=, 64 hexadecimal digits.\n");
    };
    let notification = Notification { coin, txid };
    tracing::debug!(?notification, "wallet notification");
    if let Err(error) = shared.sender.try_send(notification) {
        // Not waiting: thousands of waiting notifiers would be worse than asking the backend a little later.
        tracing::info!(%error, "wallet notification dropped; the next scan brings it");
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many notifications; the next scan brings this one.\n");
    }
    (StatusCode::OK, "OK\n")
}

/// The txid of a form, whatever content type it claims to be.
fn txid(body: &[u8]) -> Option<String> {
    let (_, txid) = url::form_urlencoded::parse(body).find(|(name, _)| name == "txid")?;
    let txid = txid.trim().to_ascii_lowercase();
    let hexadecimal = txid.bytes().all(|byte| byte.is_ascii_hexdigit());
    (txid.len() == TXID_DIGITS && hexadecimal).then_some(txid)
}

/// For the log: what strangers send, on one line and short.
fn shortened(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::sync::{mpsc, oneshot};

    const TXID: &str = "8ac60eb9575db5b2d987e29f301b5b819ea83a5c6579d282d189cc04b8e151ef";

    struct Running {
        url: String,
        client: reqwest::Client,
        notifications: mpsc::Receiver<Notification>,
        stop: Option<oneshot::Sender<()>>,
        served: tokio::task::JoinHandle<std::io::Result<()>>,
    }

    async fn running(room: usize) -> Running {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let notify = HttpNotify::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let url = format!("http://{}/", notify.address());
        let (sender, notifications) = mpsc::channel(room);
        let (stop, stopped) = oneshot::channel();
        let coins = vec!["btc".to_owned(), "ltc".to_owned()];
        let served = tokio::spawn(notify.serve(coins, sender, async {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Running { url, client, notifications, stop: Some(stop), served }
    }

    impl Running {
        async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> u16 {
            let request = self.client.post(format!("{}{path}", self.url)).body(body);
            request.send().await.unwrap().status().as_u16()
        }
    }

    #[tokio::test]
    async fn txids_arrive_with_the_coin_of_their_path() {
        let mut running = running(10).await;
        assert_eq!(running.post("", format!("txid={TXID}")).await, 200);
        assert_eq!(running.post("ltc", format!("txid={}&more=1", TXID.to_uppercase())).await, 200);
        let any = Notification { coin: None, txid: TXID.into() };
        assert_eq!(running.notifications.recv().await, Some(any.clone()));
        assert_eq!(
            running.notifications.recv().await,
            Some(Notification { coin: Some("ltc".into()), ..any })
        );
    }

    #[tokio::test]
    async fn bad_notifications_are_answered_and_stop_nothing() {
        let mut running = running(10).await;
        let digit_short = &TXID[1..];
        for body in
            ["", "txid=", "txid=%s", "tx", &format!("txid={digit_short}"), &format!("txid={digit_short}g")]
        {
            assert_eq!(running.post("", body.to_owned()).await, 400, "{body}");
        }
        assert_eq!(running.post("", vec![0xff; 100]).await, 400);
        assert_eq!(running.post("doge", format!("txid={TXID}")).await, 404);
        assert_eq!(running.post("", "x".repeat(BODY_BYTES_MAX + 1)).await, 413);
        let got = running.client.get(format!("{}?txid={TXID}", running.url)).send().await;
        assert_eq!(got.unwrap().status().as_u16(), 405, "only by POST");
        assert_eq!(running.post("btc", format!("txid={TXID}")).await, 200);
        assert_eq!(running.notifications.recv().await.unwrap().txid, TXID);
        assert!(running.notifications.try_recv().is_err(), "nothing else came through");
    }

    #[tokio::test]
    async fn a_full_queue_blocks_nobody() {
        let mut running = running(1).await;
        assert_eq!(running.post("", format!("txid={TXID}")).await, 200);
        assert_eq!(running.post("", format!("txid={TXID}")).await, 503);
        running.notifications.recv().await.unwrap();
        assert_eq!(running.post("", format!("txid={TXID}")).await, 200);
    }

    #[tokio::test]
    async fn it_stops_when_told() {
        let mut running = running(1).await;
        running.stop.take().unwrap().send(()).unwrap();
        running.served.await.unwrap().unwrap();
        assert!(running.client.post(&running.url).send().await.is_err());
    }

    #[tokio::test]
    async fn a_taken_port_is_told_clearly() {
        let first = HttpNotify::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let error = HttpNotify::bind(first.address()).await.err().unwrap().to_string();
        assert!(error.contains(&first.address().to_string()), "{error}");
    }
}
