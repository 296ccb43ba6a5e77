//! Not faster than a platform wants: towards one contact, and over a whole line. Short bursts pass
//! at once, what follows is spread. Without it a flood would earn refusals, and in the end a ban.
//!
//! Each worker paces what it sends itself. A conversation's messages go through one worker at a
//! time, so its own limit holds; a line that several workers send on may go over its limit by their
//! number, and is then told so by the platform.

use domain::channel::ChannelKind;
use domain::ids::{ChannelId, ConversationId};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often on average, and how many at once (`channels.md` §1.6, §3.7, §4.9, §5).
#[derive(Clone, Copy, Debug)]
struct Rate {
    gap: Duration,
    burst: u32,
}

const fn rate(gap_ms: u64, burst: u32) -> Rate {
    Rate {
        gap: Duration::from_millis(gap_ms),
        burst,
    }
}

/// Towards one contact. Telegram: about 1 per second, short bursts tolerated; in a group 20 per
/// minute. WhatsApp: about 1 per 6 seconds, bursts of up to 45.
fn towards_contact(kind: ChannelKind, group: bool) -> Option<Rate> {
    match kind {
        ChannelKind::Telegram if group => Some(rate(3000, 10)),
        ChannelKind::Telegram => Some(rate(1000, 10)),
        ChannelKind::WhatsApp => Some(rate(6000, 40)),
        _ => None,
    }
}

/// Over the whole line. Telegram: 30 per second. WhatsApp: 80. A Page that sends more than 40 per
/// second loses its inbox.
fn over_line(kind: ChannelKind) -> Option<Rate> {
    match kind {
        ChannelKind::Telegram => Some(rate(34, 30)),
        ChannelKind::WhatsApp => Some(rate(13, 80)),
        ChannelKind::Messenger | ChannelKind::Instagram => Some(rate(25, 40)),
        ChannelKind::Api | ChannelKind::Test => None,
    }
}

/// Above so many entries those that are at rest are forgotten.
const MANY: usize = 20_000;

/// When the next one may go, if everything before it kept its distance.
struct Slots<K>(Mutex<HashMap<K, i64>>);

impl<K> Default for Slots<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Slots<K> {
    /// How long this one waits; it has its slot if that is at most `most`.
    fn wait(&self, key: K, rate: Rate, now: Timestamp, most: Duration) -> Duration {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() > MANY {
            slots.retain(|_, next| *next > now.0);
        }
        let gap = millis(rate.gap);
        let slot = slots.entry(key).or_insert(now.0);
        let next = (*slot).max(now.0);
        let early = gap.saturating_mul(i64::from(rate.burst.saturating_sub(1)));
        let wait = Duration::from_millis(u64::try_from(next - early - now.0).unwrap_or(0));
        if wait <= most {
            *slot = next.saturating_add(gap);
        }
        wait
    }
}

/// Who is sent to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Towards {
    /// The platform.
    pub(super) kind: ChannelKind,
    /// The line.
    pub(super) line: ChannelId,
    /// The contact's conversation.
    pub(super) conversation: ConversationId,
    /// Several people read there.
    pub(super) group: bool,
}

/// The pace of everything this worker sends to contacts.
pub(super) struct Pace {
    /// Distances are kept by a clock that nobody puts back.
    since: Instant,
    contacts: Slots<ConversationId>,
    lines: Slots<ChannelId>,
    /// The last contact for whom a line was throttled, and until when.
    throttled: Mutex<HashMap<ChannelId, (ConversationId, Timestamp)>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            contacts: Slots::default(),
            lines: Slots::default(),
            throttled: Mutex::default(),
        }
    }
}

