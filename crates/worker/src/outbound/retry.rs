//! What follows from a try: done, again later, or given up. The error says which; this says when.

use super::doubt::NEWS;
use super::execute::Attempt;
use adapters::ingest::TryResult;
use domain::outbound::{Claim, Failure, Lane, SendError};
use domain::time::Timestamp;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Let's Talk may still be at work on a request whose answer broke off: who looks at once finds
/// nothing, and sends it again.
const SETTLE: Duration = Duration::from_secs(2);

/// What follows from a try.
pub(super) fn settle(claim: &Claim, attempt: Attempt, now: Timestamp) -> TryResult {
    let error = match attempt.outcome {
        Ok(stored) => return TryResult::Done(stored),
        Err(error) => error,
    };
    let Some(again) = again(claim, &error, attempt.wait_for_news) else {
        return TryResult::Dead {
            error,
            parts: attempt.parts,
        };
    };
    let limit = attempt.give_up_after.unwrap_or(again.patience);
    if now.since(claim.created_at) >= limit {
        return TryResult::Dead {
            error,
            parts: attempt.parts,
        };
    }
    let at = attempt
        .not_before
        .unwrap_or(now)
        .max(now.after(again.pause));
    TryResult::Later {
        at,
        counts: again.counts,
        progress: attempt.progress,
        parts: attempt.parts,
        note: attempt.note,
        error,
    }
}

struct Again {
    pause: Duration,
    counts: bool,
    /// The row's age at which it is given up.
    patience: Duration,
}

fn again(claim: &Claim, error: &SendError, wait_for_news: bool) -> Option<Again> {
    let backoff = backoff(claim.wakeup.lane, claim.attempts, jitter(claim));
    let usual = patience(claim.wakeup.lane);
    Some(match &error.failure {
        Failure::Transient { retry_after } => {
            let news = match (error.ambiguous, wait_for_news, claim.wakeup.lane) {
                (true, true, _) => NEWS,
                (true, false, Lane::Desk) => SETTLE,
                _ => Duration::ZERO,
            };
            let pause = retry_after.unwrap_or(backoff).max(news);
            Again {
                pause,
                counts: true,
                patience: usual,
            }
        }
        Failure::NotAsked => Again {
            pause: backoff,
            counts: true,
            patience: usual,
        },
        // Nobody's fault but the calendar's: waits as long as it takes, within reason.
        Failure::Throttled { retry_after, .. } => Again {
            pause: retry_after.unwrap_or(backoff.max(Duration::from_secs(5))),
            counts: false,
            patience: DAY,
        },
        // The whole connection waits for a person; its rows are kept meanwhile.
        Failure::Unauthorized | Failure::Policy => Again {
            pause: MINUTE,
            counts: false,
            patience: DAY,
        },
        Failure::Held => Again {
            pause: MINUTE,
            counts: false,
            patience: DAY,
        },
        // Messenger's and Instagram's human agents may write for 7 days; nothing waits longer.
        Failure::Window => Again {
            pause: HOUR,
            counts: false,
            patience: 7 * DAY,
        },
        Failure::Recipient | Failure::Payload => return None,
    })
}

/// The age at which a row that keeps failing is given up.
fn patience(lane: Lane) -> Duration {
    match lane {
        // Past this an answer would come as a surprise.
        Lane::Channel => HOUR,
        Lane::Desk => DAY,
        // A message that the bot did not get in time is for a human; see `bot_down_after_minutes`.
        Lane::Bot => 2 * MINUTE,
        // The bot's own books depend on these: days, as Standard Webhooks advises.
        Lane::Events => 3 * DAY,
        Lane::Media => HOUR,
    }
}

/// Doubles from half a second up to a ceiling, spread by a tenth either way so that rows that
/// failed together do not come back together.
fn backoff(lane: Lane, attempts: u32, jitter: f64) -> Duration {
    let ceiling = match lane {
        Lane::Bot => Duration::from_secs(10),
        Lane::Channel | Lane::Media => Duration::from_secs(60),
        Lane::Desk => Duration::from_secs(30),
        Lane::Events => 2 * HOUR,
    };
    let doubled = Duration::from_millis(500).saturating_mul(1 << attempts.min(20));
    doubled.min(ceiling).mul_f64(0.9 + 0.2 * jitter)
}

