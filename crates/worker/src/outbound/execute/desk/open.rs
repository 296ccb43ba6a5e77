//! Opening the conversation at the desk with the transcript so far.

use super::super::{Attempt, from_store, profile};
use super::case::{Case, case};
use crate::Context;
use adapters::desk::transcript::{TranscriptContext, transcript};
use adapters::ingest::{OpenedDesk, Stored};
use domain::ids::HandoffId;
use domain::message::Message;
use domain::outbound::{Claim, Failure, SendError};
use domain::ports::NewDeskConversation;
use domain::tenant::Tenant;
use serde_json::Value;
use std::time::Duration;

/// How long a company waits for its desk before the bot goes on.
pub(in super::super) fn patience(company: &Tenant) -> Duration {
    let minutes = u64::from(company.settings.policy.desk_down_after_minutes);
    Duration::from_secs(60 * minutes)
}

/// Opens the conversation with the transcript so far.
pub(in super::super) async fn open(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
) -> Attempt {
    let mut case = match case(context, claim, handoff, None).await {
        Ok(case) => case,
        Err(error) => return Attempt::failed(error),
    };
    let patience = patience(&case.company);
    // The answer may have been lost and our opening message seen on the stream meanwhile.
    if case.handoff.desk_conversation.is_some() || case.handoff.ended_at.is_some() {
        return Attempt::nothing_to_do();
    }
    // Conversations cannot be listed: after a try that may have arrived, or a worker that died in
    // the middle of one, only the stream can tell, and after each such try it is waited for.
    let waited = claim.progress.get("waited").and_then(Value::as_u64);
    let in_doubt = claim.ambiguous && waited != Some(u64::from(claim.attempts));
    let opened = if in_doubt {
        Err(SendError::ambiguous("an earlier try may have opened it"))
    } else {
        profile::before_opening(context, &mut case.row).await;
        case.opened().await
    };
    let mut attempt = match opened {
        Ok(desk_conversation) => {
            let opened = Some(OpenedDesk {
                handoff,
                desk_conversation,
            });
            Attempt::done(Stored {
                opened,
                ..Stored::default()
            })
        }
        Err(error) => {
            let mut attempt = Attempt::failed(error);
            attempt.progress = serde_json::json!({ "waited": claim.attempts.saturating_add(1) });
            attempt
        }
    };
    attempt.asked = !in_doubt;
    attempt.give_up_after = Some(patience);
    attempt.wait_for_news = true;
    attempt
}

impl Case<'_> {
    async fn opened(&self) -> Result<i64, SendError> {
        let new = self.opening().await?;
        let key = self.client_key(false).await?;
        let opened = self.context.desk.open(&self.account, &key, &new).await;
        match opened {
            Err(error) if error.failure == Failure::Unauthorized => {
                // The client's token may have been revoked: a new one, once.
                let key = self.client_key(true).await?;
                self.context.desk.open(&self.account, &key, &new).await
            }
            other => other,
        }
    }

    async fn opening(&self) -> Result<NewDeskConversation, SendError> {
        let settings = &self.company.settings;
        let limit = u64::from(settings.policy.transcript_messages);
        let id = self.row.conversation.id;
        let said = self
            .tenant
            .transcript(id, self.handoff.requested_seq, limit)
            .await
            .map_err(|e| from_store(&e))?;
        let now = self.context.clock.now();
        let link = self.context.links.history(self.company.id, id, now);
        let file_link = |message: &Message| {
            let attachment = message.content.attachment()?;
            // Our copy has the message's own id, also while it is still being fetched.
            let file = attachment
                .stored
                .as_ref()
                .map_or(domain::ids::FileId(message.id.0), |f| f.id);
            Some(self.context.links.file(self.company.id, file, now))
        };
        let content = transcript(
            &said,
            &TranscriptContext {
                language: settings.language,
                time_zone: &settings.hours.time_zone,
                summary: self.handoff.options.summary.as_deref(),
                history_link: Some(&link),
                file_link: &file_link,
            },
        );
        let options = &self.handoff.options;
        let issue = options.title.as_deref().map(|title| self.filled(title));
        Ok(NewDeskConversation {
            issue,
            content,
            remote_id: self.handoff.id.opening_identity(),
            inquiry_id: options.inquiry.or(self.account.settings.inquiry_id),
            metadata: Some(self.metadata()),
        })
    }

    /// The rule's or the bot's own object, and where the conversation comes from.
    fn metadata(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut metadata = self.handoff.options.metadata.clone().unwrap_or_default();
        let own = serde_json::json!({
            "conversation": self.row.conversation.id,
            "handoff": self.handoff.id,
            "channel": self.row.channel_kind.name(),
            "contact": self.row.contact.address.key,
            "reason": self.handoff.reason.name(),
        });
        metadata.entry("relevo").or_insert(own);
        metadata
    }

    /// Fills `{channel}`, `{contact}`, `{name}`, `{tenant}`.
    fn filled(&self, template: &str) -> String {
        template
            .replace("{channel}", self.row.channel_kind.title())
            .replace("{contact}", &self.row.contact.address.key)
            .replace("{name}", &self.name())
            .replace("{tenant}", &self.company.slug)
    }
}
