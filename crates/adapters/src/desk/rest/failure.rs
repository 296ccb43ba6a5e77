//! What an answer that is no success means.

use crate::net::Unanswered;
use domain::outbound::{Failure, SendError, ThrottleScope};
use domain::time::Timestamp;
use reqwest::StatusCode;
use serde_json::Value;
use std::time::Duration;

/// What a repeated request would do: decides whether a doubtful one must be looked up first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing changes, or the same result again.
    Repeatable,
    /// Something new each time.
    Creates,
}

/// Nobody waits longer than this because a header said so.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The meaning of a status that is no success. The error classes are documented for 401, 403 and
/// 404 only; the others follow HTTP.
pub(super) fn of_status(
    status: StatusCode,
    retry_after: Option<Duration>,
    words: &str,
    effect: Effect,
) -> SendError {
    let failure = match status.as_u16() {
        401 | 403 => Failure::Unauthorized,
        429 => Failure::Throttled {
            scope: ThrottleScope::Connection,
            retry_after,
        },
        // Let's Talk sends nobody elsewhere: something between us does, and says nothing about
        // the message.
        300..=399 | 408 | 425 | 500..=599 => Failure::Transient { retry_after },
        _ => Failure::Payload,
    };
    // A gateway's 5xx or a 408 may follow a request that was carried out.
    let doubtful = status.as_u16() == 408 || status.is_server_error();
    let meaning = match status.as_u16() {
        401 => "credenciales rechazadas",
        403 => "bloqueado o sin permiso",
        404 => "no existe",
        429 => "demasiadas peticiones",
        300..=399 => "no se siguen redirecciones",
        500..=599 => "la plataforma tiene un problema",
        _ => "rechazado",
    };
    let detail = if words.is_empty() {
        format!("HTTP {}: {meaning}", status.as_u16())
    } else {
        format!("HTTP {}: {meaning} ({words})", status.as_u16())
    };
    SendError {
        failure,
        ambiguous: doubtful && effect == Effect::Creates,
        code: Some(status.as_u16().to_string()),
        detail,
    }
}

/// A request that got no whole answer: doubtful only if repeating it would do something new.
pub(super) fn of_transport(error: &Unanswered, effect: Effect) -> SendError {
    settled(error.into(), effect)
}

/// Takes the doubt from what may be repeated.
pub(super) fn settled(error: SendError, effect: Effect) -> SendError {
    SendError {
        ambiguous: error.ambiguous && effect == Effect::Creates,
        ..error
    }
}

/// A success without a readable answer.
pub(super) fn of_unreadable(detail: &str, effect: Effect) -> SendError {
    match effect {
        Effect::Creates => SendError::ambiguous(detail),
        Effect::Repeatable => SendError::clear(Failure::Transient { retry_after: None }, detail),
    }
}

/// `Retry-After` in seconds or as an HTTP date, at most an hour.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(value).ok()?;
            Timestamp(at.timestamp().as_millisecond()).since(now)
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

/// The platform's own words in an error body, short and without `secret` or addresses.
pub(super) fn words(body: &[u8], secrets: &[&str]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return String::new();
    };
    let found = ["message", "error_description", "error", "errors", "detail"]
        .iter()
        .find_map(|key| match value.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Object(inner) => inner.get("message")?.as_str().map(str::to_owned),
            list @ Value::Array(_) => Some(list.to_string()),
            _ => None,
        });
    let mut text = found.unwrap_or_default();
    for secret in secrets.iter().filter(|s| s.len() >= 4) {
        text = text.replace(secret, "…");
    }
    let kept: Vec<&str> = text
        .split_whitespace()
        .map(|w| if w.contains("://") { "…" } else { w })
        .collect();
    kept.join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now = Timestamp::from_seconds(784_111_777);
        assert_eq!(retry_after("7", now), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:49:57 GMT", now),
            Some(Duration::from_secs(20))
        );
        assert_eq!(retry_after("99999999", now), Some(LONGEST_WAIT));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn words_carry_neither_secrets_nor_addresses() {
        let body = br#"{"message":"token abcd1234 refused at https://x.example/y?k=1 today"}"#;
        assert_eq!(words(body, &["abcd1234"]), "token … refused at … today");
        assert_eq!(words(b"<html>", &[]), "");
    }

    #[test]
    fn each_status_has_its_class() {
        let class = |code: u16, effect| {
            let status = StatusCode::from_u16(code).unwrap();
            let error = of_status(status, None, "", effect);
            (error.failure, error.ambiguous)
        };
        let transient = Failure::Transient { retry_after: None };
        assert_eq!(class(401, Effect::Creates), (Failure::Unauthorized, false));
        assert_eq!(class(403, Effect::Creates), (Failure::Unauthorized, false));
        assert_eq!(class(404, Effect::Creates), (Failure::Payload, false));
        assert_eq!(class(422, Effect::Creates), (Failure::Payload, false));
        assert_eq!(class(302, Effect::Creates), (transient.clone(), false));
        assert_eq!(class(408, Effect::Creates), (transient.clone(), true));
        assert_eq!(class(502, Effect::Creates), (transient.clone(), true));
        assert_eq!(class(502, Effect::Repeatable), (transient, false));
        assert!(!class(429, Effect::Creates).1);
    }
}
