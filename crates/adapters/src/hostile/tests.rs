//! Each decoder on its kept examples, on damaged ones, and on bytes out of nowhere.

use super::DOORS;
use proptest::prelude::*;
use testkit::hostile::{damaged, damaged_all, examples, kept};

#[test]
fn every_kept_example_is_read_without_panic() {
    kept(&DOORS);
}

#[test]
fn damaged_examples_never_panic() {
    damaged_all(&DOORS, 40);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_out_of_nowhere_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (_, door) in DOORS {
            door(&bytes);
        }
    }

    #[test]
    fn damage_by_chance_never_panics(door in prop::sample::select(DOORS.to_vec()), at in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let (name, door) = door;
        let examples = examples(name);
        door(&damaged(&at.get(&examples).1, seed));
    }
}
