//! What became of an outbound try. The row is marked, what follows is written, and the machine
//! hears of it in one transaction; a claim that was lost meanwhile changes nothing, and leaves only
//! its receipts ([`receipts`](super::receipts)).

use super::stray::StrayFound;
use super::thread::Thread;
use super::unit::Unit;
use crate::store::StoreError;
use crate::store::ms;
use domain::conversation::Control;
use domain::handoff::Event;
use domain::ids::{HandoffId, MessageId};
use domain::message::{Author, DeliveryStatus, StoredFile};
use domain::outbound::{CONVERSATION_GONE, Claim, SendError, StoredNote, Task, Wakeup};
use domain::time::Timestamp;
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// What became of an outbound try.
pub struct TryOutcome {
    /// The claim it was made under.
    pub claim: Claim,
    /// How it ended.
    pub result: TryResult,
}

/// How a try ended.
pub enum TryResult {
    /// It is done.
    Done(Stored),
    /// Not now: again at this instant.
    Later {
        /// When.
        at: Timestamp,
        /// Whether it counts as a try.
        counts: bool,
        /// Why.
        error: SendError,
        /// How far it got.
        progress: serde_json::Value,
        /// Parts that were taken before it failed.
        parts: Vec<SentPart>,
        /// What the agents are told about it.
        note: Option<StoredNote>,
    },
    /// Never: given up with the reason.
    Dead {
        /// Why.
        error: SendError,
        /// Parts that were taken before it failed.
        parts: Vec<SentPart>,
    },
}

/// What is to be kept when a try succeeded.
#[derive(Default)]
pub struct Stored {
    /// Parts that the platform took.
    pub parts: Vec<SentPart>,
    /// The desk's conversation.
    pub opened: Option<OpenedDesk>,
    /// What an unknown conversation at the desk turned out to be.
    pub stray: Option<StrayFound>,
    /// The file that was fetched, or why there will never be one.
    pub file: Option<Result<StoredFile, String>>,
}

/// A part that the platform took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPart {
    /// Its number, from 0.
    pub part: u16,
    /// Our identity.
    pub identity: Uuid,
    /// The platform's.
    pub external_id: String,
}

/// The desk opened a conversation.
pub struct OpenedDesk {
    /// The handoff.
    pub handoff: HandoffId,
    /// Let's Talk's conversation id.
    pub desk_conversation: i64,
}

