//! Telling the bot about handoffs, by signed webhook (Standard Webhooks).

use super::{Attempt, from_store};
use crate::Context;
use adapters::ingest::Stored;
use adapters::net::send;
use adapters::standard_webhooks::WebhookSigner;
use adapters::store::StoreError;
use domain::channel::ChannelKind;
use domain::ids::{HandoffId, MessageId};
use domain::message::{Attachment, Message};
use domain::outbound::{Claim, Failure, SendError, ThrottleScope};
use domain::secret::{SealContext, Secret};
use reqwest::Method;
use std::time::Duration;

/// How long the bot may take to answer an event.
const PATIENCE: Duration = Duration::from_secs(12);

/// How soon it is looked again whether the agent's file has come.
const FILE_PAUSE: Duration = Duration::from_millis(500);

/// What the signing secret is bound to.
#[must_use]
pub(super) fn secret_context(tenant: domain::ids::TenantId) -> SealContext<'static> {
    SealContext {
        tenant,
        column: "tenants.events_secret",
        row: tenant.0,
    }
}

/// Lane events: one signed webhook. Its id is the row's, equal on every retry.
pub(super) async fn tell(
    context: &Context,
    claim: &Claim,
    event: &str,
    handoff: HandoffId,
    message: Option<MessageId>,
) -> Attempt {
    let told = async {
        let none = || from_store(&StoreError::NotFound);
        let tenant = context.store.tenant(claim.wakeup.tenant);
        let errand = tenant.errand(claim.wakeup.conversation, Some(handoff), message);
        let errand = errand.await.map_err(|e| from_store(&e))?;
        let Some(url) = errand.company.settings.events_url else {
            return Ok(Stored::default());
        };
        let (row, found) = (errand.row, errand.message);
        let handoff = errand.handoff.ok_or_else(none)?;
        if message.is_some() && found.is_none() {
            return Err(none());
        }
        let message = found;
        if row.channel_kind == ChannelKind::Api && message.as_ref().is_some_and(is_without_file) {
            return Err(wait_for_file());
        }
        let body = context
            .objects
            .event(event, claim.created_at, &handoff, &row, message.as_ref());
        let signer = signer(context, claim).await?;
        post(context, claim, &url, &signer, body.to_string().into_bytes()).await
    };
    told.await.into()
}

/// Whether the file is still being fetched, in a lane of its own.
fn is_without_file(message: &Message) -> bool {
    let attachment = message.content.attachment();
    attachment.is_some_and(Attachment::is_missing)
}

/// On a line that the bot keeps, the event is the delivery: without the file there would be nothing
/// to deliver, and nobody would tell the bot later. The file comes or is given up within an hour.
fn wait_for_file() -> SendError {
    let failure = Failure::Throttled {
        scope: ThrottleScope::Contact,
        retry_after: Some(FILE_PAUSE),
    };
    SendError::clear(failure, "the agent's file is being fetched")
}

async fn signer(context: &Context, claim: &Claim) -> Result<WebhookSigner, SendError> {
    let tenant = claim.wakeup.tenant;
    let sealed = context
        .store
        .tenant(tenant)
        .events_secret()
        .await
        .map_err(|e| from_store(&e))?;
    let sealed =
        sealed.ok_or_else(|| SendError::clear(Failure::Unauthorized, "no signing secret yet"))?;
    let plain = context
        .vault
        .open(secret_context(tenant), &sealed)
        .await
        .map_err(|e| SendError::clear(Failure::Transient { retry_after: None }, e.to_string()))?;
    let secret = Secret::new(String::from_utf8_lossy(&plain));
    WebhookSigner::new(&secret).map_err(|e| SendError::clear(Failure::Unauthorized, e.to_string()))
}

async fn post(
    context: &Context,
    claim: &Claim,
    url: &str,
    signer: &WebhookSigner,
    body: Vec<u8>,
) -> Result<Stored, SendError> {
    let id = format!("msg_{}", claim.id);
    let mut request = context
        .http
        .guarded
        .request(Method::POST, url)
        .map_err(|e| SendError::clear(Failure::Transient { retry_after: None }, e.to_string()))?
        .timeout(PATIENCE)
        .header("content-type", "application/json");
    for (name, value) in signer.headers(&id, context.clock.now(), &body) {
        request = request.header(name, value);
    }
    let response = send(request.body(body))
        .await
        .map_err(|e| SendError::from(&e))?;
    let status = response.status();
    if status.is_success() {
        return Ok(Stored::default());
    }
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|v| v.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let failure = Failure::Transient { retry_after };
    Err(SendError::clear(failure, "the event was not taken").with_code(status.as_str()))
}
