//! A circuit breaker per connection: when one is down, its rows wait without each finding out by
//! itself, and one row in a while finds out that it is up again.

use domain::ids::{ChannelId, TenantId};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What can be down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Connection {
    /// A line towards the platform.
    Channel(ChannelId),
    /// A tenant's desk.
    Desk(TenantId),
    /// The bot behind a line.
    Bot(ChannelId),
    /// Where a tenant's bot hears events.
    Events(TenantId),
}

/// Failures in a row after which a connection counts as down.
const TRIP: u32 = 5;
/// The first and the longest pause.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10);

/// Leave to ask a connection for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// It counts as up.
    Usual,
    /// It counts as down: this one finds out whether it still is.
    Probe,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    failures: u32,
    closed: Option<Closed>,
}

/// Left alone for a while. A clock that is put back ends it: it would last for hours.
#[derive(Clone, Copy, Debug)]
struct Closed {
    since: Timestamp,
    until: Timestamp,
}

/// The state of the connections this worker uses. Healthy ones take no room.
#[derive(Default)]
pub(super) struct Breakers {
    states: Mutex<HashMap<Connection, State>>,
}

impl Breakers {
    /// `Err` with the instant until which the connection is left alone. When that has passed, one
    /// caller is let through to try, and the others wait a little longer for what it finds.
    pub(super) fn enter(&self, connection: Connection, now: Timestamp) -> Result<Pass, Timestamp> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = states.get_mut(&connection) else {
            return Ok(Pass::Usual);
        };
        match state.closed {
            Some(closed) if closed.since <= now && now < closed.until => Err(closed.until),
            Some(_) => {
                state.closed = closed(now, now.after(PAUSE));
                Ok(Pass::Probe)
            }
            None => Ok(Pass::Usual),
        }
    }

    /// The connection answered, be it with a refusal of this one message.
    pub(super) fn up(&self, connection: Connection) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.remove(&connection);
    }

    /// The connection did not answer, or said that it cannot now; `until` is its own word for how
    /// long. What was under way when it went down tells nothing new: of an outage only the one that
    /// was let through to find out makes the next pause longer.
    pub(super) fn down(
        &self,
        (connection, pass): (Connection, Pass),
        now: Timestamp,
        until: Option<Timestamp>,
    ) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let state = states.entry(connection).or_default();
        if pass == Pass::Usual && state.closed.is_some() && until.is_none() {
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if let Some(until) = until {
            state.closed = closed(now, until);
        } else if state.failures >= TRIP {
            let doubled = PAUSE.saturating_mul(1 << (state.failures - TRIP).min(5));
            state.closed = closed(now, now.after(doubled.min(LONGEST)));
        }
    }
}

fn closed(since: Timestamp, until: Timestamp) -> Option<Closed> {
    Some(Closed { since, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const LINE: Connection = Connection::Channel(ChannelId(Uuid::nil()));
    const USUAL: (Connection, Pass) = (LINE, Pass::Usual);

    fn at(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    #[test]
    fn five_failures_in_a_row_close_it_and_one_answer_opens_it() {
        let breakers = Breakers::default();
        for _ in 0..TRIP {
            assert_eq!(breakers.enter(LINE, at(0)), Ok(Pass::Usual));
            breakers.down(USUAL, at(0), None);
        }
        assert_eq!(breakers.enter(LINE, at(10)), Err(at(1000)));
        breakers.up(LINE);
        assert_eq!(breakers.enter(LINE, at(10)), Ok(Pass::Usual));
    }

    #[test]
    fn after_the_pause_one_goes_ahead_and_the_others_wait_for_it() {
        let breakers = Breakers::default();
        (0..TRIP).for_each(|_| breakers.down(USUAL, at(0), None));
        assert_eq!(breakers.enter(LINE, at(1000)), Ok(Pass::Probe));
        assert_eq!(breakers.enter(LINE, at(1001)), Err(at(2000)));
    }

    #[test]
    fn many_that_fail_side_by_side_are_one_outage() {
        let breakers = Breakers::default();
        (0..500).for_each(|_| breakers.down(USUAL, at(0), None));
        assert_eq!(breakers.enter(LINE, at(1)), Err(at(1000)));
        assert_eq!(breakers.enter(LINE, at(1000)), Ok(Pass::Probe));
        (0..500).for_each(|_| breakers.down(USUAL, at(1200), None));
        assert_eq!(breakers.enter(LINE, at(1201)), Err(at(2000)));
    }

    #[test]
    fn the_pause_doubles_with_each_probe_up_to_ten_seconds() {
        let breakers = Breakers::default();
        (0..TRIP).for_each(|_| breakers.down(USUAL, at(0), None));
        let mut now = at(0);
        for seconds in [1, 2, 4, 8, 10, 10] {
            let until = now.after(Duration::from_secs(seconds));
            assert_eq!(breakers.enter(LINE, now), Err(until));
            now = until;
            assert_eq!(breakers.enter(LINE, now), Ok(Pass::Probe));
            breakers.down((LINE, Pass::Probe), now, None);
        }
    }

    #[test]
    fn a_clock_that_is_put_back_does_not_keep_it_closed() {
        let breakers = Breakers::default();
        (0..TRIP).for_each(|_| breakers.down(USUAL, at(3_600_000), None));
        assert_eq!(breakers.enter(LINE, at(5)), Ok(Pass::Probe));
        assert_eq!(breakers.enter(LINE, at(6)), Err(at(1005)));
    }

    #[test]
    fn the_other_sides_own_word_counts_at_once() {
        let breakers = Breakers::default();
        breakers.down(USUAL, at(0), Some(at(7_000)));
        assert_eq!(breakers.enter(LINE, at(1)), Err(at(7_000)));
    }
}
