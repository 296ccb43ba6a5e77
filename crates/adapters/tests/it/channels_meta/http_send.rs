//! Sending over real HTTP: what goes out, and what each way of failing means.

use super::server::{Reply, Server, json};
use super::support::*;
use domain::contact::ContactAddress;
use domain::ids::TenantId;
use domain::message::{Content, MediaKind};
use domain::outbound::{Failure, SendError};
use domain::ports::{Channel, Receipt};
use serde_json::json;
use std::time::Duration;

async fn say(
    server: &Server,
    to: &ContactAddress,
    content: &Content,
) -> Result<Receipt, SendError> {
    let channel = whatsapp(&server.base);
    let part = channel.render(content, &context()).remove(0);
    channel
        .send(TENANT, &whatsapp_credentials(), to, &part, IDENTITY)
        .await
}

async fn hello(script: Vec<Reply>) -> (Server, Result<Receipt, SendError>) {
    let server = Server::start(script).await;
    let result = say(
        &server,
        &ContactAddress::of("15550100123"),
        &Content::text("Hello"),
    )
    .await;
    (server, result)
}

fn taken() -> Reply {
    json(
        200,
        json!({"messaging_product": "whatsapp", "contacts": [{"input": "+15550100123", "wa_id": "15550100123"}], "messages": [{"id": "wamid.OUR"}]}),
    )
}

fn refused(status: u16, code: i64) -> Reply {
    json(
        status,
        json!({"error": {"message": format!("(#{code}) no"), "code": code, "fbtrace_id": "t"}}),
    )
}

#[tokio::test]
async fn whatsapp_writes_to_the_number_with_plus_and_our_identity() {
    let (server, result) = hello(vec![taken()]).await;
    assert_eq!(
        result.unwrap(),
        Receipt {
            external_id: "wamid.OUR".into(),
            contact: None
        }
    );
    let asked = &server.asked()[0];
    assert_eq!(asked.line, format!("POST /v25.0/{LINE}/messages HTTP/1.1"));
    assert!(asked.has_header(&format!("authorization: Bearer {TOKEN}")));
    assert_eq!(
        asked.json(),
        json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+15550100123",
        "type": "text", "text": {"body": "Hello", "preview_url": false},
        "biz_opaque_callback_data": IDENTITY.to_string()})
    );
}

#[tokio::test]
async fn a_hidden_number_is_written_to_by_user_id_and_a_known_one_by_number() {
    let server = Server::start(vec![taken(), taken()]).await;
    let hidden = ContactAddress::of("US.7000");
    let receipt = say(&server, &hidden, &Content::text("x")).await.unwrap();
    assert_eq!(receipt.contact.as_deref(), Some("15550100123"));
    let known = ContactAddress {
        key: "US.7000".into(),
        alias: Some("5511987654321".into()),
        thread: None,
    };
    say(&server, &known, &Content::text("x")).await.unwrap();
    let (first, second) = (server.asked()[0].json(), server.asked()[1].json());
    assert_eq!(
        (&first["recipient"], first.get("to")),
        (&json!("US.7000"), None)
    );
    assert_eq!(
        (&second["to"], second.get("recipient")),
        (&json!("+5511987654321"), None)
    );
}

