//! Members' passwords: argon2id, off the async threads, never more at once than there are
//! cores (each takes 19 MiB and some 20 ms).

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::secret::Secret;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Memory in KiB, passes, lanes: the floor that OWASP names for argon2id.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Longer passwords are refused instead of hashed.
pub const LONGEST_PASSWORD: usize = 1_024;

/// Why a password could not be hashed or checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// More than [`LONGEST_PASSWORD`] bytes.
    #[error("the password is too long")]
    TooLong,
    /// What is stored is not an argon2 hash.
    #[error("the stored password hash is damaged")]
    Damaged,
    /// The hash could not be computed (memory, or the process is stopping).
    #[error("the password could not be hashed")]
    Failed,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The right password.
    Right {
        /// It was hashed with weaker parameters than today's: hash it anew and store that.
        rehash: bool,
    },
    /// Another password.
    Wrong,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Stands in for the hash of an account that does not exist.
    nobody: Arc<str>,
}

fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(|_| PasswordError::Failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8]) -> Result<String, PasswordError> {
    let hashed = hasher()?.hash_password(password);
    hashed
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Failed)
}

fn verify(password: &[u8], stored: &str) -> Result<Verdict, PasswordError> {
    let parsed = PasswordHash::new(stored).map_err(|_| PasswordError::Damaged)?;
    let params = Params::try_from(&parsed).map_err(|_| PasswordError::Damaged)?;
    if hasher()?.verify_password(password, &parsed).is_err() {
        return Ok(Verdict::Wrong);
    }
    let weaker = parsed.algorithm.as_str() != "argon2id"
        || params.m_cost() < MEMORY
        || params.t_cost() < PASSES;
    Ok(Verdict::Right { rehash: weaker })
}

impl Passwords {
    /// As many at once as there are cores. Hashes one random password, so it takes a moment.
    ///
    /// # Errors
    /// [`PasswordError::Failed`].
    pub async fn new() -> Result<Self, PasswordError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut unknown = [0_u8; 32];
        getrandom::fill(&mut unknown).map_err(|_| PasswordError::Failed)?;
        let nobody = tokio::task::spawn_blocking(move || hash(&unknown))
            .await
            .map_err(|_| PasswordError::Failed)??;
        Ok(Self {
            permits: Arc::new(Semaphore::new(cores)),
            nobody: nobody.into(),
        })
    }

    /// The hash to store, with a salt of its own.
    ///
    /// # Errors
    /// [`PasswordError::TooLong`], [`PasswordError::Failed`].
    pub async fn hash(&self, password: &Secret) -> Result<String, PasswordError> {
        if password.expose().len() > LONGEST_PASSWORD {
            return Err(PasswordError::TooLong);
        }
        self.apart(password, hash).await
    }

    /// Checks a password against what is stored. `None`: the account does not exist; it takes
    /// as long as for one that does, and is [`Verdict::Wrong`].
    ///
    /// # Errors
    /// [`PasswordError::Damaged`], [`PasswordError::Failed`].
    pub async fn verify(
        &self,
        password: &Secret,
        stored: Option<&str>,
    ) -> Result<Verdict, PasswordError> {
        if password.expose().len() > LONGEST_PASSWORD {
            return Ok(Verdict::Wrong);
        }
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let verdict = self
            .apart(password, move |password| verify(password, &stored))
            .await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    async fn apart<T: Send + 'static>(
        &self,
        password: &Secret,
        work: impl FnOnce(&[u8]) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        // The permit goes along: when the caller gives up, the work still counts until it ends.
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| PasswordError::Failed)?;
        let password = password.clone();
        tokio::task::spawn_blocking(move || {
            let result = work(password.expose().as_bytes());
            drop(permit);
            result
        })
        .await
        .map_err(|_| PasswordError::Failed)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_opens_and_another_does_not() {
        let passwords = Passwords::new().await.unwrap();
        let right = Secret::new("corazón de melón");
        let stored = passwords.hash(&right).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(stored, passwords.hash(&right).await.unwrap());
        assert_eq!(
            passwords.verify(&right, Some(&stored)).await,
            Ok(Verdict::Right { rehash: false })
        );
        let wrong = Secret::new("corazón de limón");
        assert_eq!(
            passwords.verify(&wrong, Some(&stored)).await,
            Ok(Verdict::Wrong)
        );
    }

    #[tokio::test]
    async fn an_unknown_account_is_wrong_whatever_is_typed() {
        let passwords = Passwords::new().await.unwrap();
        let any = Secret::new("x");
        assert_eq!(passwords.verify(&any, None).await, Ok(Verdict::Wrong));
    }

    #[test]
    fn a_hash_of_weaker_parameters_asks_to_be_renewed() {
        let weak = Params::new(8_192, 1, 1, None).unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak);
        let stored = weak.hash_password(b"pw").unwrap().to_string();
        assert_eq!(verify(b"pw", &stored), Ok(Verdict::Right { rehash: true }));
        assert_eq!(verify(b"no", &stored), Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_damaged_hash_and_an_endless_password_are_told_apart() {
        let passwords = Passwords::new().await.unwrap();
        assert_eq!(
            passwords.verify(&Secret::new("x"), Some("plain")).await,
            Err(PasswordError::Damaged)
        );
        let endless = Secret::new("x".repeat(LONGEST_PASSWORD + 1));
        assert_eq!(passwords.hash(&endless).await, Err(PasswordError::TooLong));
        assert_eq!(passwords.verify(&endless, None).await, Ok(Verdict::Wrong));
    }
}
