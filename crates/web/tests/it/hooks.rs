//! What comes in under `/hooks`: who is believed, what is stored, what is answered.

use crate::edge::{APP_SECRET, Edge, VERIFY_TOKEN, WEBHOOK_SECRET, http};
use adapters::channels::meta::signature;
use domain::channel::Channel;
use domain::message::Content;
use domain::secret::Secret;
use serde_json::{Value, json};

pub const PHONE: &str = "200000000000001";
const SIGNATURE: &str = "x-hub-signature-256";
const SECRET: &str = "x-telegram-bot-api-secret-token";

pub async fn whatsapp() -> (Edge, Channel) {
    let edge = Edge::at("http://127.0.0.1:9", "http://127.0.0.1:9").await;
    let account = json!({
        "kind": "whatsapp", "id": PHONE, "phone_number_id": PHONE, "waba_id": "3",
        "access_token": "EAA", "app_secret": "another-secret-of-the-same-app",
    });
    let line = edge.line(&account).await;
    (edge, line)
}

async fn telegram() -> (Edge, Channel) {
    let edge = Edge::at("http://127.0.0.1:9", "http://127.0.0.1:9").await;
    let account = json!({
        "kind": "telegram", "id": "7000000001", "token": "7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    });
    let line = edge.line(&account).await;
    (edge, line)
}

fn text(phone: &str, id: &str, words: &str) -> String {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "3", "changes": [{
    "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100999", "phone_number_id": phone},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "15550100123"}],
        "messages": [{"from": "15550100123", "id": id, "timestamp": "1790000000",
            "type": "text", "text": {"body": words}}],
    }}]}]})
    .to_string()
}

fn signed(body: &str) -> String {
    signature::sign(&[Secret::new(APP_SECRET)], body.as_bytes()).unwrap()
}

