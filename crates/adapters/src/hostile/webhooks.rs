//! Webhooks of the platforms, whose sender is taken for proven.

use crate::channels::instagram::Instagram;
use crate::channels::messenger::Messenger;
use crate::channels::meta::MetaHttp;
use crate::channels::telegram::Telegram;
use crate::channels::test_chat::TestChat;
use crate::channels::whatsapp::WhatsApp;
use crate::desk;
use crate::files::LocalFiles;
use crate::net::{Http, NetPolicy};
use domain::channel::{ChannelCredentials, ChannelSettings, InstagramLogin};
use domain::message::{Content, TextUnit, split_text};
use domain::ports::{Channel, ChannelEvent, Decoded, FileStore, RawWebhook, VerifiedWebhook};
use domain::secret::Secret;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const BASE: &str = "https://graph.facebook.com";

fn secret() -> Secret {
    Secret::new("a-secret-that-no-bytes-can-guess")
}

fn files() -> Arc<dyn FileStore> {
    Arc::new(LocalFiles::new(Path::new("/nonexistent")))
}

fn http() -> Http {
    let policy = NetPolicy {
        allow_private_network: false,
    };
    Http::new(policy).expect("a client")
}

fn meta() -> MetaHttp {
    let client = http().platform;
    MetaHttp {
        platform: client.clone(),
        media: client,
    }
}

static WHATSAPP: LazyLock<WhatsApp> = LazyLock::new(|| WhatsApp::new(meta(), BASE, files()));
static MESSENGER: LazyLock<Messenger> = LazyLock::new(|| Messenger::new(meta(), BASE, files()));
static INSTAGRAM: LazyLock<Instagram> =
    LazyLock::new(|| Instagram::new(meta(), BASE, BASE, files()));
static TELEGRAM: LazyLock<Telegram> =
    LazyLock::new(|| Telegram::new(http(), "https://api.telegram.org", files()));

/// A webhook of WhatsApp.
pub fn whatsapp(body: &[u8]) {
    let credentials = ChannelCredentials::WhatsApp {
        access_token: secret(),
        phone_number_id: "200000000000001".into(),
        waba_id: "300000000000001".into(),
        app_secrets: vec![secret()],
        verify_token: secret(),
    };
    webhook(&*WHATSAPP, &credentials, body, Cut::Anew);
}

/// A webhook of Messenger.
pub fn messenger(body: &[u8]) {
    let credentials = ChannelCredentials::Messenger {
        page_token: secret(),
        page_id: "400000000000001".into(),
        app_id: "900000000000001".into(),
        app_secrets: vec![secret()],
        verify_token: secret(),
    };
    webhook(&*MESSENGER, &credentials, body, Cut::Anew);
}

/// A webhook of Instagram.
pub fn instagram(body: &[u8]) {
    let credentials = ChannelCredentials::Instagram {
        login: InstagramLogin::Instagram,
        token: secret(),
        account_id: "17840000000000001".into(),
        page_id: Some("400000000000001".into()),
        app_id: "900000000000001".into(),
        app_secrets: vec![secret()],
        verify_token: secret(),
    };
    webhook(&*INSTAGRAM, &credentials, body, Cut::Anew);
}

/// A webhook of Telegram.
pub fn telegram(body: &[u8]) {
    let credentials = ChannelCredentials::Telegram {
        token: Secret::new("7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
        webhook_secret: secret(),
    };
    webhook(&*TELEGRAM, &credentials, body, Cut::Whole);
}

/// A webhook of the built-in test chat.
pub fn test_chat(body: &[u8]) {
    let credentials = ChannelCredentials::Test { secret: secret() };
    webhook(&TestChat, &credentials, body, Cut::Whole);
}

/// What an excerpt of a webhook is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// Some events of many, written and signed anew.
    Anew,
    /// The webhook itself, which holds what belongs together.
    Whole,
}

fn webhook(channel: &dyn Channel, credentials: &ChannelCredentials, body: &[u8], cut: Cut) {
    let raw = RawWebhook {
        headers: Vec::new(),
        body: body.to_vec().into(),
    };
    assert!(channel.verify(credentials, raw.clone()).is_err());
    let told = String::from_utf8_lossy(body).into_owned();
    for header in ["x-hub-signature-256", "x-telegram-bot-api-secret-token"] {
        let mut forged = raw.clone();
        forged.headers.push((header.to_owned(), told.clone()));
        assert!(channel.verify(credentials, forged).is_err(), "believed");
    }

    let proven = VerifiedWebhook::proven(raw);
    let settings = ChannelSettings::default();
    let decoded = channel.decode(credentials, &settings, &proven);
    assert_eq!(
        decoded,
        channel.decode(credentials, &settings, &proven),
        "read twice, read differently"
    );
    for event in &decoded.events {
        assert!(!event.dedupe_key.is_empty() && event.dedupe_key.len() <= 400 || cut == Cut::Whole);
        let pointer = std::slice::from_ref(&event.pointer);
        let part = channel.excerpt(credentials, &proven, pointer);
        let part = VerifiedWebhook::proven(part.expect("a pointer that leads somewhere"));
        let again = channel.decode(credentials, &settings, &part);
        assert!(!again.events.is_empty(), "cut to nothing: {pointer:?}");
    }
    if cut == Cut::Whole {
        let keys: HashSet<&str> = decoded
            .events
            .iter()
            .map(|e| e.dedupe_key.as_str())
            .collect();
        assert_eq!(keys.len(), decoded.events.len(), "two events under one key");
    }
    shown(&decoded);
}

/// What was said is put into words for agents, cut to length, and made searchable.
fn shown(decoded: &Decoded) {
    for event in &decoded.events {
        let (ChannelEvent::Message { content, .. } | ChannelEvent::Echo { content, .. }) =
            &event.event
        else {
            continue;
        };
        let parts = desk::render::render(content, &desk::render::DeskContext::default());
        assert!(!parts.is_empty(), "nothing to show");
        if let Content::Text { text } = content {
            for part in split_text(text, TextUnit::Utf16, 100) {
                assert!(TextUnit::Utf16.length(&part) <= 100);
            }
            let _ = domain::search::searchable(text);
        }
    }
}
