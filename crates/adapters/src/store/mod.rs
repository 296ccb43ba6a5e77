//! What is stored. Queries about a tenant's data start at [`Store::tenant`]; there is no other
//! way to reach a repository.
//!
//! Reading and settings live here; whatever changes a conversation goes through
//! [`crate::ingest`].

pub mod entity;

mod addresses;
mod api_keys;
mod channels;
mod claims;
mod connect;
mod conversations;
mod data_keys;
mod desks;
mod error;
mod files;
mod handoffs;
mod idempotency;
mod identity;
mod ledger;
mod left_behind;
mod outbox;
mod rows;
mod rules;
mod sweep;
mod tenant;
mod work;

pub use api_keys::{ApiKey, ApiKeys, NewApiKey};
pub use channels::{Channels, NewChannel};
pub use claims::{ClaimError, Hold};
pub use connect::DatabaseSettings;
pub use conversations::{ConversationFilter, ConversationRow, Conversations, Cursor};
pub use desks::{Desks, StoredDesk};
pub use error::StoreError;
pub use files::Files;
pub use handoffs::{HandoffRow, Handoffs};
pub use idempotency::{Idempotency, Slot};
pub use identity::{NewTenant, PasswordHash};
pub use ledger::{Balance, Direction, Stuck};
pub use outbox::{DeadRow, OutboxView, Waiting};
pub use rules::{RuleRow, Rules};
pub use sweep::DueTimer;
pub use tenant::TenantStore;
pub use work::{KnownPart, MemorizedClient};

pub(crate) use rows::author_name;

use domain::ids::TenantId;
use domain::ports::{Clock, IdSource};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait, Value,
};
use std::sync::Arc;

/// The database.
#[derive(Clone)]
pub struct Store {
    pub(crate) read: DatabaseConnection,
    /// SQLite has one writer: a pool of one makes writers queue up in the process, fairly,
    /// instead of polling a locked file. On PostgreSQL it is the same pool as `read`.
    pub(crate) write: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl Store {
    /// Everything of one tenant.
    #[must_use]
    pub fn tenant(&self, id: TenantId) -> TenantStore {
        TenantStore {
            store: self.clone(),
            id,
        }
    }

    /// What time it is, to the store.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Where new ids come from.
    #[must_use]
    pub fn ids(&self) -> &Arc<dyn IdSource> {
        &self.ids
    }

    /// Begins a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Whether rows can be locked one by one and claims need `skip locked`.
    pub(crate) fn is_postgres(&self) -> bool {
        self.read.get_database_backend() == DbBackend::Postgres
    }
}

/// A statement with `$1`-style places, which both databases understand.
pub(crate) fn sql(
    db: &impl ConnectionTrait,
    text: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    let values = values.into_iter().map(storable);
    Statement::from_sql_and_values(db.get_database_backend(), text, values)
}

/// PostgreSQL refuses the NUL character in a text. One in a contact's words would make their
/// webhook fail for ever, and with it everything the platform holds back behind it.
fn storable(value: Value) -> Value {
    match value {
        Value::String(Some(text)) if text.contains('\0') => text.replace('\0', "\u{fffd}").into(),
        other => other,
    }
}
