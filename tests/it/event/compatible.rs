//! What others wrote understands our posts: the listener of cryptoassets.core 0.2, and the libraries of Standard Webhooks.

use super::listener::{Heard, Listener};
use super::process::{Deposits, with_handlers};
use anyhow::{Context, ensure};
use app::model::Time;
use serde_json::{Value, json};
use server::clock::Clock;
use server::config::Secret;
use server::event::{Event, Handler, Http, HttpSettings};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::litecoind::{eventually, free_port};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const LIMIT: Duration = Duration::from_secs(30);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Of the virtual environment that `.ci/setup-tests` makes.
#[allow(clippy::disallowed_methods, reason = "how the test run names its tools")]
fn python() -> PathBuf {
    let tools = match std::env::var("COFFER_TOOLS") {
        Ok(tools) => PathBuf::from(tools),
        Err(_) => Path::new(&std::env::var("HOME").unwrap_or_default()).join(".cache/coffer/tools"),
    };
    tools.join("listener/bin/python")
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn event() -> Event {
    let data = json!({
        "coin_name": "btc", "transaction": 12, "network_transaction": 7, "transaction_type": "deposit", "txid": "ab",
        "account": 3, "address": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "amount": "0.10000000", "confirmations": 3,
        "credited": true,
    });
    Event { sequence: 7, name: "txupdate".into(), data: data.to_string(), created_at: Time(0) }
}

async fn post(url: &str, secret: Option<&str>) -> anyhow::Result<()> {
    let settings = HttpSettings {
        url: url.parse()?,
        secret: secret.map(Secret::new),
        allow_private: false,
        timeout: LIMIT,
    };
    let http = Http::new(&settings, "installation", &Clock::system()).map_err(anyhow::Error::msg)?;
    let answer = http.hand_over(&event()).await;
    ensure!(answer.detail == "status 200", "{answer:?}");
    Ok(())
}

/// That listener, on this url, and a line for each event that it understood.
struct Understanding {
    lines: Lines<BufReader<ChildStdout>>,
    /// Ends with this.
    _listener: Child,
}

impl Understanding {
    async fn on(url: &str) -> anyhow::Result<Self> {
        let mut listener = Command::new(python())
            .arg("-Wignore")
            .arg(here("listener/listen.py"))
            .arg(url)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("run .ci/setup-tests first")?;
        let lines = BufReader::new(listener.stdout.take().context("piped")?).lines();
        let mut understanding = Self { lines, _listener: listener };
        ensure!(understanding.line().await? == "listening");
        Ok(understanding)
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        tokio::time::timeout(LIMIT, self.lines.next_line()).await??.context("it ended")
    }

    /// The next event's name and data.
    async fn event(&mut self) -> anyhow::Result<(String, Value)> {
        Ok(serde_json::from_str(&self.line().await?)?)
    }
}

#[tokio::test]
async fn the_listener_of_cryptoassets_core_understands_a_txupdate() -> anyhow::Result<()> {
    let url = format!("http://127.0.0.1:{}", free_port()?);
    let mut listener = Understanding::on(&url).await?;
    post(&url, None).await?;
    let (name, data) = listener.event().await?;
    ensure!(name == "txupdate" && data == serde_json::from_str::<Value>(&event().data)?, "{name} {data}");
    Ok(())
}

async fn verified_by(mut verifier: Command, secret: &str, heard: &Heard) -> anyhow::Result<()> {
    let headers: serde_json::Map<String, Value> = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .into_iter()
        .map(|name| (name.to_owned(), heard.header(name).into()))
        .collect();
    let post = json!({ "secret": secret, "headers": headers, "body": heard.body }).to_string();
    let mut child = verifier
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("run .ci/setup-tests first")?;
    child.stdin.take().context("piped")?.write_all(post.as_bytes()).await?;
    let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await??;
    ensure!(output.stdout.starts_with(b"verified"), "{output:?}");
    Ok(())
}

async fn verified_by_both(secret: &str, heard: &Heard) -> anyhow::Result<()> {
    let mut by_python = Command::new(python());
    by_python.arg(here("listener/verify.py"));
    verified_by(by_python, secret, heard).await.with_context(|| format!("PyPI, {secret}"))?;
    let mut by_node = Command::new("node");
    by_node.arg(here("../end2end/verify_webhook.mjs"));
    verified_by(by_node, secret, heard).await.with_context(|| format!("npm, {secret}"))
}

#[tokio::test]
async fn signatures_are_verified_by_the_libraries_of_the_standard() -> anyhow::Result<()> {
    for secret in [SECRET, "correct horse battery staple", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        let listener = Listener::started().await?;
        post(&listener.url(), Some(secret)).await?;
        verified_by_both(secret, &listener.heard()[0]).await?;
    }
    Ok(())
}

/// Coffer's own process tells both of the same deposit.
async fn told_by_coffer(store: Store) -> anyhow::Result<()> {
    let url = format!("http://127.0.0.1:{}", free_port()?);
    let (mut old, new) = (Understanding::on(&url).await?, Listener::started().await?);
    let handlers = format!(
        "  old: {{ class: http, url: '{url}' }}\n  new: {{ class: http, url: '{}', secret: '{SECRET}' }}\n",
        new.url()
    );
    let mut app = TestApp::prepare(store, &with_handlers(&handlers)).await?;
    app.remember(SECRET);
    app.start("serve", None).await?;
    let deposits = Deposits::open(&app, 1).await?;
    for (confirmations, credited) in [(0, false), (3, true)] {
        deposits.seen("tx", confirmations, 1).await?;
        let (name, data) = old.event().await?;
        ensure!(name == "txupdate" && data["amount"] == "0.00000005", "{name} {data}");
        ensure!(data["confirmations"] == confirmations && data["credited"] == credited, "{data}");
    }
    eventually("both", LIMIT, async || Ok(new.arrived() == 2)).await?;
    for heard in new.heard() {
        verified_by_both(SECRET, &heard).await?;
    }
    deposits.db.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn coffer_tells_what_others_wrote_of_a_deposit_on_sqlite() -> anyhow::Result<()> {
    told_by_coffer(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn coffer_tells_what_others_wrote_of_a_deposit_on_postgres() -> anyhow::Result<()> {
    told_by_coffer(Store::Postgres).await
}
