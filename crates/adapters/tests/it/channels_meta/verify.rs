//! Signatures, the handshake, excerpts and made-up webhooks.

use super::support::*;
use adapters::channels::meta::signature;
use domain::channel::{ChannelCredentials, ChannelSettings};
use domain::contact::ContactAddress;
use domain::ports::{Channel, RawWebhook, VerifyError};
use serde_json::json;

fn with_header(values: &[&str]) -> RawWebhook {
    RawWebhook {
        headers: values
            .iter()
            .map(|v| (signature::HEADER.to_owned(), (*v).to_owned()))
            .collect(),
        body: bytes::Bytes::from_static(b"{}"),
    }
}

fn verify(raw: RawWebhook) -> Result<(), VerifyError> {
    whatsapp(GRAPH)
        .verify(&whatsapp_credentials(), raw)
        .map(|_| ())
}

#[test]
fn any_of_the_app_secrets_proves_the_sender() {
    for name in ["first-secret", "second-secret"] {
        let raw = signature::signed(&[secret(name)], b"{\"a\":\"\\u00e4 \xc3\xa4\"}".to_vec());
        assert_eq!(verify(raw), Ok(()));
    }
    let raw = signature::signed(&[secret("another-tenants")], b"{}".to_vec());
    assert_eq!(verify(raw), Err(VerifyError::Mismatch));
}

#[test]
fn the_known_hmac_of_a_known_body_is_accepted() {
    // RFC 4231, case 2.
    let value = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let raw = RawWebhook {
        headers: vec![(signature::HEADER.into(), value.into())],
        body: bytes::Bytes::from_static(b"what do ya want for nothing?"),
    };
    assert!(signature::verify(&[secret("Jefe")], raw).is_ok());
}

