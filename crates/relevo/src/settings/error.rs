//! Why a process does not start.

use super::Source;
use std::path::PathBuf;

/// Why the settings were refused. Says what to do; never repeats a value that may be secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A setting cannot be read.
    #[error("{variable} ({source_name}): {why}", source_name = .from)]
    Refused {
        /// The variable's name, `RELEVO_…`.
        variable: String,
        /// Where the value came from.
        from: Source,
        /// What is wrong with it.
        why: String,
    },
    /// The settings file cannot be read.
    #[error("{}: {why}", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// The settings file has a name that is no setting.
    #[error("{}: there is no setting {name}", .file.display())]
    UnknownName {
        /// Which file.
        file: PathBuf,
        /// Which name.
        name: String,
    },
    /// Web or worker as a process of its own without a queue between them.
    #[error(
        "RELEVO_REDIS_URL is missing: web and worker as separate processes need a Redis between them (`relevo all` runs both in one process without it)"
    )]
    RedisMissing,
    /// Web or worker as a process of its own on SQLite.
    #[error(
        "RELEVO_DATABASE_URL must be postgres://… for web and worker as separate processes; SQLite serves one process (`relevo all`)"
    )]
    SqliteIsOneProcess,
    /// A database of one's own without a master key of one's own.
    #[error(
        "RELEVO_MASTER_KEY is missing: 32 random bytes in base64, e.g. from `openssl rand -base64 32`. It is generated only for the default database. Keep a copy apart from the database's backups: without it the stored credentials cannot be read"
    )]
    MasterKeyMissing,
    /// The generated master key cannot be read, written or trusted.
    #[error("{}: {why}", .file.display())]
    MasterKeyFile {
        /// Which.
        file: PathBuf,
        /// Why.
        why: String,
    },
}
