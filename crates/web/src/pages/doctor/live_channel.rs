//! Trying a channel for real: everything that the platform lets us check without writing to
//! anybody, and whether our own door answers at the address that the platform calls.

use super::report::{Finding, Verdict};
use crate::extract::Member;
use crate::pages::channels::{bare, credentials};
use crate::security::sealed;
use adapters::net::{PeekError, UrlRefused, peek};
use domain::channel::{Channel, ChannelCredentials, ChannelKind};
use domain::ports::{AccountInfo, ValidationError, WebhookStatus};
use std::time::Duration;
use tokio::time::timeout;

/// How long each question may take.
const PATIENCE: Duration = Duration::from_secs(12);

/// A token with less time left is worth a warning.
const EXPIRES_SOON: Duration = Duration::from_secs(10 * 86_400);

/// Every check in order.
pub(super) async fn checks(
    member: &Member,
    channel: &Channel,
    open: &ChannelCredentials,
) -> Vec<Finding> {
    let app = &member.visitor.app;
    let Some(platform) = app.channels.get(&channel.kind) else {
        return vec![Finding::new("reach", Verdict::Failed)];
    };
    if !channel.kind.has_platform() {
        return Vec::new();
    }
    let (valid, status, door) = tokio::join!(
        timeout(PATIENCE, platform.validate(open)),
        timeout(PATIENCE, platform.webhook_status(open)),
        door(member, channel, open),
    );
    let mut found = match valid {
        Ok(valid) => account(channel, valid),
        Err(_) => vec![Finding::new("reach", Verdict::Failed)],
    };
    let soon = app.clock.now().after(EXPIRES_SOON);
    if channel
        .settings
        .token_expires_at
        .is_some_and(|at| at <= soon)
    {
        let expiring = Finding::new("token", Verdict::Warn);
        found.push(expiring.advising("channel.instagram.token_expiring"));
    }
    let ours = app.webhook_address(channel);
    found.extend(match status {
        Ok(Ok(status)) => webhook(channel.kind, &status, &ours),
        Ok(Err(error)) => vec![
            Finding::new("webhook", Verdict::Warn)
                .advising("unknown")
                .saying(error.detail),
        ],
        Err(_) => vec![Finding::new("webhook", Verdict::Warn).advising("unknown")],
    });
    found.push(door);
    found.push(match &channel.settings.bot_url {
        Some(url) => Finding::new("bot", Verdict::Ok).saying(bare(url)),
        None => Finding::new("bot", Verdict::Warn),
    });
    found
}

/// What the credentials are good for.
fn account(channel: &Channel, valid: Result<AccountInfo, ValidationError>) -> Vec<Finding> {
    let ok = |check| Finding::new(check, Verdict::Ok);
    let failed = |check| Finding::new(check, Verdict::Failed);
    let skipped = |check| Finding::new(check, Verdict::Skipped);
    match valid {
        Ok(info) => {
            let same = info.external_id == channel.external_id;
            let mut found = vec![ok("reach"), ok("token"), ok("permission")];
            found.push(if same {
                ok("account").saying(info.display)
            } else {
                failed("account").saying(info.display)
            });
            let warnings = info.warnings.iter();
            found.extend(warnings.map(|key| Finding::new("account", Verdict::Warn).advising(key)));
            found
        }
        Err(ValidationError::Unreachable { detail }) => vec![
            failed("reach").saying(detail),
            skipped("token"),
            skipped("permission"),
        ],
        Err(ValidationError::Malformed { .. }) => {
            vec![skipped("reach"), failed("token"), skipped("permission")]
        }
        Err(ValidationError::Token { detail }) => vec![
            ok("reach"),
            failed("token").saying(detail),
            skipped("permission"),
        ],
        Err(ValidationError::Permission { detail }) => {
            vec![
                ok("reach"),
                ok("token"),
                failed("permission").saying(detail),
            ]
        }
        Err(ValidationError::NotFound { detail, .. }) => {
            vec![ok("reach"), ok("token"), failed("account").saying(detail)]
        }
        Err(ValidationError::Mismatch { .. }) => {
            vec![ok("reach"), ok("token"), failed("account")]
        }
    }
}

