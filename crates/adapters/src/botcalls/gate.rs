//! The gate: whether the bot may say it now, and what became of it. Both go through ingest, in the
//! order of the conversation.

use crate::ingest::{
    BotDelivery, BotMessage, BotVerdict, Ingest, IngestError, Outcome, Submission,
};
use crate::telemetry::traces::{self, Hop, upstream};
use domain::channel::Channel;
use domain::contact::ContactAddress;
use domain::ids::{ConversationId, MessageId, TenantId};
use domain::message::Content;
use std::time::Duration;

/// Tries to record what became of a message, while ingest is busy.
const TRIES: u32 = 5;

/// A message that was let through.
#[derive(Clone, Copy)]
pub(super) struct Admitted {
    tenant: TenantId,
    conversation: ConversationId,
    message: Option<MessageId>,
}

impl Admitted {
    /// Our own id of what was let through, where no platform gives one.
    pub(super) fn identity(self) -> Option<String> {
        self.message.map(|m| m.delivery_identity(0).to_string())
    }
}

/// Asks whether the bot may say it. `None`: a human has control.
pub(super) async fn admit(
    ingest: &Ingest,
    line: &Channel,
    to: &ContactAddress,
    content: Option<Content>,
    already_said: bool,
) -> Result<Option<Admitted>, IngestError> {
    let said = BotMessage {
        tenant: line.tenant,
        channel: line.id,
        to: to.clone(),
        content,
        already_said,
    };
    let kind = line.kind.name();
    match ingest.submit(Submission::BotSays(said)).await? {
        Outcome::Bot(BotVerdict::Pass {
            message,
            conversation,
        }) => {
            metrics::counter!("relevo_bot_calls", "channel" => kind, "result" => "passed")
                .increment(1);
            Ok(Some(Admitted {
                tenant: line.tenant,
                conversation,
                message,
            }))
        }
        // Anything but a clear yes is a no.
        _ => {
            metrics::counter!("relevo_bot_calls", "channel" => kind, "result" => "muted")
                .increment(1);
            Ok(None)
        }
    }
}

/// Makes the platform's call for what was let through, and tells its message's trace of it.
pub(super) async fn made<T, E>(
    admitted: Option<Admitted>,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let traced = admitted.and_then(|admitted| {
        let trace = traces::of(admitted.message?)?;
        Some((admitted, trace, traces::now()?))
    });
    let (done, calls) = upstream::listen(traced.is_some(), call).await;
    if let Some((admitted, trace, began)) = traced {
        let hop = Hop::new("try bot", began, traces::now().unwrap_or(began))
            .of(admitted.tenant, admitted.conversation)
            .with("relevo.lane", "proxy");
        let hop = match &done {
            Ok(_) => hop,
            Err(_) => hop.failed("no answer"),
        };
        upstream::tell(trace, trace.hop(hop), calls);
    }
    done
}

/// Records what the platform made of it: its ids, or why not.
pub(super) async fn record(
    ingest: &Ingest,
    admitted: Admitted,
    result: Result<Vec<String>, String>,
) {
    let Some(message) = admitted.message else {
        return;
    };
    let mut wait = Duration::from_millis(50);
    for _ in 0..TRIES {
        let news = BotDelivery {
            tenant: admitted.tenant,
            conversation: admitted.conversation,
            message,
            result: result.clone(),
        };
        match ingest.submit(Submission::BotSaid(news)).await {
            Ok(_) => return,
            Err(IngestError::Store(error)) if !error.is_transient() => break,
            Err(_) => {
                tokio::time::sleep(wait).await;
                wait *= 3;
            }
        }
    }
    // The message itself is recorded; it stays «accepted» until the platform's own news.
    metrics::counter!("relevo_bot_results_lost").increment(1);
    tracing::error!(conversation = %admitted.conversation, %message, "what became of a bot message could not be recorded");
}
