//! Talking to a Bot API server: sending, signs, files, webhooks, and how it all goes wrong.

use crate::net_server::{Reply, Request, Server};
use crate::telegram::{TOKEN, at, credentials, with};
use adapters::files::LocalFiles;
use domain::channel::ChannelCredentials;
use domain::contact::ContactAddress;
use domain::ids::{FileId, TenantId};
use domain::message::{Attachment, MediaKind, MediaSource, StoredFile};
use domain::outbound::{Failure, SendError, ThrottleScope};
use domain::ports::{
    Channel, FileStore, MediaStream, NewFile, Part, PartFile, Receipt, Signal, ValidationError,
    WebhookSetup,
};
use domain::secret::Secret;
use futures::StreamExt;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const NOWHERE: &str = "/nonexistent";

fn ok(result: Value) -> Reply {
    Reply::Json(200, json!({"ok": true, "result": result}))
}

fn no(code: u16, description: &str, parameters: Value) -> Reply {
    let body = json!({"ok": false, "error_code": code, "description": description, "parameters": parameters});
    Reply::Json(code, body)
}

fn text() -> Part {
    Part {
        method: "sendMessage".to_owned(),
        body: json!({"text": "hola", "reply_parameters": {"message_id": 5}}),
        file: None,
    }
}

async fn send_to(server: &Server, to: &ContactAddress, part: &Part) -> Result<Receipt, SendError> {
    with(server, Path::new(NOWHERE))
        .send(TENANT, &credentials(), to, part, Uuid::from_u128(9))
        .await
}

async fn send(server: &Server) -> Result<Receipt, SendError> {
    send_to(server, &ContactAddress::of("6000000001"), &text()).await
}

#[tokio::test]
async fn a_text_is_sent_and_its_id_comes_back() {
    let server = Server::start(|_| ok(json!({"message_id": 61}))).await;
    let to = ContactAddress {
        thread: Some("5".to_owned()),
        ..ContactAddress::of("-100123")
    };
    let receipt = send_to(&server, &to, &text()).await.unwrap();
    assert_eq!(receipt.external_id, "61");
    assert_eq!(receipt.contact, None);
    let request = &server.requests()[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, format!("/bot{TOKEN}/sendMessage"));
    assert_eq!(
        request.json(),
        json!({"chat_id": -100_123, "message_thread_id": 5, "text": "hola", "reply_parameters": {"message_id": 5}})
    );
}

#[tokio::test]
async fn a_business_contact_is_answered_over_the_connection() {
    let server = Server::start(|_| ok(json!({"message_id": 61}))).await;
    let to = ContactAddress {
        thread: Some("business:bc1".to_owned()),
        ..ContactAddress::of("6")
    };
    send_to(&server, &to, &text()).await.unwrap();
    let body = server.requests()[0].json();
    assert_eq!(body["business_connection_id"], "bc1");
    assert!(body.get("message_thread_id").is_none());
}

