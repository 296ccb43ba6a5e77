//! How a wake-up is written in Redis: `<tenant>:<conversation>:<lane number>`, ids in hex
//! without dashes. Ids only, nothing about a person.

use domain::outbound::{Lane, Wakeup};
use domain::ports::Delivery;
use domain::time::Timestamp;
use uuid::Uuid;

/// A wake-up as text; also its identity for melting.
pub(super) fn encode(wakeup: &Wakeup) -> String {
    format!(
        "{}:{}:{}",
        wakeup.tenant.0.as_simple(),
        wakeup.conversation.0.as_simple(),
        wakeup.lane.number()
    )
}

/// The wake-up in a text of [`encode`].
pub(super) fn decode(text: &str) -> Option<Wakeup> {
    let mut parts = text.split(':');
    let tenant = Uuid::parse_str(parts.next()?).ok()?;
    let conversation = Uuid::parse_str(parts.next()?).ok()?;
    let lane = Lane::from_number(parts.next()?.parse().ok()?)?;
    parts.next().is_none().then_some(Wakeup {
        tenant: tenant.into(),
        conversation: conversation.into(),
        lane,
    })
}

/// What a taking script answered.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Taken {
    /// Wake-ups now in our hands.
    pub(super) deliveries: Vec<Delivery>,
    /// Receipts of entries that no version of us wrote: to be thrown away.
    pub(super) unreadable: Vec<String>,
    /// When the next delayed wake-up is due.
    pub(super) due: Option<Timestamp>,
    /// Whether we are the one who watches that instant.
    pub(super) nudged: bool,
}

impl Taken {
    /// From `{next due instant or '', '1' if nudged, id, lane, ...}`.
    pub(super) fn from_answer(answer: Vec<String>) -> Self {
        let mut answer = answer.into_iter();
        let due = answer.next().and_then(|ms| instant(&ms));
        let nudged = answer.next().is_some_and(|flag| flag == "1");
        let mut taken = Self {
            due,
            nudged,
            ..Self::default()
        };
        while let (Some(receipt), Some(lane)) = (answer.next(), answer.next()) {
            match decode(&lane) {
                Some(wakeup) => taken.deliveries.push(Delivery { wakeup, receipt }),
                None => taken.unreadable.push(receipt),
            }
        }
        taken
    }
}

/// A score of a sorted set, which Redis prints as a floating number (`1.7e+12` is possible).
fn instant(score: &str) -> Option<Timestamp> {
    let score: f64 = score.parse().ok()?;
    // `as` saturates at the ends of i64, which is what the ends of time mean.
    #[allow(clippy::cast_possible_truncation)]
    Some(Timestamp(score.ceil() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wakeup_survives_the_way_through_redis() {
        for lane in Lane::ALL {
            let wakeup = Wakeup {
                tenant: Uuid::from_u128(7).into(),
                conversation: Uuid::from_u128(u128::MAX).into(),
                lane,
            };
            assert_eq!(decode(&encode(&wakeup)), Some(wakeup));
        }
    }

    #[test]
    fn what_nobody_wrote_is_set_aside_and_not_delivered() {
        let id = Uuid::from_u128(7).as_simple().to_string();
        for text in [
            "",
            "x",
            &format!("{id}:{id}"),
            &format!("{id}:{id}:99"),
            &format!("{id}:{id}:1:2"),
        ] {
            let answer = vec!["".into(), "0".into(), "1-1".into(), text.to_owned()];
            let taken = Taken::from_answer(answer);
            assert_eq!(
                (taken.deliveries.len(), taken.unreadable.len()),
                (0, 1),
                "{text}"
            );
        }
    }

    #[test]
    fn a_due_instant_is_read_in_either_notation() {
        assert_eq!(instant("1763833000123"), Some(Timestamp(1_763_833_000_123)));
        assert_eq!(instant("1.5e+3"), Some(Timestamp(1_500)));
        assert_eq!(instant(""), None);
    }
}
