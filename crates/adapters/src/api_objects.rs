//! The objects of the REST API and of the webhooks to the bot, as `docs/api.md` describes them:
//! one place for both, so that they cannot drift apart.

use crate::store::{ConversationRow, HandoffRow};
use domain::conversation::Control;
use domain::ids::FileId;
use domain::message::{Attachment, Author, Content, Message};
use domain::time::Timestamp;
use serde_json::{Value, json};

/// The objects; knows where files can be fetched.
#[derive(Clone, Debug)]
pub struct ApiObjects {
    /// `https://relevo.example/api/v1`, without a slash at the end.
    base: String,
}

fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| at.to_rfc3339().into())
}

impl ApiObjects {
    /// Under the public address of this Relevo.
    #[must_use]
    pub fn new(public_url: &str) -> Self {
        Self {
            base: format!("{}/api/v1", public_url.trim_end_matches('/')),
        }
    }

    /// A handoff.
    #[must_use]
    pub fn handoff(&self, row: &HandoffRow) -> Value {
        let status = match (row.ended_at, row.accepted_at, row.opened_at) {
            (Some(_), ..) => "ended",
            (None, Some(_), _) => "active",
            (None, None, Some(_)) => "waiting",
            (None, None, None) => "requested",
        };
        json!({
            "id": row.id, "conversation": row.conversation, "channel": row.channel,
            "contact": row.contact, "status": status, "reason": row.reason.name(), "rule": row.rule,
            "title": row.options.title, "summary": row.options.summary,
            "inquiry": row.options.inquiry, "group": row.options.group,
            "metadata": row.options.metadata,
            "agent": row.agent.as_ref().map(|a| json!({"id": a.id, "name": a.name})),
            "requested_at": row.requested_at.to_rfc3339(), "opened_at": instant(row.opened_at),
            "accepted_at": instant(row.accepted_at), "first_reply_at": instant(row.first_human_at),
            "ended_at": instant(row.ended_at), "end_reason": row.end_reason.map(|r| r.name()),
            "rating": row.rating,
        })
    }

    /// A conversation with its contact.
    #[must_use]
    pub fn conversation(&self, row: &ConversationRow) -> Value {
        let (conversation, contact) = (&row.conversation, &row.contact);
        let profile = &contact.profile;
        json!({
            "id": conversation.id,
            "channel": {
                "id": conversation.channel, "kind": row.channel_kind.name(), "name": row.channel_name,
            },
            "contact": {
                "id": contact.id, "key": contact.address.key, "alias": contact.address.alias,
                "name": profile.name, "username": profile.username, "phone": profile.phone,
                "email": profile.email, "language": profile.language,
                "attributes": profile.attributes, "tags": profile.tags,
                "last_inbound_at": instant(contact.last_inbound_at),
                "unreachable_since": instant(contact.unreachable_since),
            },
            "control": control(row), "phase": conversation.state.phase_name(),
            "handoff": conversation.state.episode().map(|e| e.handoff),
            "last_seq": conversation.last_seq,
            "last_message_at": conversation.last_message_at.to_rfc3339(),
        })
    }

    /// A message.
    #[must_use]
    pub fn message(&self, message: &Message) -> Value {
        let author = match message.author {
            Author::Contact => "contact",
            Author::Bot => "bot",
            Author::Agent => "agent",
            Author::System => "system",
        };
        json!({
            "id": message.id, "conversation": message.conversation, "seq": message.seq,
            "author": author, "author_name": message.author_name,
            "content": self.content(&message.content), "external_id": message.external_id,
            "reply_to": message.reply_to, "status": message.status.name(),
            "failure": message.failure, "handoff": message.handoff,
            "sent_at": message.sent_at.to_rfc3339(),
            "received_at": message.received_at.to_rfc3339(),
        })
    }

    /// The body of a webhook to the bot. `kind` is one of `handoff.requested`,
    /// `handoff.accepted`, `handoff.ended`, `message.agent`, `message.system`.
    #[must_use]
    pub fn event(
        &self,
        kind: &str,
        at: Timestamp,
        handoff: &HandoffRow,
        conversation: &ConversationRow,
        message: Option<&Message>,
    ) -> Value {
        let mut data = json!({
            "handoff": self.handoff(handoff), "conversation": self.conversation(conversation),
        });
        if let Some(message) = message {
            data["message"] = self.message(message);
        }
        json!({"type": kind, "timestamp": at.to_rfc3339(), "data": data})
    }

    /// Where a bot fetches a file, with its API key.
    #[must_use]
    pub fn file_url(&self, id: FileId) -> String {
        format!("{}/files/{id}", self.base)
    }

    /// Where the platform keeps a file is nobody's business: Telegram's address holds the token.
    fn content(&self, content: &Content) -> Value {
        match content {
            Content::Media {
                attachment,
                caption,
            } => json!({
                "kind": "media", "attachment": self.attachment(attachment), "caption": caption,
            }),
            other => serde_json::to_value(other).unwrap_or_default(),
        }
    }

    fn attachment(&self, file: &Attachment) -> Value {
        let stored = file.stored.as_ref();
        json!({
            "kind": file.kind.name(),
            "url": stored.map(|s| self.file_url(s.id)),
            "name": stored.map(|s| &s.name).or(file.name.as_ref()),
            "mime": stored.map(|s| &s.mime).or(file.mime.as_ref()),
            "size": stored.map(|s| s.size).or(file.size),
            "unavailable": file.unavailable,
        })
    }
}

/// `bot` or `human`.
#[must_use]
pub fn control(row: &ConversationRow) -> &'static str {
    match row.conversation.state.control() {
        Control::Bot => "bot",
        Control::Human => "human",
    }
}
