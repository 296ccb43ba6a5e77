//! Fills gaps: lists what was said in every open conversation since the last stored message.

use super::Parts;
use domain::desk::DeskAccount;
use domain::ports::InboxError;

/// What a listing round did.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    /// Messages that nobody had told us.
    pub(super) new: usize,
    /// Why it is not complete; none when every conversation was listed.
    pub(super) failed: Option<String>,
}

/// Lists all open conversations of the tenant and records what is new, through the same door as
/// realtime events. One conversation that cannot be listed does not stop the others.
pub(super) async fn repair(
    parts: &Parts,
    account: &DeskAccount,
    fence: i64,
) -> Result<Repaired, InboxError> {
    let tenant = account.tenant;
    let mut done = Repaired::default();
    for open in parts.inbox.open_conversations(tenant).await? {
        let listed = parts
            .history
            .listed_after(account, open.desk_conversation, open.last_desk_message)
            .await;
        match listed {
            Ok(events) if events.is_empty() => {}
            Ok(events) => {
                let recorded = parts.inbox.record(tenant, fence, &events, None).await?;
                done.new += recorded.new;
            }
            Err(error) => {
                tracing::warn!(%tenant, handoff = %open.handoff, %error, "conversation not listed");
                done.failed = Some(format!("al listar mensajes: {error}"));
            }
        }
    }
    if done.new > 0 {
        metrics::counter!("relevo_gaps_repaired_total").increment(done.new as u64);
        tracing::info!(%tenant, messages = done.new, "gap repaired");
    }
    Ok(done)
}
