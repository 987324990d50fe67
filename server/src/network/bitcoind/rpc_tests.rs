//! Answers as daemons, proxies and strangers give them, word for word, over a real socket.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers every connection with `reply` and closes it. The port, and what was asked.
async fn answering(reply: &'static str) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
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

fn rpc(port: u16) -> Rpc {
    let mut settings = BitcoindSettings::new(format!("http://alice:s3cret@127.0.0.1:{port}/"));
    settings.timeout = Duration::from_secs(5);
    Rpc::new(&settings).unwrap()
}

async fn fault(reply: &'static str) -> Fault {
    let (port, _questions) = answering(reply).await;
    rpc(port).send::<Value>("sendrawtransaction", json!(["00"])).await.unwrap_err()
}

#[tokio::test]
async fn what_was_turned_away_before_it_ran_is_known() {
    for reply in [
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 25\r\n\r\nWork queue depth exceeded",
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 27\r\n\r\nWork queue depth exceeded\r\n",
    ] {
        let fault = fault(reply).await;
        assert!(matches!(fault, Fault::TurnedAway(_)), "{reply}: {fault:?}");
        assert!(!fault.to_string().contains("s3cret") && !fault.to_string().contains("alice"));
    }
}

#[tokio::test]
async fn errors_of_the_daemon_are_told_whatever_their_http_status() {
    let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 74\r\n\r\n{\"result\":null,\"error\":{\"code\":-32601,\"message\":\"Method not found\"},\"id\":1}";
    assert!(matches!(fault(missing).await, Fault::Error { code: NO_SUCH_METHOD, .. }));
    let rejected = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 62\r\n\r\n{\"result\":null,\"error\":{\"code\":-26,\"message\":\"dust\"},\"id\":1}";
    assert_eq!(fault(rejected).await, Fault::Error { code: -26, message: "dust".into() });
    // As version 2 of JSON-RPC has it.
    let two = "HTTP/1.1 200 OK\r\nContent-Length: 62\r\n\r\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-25,\"message\":\"x\"},\"id\":1}  ";
    assert!(matches!(fault(two).await, Fault::Error { code: -25, .. }));
}

#[tokio::test]
async fn what_makes_no_sense_or_breaks_off_is_unclear() {
    for reply in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"result\":",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
    ] {
        let fault = fault(reply).await;
        assert!(matches!(fault, Fault::Unclear(_)), "{reply}: {fault:?}");
    }
}

#[tokio::test]
async fn a_send_is_neither_redirected_nor_repeated() {
    let (port, mut questions) = answering("HTTP/1.1 307 Temporary Redirect\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n").await;
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
    let (port, mut questions) = answering("HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{\"result\":1e-8,\"error\":null} ").await;
    let amount = crate::network::bitcoind::amount::number(2_099_999_997_690_001, 8);
    let literal: crate::network::bitcoind::amount::Literal = rpc(port).call("x", json!([amount])).await.unwrap();
    assert_eq!(literal.units(8), Ok(1));
    assert!(questions.recv().await.unwrap().contains("[20999999.97690001]"));
}
