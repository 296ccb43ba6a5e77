//! Whose bot it is, and where Telegram sends its updates.

use super::api::{self, Api, CallError};
use super::decode::bot_id;
use super::node::Node;
use domain::channel::ChannelCredentials;
use domain::outbound::SendError;
use domain::ports::{AccountInfo, ValidationError, WebhookSetup, WebhookStatus};
use domain::secret::Secret;
use serde_json::{Value, json};

/// What we need to hear of.
const OURS: [&str; 8] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
];

/// What Telegram sends besides when nothing was chosen. The bot behind us may live on it.
const USUAL: [&str; 13] = [
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "inline_query",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
];

/// Asks Telegram who the token belongs to.
pub(super) async fn validate(
    api: &Api,
    credentials: &ChannelCredentials,
) -> Result<AccountInfo, ValidationError> {
    let Ok(token) = api::token(credentials) else {
        return Err(ValidationError::Malformed { field: "token" });
    };
    if !is_secret(credentials) {
        return Err(ValidationError::Malformed {
            field: "webhook_secret",
        });
    }
    let me = api
        .call(token, "getMe", &json!({}))
        .await
        .map_err(unaccepted)?;
    let me = Node(Some(&me));
    let id = me.get("id").id().unwrap_or_default();
    if !me.get("is_bot").is_true() || id != bot_id(credentials) {
        return Err(ValidationError::Mismatch { field: "token" });
    }
    let hook = api
        .call(token, "getWebhookInfo", &json!({}))
        .await
        .map_err(unaccepted)?;
    let display = me.get("username").text().map_or_else(
        || me.get("first_name").text().unwrap_or_default().to_owned(),
        |name| format!("@{name}"),
    );
    Ok(AccountInfo {
        external_id: id,
        display,
        foreign_webhook: Node(Some(&hook)).get("url").owned(),
        warnings: Vec::new(),
    })
}

/// Telegram takes 1 to 256 of `A-Z a-z 0-9 _ -`.
fn is_secret(credentials: &ChannelCredentials) -> bool {
    let ChannelCredentials::Telegram { webhook_secret, .. } = credentials else {
        return false;
    };
    let secret = webhook_secret.expose();
    (1..=256).contains(&secret.len())
        && secret
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn unaccepted(error: CallError) -> ValidationError {
    match error {
        CallError::Refused(refusal) if refusal.is_token() => ValidationError::Token {
            detail: refusal.into_error().detail,
        },
        other => ValidationError::Unreachable {
            detail: SendError::from(other).detail,
        },
    }
}

/// Points the webhook at us, back to where it was, or nowhere. Updates that wait are kept.
pub(super) async fn set(
    api: &Api,
    credentials: &ChannelCredentials,
    setup: &WebhookSetup,
) -> Result<(), SendError> {
    let token = api::token(credentials)?;
    let (method, body) = match &setup.restore {
        None => {
            let ChannelCredentials::Telegram { webhook_secret, .. } = credentials else {
                return Ok(());
            };
            let hook = api.call(token, "getWebhookInfo", &json!({})).await?;
            let body = json!({
                "url": setup.callback_url,
                "secret_token": webhook_secret.expose(),
                "max_connections": 40,
                "allowed_updates": allowed_updates(Node(Some(&hook))),
                "drop_pending_updates": false,
            });
            ("setWebhook", body)
        }
        // The secret of the earlier webhook is known to nobody but the bot's owner.
        Some(Some(url)) => ("setWebhook", json!({"url": url})),
        Some(None) => ("deleteWebhook", json!({"drop_pending_updates": false})),
    };
    api.call(token, method, &body).await?;
    Ok(())
}

/// What we need together with what the bot had asked for, so that it misses nothing.
fn allowed_updates(hook: Node<'_>) -> Vec<String> {
    let chosen: Vec<&str> = hook
        .get("allowed_updates")
        .list()
        .filter_map(Node::text)
        .collect();
    let bots = if chosen.is_empty() {
        USUAL.to_vec()
    } else {
        chosen
    };
    let mut all: Vec<String> = OURS.map(str::to_owned).to_vec();
    for kind in bots {
        if !all.iter().any(|known| known == kind) {
            all.push(kind.to_owned());
        }
    }
    all
}

/// Who holds the webhook, and how well it does.
pub(super) async fn status(api: &Api, token: &Secret) -> Result<WebhookStatus, SendError> {
    let hook: Value = api.call(token, "getWebhookInfo", &json!({})).await?;
    let hook = Node(Some(&hook));
    Ok(WebhookStatus {
        url: hook.get("url").owned(),
        pending: hook.get("pending_update_count").size(),
        last_error: hook.get("last_error_message").owned(),
        subscribed: None,
    })
}
