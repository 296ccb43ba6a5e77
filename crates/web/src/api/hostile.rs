//! The readers of bodies, for [`crate::hostile`].

use super::{contacts, handoffs, messages};

/// A body of the REST API, whichever call it is for.
pub fn api_bodies(json: &[u8]) {
    messages::read(json);
    handoffs::read(json);
    contacts::read(json);
}
