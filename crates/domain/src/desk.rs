//! The tenant's Let's Talk connection, and what comes from it.

use crate::handoff::AgentRef;
use crate::ids::{HandoffId, TenantId};
use crate::message::{Attachment, OptionList};
use crate::secret::Secret;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The tenant's Let's Talk connection (`lets-talk.md`, «What a tenant pastes»).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskAccount {
    /// Owner.
    pub tenant: TenantId,
    /// What is not secret.
    pub settings: DeskSettings,
    /// Keys, open, in memory only.
    pub credentials: DeskCredentials,
}

/// What is not secret in a desk connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskSettings {
    /// `https://api.letsta.lk` or the organization's own; without a trailing slash.
    pub base_url: String,
    /// Let's Talk's `organization_id`.
    pub organization_id: i64,
    /// Our own agent; its messages are never echoed to the contact.
    pub agent_user_id: i64,
    /// Default queue.
    #[serde(default)]
    pub inquiry_id: Option<i64>,
    /// Default group.
    #[serde(default)]
    pub group_id: Option<i64>,
    /// Further PubNub channels to subscribe to.
    #[serde(default)]
    pub extra_channels: Vec<String>,
    /// Further PubNub channel groups to subscribe to.
    #[serde(default)]
    pub extra_groups: Vec<String>,
}

/// What is secret in a desk connection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DeskCredentials {
    /// Creates clients.
    pub consumer_key: Secret,
    /// Creates clients.
    pub consumer_token: Secret,
    /// The agent's API key; also PubNub's `auth`.
    pub agent_key: Secret,
    /// PubNub.
    pub subscribe_key: Secret,
    /// PubNub; kept for the day it is needed, we publish nothing.
    #[serde(default)]
    pub publish_key: Secret,
}

impl DeskCredentials {
    /// The document that the vault seals. The only way from open to bytes.
    #[must_use]
    pub fn to_sealable(&self) -> serde_json::Value {
        serde_json::json!({
            "consumer_key": self.consumer_key.expose(),
            "consumer_token": self.consumer_token.expose(),
            "agent_key": self.agent_key.expose(),
            "subscribe_key": self.subscribe_key.expose(),
            "publish_key": self.publish_key.expose(),
        })
    }
}

/// A message as the desk holds it, from the realtime stream or from `GET /messages`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskMessage {
    /// Let's Talk's message id; grows with time.
    pub id: i64,
    /// Let's Talk's conversation id.
    pub conversation: i64,
    /// The GUID its author gave it; ours are derived from our ids.
    pub remote_id: Option<Uuid>,
    /// Who wrote it and what it is.
    pub body: DeskBody,
    /// Let's Talk's clock.
    pub created_at: Option<Timestamp>,
}

impl DeskMessage {
    /// The conversation that `handoff` opened, if this is its opening message coming back. It
    /// settles a request to open that may or may not have arrived: the desk lists no
    /// conversations, but tells of every message, and ours carries our identity.
    #[must_use]
    pub fn opened(&self, handoff: HandoffId) -> Option<i64> {
        (matches!(self.body, DeskBody::Client { .. })
            && self.remote_id == Some(handoff.opening_identity()))
        .then_some(self.conversation)
    }
}

/// Who wrote a desk message and what it is.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskBody {
    /// An agent wrote to the contact.
    Agent {
        /// Who.
        agent: AgentRef,
        /// What.
        content: DeskContent,
    },
    /// A note between agents, or our own agent's words: never leaves the desk.
    Internal,
    /// The client wrote: our own relayed message, or from Let's Talk's own widget.
    Client {
        /// What, if it can be read.
        content: Option<DeskContent>,
    },
    /// The conversation was closed.
    Closed,
    /// Any other system message (transfer, assignment): for the timeline only.
    System {
        /// Let's Talk's words.
        text: String,
    },
}

/// What an agent wrote.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskContent {
    /// Words.
    Text(String),
    /// A file. Without a known address the caller lists the messages and looks again.
    File(Attachment),
    /// Options to tap (`actionable/list`).
    Options(OptionList),
}

/// What the realtime stream tells.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskEvent {
    /// A message was created.
    Message(DeskMessage),
    /// A person joined the conversation as a member who answers.
    AgentJoined {
        /// Let's Talk's conversation id.
        conversation: i64,
        /// Who.
        agent: AgentRef,
    },
    /// The conversation was closed (`conversations.update`); follows the SYSTEM message.
    Closed {
        /// Let's Talk's conversation id.
        conversation: i64,
    },
    /// An agent is typing.
    Typing {
        /// Let's Talk's conversation id.
        conversation: i64,
    },
    /// Known noise or an unknown namespace: counted.
    Ignored {
        /// The namespace.
        namespace: String,
    },
}
