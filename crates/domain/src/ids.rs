//! Typed identifiers. Each wraps a UUID, so that a contact's id cannot be handed
//! to a function that wants a conversation's.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// The company that signed up.
    TenantId;
    /// A person of the tenant who logs in.
    MemberId;
    /// One connected line: a WhatsApp number, a Telegram bot, a Page, an Instagram account.
    ChannelId;
    /// The person who writes in on one channel.
    ContactId;
    /// The thread of one contact on one channel.
    ConversationId;
    /// One message of a conversation.
    MessageId;
    /// One episode of human control.
    HandoffId;
    /// One routing rule.
    RuleId;
    /// One file in the file store.
    FileId;
    /// One key of the REST API.
    ApiKeyId;
    /// One browser in which a member is logged in.
    LoginId;
    /// One mail on its way.
    MailId;
    /// One invitation to join a tenant.
    InvitationId;
    /// One webhook body kept as it came.
    WebhookId;
}

/// The namespace under which delivery identities are derived; made once, never to change:
/// a changed namespace would send every message in flight a second time.
const DELIVERY_NAMESPACE: Uuid = Uuid::from_u128(0x8a1c_5f0e_3b7d_4e52_9c66_71d2_4f0b_a935);

impl MessageId {
    /// The identity under which part `part` (0-based) of this message travels to the other
    /// side: Let's Talk's `remote_id`, WhatsApp's `biz_opaque_callback_data`, Messenger's
    /// `metadata`. It is known before the first try and equal on every retry.
    #[must_use]
    pub fn delivery_identity(self, part: u16) -> Uuid {
        let mut name = [0_u8; 18];
        let (id, number) = name.split_at_mut(16);
        id.copy_from_slice(self.0.as_bytes());
        number.copy_from_slice(&part.to_be_bytes());
        Uuid::new_v5(&DELIVERY_NAMESPACE, &name)
    }
}

impl HandoffId {
    /// The `remote_id` of the message that opens the conversation in Let's Talk.
    #[must_use]
    pub fn opening_identity(self) -> Uuid {
        Uuid::new_v5(&DELIVERY_NAMESPACE, self.0.as_bytes())
    }
}

/// One row of outbound work. Numbers grow in the order in which rows of one conversation were
/// written, which a UUID made on several machines could not promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutboxId(pub i64);

impl fmt::Display for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OutboxId {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
