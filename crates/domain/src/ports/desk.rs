//! The human-agent platform.

use crate::desk::{DeskAccount, DeskMessage};
use crate::message::{MediaSource, StoredFile};
use crate::outbound::SendError;
use crate::ports::MediaStream;
use crate::secret::Secret;
use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

/// A client as known at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskClient {
    /// Let's Talk's person id.
    pub id: i64,
    /// The client's API key: memorized, sealed.
    pub token: Secret,
}

/// Whom to create or get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRequest {
    /// Stable per contact and channel: the call is idempotent by it.
    pub email: String,
    /// The name that agents see.
    pub name: String,
}

/// A conversation to open.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDeskConversation {
    /// Title.
    pub issue: Option<String>,
    /// The transcript so far and the link to the whole history.
    pub content: String,
    /// Our identity of the opening message.
    pub remote_id: Uuid,
    /// Queue of agents.
    pub inquiry_id: Option<i64>,
    /// Free object.
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The desk took a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedMessage {
    /// Let's Talk's message id; zero if the answer did not carry it.
    pub id: i64,
}

/// Let's Talk. `key` is a client's token or the agent's key; the author is the key's owner.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Creates or gets a client.
    ///
    /// # Errors
    /// See [`SendError`]; `Unauthorized` means the consumer key or token is wrong.
    async fn client(
        &self,
        account: &DeskAccount,
        who: &ClientRequest,
    ) -> Result<DeskClient, SendError>;

    /// Opens a conversation; the answer is Let's Talk's conversation id.
    ///
    /// # Errors
    /// `Unauthorized` with a client's key: it may have been revoked; get a new one once.
    async fn open(
        &self,
        account: &DeskAccount,
        key: &Secret,
        new: &NewDeskConversation,
    ) -> Result<i64, SendError>;

    /// Posts words.
    ///
    /// # Errors
    /// As [`Desk::open`].
    async fn post_text(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        text: &str,
        remote_id: Uuid,
    ) -> Result<PostedMessage, SendError>;

    /// Posts a file; `mime` is one that Let's Talk accepts.
    ///
    /// # Errors
    /// As [`Desk::open`].
    async fn post_file(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        file: &StoredFile,
        mime: &str,
        bytes: Bytes,
        remote_id: Uuid,
    ) -> Result<PostedMessage, SendError>;

    /// Messages of a conversation, oldest first: those after message `after`, or the newest.
    ///
    /// # Errors
    /// As [`Desk::open`].
    async fn messages(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        after: Option<i64>,
        amount: u32,
    ) -> Result<Vec<DeskMessage>, SendError>;

    /// Closes a conversation with the agent's key.
    ///
    /// # Errors
    /// As [`Desk::open`].
    async fn close(&self, account: &DeskAccount, conversation: i64) -> Result<(), SendError>;

    /// Assigns a conversation to a group with the agent's key.
    ///
    /// # Errors
    /// As [`Desk::open`].
    async fn assign_group(
        &self,
        account: &DeskAccount,
        conversation: i64,
        group: i64,
    ) -> Result<(), SendError>;

    /// Replaces a conversation's metadata.
    ///
    /// # Errors
    /// As [`Desk::open`].
    async fn set_metadata(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        metadata: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), SendError>;

    /// Opens an agent's file.
    ///
    /// # Errors
    /// As [`Desk::open`].
    async fn open_media(
        &self,
        account: &DeskAccount,
        source: &MediaSource,
    ) -> Result<MediaStream, SendError>;
}