#[tokio::test]
async fn every_refusal_says_whether_to_retry() {
    let transient = |seconds: Option<u64>| Failure::Transient {
        retry_after: seconds.map(Duration::from_secs),
    };
    let throttled = |seconds| Failure::Throttled {
        scope: ThrottleScope::Contact,
        retry_after: Some(Duration::from_secs(seconds)),
    };
    let table = [
        (
            429,
            "Too Many Requests: retry after 3",
            json!({"retry_after": 3}),
            throttled(3),
            false,
        ),
        (
            500,
            "Internal Server Error: restart",
            Value::Null,
            transient(None),
            true,
        ),
        (502, "Bad Gateway", Value::Null, transient(None), true),
        (
            401,
            "Unauthorized",
            Value::Null,
            Failure::Unauthorized,
            false,
        ),
        (404, "Not Found", Value::Null, Failure::Unauthorized, false),
        (
            404,
            "Not Found: method not found",
            Value::Null,
            Failure::Payload,
            false,
        ),
        (
            409,
            "Conflict: terminated by other getUpdates request",
            Value::Null,
            Failure::Unauthorized,
            false,
        ),
        (
            421,
            "Misdirected Request",
            Value::Null,
            Failure::Unauthorized,
            false,
        ),
        (
            403,
            "Forbidden: bot was blocked by the user",
            Value::Null,
            Failure::Recipient,
            false,
        ),
        (
            403,
            "Forbidden: user is deactivated",
            Value::Null,
            Failure::Recipient,
            false,
        ),
        (
            400,
            "Bad Request: chat not found",
            Value::Null,
            Failure::Recipient,
            false,
        ),
        (
            400,
            "Bad Request: message text is empty",
            Value::Null,
            Failure::Payload,
            false,
        ),
        (
            400,
            "Bad Request: reply markup is too long",
            Value::Null,
            Failure::Payload,
            false,
        ),
        (
            413,
            "Request Entity Too Large",
            Value::Null,
            Failure::Payload,
            false,
        ),
    ];
    for (code, description, parameters, failure, ambiguous) in table {
        let server = Server::start(move |_| no(code, description, parameters.clone())).await;
        let error = send(&server).await.unwrap_err();
        assert_eq!(error.failure, failure, "{description}");
        assert_eq!(error.ambiguous, ambiguous, "{description}");
        assert_eq!(error.detail, description);
        assert_eq!(error.code.as_deref(), Some(code.to_string().as_str()));
        assert_eq!(server.requests().len(), 1, "{description}");
    }
}

#[tokio::test]
async fn an_answer_from_a_proxy_counts_by_its_status() {
    let server = Server::start(|_| {
        Reply::Bytes(
            429,
            vec![("retry-after", "7".to_owned())],
            b"<html>slow</html>".to_vec(),
        )
    })
    .await;
    let error = send(&server).await.unwrap_err();
    let waits = Some(Duration::from_secs(7));
    assert!(
        matches!(error.failure, Failure::Throttled { retry_after, .. } if retry_after == waits)
    );

    let server = Server::start(|_| Reply::BreakOff(403)).await;
    assert_eq!(send(&server).await.unwrap_err().failure, Failure::Recipient);
}

