//! Shows the list, the choice of kinds, and a channel's page.

use super::credentials;
use super::view::{
    ChannelItem, ChannelPage, ChannelsPage, PickPage, WebhookView, kinds, platform_host,
    webhook_state,
};
use crate::extract::{Form, Manager, Member};
use crate::pages::error::PageError;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use crate::security::sealed;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use domain::channel::{Channel, ChannelCredentials, ChannelKind};
use domain::ids::ChannelId;
use domain::ports::WebhookStatus;
use std::time::Duration;
use uuid::Uuid;

/// How long the page waits for the platform before it shows «unknown».
const PATIENCE: Duration = Duration::from_secs(4);

pub(super) async fn list(member: Member) -> Page {
    let l = member.visitor.lang;
    let mut channels = member.store.channels().list().await?;
    // The test chat has a card of its own below.
    channels.retain(|c| c.kind != ChannelKind::Test);
    let page = ChannelsPage {
        channels: channels.iter().map(|c| ChannelItem::of(c, l)).collect(),
        s: Shell::inside(&member, Nav::Channels),
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn pick(Manager(member): Manager) -> Page {
    let page = PickPage {
        kinds: kinds(member.visitor.lang),
        s: Shell::inside(&member, Nav::Channels),
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn show(member: Member, id: Path<Uuid>) -> Page {
    let (channel, open) = opened(&member, ChannelId(*id)).await?;
    if channel.kind == ChannelKind::Test {
        return Ok(member.visitor.go("/test-chat"));
    }
    let form = settings_form(&channel);
    page(&member, &channel, &open, form, StatusCode::OK).await
}

/// A channel with its credentials, open.
pub(crate) async fn opened(
    member: &Member,
    id: ChannelId,
) -> Result<(Channel, ChannelCredentials), PageError> {
    let (channel, sealed) = member.store.channels().with_credentials(id).await?;
    let app = &member.visitor.app;
    let open = sealed::open_channel(app, member.who.tenant, id, &sealed).await?;
    Ok((channel, open))
}

/// What the platform says about the webhook; `None` when it does not answer in time.
pub(super) async fn webhook_status(
    member: &Member,
    channel: &Channel,
    open: &ChannelCredentials,
) -> Option<WebhookStatus> {
    if !channel.kind.has_platform() {
        return None;
    }
    let platform = member.visitor.app.channels.get(&channel.kind)?;
    let asked = tokio::time::timeout(PATIENCE, platform.webhook_status(open));
    match asked.await {
        Ok(Ok(status)) => Some(status),
        Ok(Err(error)) => {
            tracing::info!(%error, "webhook status not told");
            None
        }
        Err(_) => None,
    }
}

fn settings_form(channel: &Channel) -> Form {
    let mut form = Form::default();
    let settings = &channel.settings;
    let fields = &mut form.fields;
    fields.set("name", &channel.name);
    fields.set("bot_url", settings.bot_url.as_deref().unwrap_or(""));
    fields.tick("groups", settings.groups);
    fields.tick("human_agent_tag", settings.human_agent_tag);
    fields.set("list_button", settings.list_button.as_deref().unwrap_or(""));
    if let Some((name, language)) = &settings.reopen_template {
        fields.set("template_name", name);
        fields.set("template_language", language);
    }
    form
}

/// A channel's page around a form with what was typed.
pub(super) async fn page(
    member: &Member,
    channel: &Channel,
    open: &ChannelCredentials,
    form: Form,
    status: StatusCode,
) -> Page {
    let l = member.visitor.lang;
    let app = &member.visitor.app;
    let callback = app.webhook_address(channel);
    let told = webhook_status(member, channel, open).await;
    let page = ChannelPage {
        s: Shell::inside(member, Nav::Channels),
        c: ChannelItem::of(channel, l),
        f: form,
        problem: None,
        webhook: WebhookView {
            state: webhook_state(channel.kind, told.as_ref(), &callback),
            url: told
                .as_ref()
                .and_then(|s| s.url.as_deref())
                .map(bare)
                .unwrap_or_default(),
            last_error: told.and_then(|s| s.last_error),
            verify_token: credentials::verify_token(open).map(|t| t.expose().to_owned()),
            previous: channel.settings.previous_webhook.as_deref().map(bare),
            fields_hint: match channel.kind {
                ChannelKind::WhatsApp => l.t("webhook-fields-whatsapp"),
                ChannelKind::Messenger => l.t("webhook-fields-messenger"),
                _ => l.t("webhook-fields-instagram"),
            },
            callback,
        },
        proxy_base: app.proxy_address(channel),
        proxy_instead_of: platform_host(channel.kind),
    };
    Ok(html(status, &page))
}

/// A foreign address without what may be secret in it: query and password.
pub(crate) fn bare(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) => {
            let host = url.host_str().unwrap_or_default();
            let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
            let more = if url.query().is_some() { "?…" } else { "" };
            format!("{}://{host}{port}{}{more}", url.scheme(), url.path())
        }
        Err(_) => address.chars().take(120).collect(),
    }
}
