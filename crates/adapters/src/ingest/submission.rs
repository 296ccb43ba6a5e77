//! What can be submitted and what comes back.

use super::{
    BotDelivery, BotMessage, BotVerdict, ChannelWebhook, Command, CommandOutcome, DeskBatch,
    DeskOutcome, TryOutcome, WebhookOutcome,
};
use crate::store::DueTimer;

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
    Tried(Box<TryOutcome>),
    /// A member or the API wants something.
    Command(Command),
    /// A timer rang.
    Timer(DueTimer),
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
    /// Of everything else.
    Done,
}
