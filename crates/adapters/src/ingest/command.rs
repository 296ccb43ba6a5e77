//! What members and the REST API want.

use super::note::NewNote;
use super::thread::{NewMessage, Thread};
use super::unit::Unit;
use crate::store::StoreError;
use domain::audit::By;
use domain::contact::{ContactAddress, ContactProfile};
use domain::handoff::{
    ClosePolicy, EndReason, Event, HandoffOptions, HandoffReason, HandoffRequest, Ignored,
};
use domain::ids::{ChannelId, ConversationId, HandoffId, MessageId, OutboxId, TenantId};
use domain::message::{Attachment, Author, Content, DeliveryStatus};
use domain::outbound::{Lane, Task, Wakeup};
use domain::routing::Source;
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// What members and the REST API want.
pub enum Command {
    /// Ask for a human.
    HandOff {
        /// Owner.
        tenant: TenantId,
        /// The thread.
        conversation: ConversationId,
        /// Who asks: [`HandoffReason::Manual`] or [`HandoffReason::BotApi`].
        reason: HandoffReason,
        /// How it is opened.
        options: HandoffOptions,
        /// Instead of the tenant's close policy.
        close: Option<ClosePolicy>,
    },
    /// Give the contact back to the bot.
    End {
        /// Owner.
        tenant: TenantId,
        /// The thread.
        conversation: ConversationId,
        /// Only this handoff; whichever is open otherwise.
        handoff: Option<HandoffId>,
        /// Why.
        reason: EndReason,
    },
    /// Try a dead row again.
    Retry {
        /// Owner.
        tenant: TenantId,
        /// The row.
        row: OutboxId,
    },
    /// Give a dead row up.
    Discard {
        /// Owner.
        tenant: TenantId,
        /// The row.
        row: OutboxId,
    },
    /// The bot beside us reports what a contact said.
    Said {
        /// Owner.
        tenant: TenantId,
        /// The line.
        channel: ChannelId,
        /// Who.
        from: ContactAddress,
        /// What is known about them.
        profile: ContactProfile,
        /// What.
        content: Content,
        /// The caller's own id of the message: the same one twice is one message.
        external_id: String,
    },
    /// The bot tells what it knows about a contact.
    Learn {
        /// Owner.
        tenant: TenantId,
        /// The line.
        channel: ChannelId,
        /// Who.
        contact: ContactAddress,
        /// What is known about them.
        profile: ContactProfile,
    },
    /// The bot reports how sure it was of its last answer (0 to 1).
    Confidence {
        /// Owner.
        tenant: TenantId,
        /// The thread.
        conversation: ConversationId,
        /// How sure.
        value: f32,
    },
    /// A member puts a tag on the contact, or takes one off.
    Tag {
        /// Owner.
        tenant: TenantId,
        /// The thread.
        conversation: ConversationId,
        /// The tag.
        tag: String,
        /// On or off.
        on: bool,
        /// Who, for the log.
        by: By,
    },
    /// A member writes a note for the other members.
    Note(NewNote),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandOutcome {
    /// Done; where the machine stands now: the handoff under way, if any.
    Done {
        /// The thread.
        conversation: ConversationId,
        /// The handoff under way.
        handoff: Option<HandoffId>,
        /// The message stored.
        message: Option<MessageId>,
    },
    /// Nothing changed.
    Unchanged {
        /// Why.
        why: Ignored,
        /// The thread.
        conversation: ConversationId,
        /// The handoff under way.
        handoff: Option<HandoffId>,
    },
}

#[derive(FromQueryResult)]
struct Dead {
    conversation_id: Uuid,
    lane: i16,
    message_id: Option<Uuid>,
}

/// Done, without a message.
pub(super) fn standing(thread: &Thread) -> CommandOutcome {
    CommandOutcome::Done {
        conversation: thread.conversation.id,
        handoff: thread.conversation.state.episode().map(|e| e.handoff),
        message: None,
    }
}

impl Unit<'_> {
    pub(crate) async fn command(
        &mut self,
        command: &Command,
    ) -> Result<CommandOutcome, StoreError> {
        match command {
            Command::HandOff {
                tenant,
                conversation,
                reason,
                options,
                close,
            } => {
                let request = HandoffRequest {
                    candidate: HandoffId(self.store.ids().next()),
                    reason: *reason,
                    rule: None,
                    options: options.clone(),
                    close: close.clone(),
                    urgent: true,
                };
                self.stepped(*tenant, *conversation, &Event::Requested(request))
                    .await
            }
            Command::End {
                tenant,
                conversation,
                handoff,
                reason,
            } => {
                let event = Event::EndRequested {
                    handoff: *handoff,
                    reason: *reason,
                };
                self.stepped(*tenant, *conversation, &event).await
            }
            Command::Tag {
                tenant,
                conversation,
                tag,
                on,
                by,
            } => {
                let mut thread = self
                    .thread(*tenant, *conversation)
                    .await?
                    .ok_or(StoreError::NotFound)?;
                let was = thread.contact.profile.tags.clone();
                thread.tag(tag, *on);
                self.record_tags(&thread, by, &was).await?;
                let standing = standing(&thread);
                self.save(thread).await?;
                Ok(standing)
            }
            Command::Note(note) => self.note(note).await,
            Command::Retry { tenant, row } => {
                let set = "state = 'pending', attempts = 0, next_at = NOW, ended_at = null, claimed_until = null";
                self.revive(*tenant, *row, set, DeliveryStatus::Accepted)
                    .await
            }
            Command::Discard { tenant, row } => {
                let set = "state = 'discarded', ended_at = NOW";
                self.revive(*tenant, *row, set, DeliveryStatus::Failed)
                    .await
            }
            Command::Said {
                tenant,
                channel,
                from,
                profile,
                content,
                external_id,
            } => {
                let mut thread = self
                    .thread_with((*tenant, *channel), from, Some(profile))
                    .await?;
                thread.learn(profile);
                let mut new = NewMessage::of(Author::Contact, content.clone(), self.now);
                new.dedupe_key = Some(format!("api:{external_id}"));
                new.external_id = Some(external_id.clone());
                new.handoff = thread.conversation.state.episode().map(|e| e.handoff);
                let stored = self.append(&mut thread, new).await?;
                if let Some(message) = stored {
                    thread.heard(self.now);
                    let verdict = if thread.conversation.state.control()
                        == domain::conversation::Control::Bot
                    {
                        thread.conversation.progress =
                            thread.conversation.progress.after_contact(content);
                        self.evaluated(
                            &mut thread,
                            Source::Message {
                                author: Author::Contact,
                                content,
                            },
                        )
                    } else {
                        domain::handoff::Verdict::Pass
                    };
                    self.decided(&thread, message, &verdict).await?;
                    let words = content.words().map(str::to_owned);
                    self.step(
                        &mut thread,
                        &Event::ContactMessage {
                            message,
                            words,
                            rates: false,
                            verdict,
                        },
                    )
                    .await?;
                    if content.attachment().is_some_and(Attachment::is_pending) {
                        self.task(&thread, Task::FetchMedia { message })?;
                    }
                }
                let handoff = thread.conversation.state.episode().map(|e| e.handoff);
                let conversation = thread.conversation.id;
                self.save(thread).await?;
                Ok(CommandOutcome::Done {
                    conversation,
                    handoff,
                    message: stored,
                })
            }
            Command::Learn {
                tenant,
                channel,
                contact,
                profile,
            } => {
                let mut thread = self
                    .thread_with((*tenant, *channel), contact, Some(profile))
                    .await?;
                thread.learn(profile);
                let conversation = thread.conversation.id;
                let handoff = thread.conversation.state.episode().map(|e| e.handoff);
                if thread.conversation.last_seq == 0 {
                    // Somebody new is stored with what was told, which is no change then.
                    self.after.changed.insert((*tenant, conversation));
                }
                self.save(thread).await?;
                Ok(CommandOutcome::Done {
                    conversation,
                    handoff,
                    message: None,
                })
            }
            Command::Confidence {
                tenant,
                conversation,
                value,
            } => {
                let mut thread = self
                    .thread(*tenant, *conversation)
                    .await?
                    .ok_or(StoreError::NotFound)?;
                let verdict = self.evaluated(&mut thread, Source::Confidence(*value));
                if let domain::handoff::Verdict::HandOff(request) = verdict {
                    self.step(&mut thread, &Event::Requested(request)).await?;
                }
                let handoff = thread.conversation.state.episode().map(|e| e.handoff);
                self.save(thread).await?;
                Ok(CommandOutcome::Done {
                    conversation: *conversation,
                    handoff,
                    message: None,
                })
            }
        }
    }

