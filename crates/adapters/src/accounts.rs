//! Lines and desks with their credentials open, in memory for moments: a burst of messages opens
//! them once, a changed token takes effect within [`FRESH`].

use crate::store::{Store, StoreError};
use crate::together::Together;
use domain::channel::{Channel, ChannelCredentials, ChannelKind};
use domain::desk::{DeskAccount, DeskCredentials};
use domain::ids::{ChannelId, TenantId};
use domain::ports::{Vault, VaultError};
use domain::secret::{SealContext, Sealed};
use moka::future::Cache;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long an opened connection is used without looking again.
const FRESH: Duration = Duration::from_secs(2);

/// A line with its credentials open.
#[derive(Clone, Debug)]
pub struct OpenChannel {
    /// The line.
    pub channel: Arc<Channel>,
    /// What the tenant pasted.
    pub credentials: Arc<ChannelCredentials>,
}

/// Why a connection cannot be opened.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AccountError {
    /// There is none (any more).
    #[error("not connected")]
    Missing,
    /// The master key is missing or the stored value was moved: a person must look.
    #[error("credentials cannot be opened: {0}")]
    Sealed(String),
    /// Try again.
    #[error("store: {0}")]
    Unavailable(String),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::Missing,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<VaultError> for AccountError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Store(why) => Self::Unavailable(why),
            other => Self::Sealed(other.to_string()),
        }
    }
}

/// What an address of ours names: a platform and the line's key.
type Address = (ChannelKind, String);

/// Opens lines and desks.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    vault: Arc<dyn Vault>,
    by_id: Cache<(TenantId, ChannelId), OpenChannel>,
    by_key: Cache<Address, OpenChannel>,
    nobody: Cache<Address, ()>,
    doors: Arc<Together<Address, Result<Option<OpenChannel>, AccountError>>>,
    desks: Cache<TenantId, Option<Arc<DeskAccount>>>,
}

/// What the credentials of a line are bound to.
#[must_use]
pub fn channel_context(tenant: TenantId, id: ChannelId) -> SealContext<'static> {
    SealContext {
        tenant,
        column: "channels.credentials",
        row: id.0,
    }
}

/// What the keys of a desk are bound to.
#[must_use]
pub fn desk_context(tenant: TenantId) -> SealContext<'static> {
    SealContext {
        tenant,
        column: "desks.credentials",
        row: tenant.0,
    }
}

/// What a contact's token at the desk is bound to.
#[must_use]
pub fn client_context(tenant: TenantId, contact: domain::ids::ContactId) -> SealContext<'static> {
    SealContext {
        tenant,
        column: "contacts.desk_token",
        row: contact.0,
    }
}

impl Accounts {
    /// Over a store and a vault.
    #[must_use]
    pub fn new(store: Store, vault: Arc<dyn Vault>) -> Self {
        Self {
            store,
            vault,
            by_id: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(FRESH)
                .build(),
            by_key: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(FRESH)
                .build(),
            // A room of their own: made-up addresses push no line out.
            nobody: Cache::builder()
                .max_capacity(2_000)
                .time_to_live(FRESH)
                .build(),
            doors: Arc::default(),
            desks: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(FRESH)
                .build(),
        }
    }

    /// A line of a tenant.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn channel(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<OpenChannel, AccountError> {
        if let Some(open) = self.by_id.get(&(tenant, id)).await {
            return Ok(open);
        }
        let (channel, sealed) = self
            .store
            .tenant(tenant)
            .channels()
            .with_credentials(id)
            .await?;
        let open = self.opened(channel, &sealed).await?;
        self.by_id.insert((tenant, id), open.clone()).await;
        Ok(open)
    }

    /// The line behind a webhook's or the send proxy's address. An unknown address is remembered
    /// too, and those which come side by side are asked for together: guessing takes one
    /// connection to the database, however fast it is.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn by_key(&self, kind: ChannelKind, key: &str) -> Result<OpenChannel, AccountError> {
        let address = (kind, key.to_owned());
        if let Some(known) = self.by_key.get(&address).await {
            return Ok(known);
        }
        if self.nobody.contains_key(&address) {
            return Err(AccountError::Missing);
        }
        let open = |all: Vec<Address>| self.behind(all);
        match self.doors.ask(address.clone(), open).await? {
            Some(open) => {
                self.by_key.insert(address, open.clone()).await;
                Ok(open)
            }
            None => {
                self.nobody.insert(address, ()).await;
                Err(AccountError::Missing)
            }
        }
    }

    /// The lines behind these addresses, in one round trip.
    async fn behind(&self, all: Vec<Address>) -> Vec<Result<Option<OpenChannel>, AccountError>> {
        let keys = all.iter().map(|(_, key)| key.as_str());
        let found = match self.store.channels_by_keys(keys).await {
            Ok(found) => found,
            Err(error) => {
                let error = AccountError::from(error);
                return all.iter().map(|_| Err(error.clone())).collect();
            }
        };
        let mut open: HashMap<Address, Result<OpenChannel, AccountError>> = HashMap::new();
        for (kind, key, line) in found {
            let opened = match line {
                Ok((channel, sealed)) => self.opened(channel, &sealed).await,
                Err(error) => Err(error.into()),
            };
            open.insert((kind, key), opened);
        }
        let mine = |address| open.get(address).cloned().transpose();
        all.iter().map(mine).collect()
    }

    /// The desk of a tenant.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn desk(&self, tenant: TenantId) -> Result<Arc<DeskAccount>, AccountError> {
        if let Some(known) = self.desks.get(&tenant).await {
            return known.ok_or(AccountError::Missing);
        }
        let account = match self.store.tenant(tenant).desk().get().await? {
            None => None,
            Some(stored) => {
                let plain = self
                    .vault
                    .open(desk_context(tenant), &stored.credentials)
                    .await?;
                let credentials: DeskCredentials = serde_json::from_slice(&plain)
                    .map_err(|_| AccountError::Sealed("desk keys cannot be read".to_owned()))?;
                Some(Arc::new(DeskAccount {
                    tenant,
                    settings: stored.settings,
                    credentials,
                }))
            }
        };
        self.desks.insert(tenant, account.clone()).await;
        account.ok_or(AccountError::Missing)
    }

    /// Forgets what is in memory of a tenant's lines and desk: something was saved.
    pub async fn forget(&self, tenant: TenantId, channel: Option<&Channel>) {
        self.desks.invalidate(&tenant).await;
        if let Some(channel) = channel {
            self.by_id.invalidate(&(tenant, channel.id)).await;
            let address = (channel.kind, channel.public_key.clone());
            self.by_key.invalidate(&address).await;
            self.nobody.invalidate(&address).await;
        }
    }

    async fn opened(&self, channel: Channel, sealed: &Sealed) -> Result<OpenChannel, AccountError> {
        let context = channel_context(channel.tenant, channel.id);
        let plain = self.vault.open(context, sealed).await?;
        let credentials: ChannelCredentials = serde_json::from_slice(&plain)
            .map_err(|_| AccountError::Sealed("credentials cannot be read".to_owned()))?;
        Ok(OpenChannel {
            channel: Arc::new(channel),
            credentials: Arc::new(credentials),
        })
    }
}
