//! Towards Let's Talk: opening, posting, telling, closing.

use super::{Attempt, from_account, from_store};
use crate::Context;
use adapters::accounts::client_context;
use adapters::desk::render::{DeskContext, DeskPart, UnlistedFile, render};
use adapters::desk::transcript::{TranscriptContext, transcript};
use adapters::ingest::{OpenedDesk, Stored};
use adapters::store::{ConversationRow, HandoffRow, MemorizedClient, TenantStore};
use domain::desk::{DeskAccount, DeskBody};
use domain::ids::{HandoffId, MessageId};
use domain::message::{Content, Message};
use domain::outbound::{Claim, Failure, SendError, StoredNote};
use domain::ports::{ClientRequest, NewDeskConversation};
use domain::secret::Secret;
use domain::tenant::Tenant;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// What every call to the desk needs.
struct Case<'a> {
    context: &'a Context,
    tenant: TenantStore,
    company: Tenant,
    account: Arc<DeskAccount>,
    row: ConversationRow,
    handoff: HandoffRow,
}

async fn case<'a>(
    context: &'a Context,
    claim: &Claim,
    handoff: HandoffId,
) -> Result<Case<'a>, SendError> {
    let store = |e: adapters::store::StoreError| from_store(&e);
    let tenant = context.store.tenant(claim.wakeup.tenant);
    let account = context
        .accounts
        .desk(claim.wakeup.tenant)
        .await
        .map_err(|e| from_account(&e))?;
    let row = tenant
        .conversations()
        .get(claim.wakeup.conversation)
        .await
        .map_err(store)?;
    let handoff = tenant.handoffs().get(handoff).await.map_err(store)?;
    let company = tenant.tenant().await.map_err(store)?;
    Ok(Case {
        context,
        tenant,
        company,
        account,
        row,
        handoff,
    })
}

