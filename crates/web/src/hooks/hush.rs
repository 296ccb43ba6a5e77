//! What strangers can cause as often as they like is said in the log once a minute.

use domain::ids::ChannelId;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// For how long the same is not said again about a line.
const QUIET: Duration = Duration::from_secs(60);
/// So many are remembered before those whose time is over are forgotten.
const MANY: usize = 10_000;

/// What was said lately, by line.
#[derive(Default)]
pub struct Hush {
    said: Mutex<HashMap<(ChannelId, &'static str), Said>>,
}

struct Said {
    at: Timestamp,
    unsaid: u64,
}

impl Hush {
    /// Whether to say `what` about a line now; then, how often it was left unsaid since the last
    /// time. Every time counts elsewhere.
    pub fn may_say(&self, line: ChannelId, what: &'static str, now: Timestamp) -> Option<u64> {
        let over = |said: &Said| said.at.before(QUIET) > now || said.at <= now.before(QUIET);
        let mut all = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MANY {
            all.retain(|_, said| !over(said));
        }
        let fresh = Said { at: now, unsaid: 0 };
        match all.get_mut(&(line, what)) {
            Some(said) if !over(said) => {
                said.unsaid += 1;
                None
            }
            Some(said) => Some(std::mem::replace(said, fresh).unsaid),
            None => {
                all.insert((line, what), fresh);
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_same_about_a_line_is_said_once_a_minute_with_how_often_it_was_not() {
        let hush = Hush::default();
        let (one, other) = (ChannelId(Uuid::from_u128(1)), ChannelId(Uuid::from_u128(2)));
        let at = |seconds: i64| Timestamp(seconds * 1000);
        assert_eq!(hush.may_say(one, "forged", at(100)), Some(0));
        for second in 100..160 {
            assert_eq!(hush.may_say(one, "forged", at(second)), None);
        }
        assert_eq!(hush.may_say(other, "forged", at(130)), Some(0));
        assert_eq!(hush.may_say(one, "encoded", at(130)), Some(0));
        assert_eq!(hush.may_say(one, "forged", at(160)), Some(60));
        assert_eq!(hush.may_say(one, "forged", at(161)), None);
        // A clock that was put back does not silence it for long.
        assert_eq!(hush.may_say(one, "forged", at(50)), Some(1));
    }
}
