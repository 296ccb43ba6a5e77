//! Pointing a platform's webhook at us; whatever was there is kept to be put back.

use super::get::{bare, opened, webhook_status};
use crate::extract::{Manager, Member, Posted};
use crate::pages::Page;
use actix_web::web::Path;
use domain::channel::{Channel, ChannelCredentials, ChannelKind};
use domain::ids::ChannelId;
use domain::ports::WebhookSetup;
use uuid::Uuid;

/// Points the webhook here although somebody else may hold it: the member has seen whose it is.
pub(super) async fn set(Manager(member): Manager, id: Path<Uuid>, form: Posted) -> Page {
    let (channel, open) = opened(&member, ChannelId(*id)).await?;
    let visitor = &member.visitor;
    let page = format!("/channels/{}", channel.id);
    match keep_previous(&member, &channel, &open, form.0.get("seen")).await? {
        Kept::Yes => {}
        Kept::Untold => {
            visitor.say("danger", visitor.lang.t("webhook-not-told"));
            return Ok(visitor.go(&page));
        }
        Kept::Another => {
            visitor.say("danger", visitor.lang.t("webhook-changed"));
            return Ok(visitor.go(&page));
        }
    }
    match point_here(&member, &channel, &open).await {
        Ok(()) => visitor.say("ok", visitor.lang.t("webhook-done")),
        Err(why) => visitor.say("danger", visitor.lang.with("webhook-failed", "why", why)),
    }
    Ok(visitor.go(&page))
}

/// Whether the address that was there is known and kept.
enum Kept {
    /// It is, or there was none.
    Yes,
    /// The platform did not say: replacing it now would lose it.
    Untold,
    /// It is not the one that the member saw.
    Another,
}

/// Remembers a foreign address before it is replaced. `seen` is what the page showed of it.
async fn keep_previous(
    member: &Member,
    channel: &Channel,
    open: &ChannelCredentials,
    seen: &str,
) -> Result<Kept, adapters::store::StoreError> {
    if channel.kind != ChannelKind::Telegram {
        return Ok(Kept::Yes);
    }
    let ours = member.visitor.app.webhook_address(channel);
    let Some(told) = webhook_status(member, channel, open).await else {
        return Ok(Kept::Untold);
    };
    let foreign = told.url.filter(|u| !u.is_empty() && *u != ours);
    let Some(foreign) = foreign else {
        return Ok(Kept::Yes);
    };
    if !seen.is_empty() && seen != bare(&foreign) {
        return Ok(Kept::Another);
    }
    let mut settings = channel.settings.clone();
    settings.previous_webhook = Some(foreign);
    member
        .store
        .channels()
        .save_settings(channel.id, &settings)
        .await?;
    Ok(Kept::Yes)
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
