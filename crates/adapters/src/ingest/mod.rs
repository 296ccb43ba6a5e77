//! The one way into a conversation: dedupe ▸ append ▸ step ▸ save ▸ outbox, in one commit.
//!
//! Whoever submits is answered only after the commit. Concurrent submissions share one: see
//! [`writer`].

mod bot;
mod channel;
mod command;
mod config;
mod desk;
mod done;
mod echo;
mod effects;
mod figures;
mod files;
mod forward;
mod glance;
mod newcomers;
mod news;
mod note;
mod order;
mod outcome;
mod parts;
mod receipts;
mod record;
mod said;
mod shelf;
mod statuses;
mod stray;
mod stream;
mod submission;
mod thread;
mod timer;
mod told;
mod turns;
mod unit;
mod unlocked;
mod write;
mod writer;

pub use bot::{BotDelivery, BotMessage, BotVerdict};
pub use channel::{ChannelWebhook, Excerpt, Tap, WebhookOutcome};
pub use command::{Command, CommandOutcome};
pub use config::{Configs, TenantConfig};
pub use desk::{DeskBatch, DeskOutcome};
pub use files::FetchedFile;
pub use note::NewNote;
pub use outcome::{OpenedDesk, SentPart, Stored, TryOutcome, TryResult};
pub use stray::StrayFound;
pub use submission::{Outcome, Submission};
pub use writer::{Ingest, IngestError};

/// The prefix of the ids that our own buttons carry; the message and the index follow.
const CHOICE_MARK: &str = "rv1:";

/// The prefix of the ids of the buttons that `message` offers. 37 bytes, so that with the index
/// it stays under Telegram's 64.
#[must_use]
pub fn choice_prefix(message: domain::ids::MessageId) -> String {
    format!("{CHOICE_MARK}{}:", message.0.simple())
}

/// The topic on which changes of a conversation are told to open pages.
#[must_use]
pub fn conversation_topic(id: domain::ids::ConversationId) -> String {
    format!("conversation:{id}")
}

/// The topic on which any change of a tenant's conversations is told.
#[must_use]
pub fn tenant_topic(id: domain::ids::TenantId) -> String {
    format!("tenant:{id}")
}
