//! A circuit breaker per connection: when one is down, its rows wait without each finding out by
//! itself, and one row in a while finds out that it is up again.

use domain::ids::{ChannelId, TenantId};
use domain::outbound::Wakeup;
use domain::time::Timestamp;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
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
/// The first pause, and the longest of the first hour and after it. As long as one lane asks for all,
/// a look every two seconds costs next to nothing, and nobody waits longer for a connection that is
/// back.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(2);
const LONGEST_LATER: Duration = Duration::from_secs(10);
const LATER: Duration = Duration::from_secs(3600);
/// How long a lane is put down at least. It is woken before, to find out for all or when the
/// connection is back: this is for the case that this worker does not live to do so.
const PARKED: Duration = Duration::from_secs(30);

/// Leave to ask a connection for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// It counts as up.
    Usual,
    /// It counts as down: this one finds out whether it still is.
    Probe,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    closed: Option<Closed>,
    parked: Parked,
}

/// Lanes that were put down, the longest waiting first, each once.
#[derive(Debug, Default)]
struct Parked {
    order: VecDeque<Wakeup>,
    known: HashSet<Wakeup>,
}

impl Parked {
    fn add(&mut self, lane: Wakeup) {
        if self.known.insert(lane) {
            self.order.push_back(lane);
        }
    }

    fn next(&mut self) -> Option<Wakeup> {
        let lane = self.order.pop_front()?;
        self.known.remove(&lane);
        Some(lane)
    }
}

/// Left alone for a while. A clock that is put back ends it: it would last for hours.
#[derive(Clone, Copy, Debug)]
struct Closed {
    /// Since when it has been down.
    down: Timestamp,
    since: Timestamp,
    until: Timestamp,
}

impl Closed {
    fn is_over(&self, now: Timestamp) -> bool {
        now < self.since || self.until <= now
    }
}

/// The state of the connections this worker uses. Healthy ones take no room.
#[derive(Default)]
pub(super) struct Breakers {
    states: Mutex<HashMap<Connection, State>>,
}

impl Breakers {
    /// `Err` with the instant until which a lane is put down, while the connection is left alone.
    /// When the pause has passed, one caller is let through to try, and the others wait a little
    /// longer for what it finds.
    pub(super) fn enter(&self, connection: Connection, now: Timestamp) -> Result<Pass, Timestamp> {
        let mut states = self.states();
        let Some(state) = states.get_mut(&connection) else {
            return Ok(Pass::Usual);
        };
        match &mut state.closed {
            None => Ok(Pass::Usual),
            Some(closed) if closed.is_over(now) => {
                *closed = Closed {
                    down: closed.down.min(now),
                    since: now,
                    until: now.after(PAUSE),
                };
                Ok(Pass::Probe)
            }
            Some(closed) => Err(now.after(PARKED).max(closed.until)),
        }
    }

    /// Remembers a lane that was put down; `false` if the connection came back meanwhile.
    pub(super) fn park(&self, connection: Connection, lane: Wakeup) -> bool {
        let mut states = self.states();
        let closed = states.get_mut(&connection);
        let closed = closed.filter(|state| state.closed.is_some());
        closed.map(|state| state.parked.add(lane)).is_some()
    }

    /// For every connection whose pause is over, the lane that waits longest: it finds out for all.
    pub(super) fn to_find_out(&self, now: Timestamp) -> Vec<Wakeup> {
        let mut states = self.states();
        let over = states.values_mut().filter(|state| {
            let closed = state.closed.as_ref();
            closed.is_some_and(|closed| closed.is_over(now))
        });
        over.filter_map(|state| state.parked.next()).collect()
    }

    /// The connection answered, be it with a refusal of this one message. Answers the lanes that
    /// were put down for it.
    pub(super) fn up(&self, connection: Connection) -> Vec<Wakeup> {
        let state = self.states().remove(&connection);
        state
            .map(|state| state.parked.order)
            .unwrap_or_default()
            .into()
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
        let mut states = self.states();
        let state = states.entry(connection).or_default();
        if pass == Pass::Usual && state.closed.is_some() && until.is_none() {
            return;
        }
        state.failures = state.failures.saturating_add(1);
        let down = state.closed.map_or(now, |closed| closed.down.min(now));
        let until = match until {
            Some(until) => until,
            None if state.failures >= TRIP => {
                let doubled = PAUSE.saturating_mul(1 << (state.failures - TRIP).min(5));
                let longest = match now.since(down) < LATER {
                    true => LONGEST,
                    false => LONGEST_LATER,
                };
                now.after(doubled.min(longest))
            }
            None => return,
        };
        state.closed = Some(Closed {
            down,
            since: now,
            until,
        });
    }

    fn states(&self) -> MutexGuard<'_, HashMap<Connection, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ConversationId;
    use domain::outbound::Lane;
    use uuid::Uuid;

    const LINE: Connection = Connection::Channel(ChannelId(Uuid::nil()));
    const USUAL: (Connection, Pass) = (LINE, Pass::Usual);

