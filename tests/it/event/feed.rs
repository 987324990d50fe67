//! The API of events: the list, the feed that goes on from a place, deliveries, and delivering again.

use super::listener::{How, Listener};
use super::process::{Deposits, http, with_handlers};
use anyhow::{Context, ensure};
use futures_util::StreamExt;
use serde_json::{Value, json};
use server::db::{Execute, query_owned};
use std::time::{Duration, Instant};
use tests::app::{Store, TestApp};
use tests::litecoind::eventually;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

const LIMIT: Duration = Duration::from_mins(1);
/// A second is promised; a machine that runs other tests beside is given three.
const SOON: Duration = Duration::from_secs(3);

/// Calls with a token.
struct Caller {
    port: u16,
    secret: String,
    client: reqwest::Client,
}

impl Caller {
    async fn new(app: &TestApp, scope: &str) -> anyhow::Result<Self> {
        let name = format!("{scope}-{}", rand::random::<u32>());
        let printed = app.must(&["token", "create", "--name", &name, "--scope", scope], "").await?;
        let secret =
            printed.split_whitespace().find(|word| word.starts_with("coffer_")).context("no secret")?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
        Ok(Self { port: app.port, secret: secret.to_owned(), client })
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/api/v1{path}", self.port)
    }

    async fn get(&self, path: &str) -> anyhow::Result<(u16, Value)> {
        let answer = self.client.get(self.url(path)).bearer_auth(&self.secret).send().await?;
        Ok((answer.status().as_u16(), serde_json::from_str(&answer.text().await?)?))
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
        let post = self.client.post(self.url(path)).bearer_auth(&self.secret).json(body).send().await?;
        Ok((post.status().as_u16(), serde_json::from_str(&post.text().await?)?))
    }

    async fn feed(&self, after: i64) -> Result<WebSocketStream<TcpStream>, Error> {
        let url = format!("ws://127.0.0.1:{}/api/v1/feed?after={after}", self.port);
        let mut request = url.into_client_request()?;
        let bearer = format!("Bearer {}", self.secret).parse().expect("a header's value");
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        Ok(client_async(request, stream).await?.0)
    }
}

/// Sequences of so many events; fewer where the feed ends before.
async fn read(socket: &mut WebSocketStream<TcpStream>, count: usize) -> anyhow::Result<Vec<i64>> {
    let mut sequences = Vec::new();
    while sequences.len() < count {
        match tokio::time::timeout(LIMIT, socket.next()).await.context("nothing came")? {
            Some(Ok(Message::Text(text))) => {
                let event: Value = serde_json::from_str(&text)?;
                sequences.push(event["sequence"].as_i64().context("a sequence")?);
            }
            Some(Ok(Message::Ping(_))) => {}
            Some(Ok(_) | Err(_)) | None => break,
        }
    }
    Ok(sequences)
}

async fn resumes(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, &with_handlers("")).await?;
    app.start("serve", None).await?;
    let caller = Caller::new(&app, "read").await?;
    let deposits = Deposits::open(&app, 5).await?;
    ensure!(caller.get("/events").await? == (200, json!({ "items": [], "next": null })));
    let mut feed = caller.feed(0).await?;
    deposits.seen("tx", 0, 5).await?;
    ensure!(read(&mut feed, 5).await? == [1, 2, 3, 4, 5]);
    // Live: well within a second of the commit.
    let begun = Instant::now();
    deposits.seen("tx", 1, 1).await?;
    let live = read(&mut feed, 1).await?;
    println!("an event was in the feed {:?} after its verb began", begun.elapsed());
    ensure!(live == [6] && begun.elapsed() < SOON, "{:?}", begun.elapsed());
    drop(feed);
    // What came while nobody listened, then what comes: without a gap, without a repetition, over a restart of Coffer too.
    for confirmations in 2..60 {
        deposits.seen("tx", confirmations, 5).await?;
    }
    let told = usize::try_from(deposits.count("event").await?)?;
    let (mut sequences, mut opened) = (vec![1, 2, 3, 4, 5, 6], 0);
    while sequences.len() < told {
        let last = *sequences.last().context("some")?;
        opened += 1;
        sequences.extend(read(&mut caller.feed(last).await?, 100).await?);
        if opened == 1 {
            app.kill().await?;
            app.start("serve", None).await?;
        }
        if sequences.len() + 100 > told {
            let rest = told - sequences.len();
            let last = *sequences.last().context("some")?;
            sequences.extend(read(&mut caller.feed(last).await?, rest).await?);
        }
    }
    ensure!(sequences == (1..=i64::try_from(told)?).collect::<Vec<_>>(), "{sequences:?}");
    long_poll(&caller, &deposits, told).await?;
    listed(&caller, deposits.count("event").await?).await?;
    deposits.db.close().await;
    Ok(())
}

