//! The HTTP clients against a server that misbehaves.

use crate::net_server::{Reply, Server};
use adapters::net::{Http, Lookup, NetPolicy, ReadError, UrlRefused, read_capped, send_error};
use async_trait::async_trait;
use domain::outbound::Failure;
use reqwest::Method;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const STRICT: NetPolicy = NetPolicy {
    allow_private_network: false,
};
const OPEN: NetPolicy = NetPolicy {
    allow_private_network: true,
};

/// Answers a name with its list, one after the other, the last for ever.
struct Names(Mutex<HashMap<&'static str, Vec<Vec<IpAddr>>>>);

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let answers = names
            .get_mut(host)
            .ok_or_else(|| std::io::Error::other("no such name"))?;
        Ok(if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        })
    }
}

fn names(list: &[(&'static str, &[&[&str]])]) -> Arc<Names> {
    let parse = |answer: &&[&str]| answer.iter().map(|a| a.parse().unwrap()).collect();
    let map = list
        .iter()
        .map(|(name, answers)| (*name, answers.iter().map(parse).collect()));
    Arc::new(Names(Mutex::new(map.collect())))
}

#[tokio::test]
async fn a_name_that_leads_home_is_refused_when_connecting() {
    let server = Server::start(|_| Reply::Json(200, serde_json::json!({}))).await;
    let lookup = names(&[("bot.example.com", &[&["127.0.0.1"]])]);
    let http = Http::with_lookup(STRICT, lookup).unwrap();
    let url = format!("https://bot.example.com:{}/", server.port);
    let error = http
        .guarded
        .request(Method::POST, &url)
        .unwrap()
        .send()
        .await
        .unwrap_err();
    let judged = send_error(&error);
    assert_eq!(judged.failure, Failure::Payload);
    assert!(!judged.ambiguous);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_name_answered_differently_the_second_time_gains_nothing() {
    let server = Server::start(|_| Reply::Json(200, serde_json::json!({}))).await;
    let answers: &[&[&str]] = &[&["93.184.215.14"], &["127.0.0.1"]];
    let http = Http::with_lookup(STRICT, names(&[("rebind.example.com", answers)])).unwrap();
    let url = format!("https://rebind.example.com:{}/", server.port);
    assert!(http.guarded.check(&url).await.is_ok());
    let sent = http.guarded.request(Method::GET, &url).unwrap();
    assert!(sent.timeout(Duration::from_secs(5)).send().await.is_err());
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_name_is_checked_when_it_is_saved() {
    let lookup = names(&[
        ("good.example.com", &[&["93.184.215.14"]]),
        ("127.0.0.1.nip.io", &[&["127.0.0.1"]]),
        ("both.example.com", &[&["93.184.215.14", "10.0.0.7"]]),
        ("empty.example.com", &[&[]]),
    ]);
    let guarded = Http::with_lookup(STRICT, lookup).unwrap().guarded;
    let check = async |name: &str| guarded.check(&format!("https://{name}/hook")).await.err();
    assert_eq!(check("good.example.com").await, None);
    assert_eq!(
        check("127.0.0.1.nip.io").await,
        Some(UrlRefused::PrivateAddress)
    );
    assert_eq!(
        check("both.example.com").await,
        Some(UrlRefused::PrivateAddress)
    );
    assert_eq!(
        check("empty.example.com").await,
        Some(UrlRefused::UnknownHost)
    );
    assert_eq!(
        check("nobody.example.com").await,
        Some(UrlRefused::UnknownHost)
    );
}

#[tokio::test]
async fn an_address_as_a_number_is_refused_before_connecting() {
    let server = Server::start(|_| Reply::Json(200, serde_json::json!({}))).await;
    let guarded = Http::new(STRICT).unwrap().guarded;
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:7f00:1]",
    ] {
        let url = format!("https://{host}:{}/", server.port);
        let refused = guarded.request(Method::GET, &url).err();
        assert_eq!(refused, Some(UrlRefused::PrivateAddress), "{host}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let inner = Server::start(|_| Reply::Json(200, serde_json::json!({"secret": 1}))).await;
    let target = inner.url("/latest/meta-data");
    let server =
        Server::start(move |_| Reply::Bytes(302, vec![("location", target.clone())], Vec::new()))
            .await;
    let http = Http::new(OPEN).unwrap();
    let url = server.url("/");
    let guarded = http
        .guarded
        .request(Method::GET, &url)
        .unwrap()
        .send()
        .await;
    assert_eq!(guarded.unwrap().status(), 302);
    assert_eq!(http.platform.get(&url).send().await.unwrap().status(), 302);
    assert!(inner.requests().is_empty());
}

#[tokio::test]
async fn nobody_listening_is_a_clear_failure() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let http = Http::new(OPEN).unwrap();
    let url = format!("http://127.0.0.1:{port}/bot123:SECRET/sendMessage");
    let error = http.platform.post(&url).send().await.unwrap_err();
    let judged = send_error(&error);
    assert!(!judged.ambiguous);
    assert!(matches!(judged.failure, Failure::Transient { .. }));
    assert!(!judged.detail.contains("SECRET"), "{}", judged.detail);
}

#[tokio::test]
async fn an_unknown_name_is_a_clear_failure() {
    let http = Http::with_lookup(OPEN, names(&[])).unwrap();
    let request = http
        .guarded
        .request(Method::POST, "http://nobody.example.com/");
    let judged = send_error(&request.unwrap().send().await.unwrap_err());
    assert!(!judged.ambiguous);
    assert_eq!(judged.detail, "no se encuentra el servidor");
}

#[tokio::test]
async fn a_server_without_tls_is_a_clear_failure() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await);
        }
    });
    let http = Http::new(OPEN).unwrap();
    let judged = send_error(&http.platform.post(url).send().await.unwrap_err());
    assert!(!judged.ambiguous, "{judged:?}");
    assert!(matches!(judged.failure, Failure::Transient { .. }));
}

