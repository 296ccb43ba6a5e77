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
use adapters::store::{Errand, StoreError, WAITS_FOR_CONNECTION};
use domain::outbound::{Claim, Failure, SendError, StoredNote, Task, ThrottleScope};
use domain::time::Timestamp;
use std::sync::Arc;
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
    /// Whether the other side was asked at all; otherwise the outcome says nothing of its connection.
    pub(super) asked: bool,
    /// It waits for this connection, and is woken when that is back.
    pub(super) parked: Option<Connection>,
}

impl Attempt {
    pub(super) fn done(stored: Stored) -> Self {
        Self::ended(Ok(stored))
    }

    /// Done without asking anybody.
    pub(super) fn nothing_to_do() -> Self {
        Self {
            asked: false,
            ..Self::done(Stored::default())
        }
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
            asked: true,
            parked: None,
        }
    }
}

impl From<Result<Stored, SendError>> for Attempt {
    fn from(outcome: Result<Stored, SendError>) -> Self {
        Self::ended(outcome)
    }
}

/// Carries out a claimed row, past the breaker of its connection. `errand`: what it begins with, where
/// the claim brought it along.
pub(super) async fn execute(
    shared: &Arc<Shared>,
    claim: &Claim,
    errand: Option<Errand>,
) -> Attempt {
    let context = &shared.context;
    let Begun { connection, errand } = match begin(shared, claim, errand).await {
        Ok(begun) => begun,
        Err(error) => return Attempt::failed(error),
    };
    let pass = match connection {
        None => Pass::Usual,
        Some(connection) => match shared.breakers.enter(connection, context.clock.now()) {
            Ok(pass) => pass,
            Err(until) => {
                let mut attempt = waiting_for(connection, claim, until);
                attempt.give_up_after = patience(shared, claim, errand.as_ref()).await;
                return attempt;
            }
        },
    };
    let attempt = match &claim.task {
        Task::SendToContact { .. } => match errand {
            Some(errand) => contact::send(shared, claim, errand).await,
            None => Attempt::failed(from_store(&StoreError::NotFound)),
        },
        Task::OpenDesk { handoff } => desk::open(context, claim, *handoff).await,
        Task::PostToDesk { handoff, .. } => desk::post(context, claim, *handoff, errand).await,
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
        Task::ForwardWebhook { webhook, .. } => {
            bot::forward(context, claim, errand, *webhook).await
        }
        Task::SyntheticToBot { text } => bot::synthetic(context, claim, errand, text).await,
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

fn waiting_for(connection: Connection, claim: &Claim, until: Timestamp) -> Attempt {
    let throttled = Failure::Throttled {
        scope: ThrottleScope::Connection,
        retry_after: Some(Duration::ZERO),
    };
    let error = SendError::clear(throttled, "waiting for the connection to come back");
    let mut attempt = Attempt::failed(error.with_code(WAITS_FOR_CONNECTION));
    attempt.asked = false;
    attempt.not_before = Some(until);
    attempt.progress = claim.progress.clone();
    attempt.parked = Some(connection);
    attempt
}

/// How long the company lets such a row wait, where it says so: also one that is never tried is for
/// somebody else then.
async fn patience(shared: &Shared, claim: &Claim, errand: Option<&Errand>) -> Option<Duration> {
    let tenant = shared.context.store.tenant(claim.wakeup.tenant);
    match (&claim.task, errand) {
        (Task::ForwardWebhook { .. }, Some(errand)) => Some(bot::patience(&errand.company)),
        // Without the company it is asked again the next time.
        (Task::OpenDesk { .. }, _) => tenant.tenant().await.ok().map(|it| desk::patience(&it)),
        _ => None,
    }
}

/// What the outcome says of the connection as a whole.
fn judge(shared: &Arc<Shared>, entered: (Connection, Pass), attempt: &Attempt, now: Timestamp) {
    let (connection, _) = entered;
    if !attempt.asked {
        return;
    }
    let until = match attempt.outcome.as_ref().err().map(|error| &error.failure) {
        Some(Failure::NotAsked) => return,
        Some(Failure::Transient { retry_after }) => retry_after.map(|pause| now.after(pause)),
        Some(Failure::Throttled {
            scope: ThrottleScope::Connection,
            retry_after,
        }) => Some(now.after(retry_after.unwrap_or(Duration::from_secs(5)))),
        Some(Failure::Unauthorized | Failure::Policy) => Some(now.after(Duration::from_secs(30))),
        None
        | Some(
            Failure::Throttled {
                scope: ThrottleScope::Contact,
                ..
            }
            | Failure::Recipient
            | Failure::Window
            | Failure::Payload
            | Failure::Held,
        ) => return shared.unpark(shared.breakers.up(connection)),
    };
    shared.breakers.down(entered, now, until);
}

/// What must be known before a row may go: through what it goes, and what tells it.
struct Begun {
    connection: Option<Connection>,
    errand: Option<Errand>,
}

async fn begin(shared: &Shared, claim: &Claim, errand: Option<Errand>) -> Result<Begun, SendError> {
    let tenant = claim.wakeup.tenant;
    let connection = match claim.task {
        Task::SendToContact { .. } | Task::ForwardWebhook { .. } | Task::SyntheticToBot { .. } => {
            return through_the_line(shared, claim, errand).await;
        }
        Task::OpenDesk { .. }
        | Task::PostToDesk { .. }
        | Task::NoteToDesk { .. }
        | Task::AssignGroup { .. }
        | Task::CloseDesk { .. } => Some(Connection::Desk(tenant)),
        Task::BotEvent { .. } => Some(Connection::Events(tenant)),
        Task::FetchMedia { .. } | Task::LearnName {} => None,
    };
    Ok(Begun { connection, errand })
}

/// The conversation says which line it is.
async fn through_the_line(
    shared: &Shared,
    claim: &Claim,
    errand: Option<Errand>,
) -> Result<Begun, SendError> {
    let id = claim.wakeup.conversation;
    let tenant = shared.context.store.tenant(claim.wakeup.tenant);
    let message = match claim.task {
        Task::SendToContact { message } => Some(message),
        _ => None,
    };
    let asked = match errand {
        Some(errand) => Ok(errand),
        None => tenant.errand(id, None, message).await,
    };
    let errand = match asked {
        Ok(errand) => Some(errand),
        // News about an account waits in a lane under the channel's own id.
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(from_store(&error)),
    };
    let own = domain::ids::ChannelId(id.0);
    let channel = errand
        .as_ref()
        .map_or(own, |errand| errand.row.conversation.channel);
    let connection = match claim.task {
        Task::SendToContact { .. } => Connection::Channel(channel),
        _ => Connection::Bot(channel),
    };
    Ok(Begun {
        connection: Some(connection),
        errand,
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
