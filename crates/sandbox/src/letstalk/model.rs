//! What the platform keeps.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::media::File;
use super::settings::OrgSettings;

/// A company on the platform.
#[derive(Clone, Debug)]
pub(crate) struct Organization {
    pub id: i64,
    pub name: String,
    pub subdomain: String,
    pub consumer_key: String,
    pub consumer_token: String,
    pub subscribe_key: String,
    pub publish_key: String,
    pub settings: OrgSettings,
    /// In order of creation; the first is the one that the integration uses.
    pub agents: Vec<i64>,
    pub groups: Vec<Group>,
    pub inquiries: Vec<Inquiry>,
    pub clients_by_email: HashMap<String, i64>,
    pub conversations: Vec<i64>,
}

/// A group of agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether its agents join a conversation by themselves.
    pub auto_join: bool,
    /// The agents in it.
    pub agents: Vec<i64>,
}

/// A subject that a client may choose; it leads to a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inquiry {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The group that gets its conversations.
    pub group_id: Option<i64>,
}

/// Which of the platform's two kinds of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PersonKind {
    /// The end user.
    Client,
    /// An agent.
    User,
}

impl PersonKind {
    /// As it stands in `person_type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::User => "User",
        }
    }
}

/// A client or an agent.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its id; an agent's id is the `user-id` that a tenant pastes.
    pub id: i64,
    /// The organization's id.
    pub organization: i64,
    /// Client or agent.
    pub kind: PersonKind,
    /// The name that others see.
    pub name: String,
    /// The address; of clients it is the identity.
    pub email: String,
    /// The API key; `None` after it was revoked.
    pub key: Option<String>,
    /// When it was created: milliseconds since 1970.
    pub created_ms: u64,
}

/// Whether a conversation is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Somebody may answer.
    Open,
    /// An agent has closed it.
    Closed,
}

/// What a member of a conversation may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberRole {
    /// Answers.
    #[default]
    Member,
    /// Watches.
    Viewer,
}

/// An agent in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Id of the membership.
    pub id: i64,
    /// The agent.
    pub person: i64,
    /// What the agent may do.
    pub role: MemberRole,
}

/// A conversation with its messages.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Its id.
    pub id: i64,
    /// The organization's id.
    pub organization: i64,
    /// The client's id.
    pub client: i64,
    /// The title.
    pub issue: String,
    /// Open or closed.
    pub status: Status,
    /// When it was created: milliseconds since 1970.
    pub created_ms: u64,
    /// When it was last closed.
    pub closed_ms: Option<u64>,
    /// The subject the client chose.
    pub inquiry: Option<i64>,
    /// The groups it was assigned to, with the id of each assignment.
    pub groups: Vec<(i64, i64)>,
    /// The agents in it.
    pub members: Vec<Member>,
    /// Free JSON of the integration.
    pub metadata: Value,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// The newest message that an agent has looked at.
    pub read_up_to: i64,
}

/// Spoken by a person, or written by the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MessageKind {
    /// Spoken by a person.
    Normal,
    /// Written by the platform.
    System,
}

impl MessageKind {
    /// As it stands in `type` and `mtype`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::System => "SYSTEM",
        }
    }
}

/// What a message says.
#[derive(Clone, Debug)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// A file.
    File(Arc<File>),
    /// A list of links and quick replies.
    Actions(Value),
}

/// One message of a conversation.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id, growing over the whole platform.
    pub id: i64,
    /// The conversation's id.
    pub conversation: i64,
    /// The author; of system messages, whoever caused them.
    pub person: i64,
    /// Spoken or system.
    pub kind: MessageKind,
    /// What it says.
    pub content: Content,
    /// A note between agents.
    pub internal: bool,
    /// The caller's GUID.
    pub remote_id: Option<String>,
    /// When it was stored: milliseconds since 1970.
    pub created_ms: u64,
}