async fn long_poll(caller: &Caller, deposits: &Deposits, told: usize) -> anyhow::Result<()> {
    let last = i64::try_from(told)?;
    let begun = Instant::now();
    let (_, nothing) = caller.get(&format!("/feed?after={last}&wait=1")).await?;
    ensure!(nothing == json!({ "items": [], "next": null }) && begun.elapsed() >= Duration::from_secs(1));
    let path = format!("/feed?after={last}&wait=20");
    let (waited, told) = tokio::join!(caller.get(&path), deposits.seen("tx", 60, 1));
    told?;
    let (status, something) = waited?;
    ensure!(status == 200 && something["items"][0]["sequence"] == last + 1, "{something}");
    ensure!(something["items"][0]["data"]["txid"] == "tx" && something["items"][0]["name"] == "txupdate");
    for wrong in ["wait=21", "wait=-1", "after=-1", "afer=1"] {
        ensure!(caller.get(&format!("/feed?{wrong}")).await?.0 == 400, "{wrong}");
    }
    Ok(())
}

async fn listed(caller: &Caller, told: i64) -> anyhow::Result<()> {
    let (mut sequences, mut after) = (Vec::new(), "0".to_owned());
    loop {
        let (_, page) = caller.get(&format!("/events?limit=70&name=txupdate&after={after}")).await?;
        let items = page["items"].as_array().context("items")?;
        sequences.extend(items.iter().filter_map(|event| event["sequence"].as_i64()));
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    ensure!(sequences == (1..=told).collect::<Vec<_>>());
    ensure!(caller.get("/events?name=txupdated").await?.1["code"] == "bad_request");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_goes_on_from_a_place_without_gap_or_repetition_on_sqlite() -> anyhow::Result<()> {
    resumes(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_goes_on_from_a_place_without_gap_or_repetition_on_postgres() -> anyhow::Result<()> {
    resumes(Store::Postgres).await
}

/// Far more than sockets hold in between is told to somebody who doesn't read.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_is_cut_off_and_goes_on_from_its_place() -> anyhow::Result<()> {
    const EVENTS: usize = 3_000;
    /// Longer than Coffer waits for a reader to take a message.
    const ASLEEP: Duration = Duration::from_secs(15);
    let mut app = TestApp::prepare(Store::Sqlite, &with_handlers("")).await?;
    app.start("serve", None).await?;
    let caller = Caller::new(&app, "read").await?;
    let deposits = Deposits::open(&app, 1).await?;
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {EVENTS})
         INSERT INTO event (coin, name, data, created_at)
         SELECT 'btc', 'backend_up', '{{\"much\":\"' || printf('%010000d', i) || '\"}}', i FROM n"
    );
    deposits.db.write(Execute::one("fill", query_owned(fill))).await?;
    eventually("numbers", LIMIT, async || Ok(deposits.numbers().await?.len() == EVENTS)).await?;
    let mut slow = caller.feed(0).await?;
    ensure!(read(&mut slow, 1).await? == [1]);
    // The same reader, quick, has all of it meanwhile.
    let mut quick = caller.feed(0).await?;
    ensure!(read(&mut quick, EVENTS).await?.len() == EVENTS);
    tokio::time::sleep(ASLEEP).await;
    let mut sequences = vec![1];
    sequences.extend(read(&mut slow, EVENTS).await?);
    ensure!(sequences.len() < EVENTS, "it was not cut off");
    let last = *sequences.last().context("some")?;
    sequences.extend(read(&mut caller.feed(last).await?, EVENTS - sequences.len()).await?);
    ensure!(sequences == (1..=i64::try_from(EVENTS)?).collect::<Vec<_>>());
    deposits.db.close().await;
    Ok(())
}

async fn deliveries(store: Store) -> anyhow::Result<()> {
    let listener = Listener::started().await?;
    listener.answers(|_| How::Status(503));
    let mut app = TestApp::prepare(store, &with_handlers(&http("my_app", &listener))).await?;
    app.start("serve", None).await?;
    let (reader, vetter) = (Caller::new(&app, "read").await?, Caller::new(&app, "vet").await?);
    let deposits = Deposits::open(&app, 2).await?;
    deposits.seen("tx", 0, 2).await?;
    let tried = async || {
        let (_, page) = reader.get("/deliveries?handler=my_app&state=pending").await?;
        let items = page["items"].as_array().context("items")?;
        Ok(items.len() == 2 && items.iter().all(|delivery| delivery["attempts"][0]["detail"] == "status 503"))
    };
    eventually("an attempt at each", LIMIT, tried).await?;
    let (_, handlers) = reader.get("/handlers").await?;
    ensure!(handlers["items"][0]["pending"] == 2 && handlers["items"][0]["last_error"] == "status 503");
    let (_, page) = reader.get("/deliveries").await?;
    let id = page["items"][0]["id"].as_i64().context("an id")?;
    ensure!(reader.post(&format!("/deliveries/{id}/redeliver"), &json!({})).await?.0 == 403);
    ensure!(vetter.post("/deliveries/999/redeliver", &json!({})).await?.0 == 404);
    listener.answers(|_| How::Status(200));
    let (status, ordered) = vetter.post(&format!("/deliveries/{id}/redeliver"), &json!({})).await?;
    ensure!(status == 200 && ordered["state"] == "pending", "{ordered}");
    let (status, rest) = vetter.post("/deliveries/redeliver", &json!({ "handler": "my_app" })).await?;
    ensure!(status == 200 && rest["count"].as_i64().is_some_and(|count| count <= 2), "{rest}");
    eventually("both to arrive", LIMIT, async || Ok(listener.sequences() == [1, 2])).await?;
    let received = async || {
        Ok(reader.get("/deliveries?state=received").await?.1["items"].as_array().map(Vec::len) == Some(2))
    };
    eventually("both to be received", LIMIT, received).await?;
    let again = json!({ "handler": "my_app", "after": 1 });
    ensure!(vetter.post("/deliveries/redeliver", &again).await? == (200, json!({ "count": 1, "up_to": 2 })));
    let nobody = vetter.post("/deliveries/redeliver", &json!({ "handler": "nobody" })).await?;
    ensure!(nobody.0 == 404, "{nobody:?}");
    deposits.db.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_with_their_attempts_and_ordered_again_on_sqlite() -> anyhow::Result<()> {
    deliveries(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_with_their_attempts_and_ordered_again_on_postgres() -> anyhow::Result<()> {
    deliveries(Store::Postgres).await
}

/// Whoever is revoked hears no more, and whoever may not read hears nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_feed_opens_for_tokens_that_may_read() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, &with_handlers("")).await?;
    app.start("serve", None).await?;
    let refused = async |caller: &Caller| match caller.feed(0).await {
        Err(Error::Http(answer)) => Ok(answer.status().as_u16()),
        other => anyhow::bail!("expected a refusal, got {:?}", other.map(|_| "an open socket")),
    };
    let sender = Caller::new(&app, "send").await?;
    ensure!(refused(&sender).await? == 403);
    let nobody = Caller { secret: "coffer_nobody".into(), ..sender };
    ensure!(refused(&nobody).await? == 401);
    Ok(())
}
