//! Daemons that can't be had any more, played over a real socket by what their manuals say.

use super::*;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const TXID: &str = "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609";

/// Answers `help` with these commands, `sendmany` with a txid, all else as a missing method; and what was asked.
async fn old_daemon(commands: &'static str) -> (Bitcoind, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = vec![0; 8192];
            let mut length = 0;
            let question: Value = loop {
                length += stream.read(&mut question[length..]).await.unwrap();
                let text = String::from_utf8_lossy(&question[..length]).into_owned();
                let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
                if let Some(Ok(question)) = body.map(|body| serde_json::from_str(&body)) {
                    break question;
                }
            };
            let answer = match question["method"].as_str() {
                Some("help") => json!({ "result": commands, "error": null }),
                Some("sendmany") => json!({ "result": TXID, "error": null }),
                _ => json!({ "result": null, "error": { "code": -32601, "message": "Method not found" } }),
            };
            kept.lock().unwrap().push(question);
            let answer = answer.to_string();
            let reply = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{answer}",
                answer.len()
            );
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    let spec = CoinSpec::stock("aby", crate::network::Network::Regtest).unwrap();
    let settings = BitcoindSettings::new(format!("http://u:p@127.0.0.1:{port}/"));
    (Bitcoind::new(&settings, spec).unwrap(), asked)
}

#[tokio::test]
async fn daemons_with_accounts_send_from_the_account_that_holds_our_addresses() {
    for (commands, account) in [
        ("getaccountaddress <account>\ngetnewaddress [account]\nsendmany <fromaccount> {}", "cryptoassets"),
        ("getnewaddress ( \"label\" )\nsetlabel \"address\" \"label\"\nsendmany \"\" {}", ""),
    ] {
        let (daemon, asked) = old_daemon(commands).await;
        let outputs = [Output { address: "x".into(), amount: 2_099_999_997_690_001 }];
        let outcome = daemon.send_many(&outputs, "coffer:1:2:3").await;
        assert_eq!(outcome, SendOutcome::Sent { txid: TXID.into() });
        let asked = asked.lock().unwrap();
        let sent: Vec<_> = asked.iter().filter(|asked| asked["method"] == "sendmany").collect();
        assert_eq!(sent.len(), 1, "once");
        let expected = format!("[\"{account}\",{{\"x\":20999999.97690001}},1,\"coffer:1:2:3\"]");
        assert_eq!(sent[0]["params"].to_string(), expected);
    }
}

#[tokio::test]
async fn what_an_old_daemon_lacks_is_not_asked_of_it() {
    let (daemon, asked) = old_daemon("getnewaddress [account]").await;
    assert_eq!(daemon.uptime().await, Ok(None));
    assert!(matches!(daemon.test_prepared(&[0]).await, Err(BackendError::Unsupported(_))));
    assert!(asked.lock().unwrap().iter().all(|asked| asked["method"] == "help"));
}
