//! The thread of one contact on one channel, and who may speak in it.

use crate::handoff::HandoffState;
use crate::ids::{ChannelId, ContactId, ConversationId, TenantId};
use crate::routing::Progress;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Who may speak to the contact now; the other is on standby.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Control {
    /// The tenant's own program.
    Bot,
    /// The people at the desk.
    Human,
}

/// The thread of one contact on one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Identity.
    pub id: ConversationId,
    /// Owner.
    pub tenant: TenantId,
    /// The line it runs on.
    pub channel: ChannelId,
    /// Who writes in.
    pub contact: ContactId,
    /// Where the machine stands.
    pub state: HandoffState,
    /// What the rules count since the last release.
    pub progress: Progress,
    /// The number of the last message; messages of a conversation are numbered from 1.
    pub last_seq: i64,
    /// When something was last said.
    pub last_message_at: Timestamp,
}