async fn post(
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> (u16, String) {
    let mut request = http().post(url).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[actix_web::test]
async fn a_proven_webhook_is_stored_and_answered_with_an_empty_200() {
    let (edge, line) = whatsapp().await;
    let body = text(PHONE, "wamid.1", "Hola");
    let answer = post(&edge.hook(&line), &[(SIGNATURE, &signed(&body))], body).await;
    assert_eq!(answer, (200, String::new()));
    let row = edge.conversations().await.remove(0);
    let stored = edge.messages(row.conversation.id).await;
    assert_eq!(stored[0].content, Content::text("Hola"));
}

#[actix_web::test]
async fn nobody_else_is_believed_and_nothing_of_theirs_is_stored() {
    let (edge, line) = whatsapp().await;
    let body = text(PHONE, "wamid.1", "Hola");
    let good = signed(&body);
    let other = signature::sign(&[Secret::new("other")], body.as_bytes()).unwrap();
    let list = format!("{good},{good}");
    let short = &good[..9];
    let old = good.replace("sha256", "sha1");
    let long = format!("{good}0");
    let forged: Vec<Vec<(&str, &str)>> = vec![
        vec![],
        vec![(SIGNATURE, &other)],
        vec![(SIGNATURE, &list)],
        vec![(SIGNATURE, short)],
        vec![(SIGNATURE, &long)],
        vec![(SIGNATURE, "")],
        vec![(SIGNATURE, "sha256=")],
        vec![(SIGNATURE, "sha256=zz")],
        vec![(SIGNATURE, "sha256=ñ")],
        vec![(SIGNATURE, &old)],
        vec![("x-hub-signature", &old)],
        vec![(SIGNATURE, &good), (SIGNATURE, &good)],
    ];
    for headers in forged {
        let (status, answer) = post(&edge.hook(&line), &headers, body.clone()).await;
        assert_eq!((status, answer.as_str()), (401, ""), "{headers:?}");
    }
    let changed = body.replace("Hola", "Hols");
    assert_eq!(
        post(&edge.hook(&line), &[(SIGNATURE, &good)], changed)
            .await
            .0,
        401
    );
    let spaced = format!("{body} ");
    assert_eq!(
        post(&edge.hook(&line), &[(SIGNATURE, &good)], spaced)
            .await
            .0,
        401
    );
    assert!(edge.conversations().await.is_empty());
}

#[actix_web::test]
async fn telegram_is_known_by_its_secret_alone() {
    let (edge, line) = telegram().await;
    let update = json!({"update_id": 900_001, "message": {"message_id": 57, "date": 1_790_000_000,
        "from": {"id": 6_000_000_001_i64, "first_name": "Ana"},
        "chat": {"id": 6_000_000_001_i64, "type": "private"}, "text": "Hola"}})
    .to_string();
    for headers in [
        vec![],
        vec![(SECRET, "")],
        vec![(SECRET, "s3cret_")],
        vec![(SECRET, WEBHOOK_SECRET), (SECRET, WEBHOOK_SECRET)],
    ] {
        let (status, _) = post(&edge.hook(&line), &headers, update.clone()).await;
        assert_eq!(status, 401, "{headers:?}");
    }
    assert!(edge.conversations().await.is_empty());
    let answer = post(&edge.hook(&line), &[(SECRET, WEBHOOK_SECRET)], update).await;
    assert_eq!(answer, (200, String::new()));
    assert_eq!(edge.conversations().await.len(), 1);
}

#[actix_web::test]
async fn a_repeated_webhook_is_stored_once_however_many_come_at_once() {
    let (edge, line) = whatsapp().await;
    let body = text(PHONE, "wamid.1", "Hola");
    let signature = signed(&body);
    let url = edge.hook(&line);
    let posts = (0..40).map(|_| {
        let (url, body, signature) = (url.clone(), body.clone(), signature.clone());
        tokio::spawn(async move { post(&url, &[(SIGNATURE, &signature)], body).await.0 })
    });
    for answer in futures::future::join_all(posts).await {
        assert_eq!(answer.unwrap(), 200);
    }
    let rows = edge.conversations().await;
    assert_eq!(rows.len(), 1);
    assert_eq!(edge.messages(rows[0].conversation.id).await.len(), 1);
}

#[actix_web::test]
async fn a_body_over_four_megabytes_is_refused_told_or_not() {
    let (edge, line) = whatsapp().await;
    let url = edge.hook(&line);
    let big = vec![b' '; (4 << 20) + 1];
    assert_eq!(post(&url, &[], big.clone()).await.0, 413);
    let pieces = big
        .chunks(64 << 10)
        .map(|c| Ok::<_, std::io::Error>(c.to_vec()));
    let chunked: Vec<_> = pieces.collect();
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(chunked));
    assert_eq!(post(&url, &[], stream).await.0, 413);
    // Just under it is read to the end, and then found to be nobody's.
    assert_eq!(post(&url, &[], vec![b' '; 4 << 20]).await.0, 401);
}

#[actix_web::test]
async fn a_compressed_body_is_refused_because_its_bytes_are_not_the_signed_ones() {
    let (edge, line) = whatsapp().await;
    let body = text(PHONE, "wamid.1", "Hola");
    let headers = [
        (SIGNATURE, signed(&body)),
        ("content-encoding", "gzip".to_owned()),
    ];
    let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(post(&edge.hook(&line), &headers, body).await.0, 415);
}

#[actix_web::test]
async fn the_content_type_is_not_asked_because_only_the_signature_counts() {
    let (edge, line) = whatsapp().await;
    for (number, kind) in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json",
    ]
    .into_iter()
    .enumerate()
    {
        let body = text(PHONE, &format!("wamid.{number}"), "Hola");
        let signature = signed(&body);
        let headers = [(SIGNATURE, signature.as_str()), ("content-type", kind)];
        assert_eq!(post(&edge.hook(&line), &headers, body).await.0, 200);
    }
    let row = edge.conversations().await.remove(0);
    assert_eq!(edge.messages(row.conversation.id).await.len(), 3);
}

#[actix_web::test]
async fn what_is_proven_but_cannot_be_read_is_kept_and_answered_with_200() {
    let (edge, line) = whatsapp().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies = [
        "no es json".to_owned(),
        text(PHONE, "wamid.1", "Hola")[..80].to_owned(),
        deep,
        "\u{feff}{}".to_owned(),
        String::new(),
        json!({"object": "something_else", "entry": []}).to_string(),
        json!({"object": "whatsapp_business_account", "entry": []}).to_string(),
    ];
    for body in bodies {
        let signature = signed(&body);
        let start = body.get(..40).unwrap_or(&body).to_owned();
        let (status, answer) = post(&edge.hook(&line), &[(SIGNATURE, &signature)], body).await;
        assert_eq!((status, answer.as_str()), (200, ""), "{start}");
    }
    assert!(edge.conversations().await.is_empty());
}

