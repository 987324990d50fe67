//! What others wrote understands our posts: the listener of cryptoassets.core 0.2, and the libraries of Standard Webhooks.

use super::listener::{Heard, Listener};
use anyhow::{Context, ensure};
use app::model::Time;
use serde_json::{Value, json};
use server::clock::Clock;
use server::config::Secret;
use server::event::{Event, Handler, Http, HttpSettings};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tests::litecoind::free_port;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(30);

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

#[tokio::test]
async fn the_listener_of_cryptoassets_core_understands_a_txupdate() -> anyhow::Result<()> {
    let url = format!("http://127.0.0.1:{}", free_port()?);
    let mut listener = Command::new(python())
        .arg("-Wignore")
        .arg(here("listener/listen.py"))
        .arg(&url)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("run .ci/setup-tests first")?;
    let mut lines = BufReader::new(listener.stdout.take().context("piped")?).lines();
    let mut line =
        async || anyhow::Ok(tokio::time::timeout(LIMIT, lines.next_line()).await??.context("it ended")?);
    ensure!(line().await? == "listening");
    post(&url, None).await?;
    let understood: (String, Value) = serde_json::from_str(&line().await?)?;
    ensure!(understood.0 == "txupdate" && understood.1 == serde_json::from_str::<Value>(&event().data)?);
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

#[tokio::test]
async fn signatures_are_verified_by_the_libraries_of_the_standard() -> anyhow::Result<()> {
    for secret in [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "correct horse battery staple",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ] {
        let listener = Listener::started().await?;
        post(&listener.url(), Some(secret)).await?;
        let heard = listener.heard();
        let mut by_python = Command::new(python());
        by_python.arg(here("listener/verify.py"));
        verified_by(by_python, secret, &heard[0]).await.with_context(|| format!("PyPI, {secret}"))?;
        let mut by_node = Command::new("node");
        by_node.arg(here("../end2end/verify_webhook.mjs"));
        verified_by(by_node, secret, &heard[0]).await.with_context(|| format!("npm, {secret}"))?;
    }
    Ok(())
}
