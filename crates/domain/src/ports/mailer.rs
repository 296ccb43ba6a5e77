//! Mails to members: links that confirm an address, reset a password, invite.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A mail as it is read. Its words hold one-time links: it is stored sealed only, and prints
/// without its content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The reader's address.
    pub to: String,
    /// The subject: one line.
    pub subject: String,
    /// The whole mail as plain text.
    pub text: String,
    /// The same as HTML without anything to load.
    pub html: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail")
    }
}

/// Why a mail was not taken. The texts are for the log and hold no addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server is away, busy or refuses us as a sender: the same mail may pass later.
    #[error("try again: {0}")]
    Transient(String),
    /// This mail will never pass: the recipient is unknown or the address has no shape.
    #[error("refused: {0}")]
    Refused(String),
}

/// Hands mails to a mail server.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Returns when the server has taken the mail. `id` is the same at every try and becomes
    /// the `Message-ID`, so that a repeat can be recognised.
    ///
    /// # Errors
    /// [`MailError`].
    async fn send(&self, id: crate::ids::MailId, mail: &Mail) -> Result<(), MailError>;
}
