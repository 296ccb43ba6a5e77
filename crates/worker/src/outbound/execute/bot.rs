//! Handing webhooks to the bot, byte for byte.

use super::{Attempt, from_account, from_store};
use crate::Context;
use adapters::accounts::OpenChannel;
use adapters::ingest::Stored;
use adapters::net::{read_capped, send};
use adapters::store::{Errand, StoreError};
use domain::channel::ChannelKind;
use domain::ids::{ChannelId, WebhookId};
use domain::outbound::{Claim, Failure, SendError};
use domain::ports::RawWebhook;
use domain::tenant::Tenant;
use reqwest::Method;
use std::time::Duration;
use uuid::Uuid;

/// What a platform's own webhook may take before it counts as failed, more or less.
const PATIENCE: Duration = Duration::from_secs(12);

/// An answer longer than this is no call to the platform.
const LONGEST_ANSWER: usize = 64 * 1024;

/// How long a company waits for its bot before a human gets the message.
pub(super) fn patience(company: &Tenant) -> Duration {
    let minutes = u64::from(company.settings.policy.bot_down_after_minutes);
    Duration::from_secs(60 * minutes.max(1))
}

/// Lane bot: hands over a stored webhook.
pub(super) async fn forward(
    context: &Context,
    claim: &Claim,
    errand: Option<Errand>,
    webhook: WebhookId,
) -> Attempt {
    let tenant = context.store.tenant(claim.wakeup.tenant);
    let raw = match tenant.webhook(webhook).await {
        Ok(raw) => raw,
        // A line that the bot keeps has no webhooks; an old one is no longer kept.
        Err(StoreError::NotFound) => return Attempt::nothing_to_do(),
        Err(error) => return Attempt::failed(from_store(&error)),
    };
    let mut attempt = match line(context, claim, errand.as_ref()).await {
        Ok(open) => hand_over(context, claim, &open, raw).await.into(),
        Err(error) => Attempt::failed(error),
    };
    let company = match errand {
        Some(errand) => Some(errand.company),
        None => tenant.tenant().await.ok(),
    };
    if let Some(company) = company {
        attempt.give_up_after = Some(patience(&company));
    }
    attempt
}

/// Lane bot: hands over a made-up message, so that the bot's flow restarts.
pub(super) async fn synthetic(
    context: &Context,
    claim: &Claim,
    errand: Option<Errand>,
    text: &str,
) -> Attempt {
    let handed = async {
        let open = line(context, claim, errand.as_ref()).await?;
        let to = errand.map(|errand| errand.row.contact.address);
        let to = to.ok_or_else(|| SendError::clear(Failure::Payload, "no contact"))?;
        let channel = context
            .channels
            .get(open.channel.kind)
            .ok_or_else(|| SendError::clear(Failure::Payload, "no such platform here"))?;
        let identity = Uuid::new_v5(
            &claim.wakeup.conversation.0,
            format!("restart:{}", claim.id).as_bytes(),
        );
        let now = context.clock.now();
        let raw = channel.synthesize(&open.credentials, &to, text, identity, now);
        hand_over(context, claim, &open, raw).await
    };
    handed.await.into()
}

/// News about an account waits in a lane under the channel's own id.
async fn line(
    context: &Context,
    claim: &Claim,
    errand: Option<&Errand>,
) -> Result<OpenChannel, SendError> {
    let own = ChannelId(claim.wakeup.conversation.0);
    let channel = errand.map_or(own, |errand| errand.row.conversation.channel);
    let open = context.accounts.channel(claim.wakeup.tenant, channel);
    open.await.map_err(|e| from_account(&e))
}

async fn hand_over(
    context: &Context,
    claim: &Claim,
    open: &OpenChannel,
    raw: RawWebhook,
) -> Result<Stored, SendError> {
    if open.channel.kind == ChannelKind::Test && open.channel.settings.bot_url.is_none() {
        return super::practice::answer(context, claim, open, raw).await;
    }
    let Some(url) = open.channel.settings.bot_url.as_deref() else {
        // Disconnected meanwhile: there is nobody to hand it to.
        return Ok(Stored::default());
    };
    let mut request = context
        .http
        .guarded
        .request(Method::POST, url)
        .map_err(|e| SendError::clear(Failure::Transient { retry_after: None }, e.to_string()))?
        .timeout(PATIENCE)
        .body(raw.body.clone());
    let platform = context.channels.get(open.channel.kind);
    let secret = platform.map(|p| p.secret_headers(&open.credentials));
    for (name, value) in raw.kept_headers().chain(secret.iter().flatten()) {
        request = request.header(name, value);
    }
    let response = send(request).await.map_err(|e| SendError::from(&e))?;
    let status = response.status();
    if !status.is_success() {
        // As the platforms do: whatever is no success comes again.
        let failure = Failure::Transient { retry_after: None };
        return Err(
            SendError::clear(failure, "the bot did not take the webhook")
                .with_code(status.as_str()),
        );
    }
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    if let Ok(answer) = read_capped(response, LONGEST_ANSWER).await {
        super::answer::carry_out(context, open, &content_type, answer).await;
    }
    Ok(Stored::default())
}