#[tokio::test]
async fn whatever_may_have_arrived_is_ambiguous() {
    let replies: [fn(&Request) -> Reply; 4] = [
        |_| Reply::HangUp,
        |_| Reply::BreakOff(200),
        |_| Reply::Bytes(200, vec![], b"<html>".to_vec()),
        |_| Reply::Endless,
    ];
    for reply in replies {
        let server = Server::start(reply).await;
        let error = send(&server).await.unwrap_err();
        assert!(error.ambiguous, "{error:?}");
        assert!(matches!(error.failure, Failure::Transient { .. }));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_token_is_in_no_error() {
    let told = format!("Bad Request: bot{TOKEN} is odd\r\n");
    let server = Server::start(move |_| no(400, &told, Value::Null)).await;
    let refused = send(&server).await.unwrap_err();
    let unreachable = at("http://127.0.0.1:1", Path::new(NOWHERE))
        .send(
            TENANT,
            &credentials(),
            &ContactAddress::of("6"),
            &text(),
            Uuid::nil(),
        )
        .await
        .unwrap_err();
    assert!(!unreachable.ambiguous);
    for error in [refused, unreachable] {
        assert!(
            !format!("{error:?} {error}").contains("AAHdqTcv"),
            "{error:?}"
        );
    }
    let odd = ChannelCredentials::Telegram {
        token: Secret::new("1:../../evil"),
        webhook_secret: Secret::new("x"),
    };
    let error = with(&server, Path::new(NOWHERE))
        .send(TENANT, &odd, &ContactAddress::of("6"), &text(), Uuid::nil())
        .await
        .unwrap_err();
    assert_eq!(error.failure, Failure::Unauthorized);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_group_that_moved_is_written_to_at_its_new_place() {
    let server = Server::start(|request| match request.json()["chat_id"].as_i64() {
        Some(-100_999) => ok(json!({"message_id": 1})),
        _ => no(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            json!({"migrate_to_chat_id": -100_999}),
        ),
    })
    .await;
    let receipt = send_to(&server, &ContactAddress::of("-5"), &text())
        .await
        .unwrap();
    assert_eq!(receipt.contact.as_deref(), Some("-100999"));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_group_that_moves_for_ever_is_given_up() {
    let server = Server::start(|_| {
        no(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            json!({"migrate_to_chat_id": -100_999}),
        )
    })
    .await;
    assert_eq!(send(&server).await.unwrap_err().failure, Failure::Recipient);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_quoted_message_that_is_gone_is_not_quoted() {
    let server = Server::start(|request| match request.json().get("reply_parameters") {
        Some(_) => no(
            400,
            "Bad Request: message to be replied not found",
            Value::Null,
        ),
        None => ok(json!({"message_id": 2})),
    })
    .await;
    assert_eq!(send(&server).await.unwrap().external_id, "2");
}

#[tokio::test]
async fn a_change_that_is_already_made_is_a_success() {
    let server = Server::start(|_| {
        no(
            400,
            "Bad Request: message is not modified: same",
            Value::Null,
        )
    })
    .await;
    let part = Part {
        method: "editMessageText".to_owned(),
        body: json!({"message_id": 57, "text": "x"}),
        file: None,
    };
    let to = ContactAddress::of("6");
    assert_eq!(
        send_to(&server, &to, &part).await.unwrap().external_id,
        "57"
    );
}

async fn stored(files: &LocalFiles) -> StoredFile {
    let new = NewFile {
        tenant: TENANT,
        id: FileId(Uuid::from_u128(3)),
        name: Some("foto \"1\".jpg".to_owned()),
        cap: 1000,
        sha256: None,
        stream: MediaStream {
            mime: None,
            size: None,
            name: None,
            bytes: futures::stream::iter([Ok(bytes::Bytes::from_static(b"\xff\xd8\xff\xe0JFIF"))])
                .boxed(),
        },
    };
    files.put(new).await.unwrap()
}

#[tokio::test]
async fn a_picture_is_uploaded_and_goes_as_a_document_if_telegram_wants_no_picture() {
    let dir = tempfile::tempdir().unwrap();
    let file = stored(&LocalFiles::new(dir.path())).await;
    let server = Server::start(|request| {
        if request.path.ends_with("/sendPhoto") {
            no(400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Value::Null)
        } else {
            ok(json!({"message_id": 3}))
        }
    })
    .await;
    let part = Part {
        method: "sendPhoto".to_owned(),
        body: json!({"caption": "mira", "reply_parameters": {"message_id": 5}}),
        file: Some(PartFile {
            file,
            kind: MediaKind::Image,
            field: "photo".to_owned(),
        }),
    };
    let telegram = with(&server, dir.path());
    let to = ContactAddress::of("6");
    let ours = credentials();
    let receipt = telegram.send(TENANT, &ours, &to, &part, Uuid::nil()).await;
    assert_eq!(receipt.unwrap().external_id, "3");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(
        requests[0]
            .header("content-type")
            .unwrap()
            .starts_with("multipart/form-data")
    );
    let (first, second) = (requests[0].text(), requests[1].text());
    assert!(first.contains("name=\"photo\"") && second.contains("name=\"document\""));
    for body in [first, second] {
        assert!(body.contains("name=\"chat_id\"\r\n\r\n6\r\n"), "{body}");
        assert!(body.contains("name=\"caption\"\r\n\r\nmira\r\n"));
        assert!(body.contains("{\"message_id\":5}"));
        assert!(body.contains("image/jpeg") && body.contains("JFIF"));
    }
    let other = TenantId(Uuid::from_u128(2));
    let error = telegram.send(other, &ours, &to, &part, Uuid::nil()).await;
    assert_eq!(error.unwrap_err().failure, Failure::Payload);
    assert_eq!(
        server.requests().len(),
        2,
        "another tenant's file is never sent"
    );
}

#[tokio::test]
async fn small_signs_are_given() {
    let server = Server::start(|request| {
        if request.path.ends_with("answerCallbackQuery") {
            no(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
                Value::Null,
            )
        } else {
            ok(json!(true))
        }
    })
    .await;
    let telegram = with(&server, Path::new(NOWHERE));
    let to = ContactAddress::of("6");
    let credentials = credentials();
    for signal in [
        Signal::Typing { last_message: None },
        Signal::TapTaken {
            tap: "4382".to_owned(),
        },
        Signal::Read {
            message: "5".to_owned(),
        },
    ] {
        telegram.signal(&credentials, &to, &signal).await.unwrap();
    }
    let bodies: Vec<Value> = server.requests().iter().map(Request::json).collect();
    assert_eq!(
        bodies,
        [
            json!({"action": "typing", "chat_id": 6}),
            json!({"callback_query_id": "4382"})
        ]
    );
}

async fn open(server: &Server, size: Option<u64>) -> Result<MediaStream, SendError> {
    let attachment = Attachment {
        mime: Some("audio/ogg".to_owned()),
        size,
        ..Attachment::of(MediaKind::Voice)
    };
    let source = MediaSource::Id {
        id: "o".to_owned(),
        sha256: None,
    };
    with(server, Path::new(NOWHERE))
        .open_media(&credentials(), &source, &attachment)
        .await
}

async fn drain(stream: MediaStream) -> Result<Vec<u8>, SendError> {
    let pieces: Vec<_> = stream.bytes.collect().await;
    pieces.into_iter().try_fold(Vec::new(), |mut all, piece| {
        all.extend_from_slice(&piece?);
        Ok(all)
    })
}

#[tokio::test]
async fn a_contact_s_file_is_streamed() {
    let server = Server::start(|request| {
        if request.path.ends_with("/getFile") {
            ok(json!({"file_path": "voice/file_1.oga", "file_size": 4}))
        } else {
            Reply::Bytes(
                200,
                vec![("content-type", "application/octet-stream".to_owned())],
                b"OggS".to_vec(),
            )
        }
    })
    .await;
    let stream = open(&server, Some(4)).await.unwrap();
    assert_eq!(stream.mime.as_deref(), Some("audio/ogg"));
    assert_eq!(stream.size, Some(4));
    assert_eq!(drain(stream).await.unwrap(), b"OggS");
    assert_eq!(
        server.paths()[1],
        format!("/file/bot{TOKEN}/voice/file_1.oga")
    );
}

#[tokio::test]
async fn a_file_that_telegram_does_not_give_says_so() {
    let server = Server::start(|_| no(400, "Bad Request: file is too big", Value::Null)).await;
    for size in [Some(21 << 20), None] {
        let Err(error) = open(&server, size).await else {
            panic!("it was opened");
        };
        assert_eq!(error.failure, Failure::Payload);
        assert!(error.detail.contains("20 MB"), "{}", error.detail);
    }
    assert_eq!(
        server.requests().len(),
        1,
        "known to be too big: not asked for"
    );
}

#[tokio::test]
async fn an_expired_path_is_tried_again_later_and_an_odd_one_never_called() {
    let answer = |path: &'static str| {
        move |request: &Request| {
            if request.path.ends_with("/getFile") {
                ok(json!({"file_path": path}))
            } else {
                no(404, "Not Found", Value::Null)
            }
        }
    };
    let server = Server::start(answer("a/b.jpg")).await;
    let error = open(&server, None).await.err().unwrap();
    assert!(matches!(error.failure, Failure::Transient { .. }) && !error.ambiguous);
    for odd in ["../getMe", "/etc/passwd", "a?b", "a/%2e%2e/b"] {
        let server = Server::start(answer(odd)).await;
        let error = open(&server, None).await.err().unwrap();
        assert_eq!(error.failure, Failure::Payload);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_download_that_breaks_off_is_an_error_in_the_stream() {
    let server = Server::start(|request| {
        if request.path.ends_with("/getFile") {
            ok(json!({"file_path": "a/b.jpg"}))
        } else {
            Reply::BreakOff(200)
        }
    })
    .await;
    let error = drain(open(&server, None).await.unwrap()).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Transient { .. }));
    assert!(!error.detail.contains("AAHdqTcv"));
}

#[tokio::test]
async fn a_bot_is_validated() {
    let server = Server::start(|request| {
        if request.path.ends_with("/getMe") {
            ok(json!({"id": 7_000_000_001_i64, "is_bot": true, "first_name": "Shop", "username": "shop_bot"}))
        } else {
            ok(json!({"url": "https://old.example.com/hook", "pending_update_count": 3, "last_error_message": "timeout"}))
        }
    })
    .await;
    let telegram = with(&server, Path::new(NOWHERE));
    let info = telegram.validate(&credentials()).await.unwrap();
    assert_eq!(info.external_id, "7000000001");
    assert_eq!(info.display, "@shop_bot");
    assert_eq!(
        info.foreign_webhook.as_deref(),
        Some("https://old.example.com/hook")
    );
    let status = telegram.webhook_status(&credentials()).await.unwrap();
    assert_eq!(status.pending, Some(3));
    assert_eq!(status.last_error.as_deref(), Some("timeout"));
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let with_values = |token: &str, secret: &str| ChannelCredentials::Telegram {
        token: Secret::new(token),
        webhook_secret: Secret::new(secret),
    };
    let server = Server::start(|_| no(401, "Unauthorized", Value::Null)).await;
    let telegram = with(&server, Path::new(NOWHERE));
    for token in [
        "",
        "abc",
        "7000000001",
        "7000000001:short",
        "x:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    ] {
        let error = telegram
            .validate(&with_values(token, "s"))
            .await
            .unwrap_err();
        assert_eq!(error, ValidationError::Malformed { field: "token" });
    }
    for secret in ["", "with space", "ñ"] {
        let error = telegram
            .validate(&with_values(TOKEN, secret))
            .await
            .unwrap_err();
        assert_eq!(
            error,
            ValidationError::Malformed {
                field: "webhook_secret"
            }
        );
    }
    assert!(server.requests().is_empty());
    let error = telegram.validate(&credentials()).await.unwrap_err();
    assert_eq!(
        error,
        ValidationError::Token {
            detail: "Unauthorized".to_owned()
        }
    );

    let other = Server::start(|_| ok(json!({"id": 8, "is_bot": true}))).await;
    let error = with(&other, Path::new(NOWHERE))
        .validate(&credentials())
        .await
        .unwrap_err();
    assert_eq!(error, ValidationError::Mismatch { field: "token" });

    let down = Server::start(|_| Reply::HangUp).await;
    let error = with(&down, Path::new(NOWHERE))
        .validate(&credentials())
        .await
        .unwrap_err();
    assert!(matches!(error, ValidationError::Unreachable { .. }));
}

#[tokio::test]
async fn the_webhook_is_set_restored_and_removed() {
    let server = Server::start(|request| {
        if request.path.ends_with("/getWebhookInfo") {
            ok(json!({"url": "", "allowed_updates": ["message", "inline_query"]}))
        } else {
            ok(json!(true))
        }
    })
    .await;
    let telegram = with(&server, Path::new(NOWHERE));
    let set = async |restore: Option<Option<&str>>| {
        let setup = WebhookSetup {
            callback_url: "https://relevo.example/in/tg/1".to_owned(),
            restore: restore.map(|url| url.map(str::to_owned)),
        };
        telegram.set_webhook(&credentials(), &setup).await.unwrap();
        let last = server.requests().pop().unwrap();
        let method = last.path.rsplit('/').next().unwrap().to_owned();
        (method, last.json())
    };
    let (method, body) = set(None).await;
    assert_eq!(method, "setWebhook");
    assert_eq!(body["url"], "https://relevo.example/in/tg/1");
    assert_eq!(body["secret_token"], "s3cret_-");
    let allowed: Vec<&str> = body["allowed_updates"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for kind in [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "message_reaction",
        "inline_query",
    ] {
        assert_eq!(allowed.iter().filter(|k| **k == kind).count(), 1, "{kind}");
    }
    assert!(!allowed.contains(&"poll"), "the bot had not asked for it");
    let (method, body) = set(Some(Some("https://old.example.com/hook"))).await;
    assert_eq!(
        (method.as_str(), &body),
        (
            "setWebhook",
            &json!({"url": "https://old.example.com/hook"})
        )
    );
    let (method, body) = set(Some(None)).await;
    assert_eq!(
        (method.as_str(), &body),
        ("deleteWebhook", &json!({"drop_pending_updates": false}))
    );
}
