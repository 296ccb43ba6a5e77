//! Proving that a webhook comes from Telegram: our own secret, sent back in a header.

use domain::channel::ChannelCredentials;
use domain::ports::{RawWebhook, VerifiedWebhook, VerifyError};

/// The header Telegram puts our secret in. The body itself is not signed.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// The header with our secret, as Telegram sends it.
pub(super) fn secret_header(credentials: &ChannelCredentials) -> Option<(String, String)> {
    let ChannelCredentials::Telegram { webhook_secret, .. } = credentials else {
        return None;
    };
    let secret = webhook_secret.expose();
    (!secret.is_empty()).then(|| (SECRET_HEADER.to_owned(), secret.to_owned()))
}

/// Compares the header with our secret. Without a secret of our own nothing is believed.
pub(super) fn verify(
    credentials: &ChannelCredentials,
    raw: RawWebhook,
) -> Result<VerifiedWebhook, VerifyError> {
    let ChannelCredentials::Telegram { webhook_secret, .. } = credentials else {
        return Err(VerifyError::Mismatch);
    };
    let told = raw.header(SECRET_HEADER).ok_or(VerifyError::Missing)?;
    if told.is_empty() {
        return Err(VerifyError::Missing);
    }
    if webhook_secret.is_empty() || !webhook_secret.matches(told.as_bytes()) {
        return Err(VerifyError::Mismatch);
    }
    Ok(VerifiedWebhook::proven(raw))
}
