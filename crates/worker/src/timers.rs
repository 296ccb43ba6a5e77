//! Timers: due ones are found in the database and go through ingest, which makes sure that each
//! rings once however many workers look.

use crate::Context;
use adapters::ingest::{IngestError, Submission};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often due timers are looked for; they are minutes long.
const LOOK: Duration = Duration::from_secs(1);
/// Timers taken at once.
const MOST: u64 = 200;

/// Rings due timers until cancelled.
pub async fn timers(context: Context, cancel: CancellationToken) {
    loop {
        let rung = match context.store.due_timers(MOST).await {
            Ok(due) => ring(&context, due).await,
            Err(error) => {
                tracing::warn!(%error, "due timers could not be read");
                0
            }
        };
        // A full page means that more wait.
        if rung == MOST {
            continue;
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn ring(context: &Context, due: Vec<adapters::store::DueTimer>) -> u64 {
    let mut rung = 0;
    for timer in due {
        match context.ingest.submit(Submission::Timer(timer)).await {
            Ok(_) => rung += 1,
            Err(IngestError::Busy) => return 0,
            Err(error) => {
                tracing::warn!(tenant = %timer.tenant, conversation = %timer.conversation, %error, "a timer could not ring");
            }
        }
    }
    rung
}
