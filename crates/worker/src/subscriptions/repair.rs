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

/// Up to where each open conversation is known to be complete. The stream may lose a message and
/// bring the next one, so the newest stored message alone does not say that nothing is missing
/// before it.
#[derive(Debug, Default)]
pub(super) struct Listed(HashMap<i64, Bound>);

#[derive(Clone, Copy, Debug)]
struct Bound {
    /// The next listing starts after this message.
    message: i64,
    /// Everything before it was listed; otherwise it was only the newest when a gap was noticed.
    from_the_beginning: bool,
}

impl Listed {
    /// Where to list from. When it is urgent, from the message that was the newest when the gap
    /// was noticed, also on later tries, when newer ones have been let through; otherwise from
    /// the beginning once, and then from where the last listing ended.
    fn from(&mut self, open: &OpenConversation, urgent: bool) -> Option<i64> {
        let known = self.0.get(&open.desk_conversation).copied();
        match (known, open.last_desk_message) {
            (Some(bound), _) if urgent || bound.from_the_beginning => Some(bound.message),
            (None, Some(message)) if urgent => {
                let bound = Bound {
                    message,
                    from_the_beginning: false,
                };
                self.0.insert(open.desk_conversation, bound);
                Some(message)
            }
            _ => None,
        }
    }

    /// A listing from `from` is stored.
    fn done(&mut self, conversation: i64, from: Option<i64>, events: &[RealtimeEvent]) {
        let known = self.0.get(&conversation);
        let from_the_beginning = from.is_none() || known.is_some_and(|b| b.from_the_beginning);
        if let Some(message) = events.iter().filter_map(message_id).max().or(from) {
            let bound = Bound {
                message,
                from_the_beginning,
            };
            self.0.insert(conversation, bound);
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
/// realtime events. One conversation that is gone or cannot be listed does not stop the others: it
/// may be the first one each time. `urgent`: a gap is known and newer events wait, so what is
/// already stored is not looked through again.
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
        .map(|open| (listed.from(&open, urgent), open))
        .collect();
    let mut answers = stream::iter(starts)
        .map(|(from, open)| async move {
            let conversation = open.desk_conversation;
            let answer = parts.history.listed_after(account, conversation, from);
            (open, from, answer.await)
        })
        .buffered(AT_ONCE);
    let mut failures = 0;
    while let Some((open, from, answer)) = answers.next().await {
        match answer {
            Ok(events) => {
                failures = 0;
                if !events.is_empty() {
                    let recorded = parts.inbox.record(tenant, fence, &events, None).await?;
                    done.new += recorded.new;
                }
                listed.done(open.desk_conversation, from, &events);
            }
            Err(error) => {
                tracing::warn!(%tenant, handoff = %open.handoff, %error, "conversation not listed");
                done.failed = Some(format!("al listar mensajes: {error}"));
                failures += usize::from(!matches!(error.failure, Failure::Payload));
                if failures == AT_ONCE {
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
