//! Webhook signatures against another implementation of the standard, and signed links.

use adapters::signed_link::{LinkError, SignedClaims, SignedLinks};
use adapters::standard_webhooks::{SignatureError, WebhookSigner};
use adapters::vault::MasterKeys;
use domain::secret::Secret;
use domain::time::Timestamp;
use proptest::prelude::*;
use standardwebhooks::Webhook;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_767_614_400_999);
const OLD: &str = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "new:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

proptest! {
    #[test]
    fn both_implementations_sign_alike(body in ".{0,200}", id in "msg_[a-zA-Z0-9]{1,30}") {
        let secret = WebhookSigner::generate().unwrap();
        let ours = WebhookSigner::new(&secret).unwrap();
        let theirs = Webhook::new(secret.expose()).unwrap();
        let signature = ours.sign(&id, NOW, body.as_bytes());
        prop_assert_eq!(&signature, &theirs.sign(&id, NOW.0 / 1000, body.as_bytes()).unwrap());
        let seconds = (NOW.0 / 1000).to_string();
        let many = format!("v1a,AAAA v1,AAAA {signature}");
        prop_assert_eq!(ours.verify(&id, &seconds, &many, body.as_bytes(), NOW), Ok(()));
        let longer = format!("{body}x");
        prop_assert_eq!(
            ours.verify(&id, &seconds, &signature, longer.as_bytes(), NOW),
            Err(SignatureError::Signature)
        );
    }

    #[test]
    fn no_token_makes_the_link_reader_panic(token in "[A-Za-z0-9_-]{0,120}") {
        let links = SignedLinks::new(&MasterKeys::parse(OLD).unwrap());
        prop_assert_eq!(links.verify("p", &token, NOW), Err(LinkError::Refused));
    }
}

#[test]
fn a_replayed_webhook_is_refused() {
    let signer = WebhookSigner::new(&WebhookSigner::generate().unwrap()).unwrap();
    let [(_, id), (_, at), (_, signature)] = signer.headers("msg_1", NOW, b"{}");
    let verify = |now| signer.verify(&id, &at, &signature, b"{}", now);
    assert_eq!(verify(NOW), Ok(()));
    assert_eq!(verify(Timestamp(NOW.0 + 299_000)), Ok(()));
    assert_eq!(
        verify(Timestamp(NOW.0 + 302_000)),
        Err(SignatureError::Timestamp)
    );
    assert_eq!(
        verify(Timestamp(NOW.0 - 302_000)),
        Err(SignatureError::Timestamp)
    );
    assert_eq!(
        signer.verify(&id, "soon", &signature, b"{}", NOW),
        Err(SignatureError::Header)
    );
}

#[test]
fn a_short_or_garbled_signing_secret_is_refused() {
    for text in ["", "whsec_", "whsec_AAAA", "whsec_***", &"A".repeat(100)] {
        assert!(WebhookSigner::new(&Secret::new(text)).is_err(), "{text}");
    }
}

fn claims() -> SignedClaims {
    SignedClaims {
        tenant: Uuid::from_u128(5).into(),
        subject: "conversación/1".into(),
        expires: Timestamp(NOW.0 + 1),
    }
}

#[test]
fn a_link_opens_for_its_purpose_until_it_expires() {
    let links = SignedLinks::new(&MasterKeys::parse(OLD).unwrap());
    let token = links.sign("history", &claims());
    assert!(
        token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );
    assert_eq!(links.verify("history", &token, NOW), Ok(claims()));
    assert_eq!(links.verify("file", &token, NOW), Err(LinkError::Refused));
    assert_eq!(
        links.verify("history", &token, claims().expires),
        Err(LinkError::Expired)
    );
}

#[test]
fn a_link_with_any_character_changed_is_refused() {
    let links = SignedLinks::new(&MasterKeys::parse(OLD).unwrap());
    let token = links.sign("history", &claims());
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(
            links.verify("history", &changed, NOW),
            Err(LinkError::Refused)
        );
    }
}

#[test]
fn a_link_survives_a_rotation_and_dies_with_its_key() {
    let ring = |list: &str| SignedLinks::new(&MasterKeys::parse(list).unwrap());
    let token = ring(OLD).sign("history", &claims());
    let both = ring(&format!("{NEW},{OLD}"));
    assert_eq!(both.verify("history", &token, NOW), Ok(claims()));
    assert_eq!(
        ring(NEW).verify("history", &token, NOW),
        Err(LinkError::Refused)
    );
}