#[tokio::test]
async fn a_connection_lost_after_the_request_is_ambiguous() {
    let server = Server::start(|_| Reply::HangUp).await;
    let http = Http::new(OPEN).unwrap();
    let sent = http.platform.post(server.url("/botSECRET/x")).body("hola");
    let judged = send_error(&sent.send().await.unwrap_err());
    assert!(judged.ambiguous);
    assert!(!judged.detail.contains("SECRET"));
    assert_eq!(server.requests().len(), 1, "never sent twice by the client");
}

#[tokio::test]
async fn a_server_that_stays_silent_is_ambiguous() {
    let server = Server::start(|_| Reply::Silence).await;
    let http = Http::new(OPEN).unwrap();
    let sent = http
        .platform
        .post(server.url("/"))
        .timeout(Duration::from_millis(300));
    let judged = send_error(&sent.send().await.unwrap_err());
    assert!(judged.ambiguous);
    assert_eq!(judged.detail, "el servidor no respondió a tiempo");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_at_the_cap() {
    let server = Server::start(|_| Reply::Endless).await;
    let http = Http::new(OPEN).unwrap();
    let response = http.platform.get(server.url("/")).send().await.unwrap();
    let read = read_capped(response, 1 << 20).await;
    assert_eq!(read, Err(ReadError::TooBig { cap: 1 << 20 }));
}

#[tokio::test]
async fn an_answer_that_tells_it_is_too_big_is_not_read() {
    let server = Server::start(|_| Reply::Bytes(200, vec![], vec![b'x'; 2000])).await;
    let http = Http::new(OPEN).unwrap();
    let get = async || http.platform.get(server.url("/")).send().await.unwrap();
    let too_big = read_capped(get().await, 1999).await;
    assert_eq!(too_big, Err(ReadError::TooBig { cap: 1999 }));
    assert_eq!(read_capped(get().await, 2000).await.unwrap().len(), 2000);
}

#[tokio::test]
async fn a_broken_off_answer_is_ambiguous() {
    let server = Server::start(|_| Reply::BreakOff(200)).await;
    let http = Http::new(OPEN).unwrap();
    let response = http.platform.get(server.url("/")).send().await.unwrap();
    let Err(ReadError::Broken(error)) = read_capped(response, 1000).await else {
        panic!("it was read");
    };
    assert!(error.ambiguous);
}

#[tokio::test]
async fn a_zip_bomb_is_counted_unpacked() {
    // 1 MiB of zeros: `head -c 1048576 /dev/zero | gzip -9n`.
    let bomb = include_bytes!("net_bomb.gz").to_vec();
    let server = Server::start(move |_| {
        Reply::Bytes(
            200,
            vec![("content-encoding", "gzip".to_owned())],
            bomb.clone(),
        )
    })
    .await;
    let http = Http::new(OPEN).unwrap();
    let url = server.url("/");
    let response = http
        .guarded
        .request(Method::GET, &url)
        .unwrap()
        .send()
        .await;
    let read = read_capped(response.unwrap(), 100_000).await;
    assert_eq!(read, Err(ReadError::TooBig { cap: 100_000 }));
}

#[tokio::test]
async fn every_request_says_who_we_are() {
    let server = Server::start(|_| Reply::Json(200, serde_json::json!({}))).await;
    let http = Http::new(OPEN).unwrap();
    http.platform.get(server.url("/")).send().await.unwrap();
    let agent = server.requests()[0]
        .header("user-agent")
        .unwrap()
        .to_owned();
    assert!(agent.starts_with("Relevo/"), "{agent}");
}