/// Between 0 and 1, from the row itself: spread without a source of randomness.
fn jitter(claim: &Claim) -> f64 {
    let mixed = (claim.id.0.unsigned_abs() ^ (claim.token.unsigned_abs() << 32))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 40) as f64 / (1_u64 << 24) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{ConversationId, MessageId, OutboxId, TenantId};
    use domain::outbound::{Task, Wakeup};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn claim(lane: Lane, attempts: u32) -> Claim {
        Claim {
            id: OutboxId(7),
            wakeup: Wakeup {
                tenant: TenantId(Uuid::nil()),
                conversation: ConversationId(Uuid::nil()),
                lane,
            },
            task: Task::SendToContact {
                message: MessageId(Uuid::nil()),
            },
            attempts,
            ambiguous: false,
            progress: serde_json::Value::Null,
            created_at: Timestamp(0),
            first_try_at: Timestamp(0),
            token: 1,
        }
    }

    fn failed(failure: Failure) -> Attempt {
        Attempt::failed(SendError::clear(failure, "no"))
    }

    #[test]
    fn a_refused_recipient_or_payload_is_given_up_at_once() {
        for failure in [Failure::Recipient, Failure::Payload] {
            let result = settle(&claim(Lane::Channel, 0), failed(failure), Timestamp(1));
            assert!(matches!(result, TryResult::Dead { .. }));
        }
    }

    #[test]
    fn the_other_sides_own_pause_is_honoured() {
        let wait = Some(Duration::from_secs(17));
        let result = settle(
            &claim(Lane::Desk, 0),
            failed(Failure::Transient { retry_after: wait }),
            Timestamp(5),
        );
        let TryResult::Later { at, counts, .. } = result else {
            panic!("not later")
        };
        assert_eq!((at, counts), (Timestamp(17_005), true));
    }

    #[test]
    fn an_ambiguous_send_waits_for_the_platforms_news_where_there_is_any() {
        let mut attempt = Attempt::failed(SendError::ambiguous("reset"));
        attempt.wait_for_news = true;
        let TryResult::Later { at, error, .. } =
            settle(&claim(Lane::Channel, 0), attempt, Timestamp(0))
        else {
            panic!("not later")
        };
        assert!(error.ambiguous && at >= Timestamp(30_000));
    }

    #[test]
    fn a_doubtful_post_at_the_desk_is_looked_for_only_when_it_must_be_there() {
        let attempt = Attempt::failed(SendError::ambiguous("reset"));
        let result = settle(&claim(Lane::Desk, 0), attempt, Timestamp(0));
        let TryResult::Later { at, .. } = result else {
            panic!("not later")
        };
        assert!(at >= Timestamp(2_000));
    }

    #[test]
    fn a_row_that_outlived_its_patience_is_given_up() {
        let late = Timestamp(2 * 3_600_000);
        let result = settle(
            &claim(Lane::Channel, 3),
            failed(Failure::Transient { retry_after: None }),
            late,
        );
        assert!(matches!(result, TryResult::Dead { .. }));
    }

    #[test]
    fn refused_credentials_do_not_use_up_tries() {
        let result = settle(
            &claim(Lane::Channel, 3),
            failed(Failure::Unauthorized),
            Timestamp(1),
        );
        assert!(matches!(result, TryResult::Later { counts: false, .. }));
    }

    proptest! {
        #[test]
        fn a_pause_never_shrinks_below_half_of_the_one_before_nor_passes_the_ceiling(
            attempts in 0_u32..60, jitter in 0.0_f64..1.0
        ) {
            for lane in Lane::ALL {
                let pause = backoff(lane, attempts, jitter);
                prop_assert!(pause >= Duration::from_millis(450));
                prop_assert!(pause <= (2 * HOUR).mul_f64(1.1));
                prop_assert!(backoff(lane, attempts + 1, jitter) >= pause);
            }
        }
    }
}
