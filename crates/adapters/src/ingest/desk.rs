//! Events of the desk: from the realtime stream, from gap repair, replayed once their
//! conversation is known.

use super::stray::Doubtful;
use super::stream::{Parked, is_kept, place, reread, stands};
use super::thread::{NewMessage, Thread};
use super::unit::Unit;
use crate::store::StoreError;
use domain::desk::{DeskBody, DeskContent, DeskEvent, DeskMessage};
use domain::handoff::{AgentRef, Event, Ignored};
use domain::ids::{ConversationId, HandoffId, TenantId};
use domain::message::{Author, Content, DeliveryStatus};
use domain::metrics::Count;
use domain::ports::{Cursor, Heard, RealtimeEvent};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// Events of one tenant's desk, in order, and how far the stream was read with them.
pub struct DeskBatch {
    /// Owner.
    pub tenant: TenantId,
    /// The events.
    pub events: Vec<RealtimeEvent>,
    /// Moves with the events; stays for listed rows.
    pub cursor: Option<Cursor>,
    /// The epoch by which the worker holds the tenant: an older one than the last is refused as stale.
    pub fence: i64,
}

/// What became of them.
#[derive(Debug, Default)]
pub struct DeskOutcome {
    /// Seen for the first time.
    pub new: usize,
    /// Seen before.
    pub repeated: usize,
    /// Conversations in which an agent is typing.
    pub typing: Vec<ConversationId>,
}

#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) conversation_id: Uuid,
}