#[tokio::test]
async fn a_hang_up_after_the_body_is_ambiguous_and_no_connection_is_not() {
    for reply in [
        Reply::HangUp,
        Reply::CutShort,
        Reply::Raw(200, String::new(), b"<html>".to_vec()),
        refused(500, 2),
        Reply::Raw(504, String::new(), vec![]),
    ] {
        let (_server, result) = hello(vec![reply.clone()]).await;
        let error = result.unwrap_err();
        assert!(error.ambiguous, "{reply:?}");
        assert!(
            matches!(error.failure, Failure::Transient { .. }),
            "{reply:?}"
        );
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let channel = whatsapp(&format!("http://{free}"));
    let part = channel.render(&Content::text("x"), &context()).remove(0);
    let error = channel
        .send(
            TENANT,
            &whatsapp_credentials(),
            &ContactAddress::of("15550100123"),
            &part,
            IDENTITY,
        )
        .await
        .unwrap_err();
    assert!(!error.ambiguous);
    assert!(matches!(error.failure, Failure::Transient { .. }));
    assert!(!error.detail.contains("127.0.0.1"), "{}", error.detail);
}

#[tokio::test]
async fn a_refusal_is_clear_and_carries_code_and_words() {
    for (reply, expected) in [
        (refused(400, 131_047), Failure::Window),
        (refused(401, 190), Failure::Unauthorized),
        (refused(400, 131_026), Failure::Recipient),
        (refused(400, 368), Failure::Policy),
        (refused(400, 100), Failure::Payload),
        (refused(200, 131_047), Failure::Window),
    ] {
        let (_server, result) = hello(vec![reply]).await;
        let error = result.unwrap_err();
        assert_eq!(error.failure, expected);
        assert!(!error.ambiguous);
        assert!(error.code.is_some() && error.detail.contains("no"));
    }
}

#[tokio::test]
async fn the_platforms_word_about_waiting_is_honoured() {
    let body = json!({"error": {"code": 130_429, "message": "slow"}})
        .to_string()
        .into_bytes();
    let headers = "retry-after: 7\r\n".to_owned();
    let (_server, result) = hello(vec![Reply::Raw(429, headers, body.clone())]).await;
    assert!(
        matches!(result.unwrap_err().failure, Failure::Throttled { retry_after: Some(wait), .. } if wait == Duration::from_secs(7))
    );
    let headers =
        "x-business-use-case-usage: {\"1\":[{\"estimated_time_to_regain_access\":2}]}\r\n"
            .to_owned();
    let (_server, result) = hello(vec![Reply::Raw(400, headers, body)]).await;
    assert!(
        matches!(result.unwrap_err().failure, Failure::Throttled { retry_after: Some(wait), .. } if wait == Duration::from_secs(120))
    );
}

#[tokio::test]
async fn an_accepted_message_without_id_is_not_sent_again() {
    let (_server, result) = hello(vec![json(200, json!({"messages": []}))]).await;
    assert_eq!(result.unwrap().external_id, IDENTITY.to_string());
}

#[tokio::test]
async fn a_file_is_uploaded_and_then_named() {
    let server = Server::start(vec![json(200, json!({"id": 1037})), taken()]).await;
    let to = ContactAddress::of("15550100123");
    say(
        &server,
        &to,
        &media(MediaKind::Image, "image/png", 9, Some("see")),
    )
    .await
    .unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].line, format!("POST /v25.0/{LINE}/media HTTP/1.1"));
    for piece in [
        "name=\"messaging_product\"",
        "name=\"type\"",
        "name=\"file\"; filename=\"a.bin\"",
        "image/png",
        "the bytes",
    ] {
        assert!(asked[0].text().contains(piece), "{piece}");
    }
    assert_eq!(
        asked[1].json()["image"],
        json!({"id": "1037", "caption": "see"})
    );
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_not_ambiguous() {
    let server = Server::start(vec![Reply::HangUp]).await;
    let error = say(
        &server,
        &ContactAddress::of("15550100123"),
        &media(MediaKind::Image, "image/png", 9, None),
    )
    .await
    .unwrap_err();
    assert!(!error.ambiguous);
    assert!(matches!(error.failure, Failure::Transient { .. }));
}

#[tokio::test]
async fn a_file_refused_as_what_it_is_goes_once_as_a_document() {
    let upload = || json(200, json!({"id": "1"}));
    let server = Server::start(vec![refused(400, 131_053), upload(), taken()]).await;
    let to = ContactAddress::of("15550100123");
    say(
        &server,
        &to,
        &media(MediaKind::Image, "image/png", 9, Some("see")),
    )
    .await
    .unwrap();
    assert_eq!(
        server.asked()[2].json()["document"],
        json!({"id": "1", "filename": "a.bin", "caption": "see"})
    );
    let server = Server::start(vec![
        upload(),
        refused(400, 131_053),
        upload(),
        refused(400, 131_053),
    ])
    .await;
    let error = say(&server, &to, &media(MediaKind::Image, "image/png", 9, None))
        .await
        .unwrap_err();
    assert_eq!(error.failure, Failure::Payload);
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn another_tenants_file_is_never_sent() {
    let server = Server::start(vec![]).await;
    let channel = whatsapp(&server.base);
    let part = channel
        .render(&media(MediaKind::Image, "image/png", 9, None), &context())
        .remove(0);
    let other = TenantId(uuid::Uuid::from_u128(8));
    let error = channel
        .send(
            other,
            &whatsapp_credentials(),
            &ContactAddress::of("15550100123"),
            &part,
            IDENTITY,
        )
        .await
        .unwrap_err();
    assert_eq!(error.failure, Failure::Payload);
    assert_eq!(server.asked().len(), 0);
}
