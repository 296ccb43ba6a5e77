//! The seams: what the outside world must do for us, as traits.
//!
//! Storage has no trait of its own: both databases sit behind one ORM, and repositories are
//! reached only through a tenant (`adapters::store`).

mod account;
mod channel;
mod clock;
mod crew;
mod desk;
mod desk_events;
mod files;
mod mailer;
mod outward;
mod queue;
mod vault;
mod webhook;

pub use account::{AccountInfo, RenewedToken, ValidationError, WebhookSetup, WebhookStatus};
pub use channel::Channel;
pub use clock::{Clock, IdSource};
pub use crew::{Crew, CrewMember, Duty};
pub use desk::{ClientRequest, Desk, DeskClient, NewDeskConversation, PostedMessage};
pub use desk_events::{
    Batch, Cursor, DesiredSubscription, DeskEvents, DeskHistory, DeskInbox, Heard, InboxError,
    OpenConversation, PollError, PollFailure, RealtimeEvent, Recorded, Subscription,
    SubscriptionHealth, SubscriptionState,
};
pub use files::{FileStore, FileStoreError, NewFile};
pub use mailer::{Mail, MailError, Mailer};
pub use outward::{MediaStream, Part, PartFile, Receipt, RenderContext, Signal};
pub use queue::{Delivery, Queue, QueueError};
pub use vault::{Vault, VaultError};
pub use webhook::{
    ChannelEvent, Decoded, EchoOrigin, Inbound, QUIET_NEWS, RawWebhook, VerifiedWebhook,
    VerifyError,
};
