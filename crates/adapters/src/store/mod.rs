//! What is stored. Queries about a tenant's data start at [`Store::tenant`]; there is no other
//! way to reach a repository.
//!
//! Reading and settings live here; whatever changes a conversation goes through
//! [`crate::ingest`].

pub mod entity;

mod account_log;
mod addresses;
mod announce;
mod api_keys;
mod audit;
mod channels;
mod checks;
mod choices;
mod claims;
mod connect;
mod conversations;
mod data_keys;
mod desks;
mod erase;
mod errand;
mod error;
mod export;
mod files;
mod handoffs;
mod history;
mod host;
mod idempotency;
mod identity;
mod ledger;
mod left_behind;
mod listing;
mod logins;
mod mails;
pub(crate) mod many;
mod members;
pub(crate) mod metrics;
mod notes;
mod outbox;
mod overview;
mod past;
mod purge;
mod restored;
mod retention;
mod rows;
mod rule_log;
mod rule_versions;
mod rules;
mod schema;
mod search;
mod second_factor;
mod statistics;
mod sweep;
mod team;
mod tenant;
mod terms;
mod throttle;
mod tokens;
mod trace;
mod turn;
mod visit;
mod work;
mod work_clock;

pub use api_keys::{ApiKey, ApiKeys, NewApiKey};
pub use audit::{
    AuditCursor, AuditFilter, AuditLine, AuditLog, Change, Difference, Object, Recorded,
};
pub use channels::{Channels, NewChannel};
pub use checks::{Checks, StreamTrouble, Stuck, Traffic, news_of};
pub use choices::FilterChoices;
pub use claims::{ClaimError, Hold, Taken, Turned, WAITS_FOR_CONNECTION};
pub use connect::DatabaseSettings;
pub use conversations::Conversations;
pub use desks::{Desks, StoredDesk};
pub use errand::Errand;
pub use error::StoreError;
pub use export::{After, Page, Part};
pub use files::Files;
pub use handoffs::{HandoffRow, Handoffs};
pub use history::{HistoryCursor, HistoryFilter, HistoryRow, Only};
pub use host::TenantGlance;
pub use idempotency::{Idempotency, Slot};
pub use identity::{NewTenant, PasswordHash};
pub use ledger::{Balance, Direction, Overdue};
pub use listing::{ConversationFilter, ConversationRow, Cursor};
pub use logins::{LOGIN_LASTS, Login};
pub use mails::{DueMail, KeptMail, NewMail, mail_context};
pub use members::{Credentials, NewMember};
pub use metrics::{DaysDone, Metrics, Named, Snapshot};
pub use notes::Note;
pub use outbox::{DeadRow, OutboxView, Waiting};
pub use overview::Overview;
pub use past::{PastCursor, Pasts};
pub use retention::{Forgetful, Forgotten, instead_of_words};
pub use rule_versions::{RuleVersion, RuleVersionHead};
pub use rules::{Changed, RuleBook, RuleRow, Rules};
pub use schema::{MigrateError, Schema, SchemaMisfit};
pub use search::{Beyond, Hit, SearchPlace};
pub use second_factor::{StoredFactor, factor_context};
pub use sweep::DueTimer;
pub use team::{Invitation, Joining, NewInvitation, Team};
pub use tenant::TenantStore;
pub use terms::{Limits, Suspension, Terms, Usage};
pub use throttle::Allowance;
pub use tokens::{NewToken, Purpose, Token, TokenHash};
pub use trace::{FailedTry, Trace, TracePart, Work};
pub use turn::{DoneRow, Turn};
pub use visit::Visit;
pub use work::MemorizedClient;
pub use work_clock::WorkClock;

pub(crate) use addresses::called;
pub(crate) use rows::author_name;
pub(crate) use rules::count_matches;
pub(crate) use work_clock::ms;

use domain::audit::By;
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
    pub(crate) judge: WorkClock,
    /// What work begins with, asked for together.
    errands: Arc<errand::Errands>,
    announcements: Arc<announce::Announcements>,
}

impl Store {
    /// Everything of one tenant. Whoever changes something says first who they are
    /// ([`TenantStore::by`]).
    #[must_use]
    pub fn tenant(&self, id: TenantId) -> TenantStore {
        TenantStore {
            store: self.clone(),
            id,
            by: By::default(),
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
        Value::String(Some(text)) if text.contains('\0') => without_nul(&text).into(),
        other => other,
    }
}

/// A text as it is stored, and told back.
pub(crate) fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
