//! Fetching files over real HTTP.

use super::server::{Reply, Server, json};
use super::support::*;
use adapters::channels::meta::media::MediaHosts;
use domain::message::{Attachment, MediaKind, MediaSource};
use domain::outbound::{Failure, SendError};
use domain::ports::{Channel, MediaStream};
use futures::TryStreamExt;
use serde_json::json;

async fn open(server: &Server) -> Result<MediaStream, SendError> {
    let source = MediaSource::Id {
        id: "1111".into(),
        sha256: None,
    };
    whatsapp(&server.base)
        .open_media(
            &whatsapp_credentials(),
            &source,
            &Attachment::of(MediaKind::Image),
        )
        .await
}

async fn bytes(stream: MediaStream) -> Vec<u8> {
    stream
        .bytes
        .try_fold(Vec::new(), |mut all, piece| async move {
            all.extend_from_slice(&piece);
            Ok(all)
        })
        .await
        .unwrap()
}

fn place() -> Reply {
    json(
        200,
        json!({"url": "{base}/file", "mime_type": "image/jpeg; x=y", "file_size": "5", "id": "1111"}),
    )
}

fn file() -> Reply {
    Reply::Raw(
        200,
        "content-type: application/octet-stream\r\n".into(),
        b"12345".to_vec(),
    )
}

fn gone() -> Reply {
    Reply::Raw(404, String::new(), vec![])
}

#[tokio::test]
async fn a_file_is_fetched_in_two_steps_with_token_and_user_agent() {
    let server = Server::start(vec![place(), file()]).await;
    let stream = open(&server).await.unwrap();
    assert_eq!(
        (stream.mime.as_deref(), stream.size),
        (Some("image/jpeg"), Some(5))
    );
    assert_eq!(bytes(stream).await, b"12345");
    let asked = server.asked();
    assert_eq!(
        asked[0].line,
        format!("GET /v25.0/1111?phone_number_id={LINE} HTTP/1.1")
    );
    assert_eq!(asked[1].line, "GET /file HTTP/1.1");
    for asked in asked {
        assert!(asked.has_header(&format!("authorization: Bearer {TOKEN}")));
        assert!(asked.has_header("user-agent: relevo"));
    }
}

#[tokio::test]
async fn a_dead_address_is_asked_for_once_more() {
    let server = Server::start(vec![place(), gone(), place(), file()]).await;
    assert_eq!(bytes(open(&server).await.unwrap()).await, b"12345");
    let server = Server::start(vec![place(), gone(), place(), gone()]).await;
    let error = open(&server).await.err().unwrap();
    assert_eq!(
        (error.failure, error.code.as_deref()),
        (Failure::Payload, Some("gone"))
    );
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn an_expired_id_is_lost_and_does_not_blame_the_token() {
    let missing = json!({"error": {"code": 100, "error_subcode": 33, "message": "does not exist"}});
    let server = Server::start(vec![json(400, missing)]).await;
    assert_eq!(open(&server).await.err().unwrap().failure, Failure::Payload);
}

#[tokio::test]
async fn a_page_instead_of_a_file_is_tried_again_later() {
    let page = Reply::Raw(
        200,
        "content-type: text/html; charset=utf-8\r\n".into(),
        b"<html>".to_vec(),
    );
    let server = Server::start(vec![place(), page]).await;
    assert!(matches!(
        open(&server).await.err().unwrap().failure,
        Failure::Transient { .. }
    ));
}

#[tokio::test]
async fn a_foreign_host_or_a_redirect_never_sees_a_request() {
    let elsewhere = json(200, json!({"url": "http://10.0.0.1/file"}));
    let server = Server::start(vec![elsewhere]).await;
    let error = open(&server).await.err().unwrap();
    assert_eq!(
        (error.failure, error.code.as_deref()),
        (Failure::Payload, Some("host"))
    );
    let away = Reply::Raw(302, "location: http://10.0.0.1/\r\n".into(), vec![]);
    let server = Server::start(vec![place(), away]).await;
    assert_eq!(open(&server).await.err().unwrap().failure, Failure::Payload);
}

#[tokio::test]
async fn messengers_files_come_without_the_token() {
    let server = Server::start(vec![file(), gone()]).await;
    let source = MediaSource::Url {
        url: format!("{}/cdn/a.jpg", server.base),
    };
    let page = messenger(&server.base);
    let attachment = Attachment::of(MediaKind::Image);
    let stream = page
        .open_media(&messenger_credentials(), &source, &attachment)
        .await
        .unwrap();
    assert_eq!(bytes(stream).await, b"12345");
    assert!(!server.asked()[0].has_header("authorization"));
    let error = page
        .open_media(&messenger_credentials(), &source, &attachment)
        .await
        .err()
        .unwrap();
    assert_eq!(error.code.as_deref(), Some("gone"));
}

#[test]
fn only_the_platforms_hosts_are_called() {
    let hosts = MediaHosts::new([GRAPH]);
    for (url, allowed, token) in [
        (
            "https://lookaside.fbsbx.com/whatsapp_business/x",
            true,
            true,
        ),
        ("https://scontent.xx.fbcdn.net/v/x", true, true),
        ("https://graph.facebook.com/x", true, true),
        ("https://scontent.cdninstagram.com/x", true, false),
        ("http://lookaside.fbsbx.com/x", false, false),
        ("https://lookaside.fbsbx.com:8443/x", false, false),
        ("https://user@lookaside.fbsbx.com/x", false, false),
        ("https://fbsbx.com.evil.example/x", false, false),
        ("https://evilfbsbx.com/x", false, false),
        ("https://127.0.0.1/x", false, false),
        ("http://127.0.0.1/x", false, false),
        ("file:///etc/passwd", false, false),
        ("nonsense", false, false),
    ] {
        assert_eq!(
            (hosts.allows(url), hosts.takes_token(url)),
            (allowed, token),
            "{url}"
        );
    }
}
