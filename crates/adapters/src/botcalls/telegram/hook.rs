//! Calls about the webhook. It is Relevo's: what the bot does with it concerns where Relevo hands
//! the updates on, so that a bot that registers itself at every start works unchanged.

use super::super::answer::BotAnswer;
use super::super::params::Params;
use super::super::request::BotRequest;
use super::super::service::BotCalls;
use super::words;
use crate::accounts::{OpenChannel, channel_context};
use crate::net::UrlRefused;
use domain::channel::ChannelCredentials;
use domain::outbound::SendError;
use domain::ports::WebhookSetup;
use domain::secret::Secret;
use serde_json::json;

/// What the bot wants with its webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum HookCall {
    /// `setWebhook`: hand updates on to this address.
    Set,
    /// `deleteWebhook`: taken note of; updates go on waiting for the bot.
    Delete,
    /// `getWebhookInfo`.
    Info,
    /// `getUpdates`: not while there is a webhook.
    Poll,
    /// `logOut`, `close`: would take the bot away from Relevo.
    Leave,
}

/// Telegram takes secrets of 1 to 256 of `A-Z a-z 0-9 _ -`.
pub(in super::super) fn is_secret(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

impl BotCalls {
    pub(in super::super) async fn telegram_hook(
        &self,
        line: &OpenChannel,
        call: HookCall,
        request: &BotRequest,
    ) -> BotAnswer {
        match call {
            HookCall::Set => self.set_hook(line, request).await,
            // The platform would keep updates for the bot; so do we, at the address we know.
            HookCall::Delete => words::done(&true.into(), Some("Webhook was deleted")),
            HookCall::Info => self.hook_info(line).await,
            HookCall::Poll => words::refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            ),
            HookCall::Leave => words::refusal(
                400,
                "Bad Request: the bot is connected to Relevo; disconnect it there first",
            ),
        }
    }

    /// From now on updates are handed on to the bot's address, with the secret that it chose.
    async fn set_hook(&self, line: &OpenChannel, request: &BotRequest) -> BotAnswer {
        let Ok(params) = Params::of(request) else {
            return words::refusal(400, "Bad Request: can't parse the request's parameters");
        };
        let Some(url) = params.text("url") else {
            return words::done(&true.into(), Some("Webhook was deleted"));
        };
        if params.has("certificate") || params.uploads.iter().any(|u| u.field == "certificate") {
            return bad_hook("self-signed certificates are not supported");
        }
        let url = match self.parts.http.guarded.check(&url).await {
            Ok(url) => url.to_string(),
            Err(refused) => return bad_hook(in_english(refused)),
        };
        let hooks = format!(
            "{}/hooks/",
            self.parts.public_url.as_str().trim_end_matches('/')
        );
        if url.starts_with(&hooks) {
            return bad_hook("the address is Relevo's own");
        }
        if let Some(secret) = params.text("secret_token") {
            if !is_secret(&secret) {
                return words::refusal(
                    400,
                    "Bad Request: secret token contains unallowed characters",
                );
            }
            if let Err(answer) = self.take_secret(line, &Secret::new(secret)).await {
                return answer;
            }
        }
        let channels = self.parts.store.tenant(line.channel.tenant).channels();
        let saved = async {
            let mut settings = channels.get(line.channel.id).await?.settings;
            if settings.bot_url.as_deref() == Some(&url) {
                return Ok(false);
            }
            settings.bot_url = Some(url);
            channels.save_settings(line.channel.id, &settings).await?;
            Ok::<_, crate::store::StoreError>(true)
        };
        match saved.await {
            Ok(changed) => {
                self.forget(line).await;
                let words = if changed {
                    "Webhook was set"
                } else {
                    "Webhook is already set"
                };
                words::done(&true.into(), Some(words))
            }
            Err(error) => {
                tracing::warn!(channel = %line.channel.id, %error, "a bot's webhook could not be saved");
                words::busy()
            }
        }
    }

    /// The bot checks the header by its own secret, so Telegram is told to send that one. Updates
    /// that meet the change half-way are refused by us and sent again by Telegram.
    async fn take_secret(&self, line: &OpenChannel, secret: &Secret) -> Result<(), BotAnswer> {
        let ChannelCredentials::Telegram {
            token,
            webhook_secret,
        } = &*line.credentials
        else {
            return Err(words::refusal(404, "Not Found"));
        };
        if webhook_secret.matches(secret.expose().as_bytes()) {
            return Ok(());
        }
        let fresh = ChannelCredentials::Telegram {
            token: token.clone(),
            webhook_secret: secret.clone(),
        };
        self.save(line, &fresh).await?;
        if let Err(error) = self.register(line, &fresh).await {
            tracing::warn!(channel = %line.channel.id, %error, "the webhook could not be set anew");
            self.save(line, &line.credentials).await?;
            return Err(words::unanswered(error.ambiguous));
        }
        Ok(())
    }

    async fn register(
        &self,
        line: &OpenChannel,
        credentials: &ChannelCredentials,
    ) -> Result<(), SendError> {
        let Some(platform) = self.parts.channels.get(line.channel.kind) else {
            return Err(SendError::ambiguous(
                "this process does not know the platform",
            ));
        };
        let setup = WebhookSetup {
            callback_url: format!(
                "{}/hooks/{}/{}",
                self.parts.public_url.as_str().trim_end_matches('/'),
                line.channel.kind.name(),
                line.channel.public_key
            ),
            restore: None,
        };
        platform.set_webhook(credentials, &setup).await
    }

    async fn save(
        &self,
        line: &OpenChannel,
        credentials: &ChannelCredentials,
    ) -> Result<(), BotAnswer> {
        let (tenant, id) = (line.channel.tenant, line.channel.id);
        let plain = credentials.to_sealable().to_string();
        let sealed = self
            .parts
            .vault
            .seal(channel_context(tenant, id), plain.as_bytes())
            .await
            .map_err(|_| words::busy())?;
        let channels = self.parts.store.tenant(tenant).channels();
        channels
            .save_credentials(id, &sealed)
            .await
            .map_err(|_| words::busy())?;
        self.forget(line).await;
        Ok(())
    }

    async fn forget(&self, line: &OpenChannel) {
        let accounts = &self.parts.accounts;
        accounts
            .forget(line.channel.tenant, Some(&line.channel))
            .await;
    }

    /// The bot's own address, and what waits at the platform.
    async fn hook_info(&self, line: &OpenChannel) -> BotAnswer {
        let Some(platform) = self.parts.channels.get(line.channel.kind) else {
            return words::refusal(404, "Not Found");
        };
        match platform.webhook_status(&line.credentials).await {
            Ok(status) => {
                let mut info = json!({
                    "url": line.channel.settings.bot_url.clone().unwrap_or_default(),
                    "has_custom_certificate": false,
                    "pending_update_count": status.pending.unwrap_or_default(),
                });
                if let Some(error) = status.last_error {
                    info["last_error_message"] = error.into();
                }
                words::done(&info, None)
            }
            Err(error) => words::unanswered(error.ambiguous),
        }
    }
}

fn bad_hook(why: &str) -> BotAnswer {
    words::refusal(400, &format!("Bad Request: bad webhook: {why}"))
}

fn in_english(refused: UrlRefused) -> &'static str {
    match refused {
        UrlRefused::Malformed => "not a web address",
        UrlRefused::Scheme | UrlRefused::HttpsOnly => "an HTTPS URL must be provided for webhook",
        UrlRefused::UserInfo => "user name and password are not allowed",
        UrlRefused::PrivateAddress => "IP address is reserved",
        UrlRefused::UnknownHost => "failed to resolve host",
    }
}