    fn at(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    /// Put down for as long as lanes are.
    fn parked(now: i64) -> Result<Pass, Timestamp> {
        Err(at(now).after(PARKED))
    }

    fn tripped(now: i64) -> Breakers {
        let breakers = Breakers::default();
        (0..TRIP).for_each(|_| breakers.down(USUAL, at(now), None));
        breakers
    }

    fn lane(n: u128) -> Wakeup {
        Wakeup {
            tenant: TenantId(Uuid::nil()),
            conversation: ConversationId(Uuid::from_u128(n)),
            lane: Lane::Desk,
        }
    }

    #[test]
    fn five_failures_in_a_row_close_it_and_one_answer_opens_it() {
        let breakers = Breakers::default();
        for _ in 0..TRIP {
            assert_eq!(breakers.enter(LINE, at(0)), Ok(Pass::Usual));
            breakers.down(USUAL, at(0), None);
        }
        assert_eq!(breakers.enter(LINE, at(10)), parked(10));
        breakers.up(LINE);
        assert_eq!(breakers.enter(LINE, at(10)), Ok(Pass::Usual));
    }

    #[test]
    fn after_the_pause_one_goes_ahead_and_the_others_wait_for_it() {
        let breakers = tripped(0);
        assert_eq!(breakers.enter(LINE, at(1000)), Ok(Pass::Probe));
        assert_eq!(breakers.enter(LINE, at(1001)), parked(1001));
    }

    #[test]
    fn at_the_end_of_each_pause_the_lane_that_waits_longest_is_sent_to_find_out() {
        let breakers = tripped(0);
        assert!(breakers.park(LINE, lane(1)) && breakers.park(LINE, lane(2)));
        assert!(
            breakers.park(LINE, lane(1)),
            "again, and it keeps its place"
        );
        assert_eq!(breakers.to_find_out(at(999)), []);
        assert_eq!(breakers.to_find_out(at(1000)), [lane(1)]);
        // It comes to nothing: the next one is sent, and so on.
        assert_eq!(breakers.to_find_out(at(1250)), [lane(2)]);
        assert_eq!(breakers.to_find_out(at(1500)), []);
        assert_eq!(breakers.enter(LINE, at(1600)), Ok(Pass::Probe));
        assert!(breakers.park(LINE, lane(1)));
        assert_eq!(
            breakers.to_find_out(at(1700)),
            [],
            "somebody is finding out"
        );
    }

    #[test]
    fn who_was_put_down_is_told_when_it_is_up_again_and_nobody_is_forgotten() {
        let breakers = tripped(0);
        assert!(breakers.park(LINE, lane(1)) && breakers.park(LINE, lane(2)));
        assert_eq!(breakers.up(LINE), [lane(1), lane(2)]);
        assert!(!breakers.park(LINE, lane(3)), "it is up: it may go at once");
        assert_eq!(breakers.up(LINE), []);
    }

    #[test]
    fn many_that_fail_side_by_side_are_one_outage() {
        let breakers = Breakers::default();
        (0..500).for_each(|_| breakers.down(USUAL, at(0), None));
        assert_eq!(breakers.enter(LINE, at(1)), parked(1));
        assert_eq!(breakers.enter(LINE, at(1000)), Ok(Pass::Probe));
        (0..500).for_each(|_| breakers.down(USUAL, at(1200), None));
        assert_eq!(breakers.enter(LINE, at(1201)), parked(1201));
        assert_eq!(breakers.enter(LINE, at(2000)), Ok(Pass::Probe));
    }

    #[test]
    fn a_pause_is_two_seconds_at_most_and_ten_after_an_hour() {
        let breakers = tripped(0);
        let mut now = at(0).after(PAUSE);
        for pause in [2, 2, 2, 2] {
            assert_eq!(breakers.enter(LINE, now), Ok(Pass::Probe));
            breakers.down((LINE, Pass::Probe), now, None);
            let over = now.after(Duration::from_secs(pause));
            assert!(
                breakers
                    .enter(LINE, over.before(Duration::from_millis(1)))
                    .is_err()
            );
            now = over;
        }
        let late = at(0).after(LATER);
        assert_eq!(breakers.enter(LINE, late), Ok(Pass::Probe));
        breakers.down((LINE, Pass::Probe), late, None);
        assert!(
            breakers
                .enter(LINE, late.after(Duration::from_secs(9)))
                .is_err()
        );
        assert!(
            breakers
                .enter(LINE, late.after(Duration::from_secs(10)))
                .is_ok()
        );
    }

    #[test]
    fn a_clock_that_is_put_back_does_not_keep_it_closed() {
        let breakers = tripped(3_600_000);
        assert_eq!(breakers.enter(LINE, at(5)), Ok(Pass::Probe));
        assert_eq!(breakers.enter(LINE, at(6)), parked(6));
        assert_eq!(breakers.enter(LINE, at(1005)), Ok(Pass::Probe));
    }

    #[test]
    fn the_other_sides_own_word_counts_at_once_however_long_it_is() {
        let breakers = Breakers::default();
        breakers.down(USUAL, at(0), Some(at(7_000)));
        assert_eq!(breakers.enter(LINE, at(1)), parked(1));
        breakers.down(USUAL, at(0), Some(at(3_600_000)));
        assert_eq!(breakers.enter(LINE, at(1)), Err(at(3_600_000)));
    }
}