    async fn stepped(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        event: &Event,
    ) -> Result<CommandOutcome, StoreError> {
        let mut thread = self
            .thread(tenant, conversation)
            .await?
            .ok_or(StoreError::NotFound)?;
        let note = self.step(&mut thread, event).await?.note;
        let handoff = thread.conversation.state.episode().map(|e| e.handoff);
        self.save(thread).await?;
        Ok(match note {
            Some(why) => CommandOutcome::Unchanged {
                why,
                conversation,
                handoff,
            },
            None => CommandOutcome::Done {
                conversation,
                handoff,
                message: None,
            },
        })
    }

    async fn revive(
        &mut self,
        tenant: TenantId,
        row: OutboxId,
        set: &str,
        status: DeliveryStatus,
    ) -> Result<CommandOutcome, StoreError> {
        let text = format!(
            "update outbox set {set} where tenant_id = $1 and id = $2 and state = 'dead'
             returning conversation_id, lane, message_id"
        );
        let values = [tenant.0.into(), row.0.into()];
        let dead: Dead = self.one(&text, values).await?.ok_or(StoreError::NotFound)?;
        let conversation = ConversationId(dead.conversation_id);
        if let (DeliveryStatus::Accepted, Some(lane)) = (status, Lane::from_number(dead.lane)) {
            self.after.wake.insert(Wakeup {
                tenant,
                conversation,
                lane,
            });
        }
        let Some(mut thread) = self.thread(tenant, conversation).await? else {
            return Ok(CommandOutcome::Done {
                conversation,
                handoff: None,
                message: None,
            });
        };
        thread.failed = (thread.failed - 1).max(0);
        thread.touch();
        if let (DeliveryStatus::Accepted, Some(message)) = (status, dead.message_id) {
            let message = MessageId(message);
            match Lane::from_number(dead.lane) {
                Some(Lane::Channel | Lane::Desk | Lane::Bot) => {
                    self.set_status(&mut thread, message, status, None).await?;
                }
                Some(Lane::Media) => self.expect_file(tenant, message).await?,
                // The message itself may long be delivered.
                Some(Lane::Events) | None => {}
            }
        }
        let handoff = thread.conversation.state.episode().map(|e| e.handoff);
        self.save(thread).await?;
        Ok(CommandOutcome::Done {
            conversation,
            handoff,
            message: dead.message_id.map(MessageId),
        })
    }

    /// A file that was given up is waited for once more.
    async fn expect_file(&self, tenant: TenantId, message: MessageId) -> Result<(), StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            content: String,
        }
        let text = "select content from messages where tenant_id = $1 and id = $2";
        let key = || [tenant.0.into(), message.0.into()];
        let Some(row) = self.one::<Row>(text, key()).await? else {
            return Ok(());
        };
        let mut content: Content = serde_json::from_str(&row.content)
            .map_err(|e| StoreError::corrupt("messages.content", e))?;
        if let Some(attachment) = content.attachment_mut() {
            attachment.unavailable = None;
        }
        let content = serde_json::to_string(&content)
            .map_err(|e| StoreError::corrupt("messages.content", e))?;
        let text = "update messages set content = $3 where tenant_id = $1 and id = $2";
        self.run(text, key().into_iter().chain([content.into()]))
            .await?;
        Ok(())
    }
}
