//! The sentence.

use super::{Arrived, Mark, Place, Said, Way};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Everything that was written down about a run.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// What was said, in the order of saying within each talk.
    pub said: Vec<Said>,
    /// What arrived, in each receiver's own order.
    pub arrived: Vec<Arrived>,
    /// Words which the product itself shows as failed with a reason.
    pub failed: BTreeSet<Mark>,
    /// Where the words of each talk may arrive, by tenant, talk and way.
    pub places: HashMap<(String, String, Way), Place>,
}

/// What became of the words of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Said and promised: the platform has its 200, or the agent has said it.
    pub sent: usize,
    /// Said and never promised.
    pub refused: usize,
    /// Different words that arrived.
    pub delivered: usize,
    /// Did not arrive, with a reason that the product shows.
    pub failed: usize,
    /// Promised, and neither arrived nor failed.
    pub missing: BTreeSet<Mark>,
    /// Copies by which a person reads the same twice, although the platform offers a way to tell.
    pub duplicated: usize,
    /// Which ones.
    pub twice: BTreeSet<Mark>,
    /// Copies on a platform that offers none.
    pub ambiguous: usize,
    /// Copies which the receiver can tell by their identity.
    pub repeated: usize,
    /// Words that arrived after later ones of the same talk.
    pub reordered: usize,
    /// Which ones, in the order of arrival.
    pub late: Vec<Mark>,
    /// Words that arrived at another company or in somebody else's talk.
    pub leaked: usize,
    /// Words that nobody said.
    pub phantom: usize,
    /// Words that arrived changed.
    pub corrupted: usize,
}

impl Books {
    /// Joins the ledgers.
    #[must_use]
    pub fn judge(&self) -> Verdict {
        let mut verdict = Verdict::default();
        let said: HashMap<&Mark, &Said> = self.said.iter().map(|it| (&it.mark, it)).collect();
        // Copies by mark, with the identities under which they came.
        let mut copies: BTreeMap<Mark, Vec<Option<&str>>> = BTreeMap::new();
        let mut newest: HashMap<(String, String, Way), u32> = HashMap::new();
        let mut tenants_of: HashMap<(&str, &str, Way), (String, String)> = HashMap::new();
        for arrived in &self.arrived {
            let Some(mark) = Mark::read(&arrived.text) else {
                continue;
            };
            let Some(said) = said.get(&mark).filter(|_| mark.way == arrived.way) else {
                verdict.phantom += 1;
                continue;
            };
            if said.text != arrived.text {
                verdict.corrupted += 1;
            }
            let talk = (mark.tenant.clone(), mark.talk.clone());
            if self.is_elsewhere(&mark, arrived) {
                verdict.leaked += 1;
            }
            // A thread that is not known beforehand must at least be nobody else's.
            let thread = (
                arrived.account.as_str(),
                arrived.thread.as_str(),
                arrived.way,
            );
            if !arrived.thread.is_empty()
                && *tenants_of.entry(thread).or_insert(talk.clone()) != talk
            {
                verdict.leaked += 1;
            }
            let all = copies.entry(mark.clone()).or_default();
            all.push(arrived.identity.as_deref());
            if all.len() == 1 {
                let newest = newest.entry((talk.0, talk.1, mark.way)).or_insert(mark.seq);
                if mark.seq < *newest {
                    verdict.reordered += 1;
                    verdict.late.push(mark.clone());
                }
                *newest = mark.seq.max(*newest);
            }
        }
        for (mark, all) in &copies {
            let different: BTreeSet<_> = all.iter().flatten().collect();
            let more = all.len() - 1;
            // Without an identity each copy stands for itself.
            let told = all.len() - different.len() - all.iter().filter(|id| id.is_none()).count();
            verdict.repeated += told;
            if self.place(mark).is_some_and(|place| place.loose) {
                verdict.ambiguous += more - told;
            } else if more > told {
                verdict.duplicated += more - told;
                verdict.twice.insert(mark.clone());
            }
        }
        for said in &self.said {
            let arrived = copies.contains_key(&said.mark);
            match (arrived, said.taken, self.failed.contains(&said.mark)) {
                (true, _, _) => {
                    verdict.sent += 1;
                    verdict.delivered += 1;
                }
                (false, false, _) => verdict.refused += 1,
                (false, true, true) => {
                    verdict.sent += 1;
                    verdict.failed += 1;
                }
                (false, true, false) => {
                    verdict.sent += 1;
                    verdict.missing.insert(said.mark.clone());
                }
            }
        }
        verdict
    }

