//! Pointing a platform's webhook at us; whatever was there is kept to be put back.

use super::get::{opened, webhook_status};
use crate::extract::{Manager, Member, Posted};
use crate::pages::Page;
use actix_web::web::Path;
use domain::channel::{Channel, ChannelCredentials, ChannelKind};
use domain::ids::ChannelId;
use domain::ports::WebhookSetup;
use uuid::Uuid;

/// Points the webhook here although somebody else may hold it: the member has seen whose it is.
pub(super) async fn set(Manager(member): Manager, id: Path<Uuid>, _form: Posted) -> Page {
    let (channel, open) = opened(&member, ChannelId(*id)).await?;
    keep_previous(&member, &channel, &open).await?;
    let visitor = &member.visitor;
    match point_here(&member, &channel, &open).await {
        Ok(()) => visitor.say("ok", visitor.lang.t("webhook-done")),
        Err(why) => visitor.say("danger", visitor.lang.with("webhook-failed", "why", why)),
    }
    Ok(visitor.go(&format!("/channels/{}", channel.id)))
}

/// Remembers a foreign address before it is replaced.
async fn keep_previous(
    member: &Member,
    channel: &Channel,
    open: &ChannelCredentials,
) -> Result<(), adapters::store::StoreError> {
    if channel.kind != ChannelKind::Telegram {
        return Ok(());
    }
    let ours = member.visitor.app.webhook_address(channel);
    let told = webhook_status(member, channel, open).await;
    let Some(foreign) = told
        .and_then(|s| s.url)
        .filter(|u| !u.is_empty() && *u != ours)
    else {
        return Ok(());
    };
    let mut settings = channel.settings.clone();
    settings.previous_webhook = Some(foreign);
    member
        .store
        .channels()
        .save_settings(channel.id, &settings)
        .await
}

/// Points the webhook here.
///
/// # Errors
/// The platform's words.
pub(super) async fn point_here(
    member: &Member,
    channel: &Channel,
    open: &ChannelCredentials,
) -> Result<(), String> {
    let app = &member.visitor.app;
    let platform = app
        .channels
        .get(&channel.kind)
        .ok_or_else(|| channel.kind.name().to_owned())?;
    let setup = WebhookSetup {
        callback_url: app.webhook_address(channel),
        restore: None,
    };
    platform
        .set_webhook(open, &setup)
        .await
        .map_err(|e| e.detail)
}
