//! A member's authenticator: its secret opened for one request, its codes checked once.

use crate::pages::error::PageError;
use crate::state::AppState;
use adapters::second_factor::{self, Enrolment};
use adapters::store::factor_context;
use domain::audit::By;
use domain::secret::Sealed;
use domain::tenant::Member;

impl From<second_factor::FactorError> for PageError {
    fn from(error: second_factor::FactorError) -> Self {
        Self::Broken(error.to_string())
    }
}

async fn open(app: &AppState, member: &Member, sealed: &Sealed) -> Result<Vec<u8>, PageError> {
    let plain = app.vault.open(factor_context(member), sealed).await;
    plain.map_err(|e| PageError::Unavailable(e.to_string()))
}

/// What proved the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The authenticator's digits.
    Code,
    /// A recovery code, of which so many are left.
    Recovery(u64),
}

/// Whether `given` is a code of the member's authenticator that was not used yet, or one of the
/// recovery codes; either is used up.
///
/// # Errors
/// The vault or the database does not answer.
pub async fn prove(
    app: &AppState,
    member: &Member,
    given: &str,
) -> Result<Option<Proof>, PageError> {
    let stored = app.store.factor(member).await?;
    let Some(active) = stored.active else {
        return Ok(None);
    };
    let secret = open(app, member, &active).await?;
    if let Some(step) = second_factor::check(&secret, given, app.clock.now())? {
        let fresh = app.store.factor_step(member, step).await?;
        return Ok(fresh.then_some(Proof::Code));
    }
    let hash = second_factor::recovery_hash(given);
    let good = app.store.recovery_use(member, &hash).await?;
    Ok(good.then_some(Proof::Recovery(stored.codes_left.saturating_sub(1))))
}

/// Keeps a new secret until a code proves that an authenticator has learnt it.
///
/// # Errors
/// The vault or the database does not answer.
pub async fn offer(app: &AppState, member: &Member) -> Result<(), PageError> {
    let secret = second_factor::new_secret()?;
    let sealed = app.vault.seal(factor_context(member), &secret).await;
    let sealed = sealed.map_err(|e| PageError::Unavailable(e.to_string()))?;
    Ok(app.store.factor_offer(member, &sealed).await?)
}

/// What the authenticator has to learn; `None` when nothing is offered.
///
/// # Errors
/// The vault or the database does not answer.
pub async fn offered(app: &AppState, member: &Member) -> Result<Option<Enrolment>, PageError> {
    let Some(sealed) = app.store.factor(member).await?.offered else {
        return Ok(None);
    };
    let secret = open(app, member, &sealed).await?;
    Ok(Some(second_factor::enrolment(&secret, &member.email)?))
}

/// Turns the offered authenticator on if `code` is one of its; the recovery codes, which nobody
/// sees again.
///
/// # Errors
/// The vault or the database does not answer.
pub async fn turn_on(
    app: &AppState,
    member: &Member,
    by: &By,
    code: &str,
) -> Result<Option<Vec<String>>, PageError> {
    let Some(sealed) = app.store.factor(member).await?.offered else {
        return Ok(None);
    };
    let secret = open(app, member, &sealed).await?;
    let Some(step) = second_factor::check(&secret, code, app.clock.now())? else {
        return Ok(None);
    };
    let (shown, hashes) = recovery()?;
    app.store.factor_on(member, by, step, &hashes).await?;
    Ok(Some(shown))
}

/// New recovery codes in the place of all earlier ones.
///
/// # Errors
/// The database does not answer.
pub async fn renew_codes(
    app: &AppState,
    member: &Member,
    by: &By,
) -> Result<Vec<String>, PageError> {
    let (shown, hashes) = recovery()?;
    app.store.recovery_replace(member, by, &hashes).await?;
    Ok(shown)
}

fn recovery() -> Result<(Vec<String>, Vec<Vec<u8>>), PageError> {
    let codes = second_factor::new_recovery_codes()?;
    let codes = codes.iter().map(|c| c.expose());
    Ok(codes
        .map(|c| (c.to_owned(), second_factor::recovery_hash(c)))
        .unzip())
}
