//! What is not documented, or differs between organizations: one switch for each.

use serde::{Deserialize, Serialize};

/// How events reach an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// On `conversation-<id>`, which stands in the channel group `user-<id>-channel`.
    #[default]
    Group,
    /// On the plain channel `user-<id>-channel`.
    Plain,
}

/// The field of a message that carries the URL of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each variant is the field's name")]
pub enum MediaField {
    #[serde(rename = "media.url")]
    MediaDotUrl,
    #[default]
    #[serde(rename = "media_url")]
    MediaUrl,
    #[serde(rename = "media")]
    Media,
    #[serde(rename = "attachment.url")]
    AttachmentDotUrl,
    #[serde(rename = "attachment_url")]
    AttachmentUrl,
    #[serde(rename = "attachment")]
    Attachment,
    #[serde(rename = "file.url")]
    FileDotUrl,
    #[serde(rename = "file_url")]
    FileUrl,
    #[serde(rename = "url")]
    Url,
    /// Only in `GET /messages`, as `media_url`.
    #[serde(rename = "list_only")]
    ListOnly,
    /// Nowhere.
    #[serde(rename = "none")]
    Nowhere,
}

/// How a message names its author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorStyle {
    /// `person_id`, `person_type` and `person {…}`.
    #[default]
    Both,
    /// `person_id` and `person_type`.
    Flat,
    /// `person {…}`.
    Nested,
}

/// Which fields a `messages.create` event has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventFields {
    /// All of the message.
    #[default]
    Full,
    /// Only those that were seen in real events: no `remote_id`, no dates.
    Seen,
}

/// Which events tell that a conversation was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseEvents {
    /// The system message, then `conversations.update`.
    #[default]
    Both,
    /// Only the system message.
    Message,
    /// Only `conversations.update`.
    Update,
}

/// What a client's message does in a closed conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedPolicy {
    /// It opens the conversation again.
    #[default]
    Reopen,
    /// It is refused with `422`.
    Refuse,
}

/// Which conversations reach an agent's subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// All of the organization.
    #[default]
    All,
    /// Those which the agent, or one of its groups, belongs to. The integration's agent sees all.
    Assigned,
}

/// Which rows `some_after` answers when more follow than were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SomeAfter {
    /// Those right after the location.
    #[default]
    Nearest,
    /// The newest ones.
    Newest,
}

/// The settings of one organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgSettings {
    /// How events reach agents.
    pub delivery: Delivery,
    /// Whether the agents' channel groups hold `organization-<id>` from the start; otherwise they
    /// are empty, and cannot be subscribed to, until the first conversation.
    pub seed_group: bool,
    /// Whether a second message with the same `remote_id` answers the first instead of a new row.
    pub dedupe_remote_id: bool,
    /// Where the URL of a file stands.
    pub media_field: MediaField,
    /// How messages name their author.
    pub author_style: AuthorStyle,
    /// Which fields events have.
    pub event_fields: EventFields,
    /// Whether `conversation_memberships.create` is told.
    pub membership_events: bool,
    /// How a close is told.
    pub close_events: CloseEvents,
    /// Whether an agent joins by answering.
    pub auto_join: bool,
    /// Whether every request is answered with `403`.
    pub blocked: bool,
    /// Narrower list of MIME types for attachments.
    pub allowed_mime: Option<Vec<String>>,
    /// Longest `content` in bytes; the platform's real limit is not documented.
    pub content_limit: usize,
    /// What a client's message does after the close.
    pub closed_conversation: ClosedPolicy,
    /// Which conversations reach an agent.
    pub agents_see: Sight,
    /// Which rows `some_after` takes.
    pub some_after: SomeAfter,
    /// Whether notifications and statuses are told besides what matters.
    pub noise: bool,
    /// The platform's first words in a conversation.
    pub greeting: Option<String>,
    /// Seconds east of UTC.
    pub timezone_offset: i32,
}

impl Default for OrgSettings {
    fn default() -> Self {
        Self {
            delivery: Delivery::default(),
            seed_group: true,
            dedupe_remote_id: false,
            media_field: MediaField::default(),
            author_style: AuthorStyle::default(),
            event_fields: EventFields::default(),
            membership_events: true,
            close_events: CloseEvents::default(),
            auto_join: true,
            blocked: false,
            allowed_mime: None,
            content_limit: 65_535,
            closed_conversation: ClosedPolicy::default(),
            agents_see: Sight::default(),
            some_after: SomeAfter::default(),
            noise: true,
            greeting: None,
            timezone_offset: -10_800,
        }
    }
}

/// Some settings to change: the same fields as [`OrgSettings`], each optional.
pub type SettingsPatch = serde_json::Map<String, serde_json::Value>;

impl OrgSettings {
    /// The settings with the patch's fields replaced.
    ///
    /// # Errors
    /// An unknown field or a value of the wrong type, in words.
    pub fn patched(&self, patch: &SettingsPatch) -> Result<Self, String> {
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        let fields = all.as_object_mut().ok_or("settings are not an object")?;
        for (name, value) in patch {
            if !fields.contains_key(name) {
                return Err(format!("unknown setting {name}"));
            }
            fields.insert(name.clone(), value.clone());
        }
        serde_json::from_value(all).map_err(|error| error.to_string())
    }
}