impl Pace {
    /// Waits for the turn of one send; `Err` with the instant when it would be too long a wait to
    /// hold a row for.
    pub(super) async fn turn(&self, to: Towards, now: Timestamp) -> Result<(), Timestamp> {
        let wait = self.wait(to, Timestamp(millis(self.since.elapsed())));
        if wait > Self::LONGEST {
            return Err(now.after(wait));
        }
        if !wait.is_zero() {
            metrics::counter!("relevo_paced_total").increment(1);
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// A row is held for at most so long.
    const LONGEST: Duration = Duration::from_millis(1500);

    /// `now` only ever goes forward.
    fn wait(&self, to: Towards, now: Timestamp) -> Duration {
        let most = Self::LONGEST;
        let own = towards_contact(to.kind, to.group).map_or(Duration::ZERO, |rate| {
            self.contacts.wait(to.conversation, rate, now, most)
        });
        if own > most {
            return own;
        }
        let all = over_line(to.kind).map_or(Duration::ZERO, |rate| {
            self.lines.wait(to.line, rate, now, most)
        });
        own.max(all)
    }

    /// The platform throttled this contact until then and did not say whether it means the contact
    /// or the whole line. It means the line when somebody else on it is throttled at the same time.
    pub(super) fn means_the_line(
        &self,
        line: ChannelId,
        conversation: ConversationId,
        now: Timestamp,
        until: Timestamp,
    ) -> bool {
        let mut throttled = self
            .throttled
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        throttled.retain(|_, (_, until)| *until > now);
        let before = throttled.insert(line, (conversation, until));
        before.is_some_and(|(other, _)| other != conversation)
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn to(kind: ChannelKind, contact: u128) -> Towards {
        Towards {
            kind,
            line: ChannelId(Uuid::nil()),
            conversation: ConversationId(Uuid::from_u128(contact)),
            group: false,
        }
    }

    #[test]
    fn a_short_burst_passes_and_the_rest_keeps_its_distance() {
        let pace = Pace::default();
        let ana = to(ChannelKind::Telegram, 1);
        for _ in 0..10 {
            assert_eq!(pace.wait(ana, Timestamp(0)), Duration::ZERO);
        }
        assert_eq!(pace.wait(ana, Timestamp(0)), Duration::from_secs(1));
        // Too long to hold a row for: it takes no slot.
        assert_eq!(pace.wait(ana, Timestamp(0)), Duration::from_secs(2));
        assert_eq!(pace.wait(ana, Timestamp(0)), Duration::from_secs(2));
        assert_eq!(
            pace.wait(to(ChannelKind::Telegram, 2), Timestamp(0)),
            Duration::ZERO
        );
        assert_eq!(
            pace.wait(ana, Timestamp(60_000)),
            Duration::ZERO,
            "it recovers"
        );
    }

    #[test]
    fn a_line_keeps_its_own_pace_over_all_contacts() {
        let pace = Pace::default();
        let waits: Vec<_> = (0..60)
            .map(|n| pace.wait(to(ChannelKind::Telegram, n), Timestamp(0)))
            .collect();
        assert!(waits[..30].iter().all(Duration::is_zero));
        assert!(waits[59] >= Duration::from_secs(1));
    }

    #[test]
    fn a_throttle_of_two_contacts_at_once_is_one_of_the_line() {
        let pace = Pace::default();
        let line = ChannelId(Uuid::nil());
        let (ana, luis) = (
            ConversationId(Uuid::from_u128(1)),
            ConversationId(Uuid::from_u128(2)),
        );
        let at = Timestamp;
        assert!(!pace.means_the_line(line, ana, at(0), at(5000)));
        assert!(!pace.means_the_line(line, ana, at(100), at(5000)));
        assert!(pace.means_the_line(line, luis, at(200), at(5000)));
        assert!(!pace.means_the_line(line, ana, at(6000), at(9000)));
    }

    proptest! {
        #[test]
        fn whatever_comes_no_contact_gets_more_than_burst_and_rate(
            pauses in proptest::collection::vec(0_i64..2500, 1..120)
        ) {
            let pace = Pace::default();
            let ana = to(ChannelKind::Telegram, 1);
            let mut now = 0;
            let mut sent: Vec<i64> = Vec::new();
            for pause in pauses {
                now += pause;
                let wait = pace.wait(ana, Timestamp(now));
                if wait <= Pace::LONGEST {
                    sent.push(now + millis(wait));
                }
            }
            for (n, first) in sent.iter().enumerate() {
                let within = sent[n..].iter().filter(|at| **at - first < 20_000).count();
                prop_assert!(within <= 10 + 20, "{within} in 20 s");
            }
        }
    }
}
