//! What no honest platform sends: odd values in proven webhooks, and requests that are not quite
//! HTTP. Everything is answered, nobody else pays for it.

use crate::edge::{APP_SECRET, Edge, PATIENCE, http};
use crate::hooks::{PHONE, whatsapp};
use adapters::channels::meta::signature;
use domain::channel::Channel;
use domain::message::Content;
use domain::secret::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn message(id: &str, words: &str) -> Value {
    json!({"from": "15550100123", "id": id, "timestamp": "1790000000", "type": "text", "text": {"body": words}})
}

fn entry(messages: Vec<Value>) -> Value {
    json!({"id": "3", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100999", "phone_number_id": PHONE},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "15550100123"}],
        "messages": messages,
    }}]})
}

fn hook(entries: Vec<Value>) -> String {
    json!({"object": "whatsapp_business_account", "entry": entries}).to_string()
}

async fn post(edge: &Edge, line: &Channel, body: impl Into<Vec<u8>>) -> u16 {
    let body = body.into();
    let signature = signature::sign(&[Secret::new(APP_SECRET)], &body).unwrap();
    let request = http()
        .post(edge.hook(line))
        .header("x-hub-signature-256", signature)
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

/// What was said in the only conversation, in order.
async fn words(edge: &Edge) -> Vec<String> {
    let mut rows = edge.conversations().await;
    assert_eq!(rows.len(), 1, "one contact, one conversation");
    let said = edge.messages(rows.remove(0).conversation.id).await;
    said.into_iter().map(|m| text(m.content)).collect()
}

fn text(content: Content) -> String {
    match content {
        Content::Text { text } => text,
        other => format!("{other:?}"),
    }
}

#[actix_web::test]
async fn an_odd_value_costs_no_neighbour_its_place() {
    let (edge, line) = whatsapp().await;
    let odd = |field: &str, value: Value| {
        let mut one = message("wamid.odd", "rara");
        one[field] = value;
        one
    };
    let table = [
        ("no object", json!(17)),
        ("nothing", Value::Null),
        ("no fields", json!({})),
        ("an empty id", odd("id", json!(""))),
        ("an endless id", odd("id", "x".repeat(10_000).into())),
        ("an id that is none", odd("id", json!({"a": [1]}))),
        ("a negative time", odd("timestamp", json!("-1"))),
        (
            "a time in milliseconds",
            odd("timestamp", json!("1790000000000")),
        ),
        ("the year 9999", odd("timestamp", json!("253402300799"))),
        (
            "a time beyond all",
            odd("timestamp", json!("99999999999999999999")),
        ),
        ("a time as a number", odd("timestamp", json!(1_790_000_000))),
        ("no time", odd("timestamp", Value::Null)),
        ("words that are none", odd("text", json!([]))),
        ("a kind that is none", odd("type", json!(5))),
        ("a sender that is none", odd("from", json!([]))),
        ("an endless sender", odd("from", "1".repeat(5_000).into())),
        ("zero bytes", odd("text", json!({"body": "a\u{0}b"}))),
        (
            "signs stacked on signs",
            odd("text", json!({"body": "\u{301}".repeat(60_000)})),
        ),
        (
            "words without end",
            odd("text", json!({"body": "a".repeat(300_000)})),
        ),
    ];
    for (n, (what, odd)) in table.into_iter().enumerate() {
        let (before, after) = (format!("antes {n}"), format!("después {n}"));
        let list = vec![
            message(&format!("wamid.{n}a"), &before),
            odd,
            message(&format!("wamid.{n}b"), &after),
        ];
        assert_eq!(
            post(&edge, &line, hook(vec![entry(list)])).await,
            200,
            "{what}"
        );
        let rows = edge.conversations().await;
        let mut all = Vec::new();
        for row in rows {
            let said = edge.messages(row.conversation.id).await;
            all.extend(said.into_iter().map(|m| {
                format!("{:?}", m.content)
                    .chars()
                    .take(60)
                    .collect::<String>()
            }));
        }
        let place = |words: &str| all.iter().position(|said| said.contains(words));
        assert!(
            place(&before).expect(what) < place(&after).expect(what),
            "{what}"
        );
    }
}

#[actix_web::test]
async fn bytes_that_are_hardly_json_are_answered_and_the_next_message_is_stored() {
    let (edge, line) = whatsapp().await;
    let good = hook(vec![entry(vec![message("wamid.1", "Hola")])]);
    let with = |from: &str, to: &str| good.replace(from, to).into_bytes();
    let mut no_text = good.clone().into_bytes();
    let place = good.find("Hola").unwrap();
    no_text[place] = 0xff;
    let many_keys: String = (0..200_000).map(|n| format!("\"k{n}\":1,")).collect();
    let bodies: Vec<Vec<u8>> = vec![
        no_text,
        with("\"Hola\"", "\"\\ud800\""),
        with("\"Hola\"", "\"\\udc00\\ud800\""),
        with("\"Hola\"", "1e400"),
        with("\"Hola\"", "-"),
        with(
            "\"object\"",
            &format!("{many_keys}\"object\":\"page\",\"object\""),
        ),
        with("\"3\"", &"[".repeat(100_000)),
        vec![0; 1_000],
        b"\xef\xbb\xbf{}".to_vec(),
        good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    for (n, body) in bodies.into_iter().enumerate() {
        let status = post(&edge, &line, body).await;
        assert!(
            status == 200 || (400..500).contains(&status),
            "{n}: {status}"
        );
    }
    let last = hook(vec![entry(vec![message("wamid.last", "al final")])]);
    assert_eq!(post(&edge, &line, last).await, 200);
    assert_eq!(words(&edge).await.last().unwrap(), "al final");
}

#[actix_web::test]
async fn a_thousand_entries_in_one_body_are_stored_whole_and_in_order() {
    let (edge, line) = whatsapp().await;
    let entries = (0..1_000).map(|e| {
        let one = |m| message(&format!("wamid.{e}.{m}"), &format!("{e}.{m}"));
        entry((0..3).map(one).collect())
    });
    let body = hook(entries.collect());
    assert_eq!(post(&edge, &line, body.clone()).await, 200);
    assert_eq!(post(&edge, &line, body).await, 200, "once more");
    let row = edge.conversations().await.remove(0);
    let talks = edge.store.tenant(edge.tenant).conversations();
    let said = talks.messages_after(row.conversation.id, 0, 10_000).await;
    let numbers: Vec<String> = said.unwrap().into_iter().map(|m| text(m.content)).collect();
    let expected: Vec<_> = (0..1_000)
        .flat_map(|e| (0..3).map(move |m| format!("{e}.{m}")))
        .collect();
    assert_eq!(numbers, expected);
}

/// Sends bytes and answers all that comes back, up to the end.
async fn raw(edge: &Edge, bytes: &[u8]) -> String {
    let address = edge.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may hang up before all is sent.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = async {
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut piece).await {
            answer.extend_from_slice(&piece[..count]);
        }
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("it hangs up");
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn a_request_that_is_not_quite_http_is_refused_and_smuggles_nothing() {
    let (edge, line) = whatsapp().await;
    let path = format!("/hooks/whatsapp/{}", line.public_key);
    let inside = "GET /inside HTTP/1.1\r\nHost: x\r\n\r\n";
    let flood: String = (0..2_000).map(|n| format!("x-{n}: y\r\n")).collect();
    let table = [
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inside}"
        ),
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 400\r\n\r\nabcd{inside}"
        ),
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inside}"
        ),
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{inside}"),
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{inside}"
        ),
        format!("POST {path} HTTP/1.1\r\nHost: x\r\n{flood}Content-Length: 0\r\n\r\n"),
        format!(
            "GET /{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "a".repeat(300_000)
        ),
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n".to_owned(),
        "\u{0}\u{1}\u{2}\r\n\r\n".to_owned(),
    ];
    for bytes in table {
        let start: String = bytes.chars().take(160).collect();
        let answer = raw(&edge, bytes.as_bytes()).await;
        let statuses: Vec<&str> = answer
            .split("HTTP/1.1 ")
            .skip(1)
            .map(|rest| &rest[..3])
            .collect();
        assert!(
            statuses.len() <= 1,
            "two answers {statuses:?} to one request: {start}"
        );
        assert!(
            statuses.iter().all(|status| status.starts_with('4')),
            "{statuses:?} to {start}"
        );
    }
    for (method, path) in [
        ("TRACE", "/hooks/whatsapp/x"),
        ("GET", "/static/..%2f..%2fCargo.toml"),
        ("GET", "/static/%2e%2e/%2e%2e/Cargo.toml"),
        ("GET", "/static/%00"),
        ("GET", "//evil.example/"),
    ] {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = raw(&edge, request.as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 4"),
            "{method} {path}: {answer}"
        );
    }
    let body = hook(vec![entry(vec![message("wamid.1", "Hola")])]);
    assert_eq!(post(&edge, &line, body).await, 200);
    assert_eq!(words(&edge).await, ["Hola"]);
}
