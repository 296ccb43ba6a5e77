//! `setWebhook`, `deleteWebhook`, `getWebhookInfo`, `getUpdates`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::Telegram;
use super::bot::{BotAccount, BotState, Update, Webhook};
use super::errors::{Answer, BotApiError, Done};
use super::params::Params;
use crate::phone::locked::lock;

fn said(description: &'static str) -> Done {
    Done {
        result: json!(true),
        description: Some(description),
    }
}

/// `setWebhook`. An empty url removes the webhook. Plain http is let through on loopback only:
/// everywhere else Telegram wants https on 443, 80, 88 or 8443.
pub(super) fn set(telegram: &Arc<Telegram>, bot: &Arc<BotAccount>, params: &Params) -> Answer {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete(telegram, bot, params);
    }
    let parsed = url::Url::parse(&url)
        .map_err(|_| BotApiError::bad("bad webhook: invalid webhook URL specified"))?;
    let loopback = matches!(parsed.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if !loopback && parsed.scheme() != "https" {
        return Err(BotApiError::bad(
            "bad webhook: An HTTPS URL must be provided for webhook",
        ));
    }
    let port = parsed.port_or_known_default().unwrap_or(0);
    if !loopback && ![443, 80, 88, 8443].contains(&port) {
        return Err(BotApiError::bad(
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ));
    }
    let secret = params.text("secret_token").filter(|it| !it.is_empty());
    if let Some(secret) = &secret {
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if secret.len() > 256 || !secret.chars().all(fine) {
            return Err(BotApiError::bad(
                "secret token contains unallowed characters",
            ));
        }
    }
    let max = params.integer("max_connections").unwrap_or(40);
    if !(1..=100).contains(&max) {
        return Err(BotApiError::bad("MAX_CONNECTIONS_INVALID"));
    }
    let allowed = params.structure("allowed_updates")?;
    let webhook = Webhook {
        url,
        secret,
        max_connections: usize::try_from(max).unwrap_or(40),
        ip_address: params.text("ip_address"),
        slots: Arc::new(Semaphore::new(usize::try_from(max).unwrap_or(40))),
    };
    let same = {
        let mut state = lock(&bot.state);
        if params.flag("drop_pending_updates") {
            state.queues.clear();
        }
        remember_allowed(&mut state, allowed.as_ref());
        let same = state
            .webhook
            .as_ref()
            .is_some_and(|old| old.url == webhook.url && old.secret == webhook.secret);
        state.webhook = Some(webhook);
        state.last_error = None;
        same
    };
    bot.wake.notify_waiters();
    telegram.pump(bot);
    Ok(said(if same {
        "Webhook is already set"
    } else {
        "Webhook was set"
    }))
}

/// Omitted keeps what was set before; an empty list goes back to the default set.
fn remember_allowed(state: &mut BotState, allowed: Option<&Value>) {
    if let Some(Value::Array(list)) = allowed {
        state.allowed = (!list.is_empty()).then(|| {
            list.iter()
                .filter_map(|kind| kind.as_str().map(str::to_owned))
                .collect()
        });
    }
}

/// `deleteWebhook`.
pub(super) fn delete(_: &Arc<Telegram>, bot: &Arc<BotAccount>, params: &Params) -> Answer {
    let had = {
        let mut state = lock(&bot.state);
        if params.flag("drop_pending_updates") {
            state.queues.clear();
        }
        state.last_error = None;
        state.webhook.take().is_some()
    };
    bot.wake.notify_waiters();
    Ok(said(if had {
        "Webhook was deleted"
    } else {
        "Webhook is already deleted"
    }))
}

/// `getWebhookInfo`.
pub(super) fn info(bot: &BotAccount) -> Value {
    let state = lock(&bot.state);
    let pending: usize = state
        .queues
        .values()
        .map(std::collections::VecDeque::len)
        .sum();
    let mut info = json!({
        "url": state.webhook.as_ref().map_or("", |webhook| &webhook.url),
        "has_custom_certificate": false,
        "pending_update_count": pending,
    });
    if let Some(webhook) = &state.webhook {
        info["max_connections"] = webhook.max_connections.into();
        info["ip_address"] = webhook.ip_address.as_deref().unwrap_or("127.0.0.1").into();
    }
    if let Some((date, message)) = &state.last_error {
        info["last_error_date"] = (*date).into();
        info["last_error_message"] = message.as_str().into();
    }
    if let Some(allowed) = &state.allowed {
        info["allowed_updates"] = json!(allowed);
    }
    info
}

/// `getUpdates`: an offset confirms everything before it; waits up to `timeout` seconds.
pub(super) async fn poll(
    telegram: &Arc<Telegram>,
    bot: &Arc<BotAccount>,
    params: &Params,
) -> Answer {
    let offset = params.integer("offset").unwrap_or(0);
    let limit =
        usize::try_from(params.integer("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let seconds = u64::try_from(params.integer("timeout").unwrap_or(0).clamp(0, 50)).unwrap_or(0);
    let allowed = params.structure("allowed_updates")?;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(seconds);
    loop {
        let woken = bot.wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let ready = {
            let mut state = lock(&bot.state);
            if state.webhook.is_some() {
                return Err(BotApiError::conflict(
                    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                ));
            }
            remember_allowed(&mut state, allowed.as_ref());
            take(&mut state, offset, limit, telegram.now_ms())
        };
        if !ready.is_empty() {
            return Ok(Value::Array(ready).into());
        }
        if tokio::time::timeout_at(deadline, woken).await.is_err() {
            return Ok(json!([]).into());
        }
    }
}

fn take(state: &mut BotState, offset: i64, limit: usize, now_ms: i64) -> Vec<Value> {
    for queue in state.queues.values_mut() {
        queue.retain(|update| update.expires_ms > now_ms && (offset <= 0 || update.id >= offset));
    }
    let mut ready: Vec<&Update> = state.queues.values().flatten().collect();
    ready.sort_by_key(|update| update.id);
    ready
        .into_iter()
        .take(limit)
        .map(|update| update.value.clone())
        .collect()
}
