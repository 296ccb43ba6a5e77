//! What of a webhook the bot gets, and webhooks kept as they came.

use super::channel::ChannelWebhook;
use super::unit::Unit;
use super::write::Table;
use crate::store::StoreError;
use domain::channel::ChannelKind;
use domain::ids::{ConversationId, MessageId, WebhookId};
use domain::outbound::Task;
use domain::ports::RawWebhook;
use std::collections::HashMap;

/// What of a webhook the bot gets, per conversation.
#[derive(Default)]
pub(super) struct Share {
    pub(super) pointers: Vec<String>,
    pub(super) message: Option<MessageId>,
}

impl Unit<'_> {
    /// Hands the bot its share: the webhook as it came when it concerns one conversation and all
    /// of it passes, an excerpt signed anew otherwise.
    pub(super) fn forward(
        &mut self,
        hook: &ChannelWebhook,
        shares: HashMap<ConversationId, Share>,
        account: Vec<String>,
    ) -> Result<(), StoreError> {
        // In the test chat our practice bot answers where the tenant has none.
        let practice = hook.channel.kind == ChannelKind::Test;
        if hook.channel.settings.bot_url.is_none() && !practice {
            return Ok(());
        }
        let mut parts: Vec<(ConversationId, Share)> = shares.into_iter().collect();
        if !account.is_empty() {
            // News about the account belongs to no conversation; the line's own id is its lane.
            let share = Share {
                pointers: account,
                message: None,
            };
            parts.push((ConversationId(hook.channel.id.0), share));
        }
        for (conversation, share) in parts {
            let whole = share.pointers.len() == hook.events.len() && hook.undecodable.is_empty();
            let raw = if whole {
                Some(hook.raw.clone())
            } else {
                (hook.excerpt)(&share.pointers)
            };
            // The bot had better hear something twice than never.
            let raw = raw.unwrap_or_else(|| {
                metrics::counter!("relevo_excerpts_failed").increment(1);
                hook.raw.clone()
            });
            let webhook = WebhookId(self.store.ids().next());
            self.keep(hook, webhook, &raw, None)?;
            let task = Task::ForwardWebhook {
                webhook,
                message: share.message,
            };
            self.enqueue(hook.channel.tenant, conversation, &task)?;
        }
        Ok(())
    }

    /// Keeps a webhook as it came, without what is secret in it.
    pub(super) fn keep(
        &self,
        hook: &ChannelWebhook,
        id: WebhookId,
        raw: &RawWebhook,
        unsupported: Option<&str>,
    ) -> Result<(), StoreError> {
        let headers: Vec<_> = raw.kept_headers().collect();
        let headers = serde_json::to_string(&headers)
            .map_err(|e| StoreError::corrupt("webhooks.headers", e))?;
        let row = vec![
            hook.channel.tenant.0.into(),
            id.0.into(),
            hook.channel.id.0.into(),
            headers.into(),
            raw.body.to_vec().into(),
            unsupported.map(str::to_owned).into(),
            self.now.0.into(),
        ];
        self.later(Table::Webhooks, row);
        Ok(())
    }
}
