//! «Typing…» towards the contact while an agent types. Of no consequence to messages: what cannot
//! be shown now is not shown later.

use crate::Context;
use domain::ids::{ConversationId, TenantId};
use domain::ports::Signal;
use moka::future::Cache;
use std::time::Duration;
use tokio::sync::mpsc;

/// Telegram shows it for five seconds, so it is shown anew after four.
const AGAIN: Duration = Duration::from_secs(4);
/// Signs that may wait; more are dropped.
const WAITING: usize = 256;

/// Starts showing; ends when the last sender is dropped.
#[must_use]
pub fn typing(context: Context) -> mpsc::Sender<(TenantId, ConversationId)> {
    let (sender, mut signs) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let shown: Cache<ConversationId, ()> = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(AGAIN)
            .build();
        while let Some((tenant, conversation)) = signs.recv().await {
            if shown.contains_key(&conversation) {
                continue;
            }
            shown.insert(conversation, ()).await;
            if let Some(why) = show(&context, tenant, conversation).await {
                tracing::debug!(%tenant, %conversation, why, "typing was not shown");
            }
        }
    });
    sender
}

async fn show(context: &Context, tenant: TenantId, conversation: ConversationId) -> Option<String> {
    let store = context.store.tenant(tenant);
    let row = match store.conversations().get(conversation).await {
        Ok(row) => row,
        Err(error) => return Some(error.to_string()),
    };
    let last_message = store.last_inbound(conversation).await.ok().flatten();
    let open = match context
        .accounts
        .channel(tenant, row.conversation.channel)
        .await
    {
        Ok(open) => open,
        Err(error) => return Some(error.to_string()),
    };
    let channel = context.channels.get(open.channel.kind)?;
    let signal = Signal::Typing { last_message };
    channel
        .signal(&open.credentials, &row.contact.address, &signal)
        .await
        .err()
        .map(|e| e.to_string())
}
