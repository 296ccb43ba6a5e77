//! Timers that ring.

use super::unit::Unit;
use crate::store::{DueTimer, StoreError};
use domain::handoff::Event;

impl Unit<'_> {
    pub(crate) async fn timer(&mut self, due: &DueTimer) -> Result<(), StoreError> {
        let Some(mut thread) = self.thread(due.tenant, due.conversation).await? else {
            return Ok(());
        };
        // Only the row we saw: a timer that was set anew meanwhile stays.
        let text = "delete from timers where tenant_id = $1 and conversation_id = $2 and kind = $3 and epoch = $4";
        let values = [
            due.tenant.0.into(),
            due.conversation.0.into(),
            due.kind.name().into(),
            i64::from(due.epoch).into(),
        ];
        if self.run(text, values).await?.rows_affected() == 0 {
            return Ok(());
        }
        self.step(
            &mut thread,
            &Event::Timer {
                kind: due.kind,
                epoch: due.epoch,
            },
        )
        .await?;
        self.save(thread).await
    }
}
