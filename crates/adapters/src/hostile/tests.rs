//! Each decoder on its kept examples, on damaged ones, and on bytes out of nowhere.

use super::DOORS;
use proptest::prelude::*;
use testkit::hostile::{damaged, examples};

#[test]
fn every_kept_example_is_read_without_panic() {
    for (name, door) in DOORS {
        for (_, bytes) in examples(name) {
            door(&bytes);
        }
    }
}

#[test]
fn damaged_examples_never_panic() {
    for (name, door) in DOORS {
        for (_, bytes) in examples(name) {
            for seed in 0..40 {
                door(&damaged(&bytes, seed));
            }
        }
    }
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
        let kept = examples(name);
        door(&damaged(&at.get(&kept).1, seed));
    }
}
