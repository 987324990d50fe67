//! Answers as daemons, proxies and strangers give them, word for word, over a real socket.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers every connection with `reply` and closes it. The port, and what was asked.
async fn answering(reply: impl Into<String>) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let reply = reply.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, questions) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = vec![0; 4096];
            let length = stream.read(&mut question).await.unwrap_or(0);
            let _ = asked.send(String::from_utf8_lossy(&question[..length]).into_owned());
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    (port, questions)
}

fn reply(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn rpc(port: u16) -> Rpc {
    let mut settings = BitcoindSettings::new(format!("http://alice:s3cret@127.0.0.1:{port}/"));
    settings.timeout = Duration::from_secs(5);
    Rpc::new(&settings).unwrap()
}

async fn fault(reply: impl Into<String>) -> Fault {
    let (port, _questions) = answering(reply).await;
    rpc(port).send::<Value>("sendrawtransaction", json!(["00"])).await.unwrap_err()
}

#[tokio::test]
async fn what_was_turned_away_before_it_ran_is_known() {
    for answer in [
        reply("401 Unauthorized", ""),
        reply("403 Forbidden", ""),
        reply("404 Not Found", "<html>"),
        reply("500 Internal Server Error", "Work queue depth exceeded"),
        reply("503 Service Unavailable", "Work queue depth exceeded\r\n"),
    ] {
        let fault = fault(answer.clone()).await;
        assert!(matches!(fault, Fault::TurnedAway(_)), "{answer}: {fault:?}");
        assert!(!fault.to_string().contains("s3cret") && !fault.to_string().contains("alice"));
    }
}

#[tokio::test]
async fn errors_of_the_daemon_are_told_whatever_their_http_status() {
    let missing = reply(
        "404 Not Found",
        "{\"result\":null,\"error\":{\"code\":-32601,\"message\":\"Method not found\"},\"id\":1}",
    );
    assert!(matches!(fault(missing).await, Fault::Error { code: NO_SUCH_METHOD, .. }));
    let rejected = reply(
        "500 Internal Server Error",
        "{\"result\":null,\"error\":{\"code\":-26,\"message\":\"dust\"},\"id\":1}",
    );
    assert_eq!(fault(rejected).await, Fault::Error { code: -26, message: "dust".into() });
    // As version 2 of JSON-RPC has it.
    let two = reply("200 OK", "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-25,\"message\":\"x\"},\"id\":1}  ");
    assert!(matches!(fault(two).await, Fault::Error { code: -25, .. }));
}

#[tokio::test]
async fn what_makes_no_sense_or_breaks_off_is_unclear() {
    for answer in [
        String::new(),
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"result\":".into(),
        reply("200 OK", "<html>"),
        reply("500 Internal Server Error", "oops"),
        reply("502 Bad Gateway", ""),
        "SSH-2.0-OpenSSH_9.2\r\n".into(),
    ] {
        let fault = fault(answer.clone()).await;
        assert!(matches!(fault, Fault::Unclear(_)), "{answer}: {fault:?}");
    }
}

#[tokio::test]
async fn a_send_is_neither_redirected_nor_repeated() {
    let (port, mut questions) =
        answering("HTTP/1.1 307 Temporary Redirect\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n").await;
    let fault = rpc(port).send::<Value>("sendmany", json!([])).await.unwrap_err();
    assert!(matches!(fault, Fault::Unclear(_)), "{fault:?}");
    let (cut, mut cut_questions) = answering("").await;
    rpc(cut).send::<Value>("sendmany", json!([])).await.unwrap_err();
    for asked in [&mut questions, &mut cut_questions] {
        let question = asked.recv().await.unwrap();
        assert!(question.starts_with("POST / HTTP/1.1"), "{question}");
        assert!(asked.try_recv().is_err(), "asked once");
    }
}

#[tokio::test]
async fn a_closed_port_is_known_to_have_taken_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let fault = rpc(port).send::<Value>("sendmany", json!([])).await.unwrap_err();
    assert!(matches!(fault, Fault::NotConnected(_)), "{fault:?}");
}

#[tokio::test]
async fn amounts_travel_as_their_literal_text() {
    let (port, mut questions) = answering(reply("200 OK", "{\"result\":1e-8,\"error\":null} ")).await;
    let amount = crate::network::bitcoind::amount::number(2_099_999_997_690_001, 8);
    let literal: crate::network::bitcoind::amount::Literal =
        rpc(port).call("x", json!([amount])).await.unwrap();
    assert_eq!(literal.units(8), Ok(1));
    assert!(questions.recv().await.unwrap().contains("[20999999.97690001]"));
}
