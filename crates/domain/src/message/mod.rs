//! What is said: one shape for every platform, so that a photo from Telegram and one from
//! WhatsApp are the same thing from the decoder on.

mod attachment;
mod content;
mod delivery;
mod options;
mod split;

pub use attachment::{Attachment, MediaKind, MediaSource, StoredFile};
pub use content::{ContactCard, Content, Location, Referral};
pub use delivery::{DeliveryStatus, DeliveryTarget, DeliveryUpdate};
pub use options::{OptionAction, OptionItem, OptionList};
pub use split::{TextUnit, clean_text, shorten, split_text, unique_labels};

use crate::ids::{ConversationId, HandoffId, MessageId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Author {
    /// The person who writes in.
    Contact,
    /// The tenant's program.
    Bot,
    /// A human at the desk.
    Agent,
    /// Relevo itself: notices, questions for a rating.
    System,
}

/// One message of a conversation, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Identity; the other side's `remote_id` derives from it.
    pub id: MessageId,
    /// The thread.
    pub conversation: ConversationId,
    /// Its number in the thread, from 1, without gaps: the order in which we accepted it.
    pub seq: i64,
    /// Who said it.
    pub author: Author,
    /// The name shown for the author, if known.
    pub author_name: Option<String>,
    /// What was said.
    pub content: Content,
    /// The platform's own id of an incoming message (wamid, mid, Telegram `message_id`,
    /// Let's Talk message id): the target of quotes, reactions and edits.
    pub external_id: Option<String>,
    /// The external id of the message that this one quotes.
    pub reply_to: Option<String>,
    /// How far it got towards the other side.
    pub status: DeliveryStatus,
    /// Why it failed, for people.
    pub failure: Option<String>,
    /// The handoff during which it was said.
    pub handoff: Option<HandoffId>,
    /// The platform's clock.
    pub sent_at: Timestamp,
    /// Our clock, when it was accepted.
    pub received_at: Timestamp,
}
