//! Webhooks of channels.

use super::forward::Share;
use super::said::opens_window;
use super::statuses::News;
use super::thread::{NewMessage, Thread};
use super::unit::Unit;
use crate::store::StoreError;
use domain::channel::Channel;
use domain::contact::{ContactAddress, ContactProfile};
use domain::handoff::Event;
use domain::ids::{ConversationId, MessageId, WebhookId};
use domain::message::{Author, Content, DeliveryStatus};
use domain::outbound::Task;
use domain::ports::{ChannelEvent, EchoOrigin, Inbound, RawWebhook};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A platform that told no name is asked again after this long.
const ASK_AGAIN: Duration = Duration::from_secs(86_400);

/// Cuts a webhook down to the events at these pointers and signs it anew.
pub type Excerpt = Arc<dyn Fn(&[String]) -> Option<RawWebhook> + Send + Sync>;

/// A proven webhook.
pub struct ChannelWebhook {
    /// The line it came in on.
    pub channel: Arc<Channel>,
    /// As it came.
    pub raw: RawWebhook,
    /// What it holds.
    pub events: Vec<Inbound>,
    /// What could not be read; the whole is then kept raw.
    pub undecodable: Vec<String>,
    /// Cuts it down, for batches that concern several conversations.
    pub excerpt: Excerpt,
}

impl ChannelWebhook {
    /// Whether whom this event concerns has a conversation after it.
    pub(super) fn opens_by(&self, inbound: &Inbound) -> bool {
        let alone = matches!(&inbound.event, ChannelEvent::Delivery(_));
        inbound.account == self.channel.external_id && inbound.contact.is_some() && !alone
    }
}

/// What an event tells of whom it concerns: only their own words do.
pub(super) fn told_by(inbound: &Inbound) -> Option<&ContactProfile> {
    matches!(&inbound.event, ChannelEvent::Message { .. }).then_some(&inbound.profile)
}

/// What became of a webhook.
#[derive(Debug, Default)]
pub struct WebhookOutcome {
    /// Messages stored.
    pub stored: usize,
    /// Events seen before.
    pub repeated: usize,
    /// Events that name another account than the line's own.
    pub refused: usize,
    /// Taps on buttons that we should acknowledge, since the bot will not.
    pub taps: Vec<Tap>,
}

/// A tap to acknowledge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Who tapped.
    pub to: ContactAddress,
    /// The platform's id of the tap.
    pub tap: String,
}

