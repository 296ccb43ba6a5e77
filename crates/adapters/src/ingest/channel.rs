//! Webhooks of channels.

use super::CHOICE_MARK;
use super::statuses::News;
use super::thread::{NewMessage, Thread};
use super::unit::Unit;
use crate::store::StoreError;
use domain::channel::Channel;
use domain::contact::ContactAddress;
use domain::conversation::Control;
use domain::handoff::{Event, Phase, Verdict};
use domain::ids::{ConversationId, HandoffId, MessageId, WebhookId};
use domain::message::{Author, Content, DeliveryStatus, OptionAction};
use domain::outbound::Task;
use domain::ports::{ChannelEvent, EchoOrigin, Inbound, RawWebhook};
use domain::routing::{Facts, Source};
use sea_orm::FromQueryResult;
use std::collections::HashMap;
use std::sync::Arc;

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

/// What of a webhook the bot gets, per conversation.
#[derive(Default)]
struct Share {
    pointers: Vec<String>,
    message: Option<MessageId>,
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
                    let thread = self.thread_with(tenant, channel, address).await?;
                    let same = |t: &Thread| t.conversation.id == thread.conversation.id;
                    let index = threads.iter().position(same).unwrap_or_else(|| {
                        threads.push(thread);
                        threads.len() - 1
                    });
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
        for thread in &threads {
            self.save(thread).await?;
        }
        for (conversation, pointer) in self.statuses(&hook.channel, &news).await? {
            shares
                .entry(conversation)
                .or_default()
                .pointers
                .push(pointer);
        }
        self.forward(hook, shares, account).await?;
        if !hook.undecodable.is_empty() {
            let id = WebhookId(self.store.ids().next());
            self.keep(hook, id, &hook.raw, Some(&hook.undecodable.join("; ")))
                .await?;
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
        let to_bot =
            |thread: &Thread| (thread.conversation.state.control() == Control::Bot).then_some(None);
        match &inbound.event {
            ChannelEvent::Message {
                external_id,
                content,
                reply_to,
                tap,
                standby,
            } => {
                thread.learn(&inbound.profile);
                let content = self.resolved(thread, content).await?;
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
                    return Ok(None);
                };
                outcome.stored += 1;
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
                    self.task(thread, Task::FetchMedia { message }).await?;
                }
                if *standby {
                    return Ok(None);
                }
                let passed = self
                    .said(hook, thread, message, &content, &inbound.pointer)
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
                let known = self.echo(thread, external_id, *identity, *origin).await?;
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

    /// The contact said something new: rules, machine. Whether the bot gets it.
    async fn said(
        &mut self,
        hook: &ChannelWebhook,
        thread: &mut Thread,
        message: MessageId,
        content: &Content,
        pointer: &str,
    ) -> Result<bool, StoreError> {
        let verdict = self.judged(thread, content);
        let words = content.words().map(str::to_owned);
        let event = Event::ContactMessage {
            message,
            words,
            verdict,
        };
        let stepped = self.step(thread, &event).await?;
        let phase = &thread.conversation.state.phase;
        if matches!(phase, Phase::Requested { .. }) && stepped.forward.is_empty() {
            // Should the desk never open, the bot gets this after all.
            let raw = (hook.excerpt)(&[pointer.to_owned()]).unwrap_or_else(|| hook.raw.clone());
            self.keep(hook, WebhookId(message.0), &raw, None).await?;
        }
        Ok(stepped.forward.contains(&message))
    }

    /// What the rules say; asked only while the bot has control.
    fn judged(&mut self, thread: &mut Thread, content: &Content) -> Verdict {
        if thread.conversation.state.control() == Control::Human {
            return Verdict::Pass;
        }
        thread.conversation.progress = thread.conversation.progress.after_contact(content);
        thread.touch();
        let source = Source::Message {
            author: Author::Contact,
            content,
        };
        self.evaluated(thread, source)
    }

    /// Evaluates the tenant's rules; tags take effect at once.
    pub(crate) fn evaluated(&mut self, thread: &mut Thread, source: Source<'_>) -> Verdict {
        let config = thread.config.clone();
        let released_at = match &thread.conversation.state.phase {
            Phase::Bot { released_at, .. } => *released_at,
            _ => None,
        };
        let facts = Facts {
            channel: thread.kind,
            source,
            profile: &thread.contact.profile,
            progress: &thread.conversation.progress,
            hours: &config.settings.hours,
            released_at,
            now: self.now,
        };
        let found = config.rules.evaluate(&facts);
        if !found.tags.is_empty() {
            let told = domain::contact::ContactProfile {
                tags: found.tags.clone(),
                ..Default::default()
            };
            thread.learn(&told);
        }
        if let Some(rule) = &found.decided {
            self.after
                .matched
                .push((thread.conversation.tenant, rule.id));
        }
        found.verdict(HandoffId(self.store.ids().next()))
    }

    /// The contact wrote after a long silence: what waited for the platform's window goes now.
    async fn reopen(&mut self, thread: &Thread) -> Result<(), StoreError> {
        let silent = thread
            .contact
            .last_inbound_at
            .is_none_or(|at| self.now.since(at) > std::time::Duration::from_secs(23 * 3600));
        if silent {
            let text =
                "update outbox set next_at = $4 where tenant_id = $1 and conversation_id = $2
                and lane = $3 and state = 'pending' and code = 'window'";
            let conversation = &thread.conversation;
            let lane = domain::outbound::Lane::Channel;
            let values = [
                conversation.tenant.0.into(),
                conversation.id.0.into(),
                lane.number().into(),
                self.now.0.into(),
            ];
            if self.run(text, values).await?.rows_affected() > 0 {
                let (tenant, conversation) = (conversation.tenant, conversation.id);
                self.after.wake.insert(domain::outbound::Wakeup {
                    tenant,
                    conversation,
                    lane,
                });
            }
        }
        Ok(())
    }

    /// A tap on one of our own buttons says what the button stood for.
    async fn resolved(&self, thread: &Thread, content: &Content) -> Result<Content, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            content: String,
        }
        let Content::Choice {
            label,
            payload: Some(payload),
            offered_in,
        } = content
        else {
            return Ok(content.clone());
        };
        let Some((message, index)) = payload
            .strip_prefix(CHOICE_MARK)
            .and_then(|p| p.split_once(':'))
        else {
            return Ok(content.clone());
        };
        let (Ok(message), Ok(index)) = (uuid::Uuid::parse_str(message), index.parse::<usize>())
        else {
            return Ok(content.clone());
        };
        let text = "select content from messages where tenant_id = $1 and id = $2 and conversation_id = $3";
        let conversation = &thread.conversation;
        let values = [
            conversation.tenant.0.into(),
            message.into(),
            conversation.id.0.into(),
        ];
        let row: Option<Row> = self.one(text, values).await?;
        let offered = row.and_then(|r| serde_json::from_str::<Content>(&r.content).ok());
        let said = match offered {
            Some(Content::Options(list)) => {
                list.items
                    .into_iter()
                    .nth(index)
                    .map(|item| match item.action {
                        OptionAction::Reply { message } if !message.trim().is_empty() => message,
                        _ => item.label,
                    })
            }
            _ => None,
        };
        Ok(Content::Choice {
            label: said.unwrap_or_else(|| label.clone()),
            payload: None,
            offered_in: offered_in.clone(),
        })
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

