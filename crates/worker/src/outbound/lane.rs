//! Working off one lane: claim the oldest row, carry it out, hand its result in, next. A result that
//! leaves nothing but «done» is handed in with the next claim; all others go to ingest.

use super::breaker::Connection;
use super::dispatch::Shared;
use super::execute::{Attempt, execute};
use super::retry::settle;
use super::told;
use adapters::faults::{Point, point};
use adapters::ingest::{IngestError, Submission, TryOutcome, TryResult};
use adapters::net::by_right;
use adapters::store::{ClaimError, DoneRow, Hold, Taken, Turn, Turned};
use adapters::telemetry::traces::upstream;
use domain::outbound::{Claim, Wakeup};
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A result is kept for so long while the database is away.
const PERSISTENCE: Duration = Duration::from_secs(600);

/// How long a row that was carried out waits for another lane's claim to be marked with, while its own
/// lane seems to be empty: most are marked without a commit of their own.
const TOGETHER: Duration = Duration::from_millis(5);

/// What came of a turn, and the name by which the row was claimed.
pub(super) type Answered = (Turned, Option<String>);

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
    // What was carried out last and is to be marked with the next claim.
    let mut done: Option<(TryOutcome, DoneRow)> = None;
    let mut taken_here = 0_usize;
    loop {
        if shared.cancel.is_cancelled() {
            if let Some((outcome, _)) = done {
                hand_in(shared, outcome).await;
            }
            return Left::Empty;
        }
        let until = Instant::now() + shared.settings.hold;
        let turn = Turn {
            lane: wakeup,
            done: done.as_ref().map(|(_, row)| *row),
        };
        // After a single row there is seldom another.
        let single = done.is_some() && taken_here == 1 && !shared.is_woken(wakeup);
        let patience = if single { TOGETHER } else { Duration::ZERO };
        let (turned, by) = shared
            .turns
            .ask_within(patience, turn, |turns| turn_all(shared, turns))
            .await;
        let right = shared.crew.right(by, until);
        if let Err(ClaimError::Store(error)) = &turned.next {
            shared.doubt.unwell(context.clock.now());
            tracing::warn!(tenant = %wakeup.tenant, conversation = %wakeup.conversation, %error, "a lane could not go on");
        }
        if let Some((outcome, row)) = done.take() {
            if !turned.marked {
                if !hand_in(shared, outcome).await {
                    return Left::Until(context.clock.now().after(shared.settings.hold));
                }
                if turned.next.is_err() {
                    // Its own row may have been all that stood in the way.
                    continue;
                }
            } else if row.posted.is_some() {
                context.ingest.changed(wakeup.tenant, wakeup.conversation);
            }
        }
        let taken = match turned.next {
            Ok(taken) => taken,
            Err(ClaimError::Empty) => return Left::Empty,
            Err(ClaimError::NotBefore(at)) => return Left::Until(at),
            Err(ClaimError::Store(_)) => {
                return Left::Until(context.clock.now().after(Duration::from_secs(2)));
            }
        };
        taken_here += 1;
        let (claim, result, parked) = by_right(right, carry_out(shared, taken)).await;
        point(Point::AfterCall);
        let later = match &result {
            TryResult::Later { at, .. } => Some(*at),
            _ => None,
        };
        let outcome = TryOutcome { claim, result };
        if let Some(row) = outcome.done_row() {
            done = Some((outcome, row));
            continue;
        }
        if !hand_in(shared, outcome).await {
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
}

/// Marks what lanes have carried out and takes their heads, for those that ask at the same time in one
/// commit; with the name by which each is claimed.
async fn turn_all(shared: &Shared, turns: Vec<Turn>) -> Vec<Answered> {
    let hold = Hold {
        span: shared.settings.hold,
        by: shared.crew.claimant(),
    };
    let turned = shared.context.store.turn_all(&turns, &hold).await;
    let turned = turned.into_iter();
    turned.map(|turned| (turned, hold.by.clone())).collect()
}

/// One try, bounded by the time for which the claim is held.
async fn carry_out(shared: &Arc<Shared>, taken: Taken) -> (Claim, TryResult, Option<Connection>) {
    let Taken { claim, errand } = taken;
    let context = &shared.context;
    let started = context.clock.now();
    let limit = shared.settings.hold.saturating_sub(Duration::from_secs(3));
    let trace = told::trace_of(shared, &claim).await;
    // On the heap, or each future around it is larger by as much, and a lane is moved when it starts.
    let work = tokio::time::timeout(limit, Box::pin(execute(shared, &claim, errand)));
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
