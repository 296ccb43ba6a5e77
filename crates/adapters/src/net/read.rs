//! Reading answers without trusting their size.

use super::send_error;
use bytes::{Bytes, BytesMut};
use domain::outbound::SendError;
use reqwest::Response;

/// Why an answer could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is longer than the cap; reading stopped there.
    #[error("la respuesta pasa de {cap} bytes")]
    TooBig {
        /// The cap in bytes.
        cap: usize,
    },
    /// It broke off.
    #[error(transparent)]
    Broken(#[from] SendError),
}

/// Reads a whole answer of at most `cap` bytes. Counted after decompression, so that a small
/// body cannot grow into a large one.
///
/// # Errors
/// See [`ReadError`]; the connection is dropped with the rest of the answer.
pub async fn read_capped(mut response: Response, cap: usize) -> Result<Bytes, ReadError> {
    let told = response.content_length().unwrap_or(0);
    if told > cap as u64 {
        return Err(ReadError::TooBig { cap });
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| send_error(&e))? {
        if body.len().saturating_add(chunk.len()) > cap {
            return Err(ReadError::TooBig { cap });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
