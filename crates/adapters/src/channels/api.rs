//! A line that the bot keeps to itself. Nothing comes in by webhook and nothing is sent: the bot
//! reports through the REST API, and what agents say reaches it as a signed `message.agent`.

use crate::net::{Http, send_error};
use async_trait::async_trait;
use domain::channel::{ChannelCredentials, ChannelSettings};
use domain::contact::ContactAddress;
use domain::ids::TenantId;
use domain::message::{Attachment, Content, MediaSource};
use domain::outbound::{Failure, SendError};
use domain::ports::{
    AccountInfo, Channel, Decoded, MediaStream, Part, RawWebhook, Receipt, RenderContext, Signal,
    ValidationError, VerifiedWebhook, VerifyError, WebhookSetup, WebhookStatus,
};
use domain::time::Timestamp;
use futures::StreamExt;
use std::time::Duration;
use uuid::Uuid;

/// A file may take this long.
const FETCH_TIME: Duration = Duration::from_secs(120);

/// A line that the bot keeps to itself.
#[derive(Clone)]
pub struct ApiLine {
    http: Http,
}

impl ApiLine {
    /// Fetches the files that the bot names through the guarded client of `http`.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self { http }
    }
}

#[async_trait]
impl Channel for ApiLine {
    fn handshake(
        &self,
        _credentials: &ChannelCredentials,
        _query: &[(String, String)],
    ) -> Result<String, VerifyError> {
        Err(VerifyError::Missing)
    }

    /// Nobody may send webhooks here.
    fn verify(
        &self,
        _credentials: &ChannelCredentials,
        _raw: RawWebhook,
    ) -> Result<VerifiedWebhook, VerifyError> {
        Err(VerifyError::Missing)
    }

    fn decode(
        &self,
        _credentials: &ChannelCredentials,
        _settings: &ChannelSettings,
        _webhook: &VerifiedWebhook,
    ) -> Decoded {
        Decoded::default()
    }

    fn excerpt(
        &self,
        _credentials: &ChannelCredentials,
        _webhook: &VerifiedWebhook,
        _pointers: &[String],
    ) -> Option<RawWebhook> {
        None
    }

    /// The bot hears of the end by `handoff.ended`; there is no platform to speak in the name of.
    fn synthesize(
        &self,
        _credentials: &ChannelCredentials,
        _to: &ContactAddress,
        _text: &str,
        _identity: Uuid,
        _now: Timestamp,
    ) -> RawWebhook {
        RawWebhook {
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        }
    }

    fn render(&self, _content: &Content, _context: &RenderContext) -> Vec<Part> {
        Vec::new()
    }

    /// Windows are the bot's own business.
    fn window(
        &self,
        _settings: &ChannelSettings,
        _last_inbound_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        Some(Timestamp(i64::MAX))
    }

    /// There is nothing to send: the message's identity stands for its receipt.
    async fn send(
        &self,
        _tenant: TenantId,
        _credentials: &ChannelCredentials,
        _to: &ContactAddress,
        _part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError> {
        Ok(Receipt {
            external_id: identity.to_string(),
            contact: None,
        })
    }

    async fn signal(
        &self,
        _credentials: &ChannelCredentials,
        _to: &ContactAddress,
        _signal: &Signal,
    ) -> Result<(), SendError> {
        Ok(())
    }

    /// The bot named an address; it is called like any address that somebody else chose.
    async fn open_media(
        &self,
        _credentials: &ChannelCredentials,
        source: &MediaSource,
        attachment: &Attachment,
    ) -> Result<MediaStream, SendError> {
        let MediaSource::Url { url } = source else {
            return Err(gone("este canal no guarda archivos"));
        };
        let request = self
            .http
            .guarded
            .request(reqwest::Method::GET, url)
            .map_err(|refused| gone(&refused.to_string()))?;
        let response = crate::net::send(request.timeout(FETCH_TIME))
            .await
            .map_err(|error| SendError::from(&error))?;
        match response.status().as_u16() {
            200..=299 => {}
            408 | 429 | 500.. => {
                let passing = Failure::Transient { retry_after: None };
                return Err(SendError::clear(
                    passing,
                    "el archivo no está disponible ahora",
                ));
            }
            _ => return Err(gone("el archivo ya no está en esa dirección")),
        }
        let told = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(|mime| mime.trim().to_ascii_lowercase());
        Ok(MediaStream {
            mime: attachment.mime.clone().or(told),
            size: response.content_length(),
            name: attachment.name.clone(),
            bytes: response
                .bytes_stream()
                .map(|piece| piece.map_err(|error| send_error(&error)))
                .boxed(),
        })
    }

    async fn validate(
        &self,
        _credentials: &ChannelCredentials,
    ) -> Result<AccountInfo, ValidationError> {
        Ok(AccountInfo::default())
    }

    async fn set_webhook(
        &self,
        _credentials: &ChannelCredentials,
        _setup: &WebhookSetup,
    ) -> Result<(), SendError> {
        Ok(())
    }

    async fn webhook_status(
        &self,
        _credentials: &ChannelCredentials,
    ) -> Result<WebhookStatus, SendError> {
        Ok(WebhookStatus::default())
    }
}

fn gone(why: &str) -> SendError {
    SendError::clear(Failure::Payload, why)
}
