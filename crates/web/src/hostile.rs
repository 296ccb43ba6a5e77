//! Every decoder of this crate as a function of bytes that somebody else chose. Fuzzing (`fuzz/`)
//! and the tests below call these; nothing that is shipped holds them. A broken promise panics.

pub use crate::api::hostile::api_bodies;
pub use crate::pages::hostile::addresses;

#[cfg(test)]
mod tests {
    use testkit::hostile::{Door, damaged_all, kept};

    const DOORS: [Door; 2] = [
        ("api_bodies", super::api_bodies),
        ("addresses", super::addresses),
    ];

    #[test]
    fn every_kept_example_is_read_without_panic() {
        kept(&DOORS);
    }

    #[test]
    fn damaged_examples_never_panic() {
        damaged_all(&DOORS, 100);
    }
}
