//! Fills gaps: lists what was said in every open conversation.

use super::Parts;
use domain::desk::{DeskAccount, DeskEvent};
use domain::outbound::Failure;
use domain::ports::{Heard, InboxError, OpenConversation, RealtimeEvent};
use futures::stream::{self, StreamExt};
use std::collections::HashMap;

/// Listings of one tenant that are under way together.
const AT_ONCE: usize = 8;

/// What a listing round did.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    /// Messages that nobody had told us.
    pub(super) new: usize,
    /// Why it is not complete; none when every conversation was listed.
    pub(super) failed: Option<String>,
}

/// How far each open conversation was listed without holes. The stream may lose a message and
/// bring the next one, so the newest stored message alone does not say that nothing is missing
/// before it.
#[derive(Debug, Default)]
pub(super) struct Listed(HashMap<i64, i64>);

impl Listed {
    /// Where to list from: where the last listing ended; without one, from the newest stored
    /// message when it is urgent, otherwise from the beginning.
    fn from(&self, open: &OpenConversation, urgent: bool) -> Option<i64> {
        let listed = self.0.get(&open.desk_conversation).copied();
        listed.or(if urgent { open.last_desk_message } else { None })
    }

    fn up_to(&mut self, conversation: i64, events: &[RealtimeEvent]) {
        let newest = events.iter().filter_map(message_id).max();
        if let Some(newest) = newest {
            self.0.insert(conversation, newest);
        }
    }

    fn keep_only(&mut self, open: &[OpenConversation]) {
        self.0
            .retain(|id, _| open.iter().any(|o| o.desk_conversation == *id));
    }
}

fn message_id(event: &RealtimeEvent) -> Option<i64> {
    match &event.heard {
        Heard::Event(DeskEvent::Message(message)) => Some(message.id),
        _ => None,
    }
}

/// Lists all open conversations of the tenant and records what is new, through the same door as
/// realtime events. One conversation that is gone does not stop the others. `urgent`: a gap is
/// known and newer events wait, so what is already stored is not looked through again.
pub(super) async fn repair(
    parts: &Parts,
    account: &DeskAccount,
    fence: i64,
    listed: &mut Listed,
    urgent: bool,
) -> Result<Repaired, InboxError> {
    let tenant = account.tenant;
    let mut done = Repaired::default();
    let all_open = parts.inbox.open_conversations(tenant).await?;
    listed.keep_only(&all_open);
    let starts: Vec<_> = all_open
        .into_iter()
        .map(|open| (open, listed.from(&open, urgent)))
        .collect();
    let mut answers = stream::iter(starts)
        .map(|(open, from)| async move {
            let conversation = open.desk_conversation;
            let answer = parts.history.listed_after(account, conversation, from);
            (open, answer.await)
        })
        .buffered(AT_ONCE);
    while let Some((open, answer)) = answers.next().await {
        match answer {
            Ok(events) => {
                if !events.is_empty() {
                    let recorded = parts.inbox.record(tenant, fence, &events, None).await?;
                    done.new += recorded.new;
                }
                listed.up_to(open.desk_conversation, &events);
            }
            Err(error) => {
                tracing::warn!(%tenant, handoff = %open.handoff, %error, "conversation not listed");
                done.failed = Some(format!("al listar mensajes: {error}"));
                if !matches!(error.failure, Failure::Payload) {
                    // The desk itself is down or refuses us: the others would only wait longer.
                    break;
                }
            }
        }
    }
    if done.new > 0 {
        metrics::counter!("relevo_gaps_repaired_total").increment(done.new as u64);
        tracing::info!(%tenant, messages = done.new, "gap repaired");
    }
    Ok(done)
}
