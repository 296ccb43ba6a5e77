//! Trying the desk for real: the probe's steps as findings, and what only its settings tell.

use super::report::{Finding, Verdict};
use crate::extract::Member;
use crate::pages::error::PageError;
use crate::security::sealed;
use crate::state::{ProbeOutcome, ProbeStep};
use adapters::store::StoredDesk;
use domain::desk::DeskAccount;

/// Every check in order.
pub(super) async fn checks(
    member: &Member,
    stored: &StoredDesk,
) -> Result<Vec<Finding>, PageError> {
    let app = &member.visitor.app;
    let tenant = member.who.tenant;
    let account = DeskAccount {
        tenant,
        settings: stored.settings.clone(),
        credentials: sealed::open_desk(app, tenant, &stored.credentials).await?,
    };
    let probed = app.desk_probe.probe(&account).await;
    let mut found: Vec<Finding> = probed
        .into_iter()
        .map(|(step, outcome)| {
            // A platform's «reach» has other advice.
            let check = match step {
                ProbeStep::Reach => "desk_reach",
                other => other.name(),
            };
            let finding = |verdict| Finding::new(check, verdict);
            match outcome {
                ProbeOutcome::Ok => finding(Verdict::Ok),
                ProbeOutcome::Failed(why) => finding(Verdict::Failed).saying(why),
                ProbeOutcome::Skipped => finding(Verdict::Skipped),
            }
        })
        .collect();
    found.push(stream(stored));
    Ok(found)
}

/// Whether a worker listens now, as it last reported itself.
fn stream(stored: &StoredDesk) -> Finding {
    let text = |name: &str| stored.health.get(name).and_then(|v| v.as_str());
    let words = text("last_error").unwrap_or_default();
    match text("state") {
        Some("connected") => Finding::new("stream", Verdict::Ok),
        None | Some("" | "starting") => Finding::new("stream", Verdict::Warn).advising("starting"),
        Some("retrying") => Finding::new("stream", Verdict::Warn).saying(words),
        Some(_) => Finding::new("stream", Verdict::Failed).saying(words),
    }
}
