//! How Relevo is deployed.

use super::servers;
use crate::bench::load::far::Remote;
use anyhow::Context as _;
use std::path::Path;

/// How Relevo is deployed.
#[derive(Clone, Debug)]
pub enum Shape {
    /// One process, SQLite, the queue inside.
    Embedded,
    /// Web and worker as processes of their own.
    Production {
        /// A database of a PostgreSQL where others may be made beside it.
        database: String,
        /// A Redis of the benchmark's own; it is emptied.
        redis: String,
    },
}

impl Shape {
    /// What the report calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Production { .. } => "production",
        }
    }

    /// The same with an empty database and an empty Redis.
    ///
    /// # Errors
    /// They refuse.
    pub(in super::super) async fn fresh(&self, name: &str) -> anyhow::Result<Self> {
        Ok(match self {
            Self::Embedded => Self::Embedded,
            Self::Production { database, redis } => {
                servers::empty_redis(redis).await?;
                Self::Production {
                    database: servers::fresh(database, &own_name(name)).await?,
                    redis: redis.clone(),
                }
            }
        })
    }

    /// Removes what [`Self::fresh`] made.
    ///
    /// # Errors
    /// The database refuses.
    pub(in super::super) async fn gone(&self) -> anyhow::Result<()> {
        match self {
            Self::Embedded => Ok(()),
            Self::Production { database, .. } => servers::gone(database).await,
        }
    }

    /// Where the rows of a stage in `folder` lie.
    pub(in super::super) fn database(&self, folder: &Path) -> String {
        match self {
            Self::Production { database, .. } => database.clone(),
            Self::Embedded => {
                let file = folder.join("bench.db");
                format!("sqlite://{}?mode=rwc", file.display())
            }
        }
    }

    /// Empties Redis, as a restart without its file would; the embedded queue cannot be.
    ///
    /// # Errors
    /// It refuses.
    pub(in super::super) async fn forget_the_queue(&self) -> anyhow::Result<()> {
        match self {
            Self::Embedded => Ok(()),
            Self::Production { redis, .. } => servers::empty_redis(redis).await,
        }
    }
}

/// A database's name that nobody else takes meanwhile.
fn own_name(name: &str) -> String {
    format!("relevo_bench_{}_{name}", std::process::id())
}

/// The settings of a house, as a file.
pub(super) fn settings(
    shape: &Shape,
    folder: &Path,
    listen: &str,
    far: &Remote,
) -> anyhow::Result<String> {
    let key = adapters::vault::MasterKeys::generate().context("a key")?;
    let mut all = vec![
        ("listen", listen.to_owned()),
        ("public_url", format!("http://{listen}")),
        ("data_dir", folder.display().to_string()),
        ("master_key", key.as_str().to_owned()),
        ("whatsapp_api", far.url.clone()),
        ("pubnub_origin", far.stream.clone()),
        ("allow_private_network", "on".to_owned()),
        ("log", "warn".to_owned()),
        ("database_url", shape.database(folder)),
    ];
    if let Shape::Production { redis, .. } = shape {
        all.push(("redis_url", redis.clone()));
    }
    let lines = all
        .iter()
        .map(|(name, value)| format!("{name} = \"{value}\"\n"));
    Ok(lines.collect())
}
