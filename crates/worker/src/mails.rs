//! Hands posted mails to the mail server, again and again while it is away, until their link is
//! worth nothing any more.

use adapters::store::{DueMail, Store, StoreError, mail_context};
use domain::ports::{Clock, Mail, MailError, Mailer, Vault};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often is looked for mails: nobody waits for a link longer than this on our side.
const EVERY: Duration = Duration::from_secs(2);
/// How many are taken at once, and how many are sent side by side.
const BATCH: u64 = 20;
const SIDE_BY_SIDE: usize = 4;
/// A sender that died gives its mails back after this: longer than a whole batch takes.
const HOLD: Duration = Duration::from_secs(180);
/// The pause after the first failure; doubled after each, up to the longest.
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Sends what was posted.
#[derive(Clone)]
pub struct Mails {
    /// The database.
    pub store: Store,
    /// Opens what is read.
    pub vault: Arc<dyn Vault>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The mail server.
    pub mailer: Arc<dyn Mailer>,
}

impl Mails {
    /// Sends mails until cancelled. What is on its way then is finished.
    pub async fn run(self, cancel: CancellationToken) {
        loop {
            let busy = match self.store.mails_claim(BATCH, HOLD).await {
                Ok(due) => {
                    let full = u64::try_from(due.len()).unwrap_or(BATCH) >= BATCH;
                    futures::stream::iter(due)
                        .for_each_concurrent(SIDE_BY_SIDE, |mail| one(&self, mail))
                        .await;
                    full
                }
                Err(error) => {
                    tracing::warn!(%error, "mails could not be read");
                    false
                }
            };
            if busy && !cancel.is_cancelled() {
                continue;
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }
}

async fn one(mails: &Mails, due: DueMail) {
    let (tenant, mail) = (due.tenant, due.id);
    match settle(mails, &due).await {
        Ok(result) => {
            metrics::counter!("relevo_mails", "result" => result).increment(1);
            tracing::debug!(%tenant, %mail, result, "mail");
        }
        // The claim runs out, and the mail comes back with it.
        Err(error) => tracing::warn!(%tenant, %mail, %error, "mail not settled"),
    }
}

/// Tries one mail and notes how it went.
async fn settle(mails: &Mails, due: &DueMail) -> Result<&'static str, StoreError> {
    let store = &mails.store;
    let now = mails.clock.now();
    if now >= due.expires_at {
        tracing::warn!(mail = %due.id, "mail given up: its link has ended");
        store.mail_dead(due, "expired").await?;
        return Ok("expired");
    }
    let opened = mails
        .vault
        .open(mail_context(due.tenant, due.id), &due.body);
    let read = opened.await.map_err(|error| error.to_string());
    let read = read.and_then(|plain| {
        // The reader's words could quote the mail: they are not repeated.
        serde_json::from_slice::<Mail>(&plain).map_err(|_| "unreadable".to_owned())
    });
    let sent = match read {
        Ok(mail) => mails.mailer.send(due.id, &mail).await,
        Err(why) => Err(MailError::Transient(why)),
    };
    match sent {
        Ok(()) => store.mail_sent(due).await.map(|()| "sent"),
        Err(MailError::Refused(why)) => {
            tracing::warn!(mail = %due.id, why, "mail refused");
            store.mail_dead(due, &why).await.map(|()| "refused")
        }
        Err(MailError::Transient(why)) => {
            tracing::warn!(mail = %due.id, why, attempts = due.attempts, "mail waits");
            let at = now.after(pause(due.attempts));
            store.mail_again(due, at, &why).await.map(|()| "again")
        }
    }
}

/// The pause after the `attempts`-th failure.
fn pause(attempts: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1).min(16));
    FIRST.saturating_mul(doubled).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, pause};
    use std::time::Duration;

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour() {
        let seconds = |n| pause(n).as_secs();
        assert_eq!(
            (seconds(0), seconds(1), seconds(2), seconds(5)),
            (5, 5, 10, 80)
        );
        assert_eq!(pause(u32::MAX), LONGEST);
        assert!(pause(9) <= Duration::from_secs(900));
    }
}
