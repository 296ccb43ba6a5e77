//! An inbox in memory that keeps every promise of the port, and can be told to fail.

use async_trait::async_trait;
use domain::desk::{DeskAccount, DeskBody, DeskEvent};
use domain::ids::{HandoffId, TenantId};
use domain::ports::{
    Cursor, DesiredSubscription, DeskInbox, Heard, InboxError, OpenConversation, RealtimeEvent,
    Recorded, SubscriptionHealth,
};
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use uuid::Uuid;

#[derive(Default)]
pub struct Stored {
    pub desired: Vec<DesiredSubscription>,
    pub accounts: HashMap<TenantId, DeskAccount>,
    pub cursors: HashMap<TenantId, Cursor>,
    pub fences: HashMap<TenantId, i64>,
    pub events: Vec<RealtimeEvent>,
    pub health: HashMap<TenantId, SubscriptionHealth>,
    /// Conversations that count as open handoffs.
    pub open: Vec<i64>,
    pub repeated: usize,
    /// So many next writes panic or fail.
    pub panics: usize,
    pub failures: usize,
    keys: HashSet<String>,
    messages: HashSet<i64>,
}

#[derive(Default)]
pub struct MemoryInbox(pub Mutex<Stored>);

impl MemoryInbox {
    pub fn lock(&self) -> std::sync::MutexGuard<'_, Stored> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What agents said in a conversation, in the order of recording.
    pub fn heard(&self, conversation: i64) -> Vec<i64> {
        self.lock()
            .events
            .iter()
            .filter_map(|e| match &e.heard {
                Heard::Event(DeskEvent::Message(m)) => {
                    let said = matches!(m.body, DeskBody::Agent { .. });
                    (said && m.conversation == conversation).then_some(m.id)
                }
                _ => None,
            })
            .collect()
    }

    pub fn health(&self, tenant: TenantId) -> SubscriptionHealth {
        self.lock().health.get(&tenant).cloned().unwrap_or_default()
    }
}

fn message_id(event: &RealtimeEvent) -> Option<i64> {
    match &event.heard {
        Heard::Event(DeskEvent::Message(m)) => Some(m.id),
        _ => None,
    }
}

#[async_trait]
impl DeskInbox for MemoryInbox {
    async fn desired(&self) -> Result<Vec<DesiredSubscription>, InboxError> {
        Ok(self.lock().desired.clone())
    }

    async fn account(&self, tenant: TenantId) -> Result<Option<DeskAccount>, InboxError> {
        Ok(self.lock().accounts.get(&tenant).cloned())
    }

    async fn cursor(&self, tenant: TenantId) -> Result<Option<Cursor>, InboxError> {
        Ok(self.lock().cursors.get(&tenant).copied())
    }

    async fn record(
        &self,
        tenant: TenantId,
        fence: i64,
        events: &[RealtimeEvent],
        cursor: Option<Cursor>,
    ) -> Result<Recorded, InboxError> {
        let mut stored = self.lock();
        let last = stored.fences.entry(tenant).or_default();
        if fence < *last {
            return Err(InboxError::Fenced);
        }
        *last = fence;
        if stored.panics > 0 && !events.is_empty() {
            stored.panics -= 1;
            panic!("told to");
        }
        if stored.failures > 0 {
            stored.failures -= 1;
            return Err(InboxError::Unavailable("told to".into()));
        }
        let mut done = Recorded::default();
        for event in events {
            let known = !stored.keys.insert(event.dedupe_key())
                | message_id(event).is_some_and(|id| !stored.messages.insert(id));
            if known {
                done.repeated += 1;
            } else {
                done.new += 1;
                stored.events.push(event.clone());
            }
        }
        stored.repeated += done.repeated;
        if let Some(cursor) = cursor {
            stored.cursors.insert(tenant, cursor);
        }
        Ok(done)
    }

    async fn report(
        &self,
        tenant: TenantId,
        health: &SubscriptionHealth,
    ) -> Result<(), InboxError> {
        self.lock().health.insert(tenant, health.clone());
        Ok(())
    }

    async fn open_conversations(
        &self,
        _tenant: TenantId,
    ) -> Result<Vec<OpenConversation>, InboxError> {
        let stored = self.lock();
        Ok(stored
            .open
            .iter()
            .map(|&conversation| OpenConversation {
                handoff: HandoffId(Uuid::nil()),
                desk_conversation: conversation,
                last_desk_message: stored
                    .events
                    .iter()
                    .filter_map(|e| match &e.heard {
                        Heard::Event(DeskEvent::Message(m)) => {
                            (m.conversation == conversation).then_some(m.id)
                        }
                        _ => None,
                    })
                    .max(),
            })
            .collect())
    }
}
