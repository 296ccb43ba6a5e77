//! What the contact wrote was read: told once an agent has answered, and once for each of the
//! contact's words. Nothing depends on it, so nothing waits for it.

use super::dispatch::Shared;
use domain::contact::ContactAddress;
use domain::ids::{ConversationId, TenantId};
use domain::ports::{Channel, Signal};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Conversations that are remembered; past this many it begins anew, and some are told twice.
const MOST: usize = 20_000;

/// Whose words were marked as read, by when they were written.
#[derive(Default)]
pub(super) struct Marked(Mutex<HashMap<ConversationId, Timestamp>>);

impl Marked {
    /// Whether words of this time are marked for the first time.
    fn first(&self, conversation: ConversationId, written: Timestamp) -> bool {
        let mut marked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if marked.len() >= MOST {
            marked.clear();
        }
        marked.insert(conversation, written) != Some(written)
    }
}

/// A conversation in which an agent answered.
pub(super) struct Answered {
    pub(super) tenant: TenantId,
    pub(super) conversation: ConversationId,
    pub(super) channel: Arc<dyn Channel>,
    pub(super) credentials: Arc<domain::channel::ChannelCredentials>,
    pub(super) to: ContactAddress,
    /// When the contact wrote last.
    pub(super) last_inbound_at: Timestamp,
}

/// Marks the contact's last words as read, beside all other work.
pub(super) fn mark(shared: &Arc<Shared>, answered: Answered) {
    if !shared
        .marked
        .first(answered.conversation, answered.last_inbound_at)
    {
        return;
    }
    let store = shared.context.store.tenant(answered.tenant);
    shared.tracker.spawn(async move {
        let last = store.last_inbound(answered.conversation).await;
        let Ok(Some(message)) = last else { return };
        let signal = Signal::Read { message };
        let Answered {
            channel,
            credentials,
            to,
            ..
        } = &answered;
        if let Err(error) = channel.signal(credentials, to, &signal).await {
            tracing::debug!(%error, "a read mark was not taken");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn each_word_of_a_contact_is_marked_once() {
        let marked = Marked::default();
        let [ana, luis] = [1, 2].map(|n| ConversationId(Uuid::from_u128(n)));
        let told = [(ana, 5), (ana, 5), (luis, 5), (ana, 9)]
            .map(|(who, at)| marked.first(who, Timestamp(at)));
        assert_eq!(told, [true, false, true, true]);
    }
}