/// Who holds the webhook, and whether the platform gets through.
fn webhook(kind: ChannelKind, status: &WebhookStatus, ours: &str) -> Vec<Finding> {
    let state = crate::pages::channels::view::webhook_state(kind, Some(status), ours);
    let mut found = vec![match state {
        "ours" => Finding::new("webhook", Verdict::Ok),
        "foreign" => Finding::new("webhook", Verdict::Failed)
            .advising("foreign")
            .saying(status.url.as_deref().map(bare).unwrap_or_default()),
        "none" => Finding::new("webhook", Verdict::Failed).advising("none"),
        _ => Finding::new("webhook", Verdict::Warn).advising("unknown"),
    }];
    if let Some(words) = &status.last_error {
        found.push(Finding::new("delivery", Verdict::Warn).saying(words));
    }
    if let Some(waiting) = status.pending.filter(|n| *n > 0) {
        let waiting = waiting.to_string();
        found.push(Finding::new("pending", Verdict::Warn).saying(waiting));
    }
    found
}

/// Calls our own address as the platform does: the handshake where there is one, otherwise any
/// answer of ours.
async fn door(member: &Member, channel: &Channel, open: &ChannelCredentials) -> Finding {
    let app = &member.visitor.app;
    let address = app.webhook_address(channel);
    let challenge = match sealed::random_token() {
        Ok(token) => token,
        Err(_) => return Finding::new("door", Verdict::Skipped),
    };
    let token = credentials::verify_token(open);
    let url = match token {
        Some(token) => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("hub.mode", "subscribe")
                .append_pair("hub.verify_token", token.expose())
                .append_pair("hub.challenge", &challenge)
                .finish();
            format!("{address}?{query}")
        }
        None => address.clone(),
    };
    let failed = |advice| Finding::new("door", Verdict::Failed).advising(advice);
    let (status, told) = match peek(&app.guarded, &url, 1024, PATIENCE).await {
        Ok(answer) => answer,
        Err(why) => {
            let advice = match why {
                PeekError::Refused(
                    UrlRefused::PrivateAddress | UrlRefused::HttpsOnly | UrlRefused::Scheme,
                ) => "private",
                _ => "unreachable",
            };
            return failed(advice).saying(bare(&address));
        }
    };
    let right = match token {
        Some(_) => status == 200 && told == challenge.as_bytes(),
        // Telegram has no handshake: our refusal proves that it is us.
        None => status == 403,
    };
    if right {
        Finding::new("door", Verdict::Ok)
    } else {
        failed("unreachable").saying(format!("{} · HTTP {status}", bare(&address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_token_leaves_the_rest_untried() {
        let channel = Channel {
            id: domain::ids::ChannelId(uuid::Uuid::nil()),
            tenant: domain::ids::TenantId(uuid::Uuid::nil()),
            kind: ChannelKind::Telegram,
            name: String::new(),
            external_id: "1".to_owned(),
            public_key: String::new(),
            settings: domain::channel::ChannelSettings::default(),
            health: domain::channel::ChannelHealth::Ok,
        };
        let refused = ValidationError::Token {
            detail: "Unauthorized".to_owned(),
        };
        let verdicts: Vec<_> = account(&channel, Err(refused))
            .into_iter()
            .map(|f| (f.check, f.verdict))
            .collect();
        let wanted = [
            ("reach", Verdict::Ok),
            ("token", Verdict::Failed),
            ("permission", Verdict::Skipped),
        ];
        let wanted = wanted.map(|(check, verdict)| (check.to_owned(), verdict));
        assert_eq!(verdicts, wanted);
        let other = AccountInfo {
            external_id: "2".to_owned(),
            ..AccountInfo::default()
        };
        let found = account(&channel, Ok(other));
        assert_eq!(found[3].verdict, Verdict::Failed, "another bot's token");
    }

    #[test]
    fn a_foreign_webhook_fails_without_its_secrets() {
        let status = WebhookStatus {
            url: Some("https://u:p@bot.test/hook?key=secreto".to_owned()),
            last_error: Some("Connection timed out".to_owned()),
            pending: Some(3),
            ..WebhookStatus::default()
        };
        let found = webhook(ChannelKind::Telegram, &status, "https://us");
        assert_eq!(found[0].verdict, Verdict::Failed);
        assert!(!found[0].detail.contains("secreto"), "{}", found[0].detail);
        assert_eq!(found.len(), 3);
    }
}
