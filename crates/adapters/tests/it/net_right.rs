//! Requests that only leave by right.

use crate::net_server::{Reply, Server};
use adapters::net::{Http, NetPolicy, Right, Unanswered, by_right, send};
use domain::outbound::SendError;
use reqwest::{RequestBuilder, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn http() -> Http {
    let allow_private_network = true;
    Http::new(NetPolicy {
        allow_private_network,
    })
    .unwrap()
}

/// A right that is asked for and held so many times, and has lapsed then.
fn right(times: usize) -> Right {
    let asked = AtomicUsize::new(0);
    Arc::new(move || asked.fetch_add(1, Ordering::SeqCst) < times)
}

async fn sent(times: usize, request: RequestBuilder) -> Result<Response, Unanswered> {
    by_right(right(times), send(request)).await
}

async fn obliging() -> Server {
    Server::start(|_| Reply::Json(200, serde_json::json!({}))).await
}

#[tokio::test]
async fn without_the_right_nothing_leaves() {
    let server = obliging().await;
    let post = http().platform.post(server.url("/messages")).body("hola");
    let failed = sent(0, post).await.unwrap_err();
    assert!(matches!(failed, Unanswered::Withdrawn), "{failed:?}");
    assert!(!SendError::from(&failed).ambiguous);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_right_that_lapses_while_the_connection_is_made_holds_the_request_back() {
    let server = obliging().await;
    let post = http().platform.post(server.url("/messages")).body("hola");
    let failed = sent(1, post).await.unwrap_err();
    assert!(matches!(failed, Unanswered::Withdrawn), "{failed:?}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn by_right_a_request_arrives_as_it_was_made() {
    let server = obliging().await;
    let http = http();
    let post = http.platform.post(server.url("/messages")).body("hola");
    assert_eq!(sent(9, post).await.unwrap().status(), 200);
    let file = reqwest::multipart::Part::bytes(vec![7; 100_000]);
    let form = reqwest::multipart::Form::new().part("media", file);
    let post = http.platform.post(server.url("/files")).multipart(form);
    assert_eq!(sent(99, post).await.unwrap().status(), 200);
    let get = http.platform.get(server.url("/messages"));
    assert_eq!(sent(9, get).await.unwrap().status(), 200);
    let requests = server.requests();
    assert_eq!(requests[0].text(), "hola");
    assert_eq!(requests[0].header("content-length"), Some("4"));
    assert!(requests[1].body.len() > 100_000);
    assert!(requests[2].body.is_empty());
}

#[tokio::test]
async fn a_connection_lost_after_the_request_left_is_ambiguous() {
    let server = Server::start(|_| Reply::HangUp).await;
    let post = http().platform.post(server.url("/messages")).body("hola");
    let failed = sent(9, post).await.unwrap_err();
    assert!(matches!(failed, Unanswered::Broken(_)), "{failed:?}");
    assert!(SendError::from(&failed).ambiguous);
}

#[tokio::test]
async fn time_that_runs_out_before_anything_left_is_a_clear_failure() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let post = http().platform.post(url).body("hola");
    let failed = sent(9, post.timeout(Duration::from_millis(300)))
        .await
        .unwrap_err();
    assert!(matches!(failed, Unanswered::Unsent(_)), "{failed:?}");
    assert!(!SendError::from(&failed).ambiguous);
}
