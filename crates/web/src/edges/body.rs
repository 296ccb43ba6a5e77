//! Reading bodies without trusting their size or their pace.

use super::room::{Held, Share};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures::StreamExt;
use std::time::Duration;

/// Memory is counted in these, in bytes.
const UNIT: usize = 1024;

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Longer than the cap: 413.
    #[error("too large")]
    TooLarge,
    /// Not all there in time: 408.
    #[error("too slow")]
    TooSlow,
    /// It broke off, or its framing is wrong: 400.
    #[error("incomplete")]
    Incomplete,
    /// Too many other bodies are in memory: come back later.
    #[error("no room")]
    NoRoom,
}

impl BodyError {
    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::TooSlow => 408,
            Self::Incomplete => 400,
            Self::NoRoom => 503,
        }
    }
}

/// How much of a body is taken.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// The most bytes.
    pub cap: usize,
    /// The longest it may take.
    pub time: Duration,
    /// The room that it may take; small ones are not counted.
    pub room: Option<&'a Share>,
}

/// A body, and the room that it takes until dropped.
pub struct Body {
    /// The exact bytes.
    pub bytes: Bytes,
    /// Held as long as the bytes are in use.
    pub room: Option<Held>,
}

/// Reads a whole body. `told` is its size as the head says.
///
/// # Errors
/// [`BodyError`].
pub async fn read(
    payload: Payload,
    told: Option<u64>,
    limits: Limits<'_>,
) -> Result<Body, BodyError> {
    if told.is_some_and(|size| size > limits.cap as u64) {
        return Err(BodyError::TooLarge);
    }
    tokio::time::timeout(limits.time, collect(payload, told, limits))
        .await
        .map_err(|_| BodyError::TooSlow)?
}

async fn collect(
    mut payload: Payload,
    told: Option<u64>,
    limits: Limits<'_>,
) -> Result<Body, BodyError> {
    let mut room: Option<Held> = None;
    let mut held = 0;
    let mut bytes = BytesMut::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| BodyError::Incomplete)?;
        let size = bytes.len().saturating_add(piece.len());
        if size > limits.cap {
            return Err(BodyError::TooLarge);
        }
        if let Some(share) = limits.room {
            let wanted = size.div_ceil(UNIT).saturating_sub(held);
            let more = u32::try_from(wanted).map_err(|_| BodyError::TooLarge)?;
            if !share.take(more, &mut room) {
                metrics::counter!("relevo_bodies_without_room").increment(1);
                return Err(BodyError::NoRoom);
            }
            held += wanted;
        }
        bytes.extend_from_slice(&piece);
    }
    if told.is_some_and(|size| size != bytes.len() as u64) {
        return Err(BodyError::Incomplete);
    }
    Ok(Body {
        bytes: bytes.freeze(),
        room,
    })
}
