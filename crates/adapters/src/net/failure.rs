//! What a failed HTTP call means: may the request have arrived?

use super::AddressRefused;
use domain::outbound::{Failure, SendError};
use std::error::Error;

/// Judges a failed call. Before the connection stood nothing can have been sent: clear.
/// After that the request may have been read and acted upon: ambiguous.
///
/// The address of the request is left out of the text, because Telegram's holds the token.
#[must_use]
pub fn send_error(error: &reqwest::Error) -> SendError {
    let passing = Failure::Transient { retry_after: None };
    if error.is_builder() {
        return SendError::clear(Failure::Payload, "la petición no se pudo construir");
    }
    if is_caused_by_refused_address(error) {
        return SendError::clear(Failure::Payload, "la dirección lleva a una red privada");
    }
    if error.is_dns() {
        return SendError::clear(passing, "no se encuentra el servidor");
    }
    if error.is_connect() && error.is_timeout() {
        return SendError::clear(passing, "el servidor no acepta la conexión a tiempo");
    }
    if error.is_connect() {
        let why = deepest(error);
        return SendError::clear(passing, format!("no hay conexión con el servidor ({why})"));
    }
    if error.is_timeout() {
        return SendError::ambiguous("el servidor no respondió a tiempo");
    }
    SendError::ambiguous("la conexión se cortó antes de la respuesta")
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}

fn is_caused_by_refused_address(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.is::<AddressRefused>())
}

/// The first cause in words: the operating system's or the TLS library's, which know nothing
/// of the request.
fn deepest(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map_or_else(String::new, |cause| cause.to_string())
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
}
