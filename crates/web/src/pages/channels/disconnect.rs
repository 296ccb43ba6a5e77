//! Disconnecting a channel: asks first, puts back the webhook that was there before.

use super::get::{bare, opened};
use crate::extract::{Manager, Member, Posted};
use crate::pages::parts::ConfirmPage;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use domain::channel::{Channel, ChannelKind};
use domain::ids::ChannelId;
use domain::outbound::Failure;
use domain::ports::WebhookSetup;
use uuid::Uuid;

pub(super) async fn ask(Manager(member): Manager, id: Path<Uuid>) -> Page {
    let channel = member.store.channels().get(ChannelId(*id)).await?;
    if channel.kind == ChannelKind::Test {
        return Ok(member.visitor.go("/test-chat"));
    }
    let l = member.visitor.lang;
    let after = match (&channel.kind, &channel.settings.previous_webhook) {
        (ChannelKind::Telegram, Some(url)) => l.with("disconnect-restores-to", "url", bare(url)),
        (ChannelKind::Telegram, None) => l.t("disconnect-removes"),
        (ChannelKind::Api, _) => l.t("disconnect-api"),
        _ => l.t("disconnect-meta"),
    };
    let page = ConfirmPage {
        title: l.with("disconnect-title", "name", &channel.name),
        lines: vec![l.t("disconnect-text"), after, l.t("disconnect-keeps")],
        action: format!("/channels/{}/disconnect", channel.id),
        button: l.t("channel-disconnect-button"),
        back: format!("/channels/{}", channel.id),
        s: Shell::inside(&member, Nav::Channels),
    };
    Ok(html(StatusCode::OK, &page))
}

/// What is in memory of the line is worthless now.
async fn forget(member: &Member, channel: &Channel) {
    let accounts = &member.visitor.app.accounts;
    accounts.forget(member.who.tenant, Some(channel)).await;
}

pub(super) async fn go(Manager(member): Manager, id: Path<Uuid>, _form: Posted) -> Page {
    let (channel, open) = opened(&member, ChannelId(*id)).await?;
    let visitor = &member.visitor;
    let l = visitor.lang;
    let setup = WebhookSetup {
        callback_url: visitor.app.webhook_address(&channel),
        restore: Some(channel.settings.previous_webhook.clone()),
    };
    let restored = match visitor.app.channels.get(&channel.kind) {
        Some(platform) => platform.set_webhook(&open, &setup).await,
        None => Ok(()),
    };
    match restored {
        Ok(()) => {
            member.store.channels().remove(channel.id).await?;
            forget(&member, &channel).await;
            visitor.say("ok", l.with("disconnected", "name", &channel.name));
        }
        // Passing trouble: leaving now would leave the bot without its webhook.
        Err(error)
            if matches!(
                error.failure,
                Failure::Transient { .. } | Failure::Throttled { .. }
            ) =>
        {
            visitor.say("danger", l.with("disconnect-later", "why", error.detail));
            return Ok(visitor.go(&format!("/channels/{}", channel.id)));
        }
        // With a revoked token nothing can be put back: the line goes all the same.
        Err(error) => {
            member.store.channels().remove(channel.id).await?;
            forget(&member, &channel).await;
            visitor.say(
                "danger",
                l.with("disconnected-not-restored", "why", error.detail),
            );
        }
    }
    Ok(visitor.go("/channels"))
}