impl Unit<'_> {
    pub(crate) async fn desk(&mut self, batch: &DeskBatch) -> Result<DeskOutcome, StoreError> {
        let mut outcome = DeskOutcome::default();
        if let Some(cursor) = batch.cursor {
            self.advance_cursor(batch, cursor).await?;
        }
        let mut fresh = self.first_seen(batch).await?;
        for recorded in &batch.events {
            if is_kept(recorded) && !fresh.remove(&stands(recorded)) {
                outcome.repeated += 1;
                if batch.cursor.is_some() {
                    self.count_at_desk(batch.tenant, Count::Duplicates).await?;
                }
                continue;
            }
            outcome.new += 1;
            self.came = self.came.map(|came| came.published(recorded.timetoken));
            let result = match &recorded.heard {
                Heard::Poison { .. } => {
                    metrics::counter!("relevo_realtime_poison_total").increment(1);
                    "poison"
                }
                Heard::Event(event) => {
                    let origin = format!("{} {}", recorded.channel, place(recorded));
                    self.desk_event(batch.tenant, event, &origin, &mut outcome)
                        .await?
                }
            };
            let listed = batch.cursor.is_none();
            if let (true, "applied", Heard::Event(DeskEvent::Message(_))) =
                (listed, result, &recorded.heard)
            {
                self.count_at_desk(batch.tenant, Count::GapsRepaired)
                    .await?;
            }
            // It was written as applied.
            if result == "applied" {
                continue;
            }
            self.event_became(batch.tenant, stands(recorded), result);
        }
        Ok(outcome)
    }

    /// Applies one event; the answer is the outcome kept beside it. `origin` is PubNub's channel
    /// and the place on it.
    async fn desk_event(
        &mut self,
        tenant: TenantId,
        event: &DeskEvent,
        origin: &str,
        outcome: &mut DeskOutcome,
    ) -> Result<&'static str, StoreError> {
        let Some(desk_conversation) = conversation_of(event) else {
            return Ok("ignored");
        };
        let mut known = self.after.shelf.of_desk(tenant, desk_conversation);
        if known.is_none() {
            known = self.known(tenant, desk_conversation).await?;
        }
        if let (
            None,
            DeskEvent::Message(DeskMessage {
                body: DeskBody::Client { .. },
                remote_id: Some(id),
                ..
            }),
        ) = (&known, event)
        {
            self.settle_opening(tenant, desk_conversation, *id).await?;
            known = self.known(tenant, desk_conversation).await?;
        }
        let (known, duplicate) = match known {
            Some(known) => (known, false),
            None => match self.known_duplicate(tenant, desk_conversation).await? {
                Some(known) => (known, true),
                None => {
                    self.suspect(tenant, desk_conversation).await?;
                    return Ok("unmatched");
                }
            },
        };
        let handoff = HandoffId(known.id);
        let conversation = ConversationId(known.conversation_id);
        if matches!(event, DeskEvent::Typing { .. }) {
            outcome.typing.push(conversation);
            return Ok("applied");
        }
        let Some(mut thread) = self.thread(tenant, conversation).await? else {
            return Ok("unmatched");
        };
        let result = match event {
            DeskEvent::Message(message) if duplicate => {
                self.duplicate_message(&mut thread, handoff, message, origin)
                    .await?
            }
            _ if duplicate => "duplicate",
            DeskEvent::Message(message) => {
                self.desk_message(&mut thread, handoff, message, origin)
                    .await?
            }
            DeskEvent::AgentJoined { agent, .. } => {
                let ours = thread
                    .config
                    .desk
                    .as_ref()
                    .is_some_and(|d| d.agent_user_id == agent.id);
                if ours {
                    "ignored"
                } else {
                    let event = Event::AgentJoined {
                        handoff,
                        agent: agent.clone(),
                    };
                    outcome_of(self.step(&mut thread, &event).await?.note)
                }
            }
            DeskEvent::Closed { .. } => outcome_of(
                self.step(&mut thread, &Event::DeskClosed { handoff })
                    .await?
                    .note,
            ),
            DeskEvent::Typing { .. } | DeskEvent::Ignored { .. } => "ignored",
        };
        self.save(thread).await?;
        Ok(result)
    }

    async fn desk_message(
        &mut self,
        thread: &mut Thread,
        handoff: HandoffId,
        message: &DeskMessage,
        origin: &str,
    ) -> Result<&'static str, StoreError> {
        let whose = (thread.conversation.tenant, handoff);
        let reached = self.after.reached.entry(whose).or_insert(message.id);
        *reached = message.id.max(*reached);
        match &message.body {
            DeskBody::Internal | DeskBody::System { .. } => Ok("ignored"),
            DeskBody::Closed => Ok(outcome_of(
                self.step(thread, &Event::DeskClosed { handoff })
                    .await?
                    .note,
            )),
            DeskBody::Client { content } => {
                self.client_message(thread, message, content.as_ref(), origin)
                    .await
            }
            DeskBody::Agent { agent, content } => {
                let ours = thread
                    .config
                    .desk
                    .as_ref()
                    .is_some_and(|d| d.agent_user_id == agent.id);
                if ours {
                    return Ok("ignored");
                }
                self.agent_message(thread, handoff, message, (agent, content), origin)
                    .await
            }
        }
    }

    /// In the second conversation of a handoff people's words count, and nothing else.
    async fn duplicate_message(
        &mut self,
        thread: &mut Thread,
        handoff: HandoffId,
        message: &DeskMessage,
        origin: &str,
    ) -> Result<&'static str, StoreError> {
        let own = thread.config.desk.as_ref().map(|d| d.agent_user_id);
        match &message.body {
            DeskBody::Agent { agent, content } if Some(agent.id) != own => {
                self.agent_message(thread, handoff, message, (agent, content), origin)
                    .await
            }
            DeskBody::Client { content } => {
                self.client_message(thread, message, content.as_ref(), origin)
                    .await
            }
            _ => Ok("duplicate"),
        }
    }

    async fn agent_message(
        &mut self,
        thread: &mut Thread,
        handoff: HandoffId,
        message: &DeskMessage,
        (agent, content): (&AgentRef, &DeskContent),
        origin: &str,
    ) -> Result<&'static str, StoreError> {
        let content = content_from(content);
        let pending = content
            .attachment()
            .is_some_and(domain::message::Attachment::is_missing);
        let mut new = NewMessage::of(
            Author::Agent,
            content,
            message.created_at.unwrap_or(self.now),
        );
        new.author_name.clone_from(&agent.name);
        // By Let's Talk's own id: the same message comes over the stream and by gap repair.
        new.dedupe_key = Some(dedupe_key(message.id));
        new.external_id = Some(format!("lt:{}", message.id));
        new.handoff = Some(handoff);
        new.origin = Some(origin.to_owned());
        let Some(id) = self.append(thread, new).await? else {
            return Ok("repeated");
        };
        let event = Event::AgentMessage {
            handoff,
            message: id,
            agent: agent.clone(),
        };
        let stepped = self.step(thread, &event).await?;
        if let Some(note) = stepped.note {
            // Written after the handoff was over: kept, shown, said why, not delivered.
            self.set_status(thread, id, DeliveryStatus::Failed, Some("handoff_over"))
                .await?;
            return Ok(outcome_of(Some(note)));
        }
        if pending {
            self.task(thread, domain::outbound::Task::FetchMedia { message: id })?;
        }
        Ok("applied")
    }

    /// Our own message coming back, or the client's from Let's Talk's own widget: recorded,
    /// relayed to nobody, since the desk has it already.
    async fn client_message(
        &mut self,
        thread: &mut Thread,
        message: &DeskMessage,
        content: Option<&DeskContent>,
        origin: &str,
    ) -> Result<&'static str, StoreError> {
        // Our identities are name-based (version 5); a widget's are random.
        if message
            .remote_id
            .is_some_and(|id| id.get_version_num() == 5)
        {
            return Ok("own");
        }
        let content = content.map_or(
            Content::Unsupported {
                what: "desk".to_owned(),
            },
            content_from,
        );
        let mut new = NewMessage::of(
            Author::Contact,
            content,
            message.created_at.unwrap_or(self.now),
        );
        new.author_name = Some("Let's Talk".to_owned());
        new.dedupe_key = Some(dedupe_key(message.id));
        new.status = DeliveryStatus::Sent;
        new.origin = Some(origin.to_owned());
        let new = self.append(thread, new).await?;
        Ok(if new.is_some() { "applied" } else { "repeated" })
    }

    async fn known(
        &self,
        tenant: TenantId,
        desk_conversation: i64,
    ) -> Result<Option<Known>, StoreError> {
        let text = "select id, conversation_id from handoffs where tenant_id = $1 and desk_conversation = $2";
        self.one(text, [tenant.0.into(), desk_conversation.into()])
            .await
    }

    /// Our opening message came back before our request's answer did, or instead of it: the
    /// conversation is open, whatever became of the answer.
    async fn settle_opening(
        &mut self,
        tenant: TenantId,
        desk_conversation: i64,
        remote_id: Uuid,
    ) -> Result<(), StoreError> {
        let text = "select id, conversation_id from handoffs
            where tenant_id = $1 and desk_conversation is null and requested_at > $2";
        let recent = self.now.before(std::time::Duration::from_secs(86_400));
        let rows: Vec<Known> = self.all(text, [tenant.0.into(), recent.0.into()]).await?;
        let Some(row) = rows
            .into_iter()
            .find(|r| HandoffId(r.id).opening_identity() == remote_id)
        else {
            let doubtful = self.openings_in_doubt(tenant).await?;
            let ours = doubtful
                .into_iter()
                .find(|row| HandoffId(row.id).opening_identity() == remote_id);
            return match ours {
                Some(row) if row.desk_conversation != Some(desk_conversation) => {
                    self.duplicate(tenant, &row, desk_conversation).await
                }
                _ => Ok(()),
            };
        };
        let conversation = ConversationId(row.conversation_id);
        self.opened(tenant, conversation, HandoffId(row.id), desk_conversation)
            .await?;
        // The opening that waits for just this news has nothing left to wait for.
        let lane = domain::outbound::Lane::Desk;
        let text = "update outbox set next_at = NOW where tenant_id = $1 and conversation_id = $2
            and lane = $3 and state = 'pending' and ambiguous and claimed_until is null
            and next_at + 0 > NOW";
        let values = [tenant.0.into(), conversation.0.into(), lane.number().into()];
        if self.run(text, values).await?.rows_affected() > 0 {
            self.after.wake.insert(domain::outbound::Wakeup {
                tenant,
                conversation,
                lane,
            });
        }
        Ok(())
    }

    /// The desk opened the conversation of a handoff: tells the machine, and replays what agents
    /// did there before we knew whose it is.
    pub(crate) async fn opened(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        handoff: HandoffId,
        desk_conversation: i64,
    ) -> Result<(), StoreError> {
        let Some(mut thread) = self.thread(tenant, conversation).await? else {
            return Err(StoreError::NotFound);
        };
        let text = "select id, conversation_id, desk_conversation from handoffs
            where tenant_id = $1 and id = $2";
        let row: Option<Doubtful> = self.one(text, [tenant.0.into(), handoff.0.into()]).await?;
        if let Some(row) = row
            && row
                .desk_conversation
                .is_some_and(|id| id != desk_conversation)
        {
            // The stream told of another one meanwhile, which is in use.
            return self.duplicate(tenant, &row, desk_conversation).await;
        }
        let stepped = self
            .step(
                &mut thread,
                &Event::DeskOpened {
                    handoff,
                    desk_conversation,
                },
            )
            .await?;
        if let (None, Some(episode)) = (stepped.note, thread.conversation.state.episode()) {
            let wanted = episode.options.group;
            let usual = thread.config.desk.as_ref().and_then(|d| d.group_id);
            if let Some(group) = wanted.or(usual) {
                self.task(
                    &thread,
                    domain::outbound::Task::AssignGroup { handoff, group },
                )?;
            }
        }
        self.save(thread).await?;
        self.replay(tenant, conversation, desk_conversation).await
    }

    /// Applies what was heard of a conversation before it was known whose it is.
    pub(super) async fn replay(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        desk_conversation: i64,
    ) -> Result<(), StoreError> {
        let judged = self.writes_of_events();
        self.perform(judged).await?;
        let text = "select channel, timetoken, raw from realtime_events
            where tenant_id = $1 and desk_conversation = $2 and outcome = 'unmatched'
            order by received_at, length(timetoken), timetoken";
        let parked: Vec<Parked> = self
            .all(text, [tenant.0.into(), desk_conversation.into()])
            .await?;
        if parked.is_empty() {
            return Ok(());
        }
        let Some(thread) = self.thread(tenant, conversation).await? else {
            return Ok(());
        };
        let own = thread.config.desk.as_ref().map_or(0, |d| d.agent_user_id);
        for row in parked {
            let Some(event) = reread(&row, own) else {
                continue;
            };
            let mut ignored = DeskOutcome::default();
            let origin = format!("{} {}", row.channel, row.timetoken);
            let result = Box::pin(self.desk_event(tenant, &event, &origin, &mut ignored)).await?;
            self.event_became(tenant, (row.channel, row.timetoken), result);
        }
        Ok(())
    }
}

/// The key under which a message of the desk is stored.
pub(super) fn dedupe_key(message: i64) -> String {
    format!("lt:{message}")
}

pub(super) fn conversation_of(event: &DeskEvent) -> Option<i64> {
    match event {
        DeskEvent::Message(message) => Some(message.conversation),
        DeskEvent::AgentJoined { conversation, .. }
        | DeskEvent::Closed { conversation }
        | DeskEvent::Typing { conversation } => Some(*conversation),
        DeskEvent::Ignored { .. } => None,
    }
}

fn outcome_of(note: Option<Ignored>) -> &'static str {
    match note {
        None => "applied",
        Some(Ignored::Repeated) => "repeated",
        Some(_) => "late",
    }
}

fn content_from(content: &DeskContent) -> Content {
    match content {
        DeskContent::Text(text) => Content::text(text.clone()),
        DeskContent::File(attachment) => Content::Media {
            attachment: attachment.clone(),
            caption: None,
        },
        DeskContent::Options(list) => Content::Options(list.clone()),
    }
}
