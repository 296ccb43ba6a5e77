//! Slows down guessing: counted by network address and by account, in the database, so that any
//! number of web processes share one count and a restart forgives nothing.

use super::client::counted;
use adapters::store::{Allowance, Store, StoreError};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A door that guessing is tried at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Address and password.
    LogIn,
    /// A company signs up.
    SignUp,
    /// A mail with a link is asked for.
    Link,
    /// The second factor's code.
    Code,
    /// The password once more, on a page of one's own.
    Password,
}

const fn allowance(burst: u32, seconds: u64) -> Allowance {
    Allowance {
        burst,
        every: Duration::from_secs(seconds),
    }
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Self::LogIn => "login",
            Self::SignUp => "signup",
            Self::Link => "link",
            Self::Code => "code",
            Self::Password => "password",
        }
    }

    /// Tries at once and seconds until one more: per network address, per account.
    const fn allowances(self) -> (Allowance, Allowance) {
        match self {
            Self::LogIn | Self::Code | Self::Password => (allowance(30, 2), allowance(5, 60)),
            Self::SignUp => (allowance(20, 180), allowance(5, 600)),
            Self::Link => (allowance(20, 60), allowance(5, 600)),
        }
    }

    /// What is counted, as a hash: the table names nobody.
    fn key(self, kind: &str, value: &str) -> Vec<u8> {
        let text = format!("{}|{kind}|{value}", self.name());
        Sha256::digest(text.as_bytes()).to_vec()
    }
}

/// Slows down guessing.
#[derive(Clone)]
pub struct Throttle {
    store: Store,
}

impl Throttle {
    /// Counts in this database.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Whether one more try is allowed from there for that account (an e-mail address or an id);
    /// every call counts as one.
    ///
    /// # Errors
    /// The database does not answer: nobody may try then.
    pub async fn may(&self, door: Door, address: &str, account: &str) -> Result<bool, StoreError> {
        let (by_address, by_account) = door.allowances();
        let address = door.key("address", &counted(address));
        if !self.store.throttle_take(&address, by_address).await? {
            return Ok(false);
        }
        let account = door.key("account", &account.to_lowercase());
        self.store.throttle_take(&account, by_account).await
    }

    /// Forgets the tries of an account that turned out to be its owner's.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forgive(&self, door: Door, account: &str) -> Result<(), StoreError> {
        let account = door.key("account", &account.to_lowercase());
        self.store.throttle_forgive(&account).await
    }
}
