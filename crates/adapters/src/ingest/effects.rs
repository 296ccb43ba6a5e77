//! One step of the machine, and its effects as rows.

use super::thread::{NewMessage, Thread};
use super::unit::Unit;
use super::write::Table;
use crate::store::StoreError;
use domain::channel::ChannelKind;
use domain::handoff::{BotEvent, Effect, Event, Fact, Ignored, Notice, step};
use domain::ids::{HandoffId, MessageId, WebhookId};
use domain::message::{Author, Content, DeliveryStatus};
use domain::metrics::Counted;
use domain::outbound::{StoredNote, Task};
use domain::variables;
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// What a step left for the caller to do.
#[derive(Debug, Default)]
pub(crate) struct Stepped {
    /// Contact messages that the bot gets; the caller knows the webhook they came in.
    pub(crate) forward: Vec<MessageId>,
    /// Bot messages that do not reach the contact.
    pub(crate) muted: Vec<MessageId>,
    /// Why nothing happened.
    pub(crate) note: Option<Ignored>,
}

impl Unit<'_> {
    /// Steps the machine of a conversation and writes the effects.
    pub(crate) async fn step(
        &mut self,
        thread: &mut Thread,
        event: &Event,
    ) -> Result<Stepped, StoreError> {
        let config = thread.config.clone();
        let before = thread.conversation.state.control();
        let open = config.settings.hours.is_open(self.now);
        let taken = step(
            &thread.conversation.state,
            event,
            &config.settings.policy.when(open),
            self.now,
        );
        if taken.next != thread.conversation.state {
            thread.conversation.state = taken.next;
            thread.touch();
        }
        if before != thread.conversation.state.control() {
            // Rules look only at what came after control last changed hands.
            thread.conversation.progress = thread.conversation.progress.released();
            thread.touch();
        }
        let mut stepped = Stepped {
            note: taken.note,
            ..Stepped::default()
        };
        for effect in taken.effects {
            self.carry_out(thread, effect, &mut stepped).await?;
        }
        Ok(stepped)
    }

    async fn carry_out(
        &mut self,
        thread: &mut Thread,
        effect: Effect,
        stepped: &mut Stepped,
    ) -> Result<(), StoreError> {
        match effect {
            Effect::ForwardToBot { message } => stepped.forward.push(message),
            Effect::MuteBotMessage { message } => {
                self.set_status(thread, message, DeliveryStatus::Muted, None)
                    .await?;
                stepped.muted.push(message);
            }
            Effect::OpenDesk { handoff } => self.task(thread, Task::OpenDesk { handoff })?,
            Effect::RelayToDesk { handoff, message } => {
                self.task(thread, Task::PostToDesk { handoff, message })?;
            }
            Effect::RelayToContact { message } => self.relay_out(thread, message).await?,
            Effect::Say(notice) => self.say(thread, notice).await?,
            Effect::TellDesk { handoff, note } => {
                let note = StoredNote::from(&note);
                self.task(thread, Task::NoteToDesk { handoff, note })?;
            }
            Effect::CloseDesk { handoff } => {
                let task = Task::CloseDesk {
                    handoff,
                    duplicate: None,
                };
                self.task(thread, task)?;
            }
            Effect::BotEvent(event) => self.tell_bot(thread, event).await?,
            Effect::SyntheticToBot { text } => self.task(thread, Task::SyntheticToBot { text })?,
            Effect::ReturnBacklog { handoff, heard } => {
                self.return_backlog(thread, handoff, heard).await?;
            }
            Effect::SetTimer { kind, epoch, due } => {
                let text = "insert into timers (tenant_id, conversation_id, kind, epoch, due_at)
                    values ($1, $2, $3, $4, $5)
                    on conflict (tenant_id, conversation_id, kind)
                    do update set epoch = excluded.epoch, due_at = excluded.due_at";
                let conversation = &thread.conversation;
                let values = [
                    conversation.tenant.0.into(),
                    conversation.id.0.into(),
                    kind.name().into(),
                    i64::from(epoch).into(),
                    due.0.into(),
                ];
                self.run(text, values).await?;
            }
            Effect::ClearTimers => {
                let text = "delete from timers where tenant_id = $1 and conversation_id = $2";
                let conversation = &thread.conversation;
                self.run(
                    text,
                    [conversation.tenant.0.into(), conversation.id.0.into()],
                )
                .await?;
            }
            Effect::Record(fact) => self.record(thread, fact).await?,
        }
        Ok(())
    }

    pub(crate) fn task(&mut self, thread: &Thread, task: Task) -> Result<(), StoreError> {
        self.enqueue(thread.conversation.tenant, thread.conversation.id, &task)
    }

    /// Towards the contact. On a line that the bot keeps, its signed webhook is the only way, and
    /// an agent's message has its event already.
    async fn relay_out(&mut self, thread: &Thread, message: MessageId) -> Result<(), StoreError> {
        if thread.kind == ChannelKind::Api {
            return Ok(());
        }
        self.send(thread, message).await
    }

    /// Sends through the platform. The identity is known before the first try, so that the
    /// platform's news finds a row whatever happens to us meanwhile.
    async fn send(&mut self, thread: &Thread, message: MessageId) -> Result<(), StoreError> {
        let conversation = &thread.conversation;
        let row = vec![
            conversation.tenant.0.into(),
            message.0.into(),
            0_i64.into(),
            conversation.channel.0.into(),
            conversation.id.0.into(),
            message.delivery_identity(0).into(),
            DeliveryStatus::Accepted.name().into(),
            self.now.0.into(),
        ];
        self.later(Table::Deliveries, row);
        self.task(thread, Task::SendToContact { message })
    }

    async fn say(&mut self, thread: &mut Thread, notice: Notice) -> Result<(), StoreError> {
        let words = variables::fill(&notice.text, &thread.values());
        if words.trim().is_empty() {
            return Ok(()); // it was nothing but a variable without a value
        }
        let content = match notice.rating {
            Some(scale) => Content::Options(scale.options(words)),
            None => Content::text(words),
        };
        let mut new = NewMessage::of(Author::System, content, self.now);
        new.handoff = thread.conversation.state.episode().map(|e| e.handoff);
        let Some(message) = self.append(thread, new).await? else {
            return Ok(());
        };
        if thread.kind == ChannelKind::Api {
            let Some(handoff) = self.latest_handoff(thread).await? else {
                return Ok(());
            };
            let event = "message.system".to_owned();
            let task = Task::BotEvent {
                event,
                handoff,
                message: Some(message),
                reason: None,
            };
            return self.task(thread, task);
        }
        self.send(thread, message).await
    }

    async fn tell_bot(&mut self, thread: &Thread, event: BotEvent) -> Result<(), StoreError> {
        if thread.config.settings.events_url.is_none() {
            return Ok(());
        }
        let (event, handoff, message, reason) = match event {
            BotEvent::Requested { handoff } => ("handoff.requested", handoff, None, None),
            BotEvent::Accepted { handoff } => ("handoff.accepted", handoff, None, None),
            BotEvent::Ended { handoff, reason } => ("handoff.ended", handoff, None, Some(reason)),
            BotEvent::AgentMessage { handoff, message } => {
                ("message.agent", handoff, Some(message), None)
            }
        };
        let task = Task::BotEvent {
            event: event.to_owned(),
            handoff,
            message,
            reason,
        };
        self.task(thread, task)
    }

    /// What the contact said to a desk that never took over goes to the bot after all, in order,
    /// unless the bot has `heard` it then.
    async fn return_backlog(
        &mut self,
        thread: &mut Thread,
        handoff: HandoffId,
        heard: bool,
    ) -> Result<(), StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i64,
            task: String,
        }
        let text = "select id, task from outbox where tenant_id = $1 and conversation_id = $2 and lane = $3
            and state in ('pending', 'dead') and message_id is not null order by id";
        let conversation = &thread.conversation;
        let lane = domain::outbound::Lane::Desk.number();
        let values = [
            conversation.tenant.0.into(),
            conversation.id.0.into(),
            lane.into(),
        ];
        let rows: Vec<Row> = self.all(text, values).await?;
        for row in rows {
            let task = serde_json::from_str(&row.task)
                .map_err(|e| StoreError::corrupt("outbox.task", e))?;
            // What an earlier handoff could not post is no business of the bot's any more.
            let message = match task {
                Task::PostToDesk {
                    handoff: of,
                    message,
                } if of == handoff => message,
                _ => continue,
            };
            // A worker marks what the desk has taken without holding the conversation.
            let text = "update outbox set state = 'discarded', ended_at = $2, error = $3
                where id = $1 and state in ('pending', 'dead')";
            let why = format!("handoff {handoff} failed; handed to the bot");
            let values = [row.id.into(), self.now.0.into(), why.into()];
            let discarded = self.run(text, values).await?.rows_affected() > 0;
            if heard || !discarded {
                continue;
            }
            // The webhook was kept under the message's own id when the message came in.
            let webhook = WebhookId(message.0);
            let message = Some(message);
            self.task(thread, Task::ForwardWebhook { webhook, message })?;
        }
        Ok(())
    }

    async fn latest_handoff(&self, thread: &Thread) -> Result<Option<HandoffId>, StoreError> {
        if let Some(episode) = thread.conversation.state.episode() {
            return Ok(Some(episode.handoff));
        }
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
        }
        let text = "select id from handoffs where tenant_id = $1 and conversation_id = $2
            order by requested_at desc limit 1";
        let conversation = &thread.conversation;
        let row: Option<Row> = self
            .one(
                text,
                [conversation.tenant.0.into(), conversation.id.0.into()],
            )
            .await?;
        Ok(row.map(|r| HandoffId(r.id)))
    }

    async fn record(&mut self, thread: &mut Thread, fact: Fact) -> Result<(), StoreError> {
        let tenant = thread.conversation.tenant.0;
        let now = self.now.0;
        match fact {
            Fact::Requested(episode) => {
                let options = serde_json::to_string(&episode.options)
                    .map_err(|e| StoreError::corrupt("handoffs.options", e))?;
                let started_day = self.first_of_conversation(thread).await?;
                if let Some(day) = started_day {
                    let conversation = &thread.conversation;
                    let (tenant, channel) = (conversation.tenant, conversation.channel);
                    self.count(Counted::handed_off(tenant, day, channel, episode.rule));
                }
                let local = self.local(thread);
                let text = "insert into handoffs (tenant_id, id, conversation_id, channel_id, contact_id, reason,
                        rule_id, options, requested_at, requested_seq, day, hour, changed_at, started_day,
                        previous_ended_at)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                        (select max(ended_at) from handoffs where tenant_id = $1 and conversation_id = $3))";
                let values = [
                    tenant.into(),
                    episode.handoff.0.into(),
                    thread.conversation.id.0.into(),
                    thread.conversation.channel.0.into(),
                    thread.contact.id.0.into(),
                    episode.reason.name().into(),
                    episode.rule.map(|r| r.0).into(),
                    options.into(),
                    episode.requested_at.0.into(),
                    thread.conversation.last_seq.into(),
                    i64::from(local.day.0).into(),
                    i64::from(local.hour).into(),
                    now.into(),
                    started_day.map(|d| i64::from(d.0)).into(),
                ];
                self.run(text, values).await?;
            }
            Fact::Opened {
                handoff,
                desk_conversation,
            } => {
                // Ids of another organization, after the desk was connected anew, may repeat: an
                // ended handoff gives way, or this one's result could never be stored.
                self.after.shelf.forget_desk();
                let text = "update handoffs set desk_conversation = null
                    where tenant_id = $1 and desk_conversation = $3 and id <> $2 and ended_at is not null";
                let key = [tenant.into(), handoff.0.into(), desk_conversation.into()];
                self.run(text, key).await?;
                let text = "update handoffs set opened_at = coalesce(opened_at, $3), desk_conversation = $4
                    where tenant_id = $1 and id = $2";
                let values = [
                    tenant.into(),
                    handoff.0.into(),
                    now.into(),
                    desk_conversation.into(),
                ];
                self.run(text, values).await?;
            }
            Fact::Accepted { handoff, agent } => {
                let text = "update handoffs set accepted_at = $3, agent_id = $4, agent_name = $5, changed_at = $3
                    where tenant_id = $1 and id = $2 and accepted_at is null";
                let values = [
                    tenant.into(),
                    handoff.0.into(),
                    now.into(),
                    agent.id.into(),
                    agent.name.into(),
                ];
                self.run(text, values).await?;
            }
            Fact::FirstHuman { handoff, .. } => {
                let text = "update handoffs set first_human_at = $3, changed_at = $3
                    where tenant_id = $1 and id = $2 and first_human_at is null";
                self.run(text, [tenant.into(), handoff.0.into(), now.into()])
                    .await?;
            }
            Fact::Ended { handoff, reason } => {
                let exchange = self.exchange(thread, handoff).await?;
                let text = "update handoffs set ended_at = $3, end_reason = $4, changed_at = $3,
                        contact_messages = $5, agent_messages = $6, replies = $7, reply_ms = $8
                    where tenant_id = $1 and id = $2 and ended_at is null";
                let values = [
                    tenant.into(),
                    handoff.0.into(),
                    now.into(),
                    reason.name().into(),
                    exchange.contact_messages.into(),
                    exchange.agent_messages.into(),
                    exchange.replies.into(),
                    exchange.reply_ms.into(),
                ];
                self.run(text, values).await?;
            }
            Fact::Rated { handoff, stars } => {
                let text = "update handoffs set rating = $3, changed_at = $4 where tenant_id = $1 and id = $2";
                let values = [
                    tenant.into(),
                    handoff.0.into(),
                    i64::from(stars).into(),
                    now.into(),
                ];
                self.run(text, values).await?;
            }
        }
        Ok(())
    }
}
