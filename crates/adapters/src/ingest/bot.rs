//! What the bot says through the send proxy, or reports through the API. The gate and the record
//! are one transaction: what was accepted before control changed goes out, what comes after does
//! not, and nothing goes out unrecorded.

use super::thread::NewMessage;
use super::unit::Unit;
use super::write::Table;
use crate::store::StoreError;
use domain::contact::ContactAddress;
use domain::conversation::Control;
use domain::handoff::{Event, Verdict, offers_numbers};
use domain::ids::{ChannelId, ConversationId, MessageId, TenantId};
use domain::message::{Author, Content, DeliveryStatus};
use domain::routing::Source;

/// The bot wants to say something.
pub struct BotMessage {
    /// Owner.
    pub tenant: TenantId,
    /// The line.
    pub channel: ChannelId,
    /// To whom.
    pub to: ContactAddress,
    /// What; `None` for what only shows (typing, edits, answers to taps): gated, not recorded.
    pub content: Option<Content>,
    /// It is out already (a bot beside us): recorded whoever has control.
    pub already_said: bool,
}

/// Whether it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BotVerdict {
    /// Send it.
    Pass {
        /// The record, if it is a message.
        message: Option<MessageId>,
        /// The thread.
        conversation: ConversationId,
    },
    /// A human has control: refuse it in the platform's own format.
    Muted {
        /// The thread.
        conversation: ConversationId,
    },
}

/// What became of something the bot said.
pub struct BotDelivery {
    /// Owner.
    pub tenant: TenantId,
    /// The thread.
    pub conversation: ConversationId,
    /// The record.
    pub message: MessageId,
    /// The platform's ids, or its words when it refused.
    pub result: Result<Vec<String>, String>,
}

impl Unit<'_> {
    pub(crate) async fn bot_says(&mut self, said: &BotMessage) -> Result<BotVerdict, StoreError> {
        let mut thread = self
            .thread_with((said.tenant, said.channel), &said.to, None)
            .await?;
        let conversation = thread.conversation.id;
        let human = thread.conversation.state.control() == Control::Human && !said.already_said;
        let Some(content) = &said.content else {
            self.save(thread).await?;
            return Ok(if human {
                BotVerdict::Muted { conversation }
            } else {
                BotVerdict::Pass {
                    message: None,
                    conversation,
                }
            });
        };
        let new = NewMessage::of(Author::Bot, content.clone(), self.now);
        let message = self
            .append(&mut thread, new)
            .await?
            .ok_or(StoreError::Stale)?;
        if said.already_said {
            self.set_status(&mut thread, message, DeliveryStatus::Sent, None)
                .await?;
        } else if !human {
            let row = vec![
                said.tenant.0.into(),
                message.0.into(),
                0_i64.into(),
                said.channel.0.into(),
                conversation.0.into(),
                message.delivery_identity(0).into(),
                DeliveryStatus::Accepted.name().into(),
                self.now.0.into(),
            ];
            self.later(Table::Deliveries, row);
        }
        let mut verdict = Verdict::Pass;
        if !human {
            let phrases = &thread.config.settings.fallback_phrases;
            thread.conversation.progress = thread.conversation.progress.after_bot(content, phrases);
            thread.touch();
            let source = Source::Message {
                author: Author::Bot,
                content,
            };
            verdict = self.evaluated(&mut thread, source);
            self.decided(&thread, message, &verdict).await?;
        }
        let event = Event::BotMessage {
            message,
            numbered: offers_numbers(content),
            verdict,
        };
        let stepped = if said.already_said && human_has(&thread) {
            super::effects::Stepped::default()
        } else {
            self.step(&mut thread, &event).await?
        };
        self.save(thread).await?;
        Ok(if stepped.muted.contains(&message) {
            BotVerdict::Muted { conversation }
        } else {
            BotVerdict::Pass {
                message: Some(message),
                conversation,
            }
        })
    }

    pub(crate) async fn bot_said(&mut self, news: &BotDelivery) -> Result<(), StoreError> {
        let Some(mut thread) = self.thread(news.tenant, news.conversation).await? else {
            return Err(StoreError::NotFound);
        };
        match &news.result {
            Ok(ids) => {
                for (part, id) in (0_u16..).zip(ids) {
                    let identity = news.message.delivery_identity(part);
                    let which = (news.message, part);
                    self.delivered((&thread).into(), which, identity, id)
                        .await?;
                }
                if ids.is_empty() {
                    self.set_status(&mut thread, news.message, DeliveryStatus::Sent, None)
                        .await?;
                }
            }
            Err(why) => {
                let text = "update deliveries set status = 'failed' where tenant_id = $1 and message_id = $2";
                self.run(text, [news.tenant.0.into(), news.message.0.into()])
                    .await?;
                self.set_status(&mut thread, news.message, DeliveryStatus::Failed, Some(why))
                    .await?;
            }
        }
        self.save(thread).await
    }
}

fn human_has(thread: &super::thread::Thread) -> bool {
    thread.conversation.state.control() == Control::Human
}
