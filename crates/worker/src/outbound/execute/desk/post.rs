//! Posting the contact's messages at the desk.

use super::super::{Attempt, from_store, media};
use super::case::{Case, case};
use crate::Context;
use adapters::desk::render::{DeskContext, DeskPart, UnlistedFile, render};
use adapters::ingest::Stored;
use adapters::store::{Errand, StoreError};
use domain::desk::DeskBody;
use domain::ids::HandoffId;
use domain::message::{Content, Message};
use domain::outbound::{CONVERSATION_GONE, Claim, Failure, SendError};
use domain::secret::Secret;
use uuid::Uuid;

/// Posts the contact's message.
pub(in super::super) async fn post(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
    errand: Option<Errand>,
) -> Attempt {
    let case = match case(context, claim, handoff, errand).await {
        Ok(case) => case,
        Err(error) => return Attempt::failed(error),
    };
    let mut done = claim
        .progress
        .get("done")
        .and_then(serde_json::Value::as_u64)
        .unwrap_or(0);
    let mut attempt = match case.posted(claim, &mut done).await {
        Ok(()) => Attempt::done(Stored::default()),
        Err(error) => Attempt::failed(case.whether_gone(error).await),
    };
    attempt.progress = serde_json::json!({ "done": done });
    attempt
}

impl Case<'_> {
    async fn posted(&self, claim: &Claim, done: &mut u64) -> Result<(), SendError> {
        let conversation = self.desk_conversation()?;
        let message = self.message.clone();
        let mut message = message.ok_or_else(|| from_store(&StoreError::NotFound))?;
        if message
            .content
            .attachment()
            .is_some_and(domain::message::Attachment::is_pending)
        {
            media::ensure(self.context, claim, &mut message).await?;
        }
        let parts = self.rendered(&message).await?;
        let mut key = self.client_key(false).await?;
        // An earlier try may have arrived: Let's Talk does not recognise a repeated remote id, so
        // we look for it.
        let arrived = if claim.ambiguous {
            self.arrived(&key, conversation).await?
        } else {
            Vec::new()
        };
        for (number, part) in (0_u16..).zip(&parts) {
            let identity = message.id.delivery_identity(number);
            if u64::from(number) < *done || arrived.contains(&identity) {
                *done = (*done).max(u64::from(number) + 1);
                continue;
            }
            let posted = self.part(&key, conversation, part, identity).await;
            match posted {
                Err(error) if error.failure == Failure::Unauthorized => {
                    key = self.client_key(true).await?;
                    self.part(&key, conversation, part, identity).await?;
                }
                other => other?,
            }
            *done = u64::from(number) + 1;
        }
        Ok(())
    }

    /// A refusal that speaks of something that does not exist: looks whether it is the
    /// conversation. A look that fails otherwise is tried again with the message.
    async fn whether_gone(&self, error: SendError) -> SendError {
        let absent = |e: &SendError| matches!(e.code.as_deref(), Some("404" | "410"));
        let Some(conversation) = self.handoff.desk_conversation.filter(|_| absent(&error)) else {
            return error;
        };
        let key = &self.account.credentials.agent_key;
        let desk = &self.context.desk;
        let listed = desk.messages(&self.account, key, conversation, None, 1);
        match listed.await {
            Ok(_) => error,
            Err(look) if absent(&look) => error.with_code(CONVERSATION_GONE),
            Err(look) => look,
        }
    }

    async fn part(
        &self,
        key: &Secret,
        conversation: i64,
        part: &DeskPart,
        identity: Uuid,
    ) -> Result<(), SendError> {
        let desk = &self.context.desk;
        match part {
            DeskPart::Text(text) => {
                desk.post_text(&self.account, key, conversation, text, identity)
                    .await?;
            }
            DeskPart::File { file, mime } => {
                let bytes = self
                    .context
                    .files
                    .read(self.company.id, file.id)
                    .await
                    .map_err(|e| {
                        SendError::clear(Failure::Transient { retry_after: None }, e.to_string())
                    })?;
                desk.post_file(
                    &self.account,
                    key,
                    conversation,
                    file,
                    mime,
                    bytes,
                    identity,
                )
                .await?;
            }
        }
        Ok(())
    }

    async fn rendered(&self, message: &Message) -> Result<Vec<DeskPart>, SendError> {
        let target = match &message.content {
            Content::Reaction { target, .. }
            | Content::Edit { target, .. }
            | Content::Delete { target } => Some(target.as_str()),
            _ => message.reply_to.as_deref(),
        };
        let quoted = match target {
            Some(id) => self
                .tenant
                .words_of(message, id)
                .await
                .map_err(|e| from_store(&e))?,
            None => None,
        };
        let link = message
            .content
            .attachment()
            .and_then(|a| a.stored.as_ref())
            .map(|file| {
                let now = self.context.clock.now();
                self.context.links.file(self.company.id, file.id, now)
            });
        let settings = &self.company.settings;
        let unlisted = if settings.policy.foreign_files_as_link {
            UnlistedFile::Link
        } else {
            UnlistedFile::Upload
        };
        Ok(render(
            &message.content,
            &DeskContext {
                language: settings.language,
                quoted: quoted.as_deref(),
                file_link: link.as_deref(),
                unlisted,
            },
        ))
    }

    /// The identities among the newest messages of the conversation.
    async fn arrived(&self, key: &Secret, conversation: i64) -> Result<Vec<Uuid>, SendError> {
        let listed = self
            .context
            .desk
            .messages(&self.account, key, conversation, None, 100)
            .await?;
        Ok(listed
            .into_iter()
            .filter(|m| matches!(m.body, DeskBody::Client { .. }))
            .filter_map(|m| m.remote_id)
            .collect())
    }
}
