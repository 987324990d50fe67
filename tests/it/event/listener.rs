//! An application's listener: takes posts on a port of its own, answers as the test says, and remembers what it heard.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::any;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// One post.
#[derive(Clone, Debug)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: String,
    pub data: Value,
    /// Whether it was answered with 200.
    pub received: bool,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The event's number, as its id has it.
    pub fn sequence(&self) -> i64 {
        self.header("webhook-id").rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
    }

    pub fn transaction(&self) -> i64 {
        self.data["transaction"].as_i64().unwrap_or(0)
    }
}

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Status(u16),
    /// Not at all.
    Hang,
    /// 200 with so many bytes.
    Long(usize),
    Redirect,
}

type Judge = Arc<dyn Fn(&Heard) -> How + Send + Sync>;

#[derive(Clone)]
struct Shared {
    heard: Arc<Mutex<Vec<Heard>>>,
    /// Numbers of those that it received.
    arrived: Arc<Mutex<BTreeSet<i64>>>,
    judge: Arc<Mutex<Judge>>,
}

pub struct Listener {
    pub port: u16,
    shared: Shared,
    running: Option<(watch::Sender<bool>, tokio::task::JoinHandle<()>)>,
}

impl Listener {
    /// Not listening yet.
    pub fn new(port: u16) -> Self {
        let judge: Judge = Arc::new(|_| How::Status(200));
        let shared =
            Shared { heard: Arc::default(), arrived: Arc::default(), judge: Arc::new(Mutex::new(judge)) };
        Self { port, shared, running: None }
    }

    pub async fn started() -> anyhow::Result<Self> {
        let mut listener = Self::new(tests::litecoind::free_port()?);
        listener.start().await?;
        Ok(listener)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub async fn start(&mut self) -> anyhow::Result<()> {
        let socket = TcpListener::bind(("127.0.0.1", self.port)).await?;
        let (stop, mut stopped) = watch::channel(false);
        let router = Router::new().fallback(any(take)).with_state(self.shared.clone());
        let task = tokio::spawn(async move {
            tokio::select! {
                _ = axum::serve(socket, router) => {}
                _ = stopped.wait_for(|stop| *stop) => {}
            }
        });
        self.running = Some((stop, task));
        Ok(())
    }

    /// As a machine that dies: the port refuses.
    pub async fn stop(&mut self) {
        if let Some((stop, task)) = self.running.take() {
            stop.send_replace(true);
            let _ = task.await;
        }
    }

    pub fn answers(&self, judge: impl Fn(&Heard) -> How + Send + Sync + 'static) {
        *self.shared.judge.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(judge);
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it answered with 200.
    pub fn received(&self) -> Vec<Heard> {
        self.heard().into_iter().filter(|heard| heard.received).collect()
    }

    /// How many events it received, repetitions not counted.
    pub fn arrived(&self) -> i64 {
        let arrived = self.shared.arrived.lock().unwrap_or_else(PoisonError::into_inner).len();
        i64::try_from(arrived).unwrap_or(i64::MAX)
    }

    /// Numbers of the events that it received, each once.
    pub fn sequences(&self) -> Vec<i64> {
        self.shared.arrived.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// For each transaction its events came in the order of their numbers, but for repetitions.
    pub fn is_in_order(&self) -> anyhow::Result<()> {
        let mut newest: BTreeMap<i64, i64> = BTreeMap::new();
        let mut known: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for heard in self.received().iter().filter(|heard| heard.transaction() != 0) {
            let (transaction, sequence) = (heard.transaction(), heard.sequence());
            let seen = known.entry(transaction).or_default();
            if seen.contains(&sequence) {
                continue;
            }
            let before = newest.insert(transaction, sequence).unwrap_or(0);
            anyhow::ensure!(
                before < sequence,
                "event {sequence} of transaction {transaction} came after {before}"
            );
            seen.push(sequence);
        }
        Ok(())
    }
}

async fn take(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, String) {
    let body = String::from_utf8_lossy(&body).into_owned();
    let fields: BTreeMap<String, String> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let data = fields.get("data").and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
    let mut heard = Heard { headers, body, data, received: false };
    let judge = shared.judge.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let how = judge(&heard);
    heard.received = matches!(how, How::Status(200) | How::Long(_));
    if heard.received {
        shared.arrived.lock().unwrap_or_else(PoisonError::into_inner).insert(heard.sequence());
    }
    shared.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    let mut answer = HeaderMap::new();
    match how {
        How::Status(status) => (StatusCode::from_u16(status).unwrap_or_default(), answer, "heard".into()),
        How::Hang => {
            // Longer than any handler of these tests waits.
            tokio::time::sleep(Duration::from_mins(2)).await;
            (StatusCode::OK, answer, String::new())
        }
        How::Long(bytes) => (StatusCode::OK, answer, "x".repeat(bytes)),
        How::Redirect => {
            answer.insert("location", "/elsewhere".parse().expect("a header's value"));
            (StatusCode::TEMPORARY_REDIRECT, answer, String::new())
        }
    }
}
