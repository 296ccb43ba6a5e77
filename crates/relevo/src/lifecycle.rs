//! Starting and stopping: the first signal asks everything to finish, the second ends at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancels `cancel` on the first SIGINT or SIGTERM and ends the process on the second.
///
/// # Errors
/// Signals cannot be listened to.
pub fn stop_on_signals(cancel: CancellationToken) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if first {
                tracing::info!("stopping: running work may finish; a second signal ends at once");
                cancel.cancel();
            } else {
                std::process::exit(130);
            }
        }
    });
    Ok(())
}
