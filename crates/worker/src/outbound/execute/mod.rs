//! Carrying out one piece of outbound work.

mod answer;
mod bot;
mod contact;
mod desk;
mod events;
mod media;
mod practice;
mod profile;

use super::breaker::{Connection, Pass};
use super::dispatch::Shared;
use adapters::accounts::AccountError;
use adapters::ingest::{SentPart, Stored};
use adapters::store::StoreError;
use domain::outbound::{Claim, Failure, SendError, StoredNote, Task, ThrottleScope};
use domain::time::Timestamp;
use std::time::Duration;

/// How a try went.
pub(super) struct Attempt {
    pub(super) outcome: Result<Stored, SendError>,
    /// Parts that were taken before it failed.
    pub(super) parts: Vec<SentPart>,
    /// How far it got.
    pub(super) progress: serde_json::Value,
    /// What the agents are told.
    pub(super) note: Option<StoredNote>,
    /// Another patience than the lane's.
    pub(super) give_up_after: Option<Duration>,
    /// Not before this instant.
    pub(super) not_before: Option<Timestamp>,
    /// The platform tells afterwards what arrived, so an ambiguous failure waits for that.
    pub(super) wait_for_news: bool,
}

impl Attempt {
    pub(super) fn done(stored: Stored) -> Self {
        Self::ended(Ok(stored))
    }

    pub(super) fn failed(error: SendError) -> Self {
        Self::ended(Err(error))
    }

    fn ended(outcome: Result<Stored, SendError>) -> Self {
        Self {
            outcome,
            parts: Vec::new(),
            progress: serde_json::Value::Null,
            note: None,
            give_up_after: None,
            not_before: None,
            wait_for_news: false,
        }
    }
}

impl From<Result<Stored, SendError>> for Attempt {
    fn from(outcome: Result<Stored, SendError>) -> Self {
        Self::ended(outcome)
    }
}

/// Carries out a claimed row, past the breaker of its connection.
pub(super) async fn execute(shared: &Shared, claim: &Claim) -> Attempt {
    let context = &shared.context;
    let connection = match connection(shared, claim).await {
        Ok(connection) => connection,
        Err(error) => return Attempt::failed(error),
    };
    let entered = match connection {
        Some(connection) => shared.breakers.enter(connection, context.clock.now()),
        None => Ok(Pass::Usual),
    };
    let pass = match entered {
        Ok(pass) => pass,
        Err(until) => return waiting_for_connection(claim, until),
    };
    let attempt = match &claim.task {
        Task::SendToContact { message } => contact::send(shared, claim, *message).await,
        Task::OpenDesk { handoff } => desk::open(context, claim, *handoff).await,
        Task::PostToDesk { handoff, message } => {
            desk::post(context, claim, *handoff, *message).await
        }
        Task::NoteToDesk { handoff, note } => desk::note(context, claim, *handoff, note).await,
        Task::AssignGroup { handoff, group } => {
            desk::assign(context, claim, *handoff, *group).await
        }
        Task::CloseDesk {
            handoff,
            duplicate: None,
        } => desk::close(context, claim, *handoff).await,
        Task::CloseDesk {
            handoff,
            duplicate: Some(id),
        } => desk::close_duplicate(context, claim, *handoff, *id).await,
        Task::ForwardWebhook { webhook, .. } => bot::forward(context, claim, *webhook).await,
        Task::SyntheticToBot { text } => bot::synthetic(context, claim, text).await,
        Task::BotEvent {
            event,
            handoff,
            message,
            ..
        } => events::tell(context, claim, event, *handoff, *message).await,
        Task::FetchMedia { message } => media::fetch(context, claim, *message).await,
        Task::LearnName {} => profile::learn(context, claim).await,
    };
    if let Some(connection) = connection {
        judge(shared, (connection, pass), &attempt, context.clock.now());
    }
    attempt
}

fn waiting_for_connection(claim: &Claim, until: Timestamp) -> Attempt {
    let mut attempt = Attempt::failed(SendError::clear(
        Failure::Throttled {
            scope: ThrottleScope::Connection,
            retry_after: Some(Duration::ZERO),
        },
        "waiting for the connection to come back",
    ));
    attempt.not_before = Some(until);
    attempt.progress = claim.progress.clone();
    attempt
}

/// What the outcome says of the connection as a whole.
fn judge(shared: &Shared, entered: (Connection, Pass), attempt: &Attempt, now: Timestamp) {
    let (connection, _) = entered;
    let Err(error) = &attempt.outcome else {
        return shared.breakers.up(connection);
    };
    match &error.failure {
        Failure::NotAsked => {}
        Failure::Transient { retry_after } => {
            shared
                .breakers
                .down(entered, now, retry_after.map(|pause| now.after(pause)));
        }
        Failure::Throttled {
            scope: ThrottleScope::Connection,
            retry_after,
        } => {
            let pause = retry_after.unwrap_or(Duration::from_secs(5));
            shared.breakers.down(entered, now, Some(now.after(pause)));
        }
        Failure::Unauthorized | Failure::Policy => {
            shared
                .breakers
                .down(entered, now, Some(now.after(Duration::from_secs(30))));
        }
        Failure::Throttled {
            scope: ThrottleScope::Contact,
            ..
        }
        | Failure::Recipient
        | Failure::Window
        | Failure::Payload
        | Failure::Held => shared.breakers.up(connection),
    }
}

async fn connection(shared: &Shared, claim: &Claim) -> Result<Option<Connection>, SendError> {
    let tenant = claim.wakeup.tenant;
    Ok(match claim.task {
        Task::SendToContact { .. } | Task::ForwardWebhook { .. } | Task::SyntheticToBot { .. } => {
            let id = claim.wakeup.conversation;
            let found = shared
                .context
                .store
                .tenant(tenant)
                .conversations()
                .get(id)
                .await;
            let channel = match found {
                Ok(row) => row.conversation.channel,
                // News about an account waits in a lane under the channel's own id.
                Err(StoreError::NotFound) => domain::ids::ChannelId(id.0),
                Err(error) => return Err(from_store(&error)),
            };
            Some(match claim.task {
                Task::SendToContact { .. } => Connection::Channel(channel),
                _ => Connection::Bot(channel),
            })
        }
        Task::OpenDesk { .. }
        | Task::PostToDesk { .. }
        | Task::NoteToDesk { .. }
        | Task::AssignGroup { .. }
        | Task::CloseDesk { .. } => Some(Connection::Desk(tenant)),
        Task::BotEvent { .. } => Some(Connection::Events(tenant)),
        Task::FetchMedia { .. } | Task::LearnName {} => None,
    })
}

/// The database did not answer: nothing was sent.
pub(super) fn from_store(error: &StoreError) -> SendError {
    let failure = match error {
        StoreError::NotFound | StoreError::Corrupt { .. } => Failure::Payload,
        _ => Failure::NotAsked,
    };
    SendError::clear(failure, error.to_string())
}

/// The connection could not be opened: nothing was sent.
pub(super) fn from_account(error: &AccountError) -> SendError {
    let failure = match error {
        AccountError::Missing => Failure::Payload,
        AccountError::Sealed(_) => Failure::Unauthorized,
        AccountError::Unavailable(_) => Failure::NotAsked,
    };
    SendError::clear(failure, error.to_string())
}