impl Unit<'_> {
    /// The result of a try; `false` when its claim was lost meanwhile.
    pub(crate) async fn tried(&mut self, tried: &TryOutcome) -> Result<bool, StoreError> {
        let claim = &tried.claim;
        let in_doubt = claim.ambiguous
            || matches!(&tried.result, TryResult::Later { error, .. } if error.ambiguous);
        if let (Task::OpenDesk { handoff }, true) = (&claim.task, in_doubt) {
            self.doubt_opening(claim.wakeup.tenant, *handoff).await?;
        }
        match &tried.result {
            TryResult::Done(stored) => {
                let set = "state = 'done', ended_at = $3";
                if !self.mark(claim, set, [self.now.0.into()]).await? {
                    return self.too_late(tried).await;
                }
                self.done(claim, stored).await?;
            }
            TryResult::Later {
                at,
                counts,
                error,
                progress,
                parts,
                note,
            } => {
                let at = &self.not_before(claim, *at).await?;
                // Once a try may have arrived, every later one must look first: a look that fails
                // clearly has found nothing out.
                let set = "attempts = attempts + $3, next_at = NOW + $4, ambiguous = (ambiguous or $5), progress = $6, error = $7,
                    code = $8, claimed_until = null,
                    tries = (case when length(tries) < 8000 then tries || $9 else tries end)";
                let values = [
                    i64::from(*counts).into(),
                    ms(at.since(self.now)).into(),
                    error.ambiguous.into(),
                    progress.to_string().into(),
                    error.detail.clone().into(),
                    error.code.clone().into(),
                    failed_try(self.now, error).into(),
                ];
                if !self.mark(claim, set, values).await? {
                    return self.too_late(tried).await;
                }
                self.after.wake_at.push((claim.wakeup, *at));
                self.parts(claim, parts).await?;
                if let Some(note) = note {
                    self.tell(claim, note.clone()).await?;
                }
            }
            TryResult::Dead { error, parts } => {
                let set =
                    "state = 'dead', ended_at = $3, attempts = attempts + 1, error = $4, code = $5,
                    ambiguous = (ambiguous or $6),
                    tries = (case when length(tries) < 8000 then tries || $7 else tries end)";
                let values = [
                    self.now.0.into(),
                    error.detail.clone().into(),
                    error.code.clone().into(),
                    error.ambiguous.into(),
                    failed_try(self.now, error).into(),
                ];
                if !self.mark(claim, set, values).await? {
                    return self.too_late(tried).await;
                }
                self.parts(claim, parts).await?;
                self.dead(claim, error).await?;
            }
        }
        Ok(true)
    }

    /// When a row is tried again. An opening whose news overtook the end of its try has nothing
    /// to wait for.
    async fn not_before(&self, claim: &Claim, at: Timestamp) -> Result<Timestamp, StoreError> {
        #[derive(FromQueryResult)]
        struct Opened {}
        let Task::OpenDesk { handoff } = &claim.task else {
            return Ok(at);
        };
        let text = "select id from handoffs
            where tenant_id = $1 and id = $2 and desk_conversation is not null";
        let open: Option<Opened> = self
            .one(text, [claim.wakeup.tenant.0.into(), handoff.0.into()])
            .await?;
        Ok(if open.is_some() { self.now } else { at })
    }

    /// Changes the claimed row; `false` when the claim was lost.
    async fn mark(
        &mut self,
        claim: &Claim,
        set: &str,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Result<bool, StoreError> {
        let text = format!(
            "update outbox set {set} where id = $1 and claim_token = $2 and state || '' = 'pending'"
        );
        let values = [claim.id.0.into(), claim.token.into()]
            .into_iter()
            .chain(values);
        Ok(self.run(&text, values).await?.rows_affected() > 0)
    }

    async fn done(&mut self, claim: &Claim, stored: &Stored) -> Result<(), StoreError> {
        self.parts(claim, &stored.parts).await?;
        let Wakeup {
            tenant,
            conversation,
            ..
        } = claim.wakeup;
        if let Some(opened) = &stored.opened {
            self.opened(
                tenant,
                conversation,
                opened.handoff,
                opened.desk_conversation,
            )
            .await?;
        }
        if let Some(found) = &stored.stray {
            self.stray_found(tenant, conversation, found).await?;
        }
        if let (Some(file), Some(message)) = (&stored.file, claim.task.message()) {
            let whose = (tenant, conversation);
            self.keep_file(whose, message, file).await?;
        }
        if let Task::PostToDesk { message, .. } = &claim.task {
            let status = DeliveryStatus::Sent;
            self.status_of(claim, *message, status, None).await?;
        }
        if let (Task::SendToContact { message }, true) = (&claim.task, claim.ambiguous) {
            self.doubtful(claim, *message).await?;
        }
        if let (Task::SendToContact { message }, true) = (&claim.task, stored.parts.is_empty()) {
            self.status_of(claim, *message, DeliveryStatus::Sent, None)
                .await?;
        }
        if let (
            Task::BotEvent {
                message: Some(message),
                event,
                ..
            },
            true,
        ) = (&claim.task, stored.parts.is_empty())
            && event.starts_with("message.")
        {
            self.sent_beside(claim, *message).await?;
        }
        Ok(())
    }

    /// An earlier try may have arrived, and Telegram cannot be asked: the message may be there
    /// twice, and the viewer says so.
    async fn doubtful(&mut self, claim: &Claim, message: MessageId) -> Result<(), StoreError> {
        let text = "update messages set doubtful = true where tenant_id = $1 and id = $2
            and channel_id in (select id from channels where tenant_id = $1 and kind = 'telegram')";
        self.run(text, [claim.wakeup.tenant.0.into(), message.0.into()])
            .await?;
        Ok(())
    }

    /// On a line that the bot keeps, the taken event is the delivery.
    async fn sent_beside(&mut self, claim: &Claim, message: MessageId) -> Result<(), StoreError> {
        let text = "update messages set status = 'sent' where tenant_id = $1 and id = $2 and status = 'accepted'
            and channel_id in (select id from channels where tenant_id = $1 and kind = 'api')";
        self.run(text, [claim.wakeup.tenant.0.into(), message.0.into()])
            .await?;
        self.after
            .changed
            .insert((claim.wakeup.tenant, claim.wakeup.conversation));
        Ok(())
    }

    async fn status_of(
        &mut self,
        claim: &Claim,
        message: MessageId,
        status: DeliveryStatus,
        failure: Option<&str>,
    ) -> Result<(), StoreError> {
        let text = "update messages set status = $3, failure = $4 where tenant_id = $1 and id = $2";
        let Wakeup {
            tenant,
            conversation,
            ..
        } = claim.wakeup;
        let values = [
            tenant.0.into(),
            message.0.into(),
            status.name().into(),
            failure.map(str::to_owned).into(),
        ];
        self.run(text, values).await?;
        self.after.changed.insert((tenant, conversation));
        Ok(())
    }

    /// A row was given up: the message says why, the agent is told, the machine hears.
    async fn dead(&mut self, claim: &Claim, error: &SendError) -> Result<(), StoreError> {
        let Wakeup {
            tenant,
            conversation,
            ..
        } = claim.wakeup;
        let Some(mut thread) = self.thread(tenant, conversation).await? else {
            return Ok(());
        };
        match &claim.task {
            Task::SendToContact { message } => {
                self.failed(&mut thread, *message, error).await?;
                self.tell_agent(&thread, *message, error).await?;
            }
            Task::PostToDesk { message, handoff } => {
                self.failed(&mut thread, *message, error).await?;
                // The contact must not go on talking to nobody.
                if error.code.as_deref() == Some(CONVERSATION_GONE) {
                    self.step(&mut thread, &Event::DeskGone { handoff: *handoff })
                        .await?;
                }
            }
            Task::OpenDesk { handoff } => {
                thread.failed += 1;
                thread.touch();
                self.step(&mut thread, &Event::DeskFailed { handoff: *handoff })
                    .await?;
            }
            Task::ForwardWebhook {
                message: Some(message),
                ..
            } => {
                let candidate = HandoffId(self.store.ids().next());
                let event = Event::BotUnavailable {
                    message: *message,
                    candidate,
                };
                self.step(&mut thread, &event).await?;
                self.failed(&mut thread, *message, error).await?;
            }
            Task::FetchMedia { message } => {
                let why = Err(error.detail.clone());
                self.keep_file((tenant, conversation), *message, &why)
                    .await?;
                thread.touch();
            }
            _ => {
                thread.failed += 1;
                thread.touch();
            }
        }
        self.save(thread).await
    }

    /// Tells the agents, if a human still has control.
    async fn tell(&mut self, claim: &Claim, note: StoredNote) -> Result<(), StoreError> {
        let Wakeup {
            tenant,
            conversation,
            ..
        } = claim.wakeup;
        let Some(thread) = self.thread(tenant, conversation).await? else {
            return Ok(());
        };
        let Some(episode) = thread.conversation.state.episode() else {
            return Ok(());
        };
        let handoff = episode.handoff;
        self.task(&thread, Task::NoteToDesk { handoff, note })
    }

    async fn failed(
        &mut self,
        thread: &mut Thread,
        message: MessageId,
        error: &SendError,
    ) -> Result<(), StoreError> {
        thread.failed += 1;
        thread.touch();
        let why = match &error.code {
            Some(code) => format!("{code}: {}", error.detail),
            None => error.detail.clone(),
        };
        self.set_status(thread, message, DeliveryStatus::Failed, Some(&why))
            .await
    }

    /// The agent whose words did not arrive is told in Let's Talk.
    async fn tell_agent(
        &mut self,
        thread: &Thread,
        message: MessageId,
        error: &SendError,
    ) -> Result<(), StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            author: String,
        }
        let text = "select author from messages where tenant_id = $1 and id = $2";
        let tenant = thread.conversation.tenant.0;
        let row: Option<Row> = self.one(text, [tenant.into(), message.0.into()]).await?;
        let by_agent = row.is_some_and(|r| r.author == crate::store::author_name(Author::Agent));
        if let (true, Control::Human, Some(episode)) = (
            by_agent,
            thread.conversation.state.control(),
            thread.conversation.state.episode(),
        ) {
            let note = StoredNote::NotDelivered {
                message,
                why: error.detail.clone(),
            };
            let handoff = episode.handoff;
            self.task(thread, Task::NoteToDesk { handoff, note })?;
        }
        Ok(())
    }
}

/// A try that failed as one line of the row's log.
fn failed_try(at: Timestamp, error: &SendError) -> String {
    let line = serde_json::json!({
        "at": at.0, "error": error.detail, "code": error.code, "ambiguous": error.ambiguous,
    });
    format!("{line}\n")
}
