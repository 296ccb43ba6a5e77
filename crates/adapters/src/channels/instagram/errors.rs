//! What Instagram's errors mean (`channels.md` §5.4): Messenger's, and a few of its own.

use crate::channels::messenger;
use crate::channels::meta::graph::{GraphError, line_throttle};
use domain::outbound::Failure;

/// Whether to retry.
#[must_use]
pub fn classify(error: &GraphError) -> Failure {
    match (error.code, error.subcode) {
        (_, Some(2_534_022)) => Failure::Window,
        (_, Some(2_534_014)) => Failure::Recipient,
        (_, Some(2_534_015)) => Failure::Payload,
        (_, Some(2_534_029)) => Failure::Policy,
        (_, Some(2_534_037)) => Failure::Held,
        (_, Some(2_534_013 | 2_534_077 | 2_534_041)) | (Some(36_103), _) => Failure::Unauthorized,
        (_, Some(2_534_040)) => line_throttle(None),
        (Some(10_903), _) => Failure::Payload,
        _ => messenger::errors::classify(error),
    }
}
