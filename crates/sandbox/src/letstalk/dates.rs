//! The platform's two ways of writing a date.

use crate::clock::date_of;

/// `2019-10-04T14:37:22.000+0000`, as REST answers write it.
pub(super) fn with_offset(ms: u64) -> String {
    date_of(ms).format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// `2019-10-04T14:37:22.000Z`, as events and conversations write it.
pub(super) fn with_z(ms: u64) -> String {
    date_of(ms).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_have_both_forms() {
        assert_eq!(
            super::with_offset(1_570_199_842_000),
            "2019-10-04T14:37:22.000+0000"
        );
        assert_eq!(super::with_z(1_570_199_842_007), "2019-10-04T14:37:22.007Z");
    }
}