/// Opens the conversation with the transcript so far.
pub(super) async fn open(context: &Context, claim: &Claim, handoff: HandoffId) -> Attempt {
    let case = match case(context, claim, handoff).await {
        Ok(case) => case,
        Err(error) => return Attempt::failed(error),
    };
    let minutes = u64::from(case.company.settings.policy.desk_down_after_minutes);
    let patience = Duration::from_secs(60 * minutes);
    // The answer may have been lost and our opening message seen on the stream meanwhile.
    if case.handoff.desk_conversation.is_some() || case.handoff.ended_at.is_some() {
        return Attempt::done(Stored::default());
    }
    // Conversations cannot be listed: after a try that may have arrived, or a worker that died in
    // the middle of one, only the stream can tell, and after each such try it is waited for.
    let waited = claim.progress.get("waited").and_then(Value::as_u64);
    let opened = if claim.ambiguous && waited != Some(u64::from(claim.attempts)) {
        Err(SendError::ambiguous("an earlier try may have opened it"))
    } else {
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
            Some(self.context.links.file(self.company.id, id, file, now))
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

    fn name(&self) -> String {
        let contact = &self.row.contact;
        contact
            .profile
            .name
            .clone()
            .or_else(|| contact.profile.username.clone())
            .unwrap_or_else(|| contact.address.key.clone())
    }

    /// The contact's key at the desk: the memorized one, or a newly given one.
    async fn client_key(&self, anew: bool) -> Result<Secret, SendError> {
        let contact = self.row.contact.id;
        let context = client_context(self.company.id, contact);
        let vault = |e: domain::ports::VaultError| {
            SendError::clear(Failure::Transient { retry_after: None }, e.to_string())
        };
        let known = self
            .tenant
            .desk_client(contact)
            .await
            .map_err(|e| from_store(&e))?;
        if let (Some(known), false) = (known, anew) {
            let plain = self
                .context
                .vault
                .open(context, &known.token)
                .await
                .map_err(vault)?;
            return Ok(Secret::new(String::from_utf8_lossy(&plain)));
        }
        let email = self
            .company
            .settings
            .policy
            .client_email
            .replace("{channel}", self.row.channel_kind.name())
            .replace("{contact}", &address_part(&self.row.contact.address.key))
            .replace("{tenant}", &self.company.slug);
        let who = ClientRequest {
            email,
            name: self.name(),
        };
        let client = self.context.desk.client(&self.account, &who).await?;
        let sealed = self
            .context
            .vault
            .seal(context, client.token.expose().as_bytes())
            .await
            .map_err(vault)?;
        let memorized = MemorizedClient {
            id: client.id,
            token: sealed,
        };
        self.tenant
            .save_desk_client(contact, &memorized)
            .await
            .map_err(|e| from_store(&e))?;
        Ok(client.token)
    }

    fn desk_conversation(&self) -> Result<i64, SendError> {
        self.handoff
            .desk_conversation
            .ok_or_else(|| SendError::clear(Failure::Payload, "was never opened at the desk"))
    }
}

/// What a local part of an address may hold.
fn address_part(key: &str) -> String {
    key.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// Posts the contact's message.
pub(super) async fn post(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
    message: MessageId,
) -> Attempt {
    let case = match case(context, claim, handoff).await {
        Ok(case) => case,
        Err(error) => return Attempt::failed(error),
    };
    let mut file = None;
    let mut done = claim
        .progress
        .get("done")
        .and_then(serde_json::Value::as_u64)
        .unwrap_or(0);
    let result = case.posted(claim, message, &mut done, &mut file).await;
    let mut attempt = match result {
        Ok(()) => Attempt::done(Stored {
            file: file.map(Ok),
            ..Stored::default()
        }),
        Err(error) => Attempt::failed(error),
    };
    attempt.progress = serde_json::json!({ "done": done });
    attempt
}

impl Case<'_> {
    async fn posted(
        &self,
        claim: &Claim,
        message: MessageId,
        done: &mut u64,
        fetched: &mut Option<domain::message::StoredFile>,
    ) -> Result<(), SendError> {
        let conversation = self.desk_conversation()?;
        let mut message = self
            .tenant
            .conversations()
            .message(message)
            .await
            .map_err(|e| from_store(&e))?;
        if message
            .content
            .attachment()
            .is_some_and(domain::message::Attachment::is_pending)
        {
            *fetched = super::media::ensure(self.context, claim, &mut message).await?;
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
                self.context
                    .links
                    .file(self.company.id, self.row.conversation.id, file.id, now)
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

/// Tells the agents something, as our own agent: those words are never echoed to the contact.
pub(super) async fn note(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
    note: &StoredNote,
) -> Attempt {
    let told = async {
        let case = case(context, claim, handoff).await?;
        let Some(conversation) = case.handoff.desk_conversation else {
            return Ok(Stored::default());
        };
        let text = adapters::desk::notes::words(note, case.company.settings.language);
        let identity = Uuid::new_v5(&handoff.0, format!("note:{}", claim.id).as_bytes());
        let key = &case.account.credentials.agent_key;
        if claim.ambiguous {
            let listed = context
                .desk
                .messages(&case.account, key, conversation, None, 100)
                .await?;
            if listed.iter().any(|m| m.remote_id == Some(identity)) {
                return Ok(Stored::default());
            }
        }
        context
            .desk
            .post_text(&case.account, key, conversation, &text, identity)
            .await?;
        Ok(Stored::default())
    };
    told.await.into()
}

/// Assigns the conversation to a group.
pub(super) async fn assign(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
    group: i64,
) -> Attempt {
    let assigned = async {
        let case = case(context, claim, handoff).await?;
        let conversation = case.desk_conversation()?;
        context
            .desk
            .assign_group(&case.account, conversation, group)
            .await?;
        Ok(Stored::default())
    };
    assigned.await.into()
}

/// Closes the conversation; one that was never opened, or is closed or gone, is closed.
pub(super) async fn close(context: &Context, claim: &Claim, handoff: HandoffId) -> Attempt {
    let closed = async {
        let case = case(context, claim, handoff).await?;
        let Some(conversation) = case.handoff.desk_conversation else {
            return Ok(Stored::default());
        };
        match context.desk.close(&case.account, conversation).await {
            Err(error) if error.code.as_deref() == Some("404") => Ok(Stored::default()),
            other => other.map(|()| Stored::default()),
        }
    };
    closed.await.into()
}
