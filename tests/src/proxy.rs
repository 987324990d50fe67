//! A proxy between Coffer and a real daemon that makes the network between them as bad as ordered, by JSON-RPC method.
//! What is ordered is played once for each time; everything else passes untouched.

use crate::litecoind::Litecoind;
use anyhow::{Context, ensure};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Far above any call or answer of a test.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The daemon gets all of it; the caller's connection ends before a byte of the reply.
    CutReply,
    /// The caller's connection ends before the daemon gets any of it.
    NotDelivered,
    /// The daemon gets it and answers; the caller sees bytes that mean nothing.
    Garbled,
    /// Kept until `release` and delivered then, whether the caller still waits or not.
    Hold,
}

pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    daemon_port: u16,
    orders: Mutex<Vec<(String, Trouble)>>,
    counts: Mutex<HashMap<String, Counts>>,
    /// How often `release` was called.
    released: watch::Sender<u64>,
}

/// What became of the calls of one method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Given to the daemon whole.
    pub delivered: u32,
    /// Troubles that were played.
    pub played: u32,
    /// Held, perhaps released since.
    pub held: u32,
    /// Held and released, and the caller went away before the daemon's reply.
    pub given_up: u32,
}

impl Proxy {
    pub async fn start(daemon: &Litecoind) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            daemon_port: daemon.rpc_port,
            orders: Mutex::default(),
            counts: Mutex::default(),
            released: watch::Sender::new(0),
        });
        let listening = tokio::spawn(listen(listener, shared.clone()));
        Ok(Self { port, shared, listening })
    }

    /// The daemon's url by way of this proxy.
    pub fn url(&self, daemon: &Litecoind) -> String {
        daemon.url().replace(&format!(":{}/", daemon.rpc_port), &format!(":{}/", self.port))
    }

    /// The next `times` calls of `method` go so, after what was ordered before.
    pub fn order(&self, method: &str, trouble: Trouble, times: u32) {
        let mut orders = lock(&self.shared.orders);
        orders.extend((0..times).map(|_| (method.to_owned(), trouble)));
    }

    /// Orders that nobody has run into yet.
    pub fn waiting(&self) -> Vec<(String, Trouble)> {
        lock(&self.shared.orders).clone()
    }

    /// Takes them back.
    pub fn forget(&self) {
        lock(&self.shared.orders).clear();
    }

    /// Delivers what is held.
    pub fn release(&self) {
        self.shared.released.send_modify(|times| *times += 1);
    }

    pub fn counts(&self, method: &str) -> Counts {
        lock(&self.shared.counts).get(method).copied().unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((caller, _)) = listener.accept().await {
        let shared = shared.clone();
        // A connection that breaks is what this is for.
        tokio::spawn(async move { serve(caller, &shared).await });
    }
}

async fn serve(mut caller: TcpStream, shared: &Arc<Shared>) -> anyhow::Result<()> {
    while let Some(call) = read_message(&mut caller).await? {
        let method = method_of(&call)?;
        let Some(trouble) = shared.take(&method) else {
            let daemon = shared.deliver(&method, &call).await?;
            caller.write_all(&reply_of(daemon).await?).await?;
            continue;
        };
        match trouble {
            Trouble::NotDelivered => return Ok(()),
            Trouble::CutReply => {
                let daemon = shared.deliver(&method, &call).await?;
                drop(caller);
                // The daemon is left to finish: that its own connection ends is another trouble.
                reply_of(daemon).await?;
                return Ok(());
            }
            Trouble::Garbled => {
                let reply = reply_of(shared.deliver(&method, &call).await?).await?;
                caller.write_all(&garbled(&reply)?).await?;
                return Ok(());
            }
            Trouble::Hold => return shared.hold(&method, &call, caller).await,
        }
    }
    Ok(())
}

impl Shared {
    fn take(&self, method: &str) -> Option<Trouble> {
        let mut orders = lock(&self.orders);
        let index = orders.iter().position(|(ordered, _)| ordered == method)?;
        self.count(method, |counts| counts.played += 1);
        Some(orders.remove(index).1)
    }

    fn count(&self, method: &str, change: impl FnOnce(&mut Counts)) {
        change(lock(&self.counts).entry(method.to_owned()).or_default());
    }

    /// Until the call's last byte has left; the connection on which the reply will come.
    async fn deliver(&self, method: &str, call: &[u8]) -> anyhow::Result<TcpStream> {
        let mut daemon = TcpStream::connect(("127.0.0.1", self.daemon_port)).await?;
        daemon.write_all(call).await?;
        daemon.flush().await?;
        self.count(method, |counts| counts.delivered += 1);
        Ok(daemon)
    }

    async fn hold(&self, method: &str, call: &[u8], mut caller: TcpStream) -> anyhow::Result<()> {
        let mut released = self.released.subscribe();
        self.count(method, |counts| counts.held += 1);
        released.changed().await?;
        let daemon = self.deliver(method, call).await?;
        let reply = reply_of(daemon);
        tokio::pin!(reply);
        let mut byte = [0];
        tokio::select! {
            reply = &mut reply => Ok(caller.write_all(&reply?).await?),
            // A caller that waits says nothing more: this is its end.
            _ = caller.read(&mut byte) => {
                self.count(method, |counts| counts.given_up += 1);
                reply.await.map(drop)
            }
        }
    }
}

async fn reply_of(mut daemon: TcpStream) -> anyhow::Result<Vec<u8>> {
    read_message(&mut daemon).await?.context("the daemon closed without a reply")
}

/// Head and body as they came; `None` at the end of the connection.
async fn read_message(stream: &mut TcpStream) -> anyhow::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        if let Some(length) = length_of(&message)? {
            ensure!(length <= MESSAGE_BYTES_MAX, "a message of {length} bytes");
            if message.len() >= length {
                return Ok(Some(message));
            }
        }
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            ensure!(message.is_empty(), "the connection ended in the middle of a message");
            return Ok(None);
        }
        message.extend_from_slice(&chunk[..read]);
    }
}

/// Of head and body together; `None` while the head isn't complete.
fn length_of(message: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = message.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&message[..end])?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.context("a message without a length")?.trim().parse()?;
    Ok(Some(end + 4 + length))
}

fn method_of(call: &[u8]) -> anyhow::Result<String> {
    let body = call.windows(4).position(|window| window == b"\r\n\r\n").context("a whole call")? + 4;
    let call: Value = serde_json::from_slice(&call[body..])?;
    Ok(call["method"].as_str().context("a call names its method")?.to_owned())
}

/// The same head, so that the length is right, and a body of nonsense.
fn garbled(reply: &[u8]) -> anyhow::Result<Vec<u8>> {
    let body = reply.windows(4).position(|window| window == b"\r\n\r\n").context("a whole reply")? + 4;
    Ok(reply[..body].iter().copied().chain(reply[body..].iter().map(|byte| !byte)).collect())
}
