//! Working off one lane: claim the oldest row, carry it out, hand the result to ingest, next.

use super::breaker::Connection;
use super::dispatch::Shared;
use super::execute::{Attempt, execute};
use super::retry::settle;
use super::told;
use adapters::faults::{Point, point};
use adapters::ingest::{IngestError, Submission, TryOutcome, TryResult};
use adapters::net::by_right;
use adapters::store::{ClaimError, Hold};
use adapters::telemetry::traces::upstream;
use domain::outbound::{Claim, Wakeup};
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A result is kept for so long while the database is away.
const PERSISTENCE: Duration = Duration::from_secs(600);

/// A lane's head, or why there is none, and the name by which it is claimed.
pub(super) type Claimed = (Result<Claim, ClaimError>, Option<String>);

/// Why a lane was put down.
pub(super) enum Left {
    /// Nothing waits in it.
    Empty,
    /// Its oldest row waits until then.
    Until(Timestamp),
}

/// Works off a lane until it is empty, waits for something, or a stop is asked for.
pub(super) async fn work_off(shared: &Arc<Shared>, wakeup: Wakeup) -> Left {
    let context = &shared.context;
    while !shared.cancel.is_cancelled() {
        let until = Instant::now() + shared.settings.hold;
        let (claim, by) = shared
            .claims
            .ask(wakeup, |lanes| claim_all(shared, lanes))
            .await;
        let right = shared.crew.right(by, until);
        let claim = match claim {
            Ok(claim) => claim,
            Err(ClaimError::Empty) => return Left::Empty,
            Err(ClaimError::NotBefore(at)) => return Left::Until(at),
            Err(ClaimError::Store(error)) => {
                shared.doubt.unwell(context.clock.now());
                tracing::warn!(tenant = %wakeup.tenant, conversation = %wakeup.conversation, %error, "a row could not be claimed");
                return Left::Until(context.clock.now().after(Duration::from_secs(2)));
            }
        };
        let (claim, result, parked) = by_right(right, carry_out(shared, claim)).await;
        point(Point::AfterCall);
        let later = match &result {
            TryResult::Later { at, .. } => Some(*at),
            _ => None,
        };
        if !hand_in(shared, TryOutcome { claim, result }).await {
            return Left::Until(context.clock.now().after(shared.settings.hold));
        }
        if let Some(at) = later {
            if let Some(connection) = parked
                && !shared.breakers.park(connection, wakeup)
            {
                // It came back while this was being put down.
                shared.unpark(vec![wakeup]);
            }
            return Left::Until(at);
        }
    }
    Left::Empty
}

/// Takes the heads of lanes that ask at the same time, in one commit; with the name by which each is
/// claimed.
async fn claim_all(shared: &Shared, lanes: Vec<Wakeup>) -> Vec<Claimed> {
    let hold = Hold {
        span: shared.settings.hold,
        by: shared.crew.claimant(),
    };
    let claims = shared.context.store.claim_all(&lanes, &hold).await;
    let claims = claims.into_iter();
    claims.map(|claim| (claim, hold.by.clone())).collect()
}

/// One try, bounded by the time for which the claim is held.
async fn carry_out(shared: &Arc<Shared>, claim: Claim) -> (Claim, TryResult, Option<Connection>) {
    let context = &shared.context;
    let started = context.clock.now();
    let limit = shared.settings.hold.saturating_sub(Duration::from_secs(3));
    let trace = told::trace_of(shared, &claim).await;
    // On the heap, or each future around it is larger by as much, and a lane is moved when it starts.
    let work = tokio::time::timeout(limit, Box::pin(execute(shared, &claim)));
    let (attempt, calls) = upstream::listen(trace.is_some(), work).await;
    let attempt = match attempt {
        Ok(attempt) => attempt,
        Err(_) => Attempt::failed(domain::outbound::SendError::ambiguous("timed out")),
    };
    let lane = lane_name(&claim);
    let ended = context.clock.now();
    metrics::histogram!("relevo_outbound_seconds", "lane" => lane)
        .record(ended.since(started).as_secs_f64());
    let parked = attempt.parked;
    let result = settle(&claim, attempt, ended);
    if let Some(trace) = trace {
        told::tell(trace, &claim, (started, ended), calls, &result);
    }
    let how = match &result {
        TryResult::Done(_) => "done",
        TryResult::Later { .. } => "later",
        TryResult::Dead { .. } => "dead",
    };
    metrics::counter!("relevo_outbound_tries", "lane" => lane, "result" => how).increment(1);
    if let TryResult::Later { error, .. } | TryResult::Dead { error, .. } = &result {
        tracing::info!(
            tenant = %claim.wakeup.tenant, conversation = %claim.wakeup.conversation, lane,
            row = %claim.id, attempts = claim.attempts, code = error.code.as_deref(), error = %error.detail,
            result = how, "an outbound try failed"
        );
    }
    (claim, result, parked)
}

/// Hands a result to ingest, for as long as the database cannot take it: what was sent cannot be
/// unsent, and nobody else knows of it. `false`: the claim will run out, and the next try looks
/// first.
async fn hand_in(shared: &Shared, outcome: TryOutcome) -> bool {
    let row = outcome.claim.id;
    let outcome = Arc::new(outcome);
    let began = Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        let submission = Submission::Tried(Arc::clone(&outcome));
        match shared.context.ingest.submit(submission).await {
            Ok(_) => return true,
            Err(IngestError::Store(error))
                if error.is_transient() && began.elapsed() < PERSISTENCE =>
            {
                shared.doubt.unwell(shared.context.clock.now());
                tracing::warn!(%row, %error, "a result waits for the database");
            }
            Err(error) => {
                tracing::error!(%row, %error, "a result could not be stored; the claim runs out");
                return false;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(500));
    }
}

pub(super) fn lane_name(claim: &Claim) -> &'static str {
    use domain::outbound::Lane;
    match claim.wakeup.lane {
        Lane::Channel => "channel",
        Lane::Desk => "desk",
        Lane::Bot => "bot",
        Lane::Events => "events",
        Lane::Media => "media",
    }
}
