//! The GET by which Meta proves that a callback address is ours (`channels.md` §1.1).

use domain::ports::VerifyError;
use domain::secret::Secret;

/// The longest challenge echoed back; Meta's own has about ten digits.
const LONGEST_CHALLENGE: usize = 128;

/// The challenge, to be sent back verbatim as plain text.
///
/// # Errors
/// A missing or repeated parameter, another mode, a wrong token, an oversized challenge.
pub fn answer(token: &Secret, query: &[(String, String)]) -> Result<String, VerifyError> {
    let mode = only(query, "hub.mode")?;
    let candidate = only(query, "hub.verify_token")?;
    let challenge = only(query, "hub.challenge")?;
    if token.is_empty() || mode != "subscribe" || !token.matches(candidate.as_bytes()) {
        return Err(VerifyError::Mismatch);
    }
    let fits = (1..=LONGEST_CHALLENGE).contains(&challenge.len());
    if !fits || challenge.chars().any(char::is_control) {
        return Err(VerifyError::Malformed);
    }
    Ok(challenge.to_owned())
}

fn only<'a>(query: &'a [(String, String)], name: &str) -> Result<&'a str, VerifyError> {
    let mut values = query.iter().filter(|(n, _)| n == name).map(|(_, v)| v);
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(VerifyError::Missing),
        _ => Err(VerifyError::Malformed),
    }
}