#[test]
fn one_changed_byte_or_a_body_written_anew_is_refused() {
    let mut raw = signed(br#"{"b":1, "a":2}"#);
    raw.body = bytes::Bytes::from_static(br#"{"a":2,"b":1}"#);
    assert_eq!(verify(raw), Err(VerifyError::Mismatch));
}

#[test]
fn odd_headers_are_refused_without_panic() {
    let good = signature::sign(&[secret("first-secret")], b"{}").unwrap();
    let digits = good.strip_prefix("sha256=").unwrap();
    assert_eq!(verify(with_header(&[&good])), Ok(()));
    let upper = format!("sha256={}", digits.to_uppercase());
    assert_eq!(verify(with_header(&[&upper])), Ok(()));
    assert_eq!(verify(with_header(&[])), Err(VerifyError::Missing));
    assert_eq!(
        verify(with_header(&[&good, &good])),
        Err(VerifyError::Missing)
    );
    for odd in [
        String::new(),
        "sha256=".into(),
        "sha256=ab".into(),
        format!("sha1={digits}"),
        format!("SHA256={digits}"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}0"),
        format!("{good},{good}"),
        format!("sha256={}", "g".repeat(64)),
        format!("sha256={}", "é".repeat(32)),
    ] {
        assert_eq!(
            verify(with_header(&[&odd])),
            Err(VerifyError::Malformed),
            "{odd}"
        );
    }
}

#[test]
fn without_a_secret_nothing_is_believed() {
    for secrets in [vec![], vec![secret("")]] {
        let raw = signature::signed(&[secret("x")], b"{}".to_vec());
        assert_eq!(
            signature::verify(&secrets, raw).map(|_| ()),
            Err(VerifyError::Mismatch)
        );
        assert_eq!(signature::sign(&secrets, b"{}"), None);
    }
}

#[test]
fn the_handshake_echoes_the_challenge_only_for_the_right_token() {
    let ask = |mode: &str, token: &str, challenge: &str| {
        let query = [
            ("hub.mode", mode),
            ("hub.verify_token", token),
            ("hub.challenge", challenge),
        ];
        let query = query.map(|(n, v)| (n.to_owned(), v.to_owned()));
        messenger(GRAPH).handshake(&messenger_credentials(), &query)
    };
    for challenge in ["1158201444", "007", "<script>"] {
        assert_eq!(
            ask("subscribe", "verify-me", challenge).as_deref(),
            Ok(challenge)
        );
    }
    assert_eq!(
        ask("subscribe", "verify-you", "1"),
        Err(VerifyError::Mismatch)
    );
    assert_eq!(ask("subscribe", "", "1"), Err(VerifyError::Mismatch));
    assert_eq!(
        ask("unsubscribe", "verify-me", "1"),
        Err(VerifyError::Mismatch)
    );
    assert_eq!(
        ask("subscribe", "verify-me", &"1".repeat(129)),
        Err(VerifyError::Malformed)
    );
    assert_eq!(
        ask("subscribe", "verify-me", "a\nb"),
        Err(VerifyError::Malformed)
    );
    let none = messenger(GRAPH).handshake(&messenger_credentials(), &[]);
    assert_eq!(none, Err(VerifyError::Missing));
    let twice = ["a", "verify-me"].map(|t| ("hub.verify_token".to_owned(), t.to_owned()));
    let mut query = twice.to_vec();
    query.push(("hub.mode".into(), "subscribe".into()));
    query.push(("hub.challenge".into(), "1".into()));
    let twice = messenger(GRAPH).handshake(&messenger_credentials(), &query);
    assert_eq!(twice, Err(VerifyError::Malformed));
}

#[test]
fn another_platforms_credentials_prove_nothing() {
    let credentials: ChannelCredentials = messenger_credentials();
    let result = whatsapp(GRAPH).verify(&credentials, signed(b"{}"));
    assert_eq!(result.map(|_| ()), Err(VerifyError::Mismatch));
}

#[test]
fn an_excerpt_holds_only_what_was_asked_for_and_is_signed() {
    let body = json!({"object": "whatsapp_business_account", "entry": [
        {"id": WABA, "changes": [{"field": "messages", "value": {
            "metadata": {"phone_number_id": LINE},
            "contacts": [
                {"profile": {"name": "Ana"}, "wa_id": "15550100001"},
                {"profile": {"name": "Zoë"}, "wa_id": "15550100002"}],
            "messages": [
                {"from": "15550100001", "id": "wamid.1", "timestamp": "1790000000", "type": "text", "text": {"body": "from Ana"}},
                {"from": "15550100002", "id": "wamid.2", "timestamp": "1790000001", "type": "text", "text": {"body": "from Zoë ä"}}],
            "statuses": [{"id": "wamid.9", "status": "read", "timestamp": "1"}]}}]},
        {"id": "other", "changes": []}]});
    let (channel, credentials) = (whatsapp(GRAPH), whatsapp_credentials());
    let whole = channel
        .verify(&credentials, signed(body.to_string().as_bytes()))
        .unwrap();
    let all = channel.decode(&credentials, &ChannelSettings::default(), &whole);
    let zoe = all
        .events
        .iter()
        .find(|e| e.dedupe_key == "m:wamid.2")
        .unwrap();

    let cut = channel
        .excerpt(&credentials, &whole, std::slice::from_ref(&zoe.pointer))
        .unwrap();
    let cut = channel.verify(&credentials, cut).unwrap();
    let text = String::from_utf8(cut.raw().body.to_vec()).unwrap();
    assert!(text.is_ascii() && text.contains("\\u00e4"), "{text}");
    assert!(!text.contains("Ana") && !text.contains("wamid.9"), "{text}");
    let again = channel.decode(&credentials, &ChannelSettings::default(), &cut);
    assert_eq!(again.events.len(), 1);
    assert_eq!(again.events[0].event, zoe.event);
    assert_eq!(again.events[0].profile.name.as_deref(), Some("Zoë"));

    let nowhere = channel.excerpt(&credentials, &whole, &["/entry/7".into()]);
    assert!(nowhere.is_none());
}

#[test]
fn an_excerpt_of_everything_is_the_original_byte_for_byte() {
    let body = br#"{ "object":"page", "entry":[{"id":"400000000000001","messaging":[{"sender":{"id":"5"},"recipient":{"id":"400000000000001"},"timestamp":1,"message":{"mid":"m_1","text":"\u00e4"}}]}]}"#;
    let (channel, credentials) = (messenger(GRAPH), messenger_credentials());
    let whole = channel.verify(&credentials, signed(body)).unwrap();
    let cut = channel
        .excerpt(&credentials, &whole, &["/entry/0/messaging/0".into()])
        .unwrap();
    assert_eq!(&cut.body[..], &body[..]);
    assert_eq!(cut.headers, whole.raw().headers);
}

#[test]
fn a_made_up_webhook_reads_like_a_real_one() {
    let by_user = ContactAddress {
        key: "US.7000".into(),
        alias: None,
        thread: None,
    };
    for (channel, credentials, to) in [
        (
            Box::new(whatsapp(GRAPH)) as Box<dyn Channel>,
            whatsapp_credentials(),
            ContactAddress::of("15550100123"),
        ),
        (Box::new(whatsapp(GRAPH)), whatsapp_credentials(), by_user),
        (
            Box::new(messenger(GRAPH)),
            messenger_credentials(),
            ContactAddress::of("5000000000000001"),
        ),
        (
            Box::new(instagram(GRAPH)),
            instagram_credentials(domain::channel::InstagramLogin::Facebook),
            ContactAddress::of("600000000000001"),
        ),
    ] {
        let raw = channel.synthesize(&credentials, &to, "/start ñ", IDENTITY, NOW);
        let proven = channel.verify(&credentials, raw).unwrap();
        let event = only(channel.decode(&credentials, &ChannelSettings::default(), &proven));
        assert_eq!(event.contact.as_ref().map(|c| &c.key), Some(&to.key));
        assert_eq!(event.at, NOW);
        let domain::ports::ChannelEvent::Message { content, .. } = event.event else {
            panic!("{event:?}");
        };
        assert_eq!(content, domain::message::Content::text("/start ñ"));
    }
}