    /// How long after `at_ms` the last of the words arrived that were under way then, in
    /// milliseconds.
    #[must_use]
    pub fn recovered_ms(&self, at_ms: u64) -> u64 {
        let mut waiting: BTreeSet<&Mark> = self
            .said
            .iter()
            .filter(|said| said.at_ms <= at_ms)
            .map(|said| &said.mark)
            .collect();
        let mut last = at_ms;
        for arrived in &self.arrived {
            if let Some(mark) = Mark::read(&arrived.text)
                && waiting.remove(&mark)
            {
                last = last.max(arrived.at_ms);
            }
        }
        last - at_ms
    }

    fn place(&self, mark: &Mark) -> Option<&Place> {
        let key = (mark.tenant.clone(), mark.talk.clone(), mark.way);
        self.places.get(&key)
    }

    fn is_elsewhere(&self, mark: &Mark, arrived: &Arrived) -> bool {
        let Some(place) = self.place(mark) else {
            return true;
        };
        let other = |thread: &String| *thread != arrived.thread;
        place.account != arrived.account || place.thread.as_ref().is_some_and(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(talk: &str, seq: u32) -> Mark {
        Mark {
            way: Way::ToContact,
            tenant: "t0".to_owned(),
            talk: talk.to_owned(),
            seq,
        }
    }

    fn books(arrived: &[(&str, u32, &str)]) -> Books {
        let mut books = Books::default();
        for talk in ["x", "y"] {
            let place = Place {
                account: "acme".to_owned(),
                thread: Some(talk.to_owned()),
                loose: talk == "y",
            };
            let key = ("t0".to_owned(), talk.to_owned(), Way::ToContact);
            books.places.insert(key, place);
            for seq in 0..3 {
                let mark = mark(talk, seq);
                books.said.push(Said {
                    text: format!("{mark} hola"),
                    mark,
                    at_ms: 100,
                    taken: true,
                });
            }
        }
        for (at, (talk, seq, thread)) in arrived.iter().enumerate() {
            books.arrived.push(Arrived {
                way: Way::ToContact,
                account: "acme".to_owned(),
                thread: (*thread).to_owned(),
                identity: None,
                text: format!("{} hola", mark(talk, *seq)),
                at_ms: 1000 + at as u64,
            });
        }
        books
    }

    #[test]
    fn what_arrives_once_in_order_at_its_place_is_fine() {
        let all: Vec<_> = ["x", "y"]
            .iter()
            .flat_map(|talk| (0..3).map(move |seq| (*talk, seq, *talk)))
            .collect();
        let books = books(&all);
        let fine = Verdict {
            sent: 6,
            delivered: 6,
            ..Verdict::default()
        };
        assert_eq!(books.judge(), fine);
        assert_eq!(books.recovered_ms(500), 505);
    }

    #[test]
    fn each_kind_of_harm_is_told_from_the_others() {
        let mut books = books(&[
            ("x", 0, "x"),
            ("x", 2, "x"),
            ("x", 1, "x"),
            ("x", 1, "x"),
            ("y", 0, "y"),
            ("y", 0, "y"),
            ("y", 1, "x"),
        ]);
        books.failed.insert(mark("y", 2));
        books.arrived[0].text.push('!');
        books.arrived.push(Arrived {
            text: format!("{} hola", mark("z", 9)),
            ..books.arrived[0].clone()
        });
        let verdict = books.judge();
        let counted = (
            verdict.reordered,
            verdict.duplicated,
            verdict.ambiguous,
            verdict.corrupted,
            verdict.phantom,
            verdict.failed,
        );
        assert_eq!(counted, (1, 1, 1, 1, 1, 1));
        assert_eq!(verdict.leaked, 2, "wrong thread, and that thread is x's");
        assert_eq!(verdict.twice, BTreeSet::from([mark("x", 1)]));
        books.said[0].taken = false;
        books.arrived.retain(|it| !it.text.contains("-x-"));
        let verdict = books.judge();
        assert_eq!((verdict.refused, verdict.missing.len()), (1, 2));
    }

    #[test]
    fn a_copy_that_its_receiver_can_tell_is_no_duplicate() {
        let mut books = books(&[("x", 0, "x"), ("x", 0, "x"), ("x", 0, "x")]);
        for (arrived, id) in books.arrived.iter_mut().zip(["one", "one", "two"]) {
            arrived.identity = Some(id.to_owned());
        }
        let verdict = books.judge();
        assert_eq!((verdict.repeated, verdict.duplicated), (1, 1));
    }
}