impl Unit<'_> {
    pub(crate) async fn webhook(
        &mut self,
        hook: &ChannelWebhook,
    ) -> Result<WebhookOutcome, StoreError> {
        let mut outcome = WebhookOutcome::default();
        // By conversation, since one webhook may call the same person by two ids.
        let mut threads: Vec<Thread> = Vec::new();
        let mut seen: HashMap<&ContactAddress, usize> = HashMap::new();
        let mut shares: HashMap<ConversationId, Share> = HashMap::new();
        let mut account: Vec<String> = Vec::new();
        let mut news = Vec::new();
        for inbound in &hook.events {
            if inbound.account != hook.channel.external_id {
                outcome.refused += 1;
                continue;
            }
            let Some(address) = &inbound.contact else {
                self.account_news(hook, inbound).await?;
                account.push(inbound.pointer.clone());
                continue;
            };
            if let ChannelEvent::Delivery(update) = &inbound.event {
                // News alone makes no conversation: the one it speaks of exists or does not.
                news.push(News {
                    update,
                    address,
                    pointer: &inbound.pointer,
                });
                continue;
            }
            let index = match seen.get(address) {
                Some(index) => *index,
                None => {
                    let (tenant, channel) = (hook.channel.tenant, hook.channel.id);
                    let thread = self
                        .thread_with((tenant, channel), address, told_by(inbound))
                        .await?;
                    let same = |t: &Thread| t.conversation.id == thread.conversation.id;
                    let index = threads.iter().position(same).unwrap_or(threads.len());
                    match threads.get_mut(index) {
                        // Recognised by a new id just now.
                        Some(known) => known.contact.address = thread.contact.address,
                        None => threads.push(thread),
                    }
                    seen.insert(address, index);
                    index
                }
            };
            let Some(thread) = threads.get_mut(index) else {
                continue;
            };
            let passed = self.inbound(hook, thread, inbound, &mut outcome).await?;
            if let Some(message) = passed {
                let share = shares.entry(thread.conversation.id).or_default();
                share.pointers.push(inbound.pointer.clone());
                share.message = message.or(share.message);
            }
        }
        for thread in threads {
            self.save(thread).await?;
        }
        for (conversation, pointer) in self.statuses(&hook.channel, &news).await? {
            shares
                .entry(conversation)
                .or_default()
                .pointers
                .push(pointer);
        }
        self.forward(hook, shares, account)?;
        if !hook.undecodable.is_empty() {
            let id = WebhookId(self.store.ids().next());
            self.keep(hook, id, &hook.raw, Some(&hook.undecodable.join("; ")))?;
        }
        Ok(outcome)
    }

    /// One event of a contact. `Some` when the bot gets it: with the message, if it is one.
    async fn inbound(
        &mut self,
        hook: &ChannelWebhook,
        thread: &mut Thread,
        inbound: &Inbound,
        outcome: &mut WebhookOutcome,
    ) -> Result<Option<Option<MessageId>>, StoreError> {
        let to_bot = |thread: &Thread| {
            let episode = thread.conversation.state.episode();
            episode.is_none_or(|e| e.bot_listens).then_some(None)
        };
        match &inbound.event {
            ChannelEvent::Message {
                external_id,
                content,
                reply_to,
                tap,
                standby,
            } => {
                thread.learn(&inbound.profile);
                let (content, offered_by) = self.resolved(thread, content).await?;
                // Telegram's taps carry no time of their own.
                let at = if inbound.at.0 > 0 {
                    inbound.at
                } else {
                    self.now
                };
                let mut new = NewMessage::of(Author::Contact, content, at);
                new.dedupe_key = Some(inbound.dedupe_key.clone());
                new.external_id.clone_from(external_id);
                new.reply_to.clone_from(reply_to);
                new.status = DeliveryStatus::Accepted;
                new.handoff = thread.conversation.state.episode().map(|e| e.handoff);
                let content = new.content.clone();
                let Some(message) = self.append(thread, new).await? else {
                    outcome.repeated += 1;
                    self.repeated(thread);
                    return Ok(None);
                };
                outcome.stored += 1;
                let ask_name = self.is_nameless(thread);
                self.reopen(thread).await?;
                if opens_window(&content) {
                    thread.heard(at);
                }
                if content
                    .attachment()
                    .is_some_and(domain::message::Attachment::is_pending)
                {
                    // Platforms keep files for minutes, so they are fetched at once, whoever has
                    // control.
                    self.task(thread, Task::FetchMedia { message })?;
                }
                if ask_name {
                    self.task(thread, Task::LearnName {})?;
                }
                if *standby {
                    return Ok(None);
                }
                let passed = self
                    .said(
                        hook,
                        thread,
                        message,
                        (&content, offered_by),
                        &inbound.pointer,
                    )
                    .await?;
                if !passed && let Some(tap) = tap {
                    outcome.taps.push(Tap {
                        to: thread.contact.address.clone(),
                        tap: tap.clone(),
                    });
                }
                Ok(passed.then_some(Some(message)))
            }
            ChannelEvent::Echo {
                external_id,
                identity,
                origin,
                content,
            } => {
                let known = self
                    .echo(thread, external_id, *identity, *origin, content)
                    .await?;
                if !known {
                    self.foreign_word(thread, inbound, external_id, content, *origin)
                        .await?;
                }
                Ok(None)
            }
            ChannelEvent::ContactLeft => {
                thread.set_unreachable(Some(inbound.at));
                self.step(thread, &Event::ContactLeft).await?;
                Ok(to_bot(thread))
            }
            ChannelEvent::ContactReturned => {
                thread.set_unreachable(None);
                Ok(to_bot(thread))
            }
            ChannelEvent::Moved { to } => {
                self.relocate(thread, to).await?;
                Ok(to_bot(thread))
            }
            ChannelEvent::ThreadControl { .. } => Ok(to_bot(thread)),
            // Told apart before; nothing of a contact.
            ChannelEvent::Delivery(_) | ChannelEvent::Account { .. } => Ok(None),
        }
    }

    /// Whether the platform is asked for the contact's name now: with the first word, and once a
    /// day as long as it tells none.
    fn is_nameless(&self, thread: &Thread) -> bool {
        let last = thread.contact.last_inbound_at;
        thread.kind.names_are_asked_for()
            && thread.contact.profile.name.is_none()
            && last.is_none_or(|at| self.now.since(at) > ASK_AGAIN)
    }

    /// Said from elsewhere: by a human in the platform's own inbox, or by a bot that does not go
    /// through the send proxy.
    async fn foreign_word(
        &mut self,
        thread: &mut Thread,
        inbound: &Inbound,
        external_id: &str,
        content: &Content,
        origin: EchoOrigin,
    ) -> Result<(), StoreError> {
        let mut new = NewMessage::of(Author::Bot, content.clone(), inbound.at);
        new.author_name = (origin == EchoOrigin::Foreign).then(|| "↗".to_owned());
        new.dedupe_key = Some(format!("echo:{external_id}"));
        new.external_id = Some(external_id.to_owned());
        new.status = DeliveryStatus::Sent;
        self.append(thread, new).await?;
        Ok(())
    }
}