    /// Hands the bot its share: the webhook as it came when it concerns one conversation and all
    /// of it passes, an excerpt signed anew otherwise.
    async fn forward(
        &mut self,
        hook: &ChannelWebhook,
        shares: HashMap<ConversationId, Share>,
        account: Vec<String>,
    ) -> Result<(), StoreError> {
        if hook.channel.settings.bot_url.is_none() {
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
            self.keep(hook, webhook, &raw, None).await?;
            let task = Task::ForwardWebhook {
                webhook,
                message: share.message,
            };
            self.enqueue(hook.channel.tenant, conversation, &task)
                .await?;
        }
        Ok(())
    }

    /// Keeps a webhook as it came.
    async fn keep(
        &self,
        hook: &ChannelWebhook,
        id: WebhookId,
        raw: &RawWebhook,
        unsupported: Option<&str>,
    ) -> Result<(), StoreError> {
        let headers = serde_json::to_string(&raw.headers)
            .map_err(|e| StoreError::corrupt("webhooks.headers", e))?;
        let text = "insert into webhooks (tenant_id, id, channel_id, headers, body, unsupported, received_at)
            values ($1, $2, $3, $4, $5, $6, $7)";
        let values = [
            hook.channel.tenant.0.into(),
            id.0.into(),
            hook.channel.id.0.into(),
            headers.into(),
            raw.body.to_vec().into(),
            unsupported.map(str::to_owned).into(),
            self.now.0.into(),
        ];
        self.run(text, values).await?;
        Ok(())
    }
}

/// Whether the platform's service window opens with it: what the contact does, not what the
/// platform reports about them.
fn opens_window(content: &Content) -> bool {
    !matches!(content, Content::Notice { .. } | Content::Delete { .. })
}
