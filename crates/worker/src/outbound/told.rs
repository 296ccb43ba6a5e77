//! What a try tells the trace of its message.

use super::dispatch::Shared;
use super::lane::lane_name;
use adapters::ingest::TryResult;
use adapters::telemetry::traces::{self, Hop, Kind, Trace, upstream};
use domain::outbound::{Claim, Failure, SendError, Task};
use domain::time::Timestamp;

/// The longest code of the other side that is told; theirs are numbers and short words.
const LONGEST_CODE: usize = 24;

/// The trace that a claimed row belongs to, while traces are kept. An opening belongs to the
/// message with which it was asked for; what carries no message has none.
pub(super) async fn trace_of(shared: &Shared, claim: &Claim) -> Option<Trace> {
    traces::now()?;
    let message = match &claim.task {
        Task::OpenDesk { handoff } => {
            let tenant = shared.context.store.tenant(claim.wakeup.tenant);
            // A trace with a gap is no reason to hold the work up.
            tenant.handoffs().asked_with(*handoff).await.ok().flatten()
        }
        task => task.message(),
    };
    traces::of(message?)
}

/// Tells how long the row had waited, the try, and the requests that it made.
pub(super) fn tell(
    trace: Trace,
    claim: &Claim,
    (began, ended): (Timestamp, Timestamp),
    calls: Vec<upstream::Call>,
    result: &TryResult,
) {
    let lane = lane_name(claim);
    let whose = |hop: Hop| {
        hop.of(claim.wakeup.tenant, claim.wakeup.conversation)
            .with("relevo.lane", lane)
            .with("relevo.row", claim.id.0)
    };
    // Only the first claim ends the wait; what comes later waits for another try.
    if claim.token == 1 {
        let wait = Hop::new(format!("wait {lane}"), claim.created_at, began);
        trace.hop(whose(wait.kind(Kind::Consumer)));
    }
    let attempt = i64::from(claim.attempts) + 1;
    let mut hop = Hop::new(format!("try {lane}"), began, ended).with("relevo.attempt", attempt);
    if let Some(status) = upstream::last_status(&calls) {
        hop = hop.with("http.response.status_code", i64::from(status));
    }
    hop = match result {
        TryResult::Done(_) => hop.with("relevo.result", "done"),
        TryResult::Later {
            at, counts, error, ..
        } => {
            let pause = i64::try_from(at.since(ended).as_millis()).unwrap_or(i64::MAX);
            let hop = hop
                .with("relevo.result", "later")
                .with("relevo.counts", *counts)
                .with("relevo.again_in_ms", pause);
            failed(hop, error)
        }
        TryResult::Dead { error, .. } => failed(hop.with("relevo.result", "dead"), error),
    };
    upstream::tell(trace, trace.hop(whose(hop)), calls);
}

/// Why, in our own words; the other side's words are not ours to pass on.
fn failed(hop: Hop, error: &SendError) -> Hop {
    let why = match error.failure {
        Failure::Transient { .. } => "transient",
        Failure::NotAsked => "not_asked",
        Failure::Throttled { .. } => "throttled",
        Failure::Unauthorized => "unauthorized",
        Failure::Recipient => "recipient",
        Failure::Window => "window",
        Failure::Payload => "payload",
        Failure::Policy => "policy",
        Failure::Held => "held",
    };
    let hop = hop
        .with("error.type", why)
        .with("relevo.ambiguous", error.ambiguous)
        .failed(why);
    let code = error.code.as_ref().filter(|code| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
        code.len() <= LONGEST_CODE && code.chars().all(plain)
    });
    match code {
        Some(code) => hop.with("relevo.code", code.clone()),
        None => hop,
    }
}
