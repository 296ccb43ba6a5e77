//! What Messenger's errors mean (`channels.md` §4.9). The subcode often says more than the
//! code, and some codes mean something else here than elsewhere.

use crate::channels::meta::graph::{GraphError, from_status, general, line_throttle};
use domain::outbound::Failure;

/// Whether to retry.
#[must_use]
pub fn classify(error: &GraphError) -> Failure {
    let passing = Failure::Transient { retry_after: None };
    let (Some(code), subcode) = (error.code, error.subcode.unwrap_or(0)) else {
        return from_status(error);
    };
    // The finer number: the subcode, or the code where the platform puts it there.
    match if subcode == 0 { code } else { subcode } {
        2_018_278 | 2_018_065 | 2_534_022 => return Failure::Window,
        1_545_041 | 2_018_108 | 2_018_001 | 2_018_218 | 2_018_336 | 2_018_338 => {
            return Failure::Recipient;
        }
        1_893_063 | 2022 => return Failure::Policy,
        2_018_028 | 2_018_247 => return Failure::Unauthorized,
        2_018_300 | 2_018_321 => return Failure::Held,
        2_534_040 => return line_throttle(None),
        2_018_008 | 2_018_047 | 2_018_074 | 2_018_109 | 2_018_294 | 2_018_034 | 2_018_164
        | 1_357_046 | 9_000_001 => return Failure::Payload,
        _ => {}
    }
    match code {
        551 => Failure::Recipient,
        2022 => Failure::Policy,
        -1 | 1200 => passing,
        _ => general(error).unwrap_or_else(|| from_status(error)),
    }
}
