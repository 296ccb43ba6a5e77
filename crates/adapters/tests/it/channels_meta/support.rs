//! Lines, bodies and files for the tests.

use adapters::channels::instagram::Instagram;
use adapters::channels::messenger::Messenger;
use adapters::channels::meta::{MetaHttp, signature};
use adapters::channels::whatsapp::WhatsApp;
use async_trait::async_trait;
use bytes::Bytes;
use domain::channel::{ChannelCredentials, ChannelSettings, InstagramLogin};
use domain::ids::{FileId, TenantId};
use domain::message::{Attachment, Content, MediaKind, StoredFile};
use domain::ports::{
    Channel, ChannelEvent, Decoded, FileStore, FileStoreError, Inbound, NewFile, RawWebhook,
    RenderContext,
};
use domain::secret::Secret;
use domain::time::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub const LINE: &str = "200000000000001";
pub const WABA: &str = "300000000000001";
pub const PAGE: &str = "400000000000001";
pub const ACCOUNT: &str = "17840000000000001";
pub const APP: &str = "900000000000001";
pub const TENANT: TenantId = TenantId(Uuid::from_u128(7));
pub const IDENTITY: Uuid = Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef);
pub const TOKEN: &str = "EAAtoken-for-tests";

pub fn secret(text: &str) -> Secret {
    Secret::new(text)
}

pub fn whatsapp_credentials() -> ChannelCredentials {
    ChannelCredentials::WhatsApp {
        access_token: secret(TOKEN),
        phone_number_id: LINE.into(),
        waba_id: WABA.into(),
        app_secrets: vec![secret("first-secret"), secret("second-secret")],
        verify_token: secret("verify-me"),
    }
}

pub fn messenger_credentials() -> ChannelCredentials {
    ChannelCredentials::Messenger {
        page_token: secret(TOKEN),
        page_id: PAGE.into(),
        app_id: APP.into(),
        app_secrets: vec![secret("first-secret")],
        verify_token: secret("verify-me"),
    }
}

pub fn instagram_credentials(login: InstagramLogin) -> ChannelCredentials {
    ChannelCredentials::Instagram {
        login,
        token: secret(TOKEN),
        account_id: ACCOUNT.into(),
        page_id: Some(PAGE.into()),
        app_id: APP.into(),
        app_secrets: vec![secret("first-secret")],
        verify_token: secret("verify-me"),
    }
}

pub fn http() -> MetaHttp {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    MetaHttp {
        platform: client.clone(),
        media: client,
    }
}

/// A file store with one file in it.
pub struct OneFile(pub Bytes);

#[async_trait]
impl FileStore for OneFile {
    async fn put(&self, _new: NewFile) -> Result<StoredFile, FileStoreError> {
        Err(FileStoreError::Io("read only".into()))
    }

    async fn read(&self, tenant: TenantId, _id: FileId) -> Result<Bytes, FileStoreError> {
        if tenant == TENANT {
            Ok(self.0.clone())
        } else {
            Err(FileStoreError::NotFound)
        }
    }

    async fn remove(&self, _tenant: TenantId, _id: FileId) -> Result<(), FileStoreError> {
        Ok(())
    }
}

fn files() -> Arc<dyn FileStore> {
    Arc::new(OneFile(Bytes::from_static(b"the bytes")))
}

pub fn whatsapp(base: &str) -> WhatsApp {
    WhatsApp::new(http(), base, files())
}

pub fn messenger(base: &str) -> Messenger {
    Messenger::new(http(), base, files())
}

pub fn instagram(base: &str) -> Instagram {
    Instagram::new(http(), base, base, files())
}

pub const GRAPH: &str = "https://graph.facebook.com";

/// The signed webhook around a body.
pub fn signed(body: &[u8]) -> RawWebhook {
    signature::signed(&[secret("first-secret")], body.to_vec())
}

pub fn decode_with(
    channel: &dyn Channel,
    credentials: &ChannelCredentials,
    body: &[u8],
) -> Decoded {
    let proven = channel.verify(credentials, signed(body)).unwrap();
    channel.decode(credentials, &ChannelSettings::default(), &proven)
}

pub fn decode_whatsapp(body: &Value) -> Decoded {
    decode_with(
        &whatsapp(GRAPH),
        &whatsapp_credentials(),
        body.to_string().as_bytes(),
    )
}

pub fn decode_messenger(body: &Value) -> Decoded {
    decode_with(
        &messenger(GRAPH),
        &messenger_credentials(),
        body.to_string().as_bytes(),
    )
}

pub fn decode_instagram(body: &Value) -> Decoded {
    let credentials = instagram_credentials(InstagramLogin::Instagram);
    decode_with(&instagram(GRAPH), &credentials, body.to_string().as_bytes())
}

/// What the contact said in each event, in order.
pub fn said(decoded: &Decoded) -> Vec<Content> {
    decoded
        .events
        .iter()
        .filter_map(|event| match &event.event {
            ChannelEvent::Message { content, .. } => Some(content.clone()),
            _ => None,
        })
        .collect()
}

/// The only event.
pub fn only(decoded: Decoded) -> Inbound {
    assert_eq!(decoded.undecodable, Vec::<String>::new());
    assert_eq!(decoded.events.len(), 1, "{:?}", decoded.events);
    decoded.events.into_iter().next().unwrap()
}

pub fn stored(mime: &str, name: &str, size: u64) -> StoredFile {
    StoredFile {
        id: FileId(Uuid::from_u128(9)),
        mime: mime.into(),
        name: name.into(),
        size,
        sha256: String::new(),
    }
}

pub fn media(kind: MediaKind, mime: &str, size: u64, caption: Option<&str>) -> Content {
    Content::Media {
        attachment: Attachment {
            stored: Some(stored(mime, "a.bin", size)),
            ..Attachment::of(kind)
        },
        caption: caption.map(str::to_owned),
    }
}

pub const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// An hour after the contact's last word.
pub fn context() -> RenderContext {
    RenderContext {
        now: NOW,
        last_inbound_at: Some(NOW.before(Duration::from_secs(3600))),
        choice_prefix: "q:abc:".into(),
        ..RenderContext::default()
    }
}
