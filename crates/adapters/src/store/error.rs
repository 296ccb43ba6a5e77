//! What can go wrong with the database, and whether to try again.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// What can go wrong with the database.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row of this tenant.
    #[error("not found")]
    NotFound,
    /// Something unique exists already; says what, e.g. `email`.
    #[error("{0} exists already")]
    Conflict(&'static str),
    /// Somebody else was faster, or the claim was lost: read again.
    #[error("changed meanwhile")]
    Stale,
    /// The database cannot be reached, is full or asks for another try.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A stored document cannot be read by this version.
    #[error("{what} cannot be read: {why}")]
    Corrupt {
        /// Table and column.
        what: &'static str,
        /// The reader's words.
        why: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Stale)
    }

    pub(crate) fn corrupt(what: &'static str, why: impl ToString) -> Self {
        Self::Corrupt {
            what,
            why: why.to_string(),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => Self::NotFound,
            other => match other.sql_err() {
                Some(SqlErr::UniqueConstraintViolation(_)) => Self::Conflict("row"),
                _ => Self::Unavailable(without_values(&other)),
            },
        }
    }
}

/// The driver's words without the statement's values, which may be a contact's words.
fn without_values(error: &DbErr) -> String {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => match e.as_database_error() {
            Some(db) => format!("{} {}", db.code().unwrap_or_default(), db.message()),
            None => e.to_string(),
        },
        other => other.to_string(),
    }
}

/// Names what was unique when an insert met an existing row.
pub(crate) fn conflict(what: &'static str) -> impl Fn(DbErr) -> StoreError {
    move |error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => StoreError::Conflict(what),
        _ => error.into(),
    }
}
