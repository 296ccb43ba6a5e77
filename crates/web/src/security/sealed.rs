//! Credentials of channels and desks: opened for one request, sealed before they are stored.

use crate::pages::error::PageError;
use crate::state::AppState;
use adapters::accounts::{channel_context, desk_context};
use domain::channel::ChannelCredentials;
use domain::desk::DeskCredentials;
use domain::ids::{ChannelId, TenantId};
use domain::secret::{SealContext, Sealed};
use serde::de::DeserializeOwned;

async fn seal(
    app: &AppState,
    context: SealContext<'_>,
    document: &serde_json::Value,
) -> Result<Sealed, PageError> {
    let plain = document.to_string();
    let sealed = app.vault.seal(context, plain.as_bytes()).await;
    sealed.map_err(|e| PageError::Unavailable(e.to_string()))
}

async fn open<T: DeserializeOwned>(
    app: &AppState,
    context: SealContext<'_>,
    sealed: &Sealed,
) -> Result<T, PageError> {
    let plain = app.vault.open(context, sealed).await;
    let plain = plain.map_err(|e| PageError::Unavailable(e.to_string()))?;
    // The reader's words could quote the document: they are not repeated.
    serde_json::from_slice(&plain)
        .map_err(|_| PageError::Broken("sealed document cannot be read".to_owned()))
}

/// Seals a channel's credentials for its row.
///
/// # Errors
/// `Unavailable` when the vault cannot.
pub async fn seal_channel(
    app: &AppState,
    tenant: TenantId,
    channel: ChannelId,
    credentials: &ChannelCredentials,
) -> Result<Sealed, PageError> {
    seal(
        app,
        channel_context(tenant, channel),
        &credentials.to_sealable(),
    )
    .await
}

/// Opens a channel's credentials.
///
/// # Errors
/// `Unavailable` when the vault cannot, `Broken` when the document is unreadable.
pub async fn open_channel(
    app: &AppState,
    tenant: TenantId,
    channel: ChannelId,
    sealed: &Sealed,
) -> Result<ChannelCredentials, PageError> {
    open(app, channel_context(tenant, channel), sealed).await
}

/// Seals a desk's credentials for its tenant's row.
///
/// # Errors
/// As [`seal_channel`].
pub async fn seal_desk(
    app: &AppState,
    tenant: TenantId,
    credentials: &DeskCredentials,
) -> Result<Sealed, PageError> {
    seal(app, desk_context(tenant), &credentials.to_sealable()).await
}

/// Opens a desk's credentials.
///
/// # Errors
/// As [`open_channel`].
pub async fn open_desk(
    app: &AppState,
    tenant: TenantId,
    sealed: &Sealed,
) -> Result<DeskCredentials, PageError> {
    open(app, desk_context(tenant), sealed).await
}

/// 192 random bits in letters, digits, `-` and `_`: a webhook's address, a verify token.
///
/// # Errors
/// `Broken` when the system has no randomness.
pub fn random_token() -> Result<String, PageError> {
    use base64::Engine;
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|e| PageError::Broken(e.to_string()))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
