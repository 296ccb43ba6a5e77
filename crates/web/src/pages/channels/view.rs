//! What the pages about channels show.

use crate::extract::Form;
use crate::i18n::Lang;
use crate::pages::parts::Badge;
use crate::pages::shell::Shell;
use askama::Template;
use domain::channel::{Channel, ChannelHealth, ChannelKind};
use domain::ports::WebhookStatus;

/// A channel as a list shows it.
pub(crate) struct ChannelItem {
    pub id: String,
    pub kind: &'static str,
    pub title: &'static str,
    pub name: String,
    pub display: String,
    pub has_bot: bool,
    pub health: Badge,
}

impl ChannelItem {
    pub fn of(channel: &Channel, l: Lang) -> Self {
        Self {
            id: channel.id.to_string(),
            kind: channel.kind.name(),
            title: channel.kind.title(),
            name: channel.name.clone(),
            display: channel.settings.display.clone().unwrap_or_default(),
            has_bot: !channel.kind.has_platform() || channel.settings.bot_url.is_some(),
            health: health(&channel.health, l),
        }
    }
}

fn health(health: &ChannelHealth, l: Lang) -> Badge {
    match health {
        ChannelHealth::Ok => Badge::new("ok", l.t("health-ok")),
        ChannelHealth::NeedsAttention { why } => Badge {
            why: why.clone(),
            ..Badge::new("danger", l.t("health-attention"))
        },
        ChannelHealth::Restricted { why } => Badge {
            why: why.clone(),
            ..Badge::new("warn", l.t("health-restricted"))
        },
    }
}

#[derive(Template)]
#[template(path = "channels.html")]
pub(crate) struct ChannelsPage {
    pub s: Shell,
    pub channels: Vec<ChannelItem>,
}

/// A kind to choose.
pub(crate) struct Kind {
    pub name: &'static str,
    pub title: &'static str,
    pub text: String,
}

#[derive(Template)]
#[template(path = "channel_pick.html")]
pub(crate) struct PickPage {
    pub s: Shell,
    pub kinds: Vec<Kind>,
}

pub(crate) fn kinds(l: Lang) -> Vec<Kind> {
    ChannelKind::CONNECTABLE
        .into_iter()
        .map(|kind| Kind {
            name: kind.name(),
            title: kind.title(),
            text: l.t(&format!("pick-{}", kind.name())),
        })
        .collect()
}

#[derive(Template)]
#[template(path = "channel_form.html")]
pub(crate) struct ChannelFormPage {
    pub s: Shell,
    pub f: Form,
    pub kind: &'static str,
    pub title: String,
    pub guide: Vec<String>,
    pub problem: Option<String>,
    /// Only the credentials of an existing channel are changed.
    pub editing: bool,
    /// Shown in the empty field of a secret that is stored already.
    pub kept: String,
    pub action: String,
    pub back: String,
    pub button: String,
}

/// Where to find each value, one step per line.
pub(crate) fn guide(kind: ChannelKind, l: Lang) -> Vec<String> {
    let steps = match kind {
        ChannelKind::Telegram | ChannelKind::Api => 3,
        _ => 4,
    };
    let name = kind.name();
    (1..=steps)
        .map(|n| l.t(&format!("guide-{name}-{n}")))
        .collect()
}

/// Who holds the webhook, for the page.
pub(crate) struct WebhookView {
    /// `ours`, `foreign`, `none` or `unknown`.
    pub state: &'static str,
    pub url: String,
    pub callback: String,
    pub verify_token: Option<String>,
    pub previous: Option<String>,
    pub last_error: Option<String>,
    pub fields_hint: String,
}

/// Who holds the webhook; Telegram tells the address, Meta only whether we are subscribed.
pub(crate) fn webhook_state(
    kind: ChannelKind,
    status: Option<&WebhookStatus>,
    ours: &str,
) -> &'static str {
    let Some(status) = status else {
        return "unknown";
    };
    if kind == ChannelKind::Telegram {
        return match status.url.as_deref() {
            None | Some("") => "none",
            Some(url) if url == ours => "ours",
            Some(_) => "foreign",
        };
    }
    match status.subscribed {
        Some(true) => "ours",
        Some(false) => "none",
        None => "unknown",
    }
}

#[derive(Template)]
#[template(path = "channel.html")]
pub(crate) struct ChannelPage {
    pub s: Shell,
    pub c: ChannelItem,
    pub f: Form,
    pub problem: Option<String>,
    pub webhook: WebhookView,
    pub proxy_base: String,
    pub proxy_instead_of: &'static str,
}

/// The platform's own host, which the proxy address takes the place of.
pub(crate) fn platform_host(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Telegram => "https://api.telegram.org",
        ChannelKind::Instagram => "https://graph.instagram.com",
        _ => "https://graph.facebook.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_webhook_is_told_from_ours() {
        let at = |url: &str| WebhookStatus {
            url: Some(url.to_owned()),
            ..WebhookStatus::default()
        };
        let state = |s: &WebhookStatus| webhook_state(ChannelKind::Telegram, Some(s), "https://us");
        assert_eq!(state(&at("https://us")), "ours");
        assert_eq!(state(&at("https://them")), "foreign");
        assert_eq!(state(&at("")), "none");
    }
}