#[actix_web::test]
async fn an_unknown_kind_of_message_is_kept_as_unsupported() {
    let (edge, line) = whatsapp().await;
    let body = text(PHONE, "wamid.1", "x").replace(r#""type":"text""#, r#""type":"hologram""#);
    let signature = signed(&body);
    assert_eq!(
        post(&edge.hook(&line), &[(SIGNATURE, &signature)], body)
            .await
            .0,
        200
    );
    let row = edge.conversations().await.remove(0);
    let stored = edge.messages(row.conversation.id).await;
    assert!(matches!(stored[0].content, Content::Unsupported { .. }));
}

#[actix_web::test]
async fn a_message_for_another_number_is_refused_though_the_app_signed_it() {
    let (edge, line) = whatsapp().await;
    let body = text("200000000000002", "wamid.1", "Hola");
    let signature = signed(&body);
    assert_eq!(
        post(&edge.hook(&line), &[(SIGNATURE, &signature)], body)
            .await
            .0,
        200
    );
    assert!(edge.conversations().await.is_empty());
}

#[actix_web::test]
async fn an_address_that_nobody_has_is_a_404() {
    let (edge, line) = whatsapp().await;
    let key = &line.public_key;
    for path in [
        "/hooks/whatsapp/key_00000000000000000000000000000000".to_owned(),
        format!("/hooks/telegram/{key}"),
        format!("/hooks/fax/{key}"),
        format!("/hooks/whatsapp/{key}x"),
        "/hooks/whatsapp/x".to_owned(),
        "/hooks/whatsapp/%27%20or%201%3D1--".to_owned(),
        "/hooks/whatsapp/%00%00%00%00%00%00%00%00".to_owned(),
    ] {
        assert_eq!(
            post(&format!("{}{path}", edge.url), &[], "{}").await.0,
            404,
            "{path}"
        );
        let answer = http()
            .get(format!("{}{path}", edge.url))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    let answer = http().delete(edge.hook(&line)).send().await.unwrap();
    assert_eq!(answer.status(), 405);
}

#[actix_web::test]
async fn the_handshake_repeats_short_plain_challenges_to_whoever_knows_the_token() {
    let (edge, line) = whatsapp().await;
    let shake = async |token: &str, challenge: &str| {
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.verify_token", token),
            ("hub.challenge", challenge),
        ];
        let answer = http()
            .get(edge.hook(&line))
            .query(&query)
            .send()
            .await
            .unwrap();
        let kind = answer.headers().get("content-type").cloned();
        (answer.status().as_u16(), kind, answer.text().await.unwrap())
    };
    let (status, kind, body) = shake(VERIFY_TOKEN, "1158201444").await;
    assert_eq!((status, body.as_str()), (200, "1158201444"));
    assert!(kind.unwrap().to_str().unwrap().starts_with("text/plain"));
    let (status, kind, body) = shake(VERIFY_TOKEN, "<script>alert(1)</script>").await;
    if status == 200 {
        assert!(kind.unwrap().to_str().unwrap().starts_with("text/plain"));
        assert_eq!(body, "<script>alert(1)</script>");
    }
    assert_eq!(shake("wrong", "1").await.0, 403);
    assert_eq!(shake("", "1").await.0, 403);
    assert_eq!(shake(VERIFY_TOKEN, &"1".repeat(129)).await.0, 403);
    let bare = http().get(edge.hook(&line)).send().await.unwrap();
    assert_eq!(bare.status(), 403);
}

#[actix_web::test]
async fn a_batch_is_stored_whole() {
    let (edge, line) = whatsapp().await;
    let mut body: Value = serde_json::from_str(&text(PHONE, "wamid.0", "0")).unwrap();
    let message = body["entry"][0]["changes"][0]["value"]["messages"][0].clone();
    let list = (0..200).map(|n| {
        let mut one = message.clone();
        one["id"] = format!("wamid.{n}").into();
        one["text"]["body"] = n.to_string().into();
        one
    });
    body["entry"][0]["changes"][0]["value"]["messages"] = list.collect::<Vec<_>>().into();
    let body = body.to_string();
    let signature = signed(&body);
    assert_eq!(
        post(&edge.hook(&line), &[(SIGNATURE, &signature)], body)
            .await
            .0,
        200
    );
    let row = edge.conversations().await.remove(0);
    let stored = edge.messages(row.conversation.id).await;
    let words: Vec<_> = stored
        .iter()
        .map(|m| m.content.words().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = (0..200).map(|n| n.to_string()).collect();
    assert_eq!(words, expected);
}
