//! What can be submitted and what comes back.

use super::{
    BotDelivery, BotMessage, BotVerdict, ChannelWebhook, Command, CommandOutcome, DeskBatch,
    DeskOutcome, FetchedFile, TryOutcome, WebhookOutcome,
};
use crate::store::DueTimer;
use domain::ids::TenantId;
use std::sync::Arc;

/// Something that changes conversations.
pub enum Submission {
    /// A proven webhook of a channel.
    Webhook(ChannelWebhook),
    /// Events of a desk's realtime stream, or of gap repair.
    Desk(DeskBatch),
    /// The bot wants to say something through the send proxy.
    BotSays(BotMessage),
    /// What became of something the bot said.
    BotSaid(BotDelivery),
    /// The result of an outbound try.
    Tried(Arc<TryOutcome>),
    /// A file that was fetched outside of its own row.
    Fetched(FetchedFile),
    /// A member or the API wants something.
    Command(Command),
    /// A timer rang.
    Timer(DueTimer),
}

impl Submission {
    /// Whose conversations it changes.
    pub(super) fn tenant(&self) -> TenantId {
        use Command::{Confidence, Discard, End, HandOff, Learn, Note, Retry, Said, Tag};
        match self {
            Self::Webhook(hook) => hook.channel.tenant,
            Self::Desk(batch) => batch.tenant,
            Self::BotSays(said) => said.tenant,
            Self::BotSaid(news) => news.tenant,
            Self::Tried(tried) => tried.claim.wakeup.tenant,
            Self::Timer(due) => due.tenant,
            Self::Fetched(fetched) => fetched.tenant,
            Self::Command(
                HandOff { tenant, .. }
                | End { tenant, .. }
                | Retry { tenant, .. }
                | Discard { tenant, .. }
                | Said { tenant, .. }
                | Learn { tenant, .. }
                | Confidence { tenant, .. }
                | Tag { tenant, .. },
            ) => *tenant,
            Self::Command(Note(note)) => note.tenant,
        }
    }

    /// Whether somebody outside asks, who can be told to come back later. The rest is our own work,
    /// of which there is never more than there are hands: it waits instead.
    pub(super) fn is_asked(&self) -> bool {
        match self {
            Self::Webhook(_) | Self::BotSays(_) | Self::Command(_) => true,
            Self::Desk(_)
            | Self::BotSaid(_)
            | Self::Tried(_)
            | Self::Fetched(_)
            | Self::Timer(_) => false,
        }
    }
}

/// What came of it, after the commit.
#[derive(Debug)]
pub enum Outcome {
    /// Of a webhook.
    Webhook(WebhookOutcome),
    /// Of realtime events.
    Desk(DeskOutcome),
    /// Of something the bot wants to say.
    Bot(BotVerdict),
    /// Of a command.
    Command(CommandOutcome),
    /// Of an outbound try whose claim was lost meanwhile: only what the other side took is kept.
    TooLate,
    /// Of everything else.
    Done,
}
