//! What Let's Talk tells, on the wire.

use crate::support::OWN_AGENT;
use adapters::desk::decode;
use domain::ids::HandoffId;
use domain::ports::{Heard, RealtimeEvent};
use serde_json::json;

/// What Let's Talk tells, as its stream would.
pub struct Desk {
    pub conversation: i64,
}

impl Desk {
    pub fn message(&self, id: i64, timetoken: u64, changes: serde_json::Value) -> RealtimeEvent {
        self.stream("messages.create", timetoken, self.row(id, changes))
    }

    pub fn agent(&self, id: i64, timetoken: u64, words: &str) -> RealtimeEvent {
        self.message(id, timetoken, json!({ "content": words }))
    }

    /// The same message by a listing.
    pub fn listed(&self, id: i64, changes: serde_json::Value) -> RealtimeEvent {
        let row = self.row(id, changes);
        let read = decode::message(&row, OWN_AGENT, Some(self.conversation)).unwrap();
        RealtimeEvent {
            channel: format!("conversation-{}", self.conversation),
            timetoken: None,
            raw: row.to_string(),
            heard: Heard::Event(domain::desk::DeskEvent::Message(read)),
        }
    }

    pub fn joined(&self, agent: i64, timetoken: u64) -> RealtimeEvent {
        let data = json!({
            "conversation_id": self.conversation, "person_type": "User", "person_id": agent,
            "person": {"id": agent, "type": "User", "name": "Rosa"},
        });
        self.stream("conversation_memberships.create", timetoken, data)
    }

    pub fn closed(&self, timetoken: u64) -> RealtimeEvent {
        let data = json!({ "id": self.conversation, "status": "Closed" });
        self.stream("conversations.update", timetoken, data)
    }

    /// Our own opening message coming back.
    pub fn opening_echo(&self, handoff: HandoffId, id: i64, timetoken: u64) -> RealtimeEvent {
        let changes = json!({
            "person_type": "Client", "person_id": 9, "person": {"id": 9, "type": "Client"},
            "remote_id": handoff.opening_identity().to_string(),
        });
        self.message(id, timetoken, changes)
    }

    fn row(&self, id: i64, changes: serde_json::Value) -> serde_json::Value {
        let mut row = json!({
            "id": id, "content": "hola", "content_type": "text/plain", "type": "NORMAL",
            "conversation_id": self.conversation, "person_type": "User", "person_id": 77,
            "person": {"id": 77, "type": "User", "name": "Rosa"},
            "created_at": "2026-01-05T12:00:00.000+0000",
        });
        for (key, value) in changes.as_object().unwrap() {
            row[key] = value.clone();
        }
        row
    }

    fn stream(&self, namespace: &str, timetoken: u64, data: serde_json::Value) -> RealtimeEvent {
        let channel = format!("conversation-{}", self.conversation);
        let body = json!({ "namespace": namespace, "data": data });
        let heard = decode::event(&body, &channel, OWN_AGENT).unwrap();
        let entry = json!({ "c": channel, "p": {"t": timetoken.to_string()}, "d": body });
        RealtimeEvent {
            channel,
            timetoken: Some(timetoken),
            raw: entry.to_string(),
            heard: Heard::Event(heard),
        }
    }
}
