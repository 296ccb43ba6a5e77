//! Whether a talk always comes out in one place, and a place hears one talk only.

use std::collections::HashMap;

/// Which talk was heard where.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    places: HashMap<u32, String>,
    talks: HashMap<String, u32>,
    /// Messages that came out where another talk's did, or elsewhere than those before.
    pub misdirected: usize,
}

impl Pairs {
    /// A talk's message came out at a place.
    pub fn heard(&mut self, talk: u32, place: &str) {
        let known = self.talks.get(place).copied();
        let here = self.places.get(&talk).map(String::as_str);
        if known.is_some_and(|it| it != talk) || here.is_some_and(|it| it != place) {
            self.misdirected += 1;
        }
        if known.is_none() && here.is_none() {
            self.talks.insert(place.to_owned(), talk);
            self.places.insert(talk, place.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pairs;

    #[test]
    fn a_message_in_somebody_elses_talk_is_noticed() {
        let mut pairs = Pairs::default();
        for (talk, place) in [(1, "a"), (2, "b"), (1, "a")] {
            pairs.heard(talk, place);
        }
        assert_eq!(pairs.misdirected, 0);
        pairs.heard(1, "b");
        pairs.heard(3, "a");
        pairs.heard(2, "c");
        assert_eq!(pairs.misdirected, 3);
        pairs.heard(3, "d");
        assert_eq!(pairs.misdirected, 3, "a newcomer in a place of their own");
    }
}
