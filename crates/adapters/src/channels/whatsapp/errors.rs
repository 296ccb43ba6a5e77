//! What WhatsApp's errors mean (`channels.md` §2.8). The code decides; Meta says not to rely
//! on status, subcode or titles.

use crate::channels::meta::graph::{GraphError, from_status, general, line_throttle};
use domain::outbound::{Failure, ThrottleScope};

/// An hour: how long the limits last that are about reputation rather than pace.
const HOUR: Option<u64> = Some(60);

/// Whether to retry.
#[must_use]
pub fn classify(error: &GraphError) -> Failure {
    let Some(code) = error.code else {
        return from_status(error);
    };
    match code {
        1 | 2 | 131_000 | 131_016 | 133_004 | 135_000 | 131_057 => {
            Failure::Transient { retry_after: None }
        }
        130_429 | 4 | 80_007 => line_throttle(None),
        131_048 | 131_064 => line_throttle(HOUR),
        131_056 => Failure::Throttled {
            scope: ThrottleScope::Contact,
            retry_after: None,
        },
        0 | 3 | 10 | 33 | 190 | 200..=299 | 131_005 | 133_010 | 131_045 | 131_037 => {
            Failure::Unauthorized
        }
        131_047 => Failure::Window,
        131_026 | 131_021 | 131_030 | 130_403 | 137_000 | 131_050 | 131_049 | 130_472 => {
            Failure::Recipient
        }
        368 | 130_497 | 131_031 | 131_042 | 134_011 => Failure::Policy,
        131_062
        | 131_008
        | 131_009
        | 131_051..=131_053
        | 132_000
        | 132_001
        | 132_005
        | 132_007
        | 132_008
        | 132_012
        | 132_015
        | 132_016
        | 132_018
        | 132_068
        | 132_069
        | 131_055
        | 131_063
        | 131_020
        | 131_041
        | 133_016 => Failure::Payload,
        _ => general(error).unwrap_or_else(|| from_status(error)),
    }
}
