//! `/live`: what one process writes is told by every process, soon; and to whom it opens.

use anyhow::{Context, ensure};
use futures_util::StreamExt;
use std::time::{Duration, Instant};
use tests::app::{Store, TestApp};
use tests::browser::Browser;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::{COOKIE, ORIGIN};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

const COIN: &str =
    "  ltc: { network: regtest, confirmation_count: 2, backend: { class: simulated, block_seconds: 0 } }";
/// Told within a second, says the product; a machine that runs other tests beside is given three.
const SOON: Duration = Duration::from_secs(3);

type Socket = WebSocketStream<TcpStream>;

/// As a browser opens it, with these headers.
async fn open(app: &TestApp, cookie: Option<&str>, origin: Option<&str>) -> Result<Socket, Error> {
    let mut request = format!("ws://127.0.0.1:{}/live", app.port).into_client_request()?;
    for (name, value) in [(COOKIE, cookie), (ORIGIN, origin)] {
        if let Some(value) = value {
            request.headers_mut().insert(name, value.parse().expect("a header's value"));
        }
    }
    let stream = TcpStream::connect(("127.0.0.1", app.port)).await?;
    Ok(client_async(request, stream).await?.0)
}

async fn listen(app: &TestApp, browser: &Browser) -> anyhow::Result<Socket> {
    Ok(open(app, Some(&browser.cookies()?), Some(&format!("http://127.0.0.1:{}", app.port))).await?)
}

/// How long until this word was said.
async fn until(socket: &mut Socket, word: &str) -> anyhow::Result<Duration> {
    let start = Instant::now();
    loop {
        let said = tokio::time::timeout(SOON, socket.next()).await;
        let message = said.with_context(|| format!("{word} was not said"))?.context("it closed")??;
        if matches!(&message, Message::Text(text) if text.as_str() == word) {
            return Ok(start.elapsed());
        }
    }
}

async fn two_processes(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    let mut beside = TestApp::beside(&app)?;
    beside.start("web", None).await?;
    let ada = app.signed_in("ada", "operator").await?;
    let there = beside.browser()?;
    there.sign_in("ada", tests::app::PASSWORD).await?;
    let (mut here, mut far) = (listen(&app, &ada).await?, listen(&beside, &there).await?);
    // Each way: written here and there, told there and here.
    for (writer, name) in [(&ada, "hot"), (&there, "cold")] {
        let form = writer.get("/wallets").await?.form("/act/create_wallet")?;
        writer.submit(form.fill("coin", "ltc").fill("name", name)).await?;
        for socket in [&mut here, &mut far] {
            let took = until(socket, "books").await?;
            ensure!(took < SOON, "{name} was told after {took:?}");
        }
    }
    // The jobs run in one process alone.
    until(&mut far, "jobs").await?;
    Ok(())
}

#[tokio::test]
async fn what_one_process_writes_every_process_tells_on_sqlite() -> anyhow::Result<()> {
    two_processes(Store::Sqlite).await
}

#[tokio::test]
async fn what_one_process_writes_every_process_tells_on_postgres() -> anyhow::Result<()> {
    two_processes(Store::Postgres).await
}

#[tokio::test]
async fn the_live_socket_opens_for_our_own_pages_and_the_signed_in_alone() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, COIN).await?;
    app.start("serve", None).await?;
    let eve = app.signed_in("eve", "viewer").await?;
    let (cookie, own) = (eve.cookies()?, format!("http://127.0.0.1:{}", app.port));
    let refused = async |cookie: Option<&str>, origin: Option<&str>| match open(&app, cookie, origin).await {
        Err(Error::Http(answer)) => Ok(answer.status().as_u16()),
        other => anyhow::bail!("expected a refusal, got {:?}", other.map(|_| "an open socket")),
    };
    ensure!(refused(Some(&cookie), Some("https://evil.example")).await? == 403);
    ensure!(refused(Some(&cookie), None).await? == 403);
    ensure!(refused(None, Some(&own)).await? == 401);
    ensure!(refused(Some("coffer=AAAAAAAAAAAAAAAAAAAAAA"), Some(&own)).await? == 401);
    let mut socket = open(&app, Some(&cookie), Some(&own)).await?;
    until(&mut socket, "jobs").await?;
    // Whoever is disabled hears no more.
    app.must(&["user", "disable", "eve"], "").await?;
    let closed = async { while let Some(Ok(_)) = socket.next().await {} };
    tokio::time::timeout(Duration::from_secs(40), closed).await.context("it stays open")?;
    Ok(())
}
