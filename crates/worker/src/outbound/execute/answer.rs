//! A bot may answer a webhook with a call to the platform in its body (Telegram): it passes the
//! same gate as the send proxy.

use crate::Context;
use adapters::accounts::OpenChannel;
use bytes::Bytes;
use domain::channel::ChannelKind;

/// Carries out the call in a bot's answer, if there is one. The webhook itself was taken, so
/// nothing that happens here brings it again; as with Telegram, the bot does not learn the result.
pub(super) async fn carry_out(
    context: &Context,
    open: &OpenChannel,
    content_type: &str,
    answer: Bytes,
) {
    if open.channel.kind != ChannelKind::Telegram || answer.is_empty() {
        return;
    }
    if context
        .bots
        .telegram_reply(open, content_type, answer)
        .await
        .is_some()
    {
        metrics::counter!("relevo_bot_answers").increment(1);
    }
}
