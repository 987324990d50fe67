//! Handing one event over: by http and by script, whatever the other side does.

use super::listener::{How, Listener};
use app::model::{AttemptOutcome as Outcome, Time};
use server::clock::Clock;
use server::config::Secret;
use server::event::{ANSWER_MAX, Answer, Event, Handler, Http, HttpSettings, Script, ScriptSettings};
use std::time::Duration;
use tests::litecoind::{eventually, free_port};

const LIMIT: Duration = Duration::from_secs(20);

fn event() -> Event {
    Event {
        sequence: 7,
        name: "txupdate".into(),
        data: r#"{"amount":"0.10000000","label":"a & b = c%"}"#.into(),
        created_at: Time(0),
    }
}

fn http(url: &str) -> HttpSettings {
    let timeout = Duration::from_millis(500);
    HttpSettings { url: url.parse().unwrap(), secret: None, allow_private: false, timeout }
}

async fn post(settings: &HttpSettings) -> Answer {
    Http::new(settings, "installation", &Clock::system()).unwrap().hand_over(&event()).await
}

#[tokio::test]
async fn the_post_has_the_fields_of_cryptoassets_core_and_an_id_that_stays() {
    let listener = Listener::started().await.unwrap();
    for _ in 0..2 {
        assert_eq!(post(&http(&listener.url())).await.outcome, Outcome::Received);
    }
    let heard = listener.heard();
    let fields: Vec<_> = url::form_urlencoded::parse(heard[0].body.as_bytes()).into_owned().collect();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let data = event().data;
    assert_eq!(fields, [field("event_name", "txupdate"), field("data", &data), field("xdata", &data)]);
    assert_eq!(heard[0].header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(heard[0].header("webhook-id"), "installation-7");
    assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    assert_eq!(heard[0].header("webhook-signature"), "", "nothing is signed without a secret");
}

#[tokio::test]
async fn only_200_is_received_and_no_redirect_is_followed() {
    let listener = Listener::started().await.unwrap();
    for status in [201, 202, 204, 400, 404, 500, 503] {
        listener.answers(move |_| How::Status(status));
        let answer = post(&http(&listener.url())).await;
        assert_eq!((answer.outcome, answer.detail), (Outcome::Refused, format!("status {status}")));
    }
    listener.answers(|_| How::Redirect);
    let before = listener.heard().len();
    assert_eq!(post(&http(&listener.url())).await.detail, "status 307");
    assert_eq!(listener.heard().len(), before + 1);
}

#[tokio::test]
async fn an_answer_is_waited_for_and_read_up_to_a_bound() {
    let listener = Listener::started().await.unwrap();
    listener.answers(|_| How::Hang);
    assert_eq!(post(&http(&listener.url())).await.outcome, Outcome::TimedOut);
    listener.answers(|_| How::Long(5_000_000));
    let long = HttpSettings { timeout: LIMIT, ..http(&listener.url()) };
    let answer = post(&long).await;
    assert_eq!((answer.outcome, answer.text.len()), (Outcome::Received, ANSWER_MAX));
    let nobody = format!("http://127.0.0.1:{}/", free_port().unwrap());
    assert_eq!(post(&http(&nobody)).await.outcome, Outcome::Unreachable);
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_network_is_refused_when_it_is_connected_to() {
    let listener = Listener::started().await.unwrap();
    // The name that the machine itself has in /etc/hosts, or none at all: either way not connected to.
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = if name.trim().is_empty() { "nowhere.invalid" } else { name.trim() };
    let answer = post(&http(&format!("http://{name}:{}/", listener.port))).await;
    assert_eq!(answer.outcome, Outcome::Unreachable, "{answer:?}");
    assert!(listener.heard().is_empty());
    // The configuration itself says localhost, and means it.
    assert_eq!(post(&http(&format!("http://localhost:{}/", listener.port))).await.outcome, Outcome::Received);
}

#[tokio::test]
async fn a_post_is_signed_over_id_time_and_body() {
    let listener = Listener::started().await.unwrap();
    let secret = Some(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    post(&HttpSettings { secret, ..http(&listener.url()) }).await;
    let heard = &listener.heard()[0];
    let key = server::event::SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let timestamp = heard.header("webhook-timestamp").parse().unwrap();
    assert_eq!(heard.header("webhook-signature"), key.sign("installation-7", timestamp, &heard.body));
}

async fn run(script: &str, seconds: u64) -> Answer {
    let timeout = Duration::from_secs(seconds);
    Script::new(ScriptSettings { script: script.into(), log_output: true, timeout }).hand_over(&event()).await
}

#[tokio::test]
async fn a_script_gets_the_event_in_its_environment_and_its_exit_code_decides() {
    let answer = run(r#"printf '%s %s' "$CRYPTOASSETS_EVENT_NAME" "$CRYPTOASSETS_EVENT_DATA""#, 20).await;
    assert_eq!((answer.outcome, answer.text), (Outcome::Received, format!("txupdate {}", event().data)));
    let answer = run("echo why >&2; exit 3", 20).await;
    assert_eq!((answer.outcome, &*answer.detail, &*answer.text), (Outcome::Refused, "exit code 3", "why\n"));
    let answer = run("yes | head -c 1000000", 20).await;
    assert_eq!((answer.outcome, answer.text.len()), (Outcome::Received, ANSWER_MAX));
}

#[tokio::test]
async fn a_script_that_takes_too_long_is_killed_with_all_that_it_started() {
    let file = std::env::temp_dir().join(format!("coffer-script-{}", std::process::id()));
    let answer = run(&format!("sleep 600 & echo $! > {}; sleep 600", file.display()), 1).await;
    assert_eq!(answer.outcome, Outcome::TimedOut, "{answer:?}");
    let child = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    std::fs::remove_file(&file).unwrap();
    // Gone, or a zombie that nobody has waited for yet.
    let gone = eventually("what it started to be gone", LIMIT, async || {
        let status = std::fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
        Ok(status.is_empty() || status.contains("State:\tZ"))
    });
    gone.await.unwrap();
}
