//! What desks know: clients, their conversations, and what was said in them.

use super::{AGENT, agent_key};
use serde_json::{Value, json};
use std::collections::HashMap;

/// All desks' clients and conversations.
#[derive(Default)]
pub(super) struct Talks {
    /// By organization and address.
    clients: HashMap<(i64, String), i64>,
    organizations: HashMap<i64, i64>,
    talks: HashMap<i64, Talk>,
    /// Conversations in the order in which they were opened.
    order: Vec<i64>,
    /// Whose turn it is to be answered.
    turn: usize,
}

/// A conversation.
struct Talk {
    organization: i64,
    client: i64,
    rows: Vec<Row>,
}

/// Something that was said.
pub(super) struct Row {
    pub id: i64,
    pub text: String,
    /// Made by who sent it; an agent's has none.
    pub remote_id: Option<String>,
}

/// What is asked for of a conversation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows {
    /// Newer than an id, the oldest of them.
    After(i64),
    /// Older than an id, the newest of them.
    Before(i64),
    /// The newest.
    Newest,
}

impl Talks {
    /// The client with an address, made if need be: `POST /integration/auth/token` is idempotent.
    pub fn client(&mut self, organization: i64, email: String, fresh: i64) -> i64 {
        let id = *self.clients.entry((organization, email)).or_insert(fresh);
        self.organizations.insert(id, organization);
        id
    }

    /// The organization whose client has this key, and the client.
    pub fn client_of(&self, key: &str) -> Option<(i64, i64)> {
        let id = key.strip_prefix("client-")?.parse().ok()?;
        Some((*self.organizations.get(&id)?, id))
    }

    /// Opens a conversation.
    pub fn open(&mut self, id: i64, organization: i64, client: i64, first: Row) {
        let talk = Talk {
            organization,
            client,
            rows: vec![first],
        };
        self.talks.insert(id, talk);
        self.order.push(id);
    }

    /// The organization of a conversation, if whoever has this key may see it.
    pub fn seen_by(&self, key: &str, talk: i64) -> Option<i64> {
        let talk = self.talks.get(&talk)?;
        let own = self.client_of(key).is_some_and(|(_, id)| id == talk.client);
        (own || key == agent_key(talk.organization)).then_some(talk.organization)
    }

    /// Something was said.
    pub fn said(&mut self, talk: i64, row: Row) {
        if let Some(talk) = self.talks.get_mut(&talk) {
            talk.rows.push(row);
        }
    }

    /// The conversation's client.
    pub fn client_in(&self, talk: i64) -> Option<i64> {
        Some(self.talks.get(&talk)?.client)
    }

    /// The next conversation to be answered, each in its turn, and its organization.
    pub fn next(&mut self) -> Option<(i64, i64)> {
        let id = *self.order.get(self.turn % self.order.len().max(1))?;
        self.turn += 1;
        Some((id, self.talks.get(&id)?.organization))
    }

    /// How many conversations there are.
    pub fn count(&self) -> usize {
        self.talks.len()
    }

    /// Rows as `GET /messages` shows them, newest first.
    pub fn listed(&self, talk: i64, which: Rows, amount: usize) -> Vec<Value> {
        let Some(found) = self.talks.get(&talk) else {
            return Vec::new();
        };
        let rows = &found.rows;
        let split = |id: i64| rows.partition_point(|row| row.id < id);
        let (from, to) = match which {
            Rows::After(id) => {
                let from = rows.partition_point(|row| row.id <= id);
                (from, (from + amount).min(rows.len()))
            }
            Rows::Before(id) => (split(id).saturating_sub(amount), split(id)),
            Rows::Newest => (rows.len().saturating_sub(amount), rows.len()),
        };
        let shown = rows[from..to].iter().rev();
        shown.map(|row| event(talk, row, found.client)).collect()
    }
}

/// A message as listing and stream tell it (`lets-talk.md`, «Message object»).
pub(super) fn event(talk: i64, row: &Row, client: i64) -> Value {
    let (id, kind, name) = match row.remote_id {
        Some(_) => (client, "Client", "Ana Pérez"),
        None => (AGENT, "User", "Camila"),
    };
    json!({
        "id": row.id, "content": row.text, "content_type": "text/plain", "type": "NORMAL",
        "conversation_id": talk, "person_type": kind, "person_id": id, "internal": false,
        "remote_id": row.remote_id, "person": { "id": id, "name": name, "type": kind },
    })
}
