//! Checking credentials: what the three products ask alike.

use super::graph::{Graph, GraphError, cleaned};
use super::json::Lenient;
use domain::ports::ValidationError;
use domain::secret::Secret;
use serde_json::Value;

/// A token has the shape of one: visible ASCII without blanks.
///
/// # Errors
/// `Malformed`.
pub fn token_shaped(token: &Secret, field: &'static str) -> Result<(), ValidationError> {
    let text = token.expose();
    let fits = (8..=4096).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    fits.then_some(())
        .ok_or(ValidationError::Malformed { field })
}

/// There is at least one app secret and each has the shape of one. The platform's are 32
/// hexadecimal digits, but nobody promises it.
///
/// # Errors
/// `Malformed`.
pub fn secrets_shaped(secrets: &[Secret]) -> Result<(), ValidationError> {
    let field = "app_secrets";
    if secrets.is_empty() {
        return Err(ValidationError::Malformed { field });
    }
    secrets
        .iter()
        .try_for_each(|secret| token_shaped(secret, field))
}

/// An id is made of digits only.
///
/// # Errors
/// `Malformed`.
pub fn digits(id: &str, field: &'static str) -> Result<(), ValidationError> {
    let fits = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(())
        .ok_or(ValidationError::Malformed { field })
}

/// Asks the platform; a refusal is told by the field it blames.
///
/// # Errors
/// One variant for each way it can fail.
pub async fn question(
    graph: &Graph,
    token: &Secret,
    path: &str,
    query: &[(&str, &str)],
    field: &'static str,
) -> Result<Value, ValidationError> {
    let answer = graph.ask(token, path, query).await;
    let answer = answer.map_err(|error| ValidationError::Unreachable {
        detail: error.detail,
    })?;
    match answer.error() {
        Some(error) => Err(refusal(&error, field)),
        None => answer.json().ok_or_else(|| ValidationError::Unreachable {
            detail: "the answer could not be read".to_owned(),
        }),
    }
}

/// Which failure an error is.
#[must_use]
pub fn refusal(error: &GraphError, field: &'static str) -> ValidationError {
    let detail = cleaned(&format!("{}: {}", error.label(), error.words()));
    match (error.code, error.status) {
        (Some(102 | 104 | 190), _) => ValidationError::Token { detail },
        (Some(3 | 10 | 200..=299 | 131_005), _) => ValidationError::Permission { detail },
        (Some(100 | 803 | 33), _) => ValidationError::NotFound { field, detail },
        (Some(_), _) if error.transient => ValidationError::Unreachable { detail },
        (_, 401) => ValidationError::Token { detail },
        (_, 403) => ValidationError::Permission { detail },
        (None, 404) => ValidationError::NotFound { field, detail },
        _ => ValidationError::Unreachable { detail },
    }
}

/// Another app on the same asset may answer too: worth knowing, not a failure.
#[must_use]
pub fn other_apps(installed: &Value, ours: &str) -> Vec<String> {
    let foreign = |app: &Value| app.id("id").is_some_and(|id| id != ours);
    if installed.items("data").iter().any(foreign) {
        vec!["channel.other_apps".to_owned()]
    } else {
        Vec::new()
    }
}
