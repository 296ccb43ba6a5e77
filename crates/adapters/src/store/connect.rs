//! Opening the database.

use super::{Store, StoreError, WorkClock};
use domain::ports::{Clock, IdSource};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use std::sync::Arc;
use std::time::Duration;

/// Where the database is.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// `sqlite://<file>` or `postgres://…`.
    pub url: String,
    /// The most connections this process opens to PostgreSQL.
    pub max_connections: u32,
    /// Whose clock judges due times and claims.
    pub judge: WorkClock,
}

impl DatabaseSettings {
    /// With the default number of connections; the database's clock judges.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            judge: WorkClock::Database,
        }
    }

    /// Due times and claims are judged by the clock that the store is given: a test moves it.
    #[must_use]
    pub fn judged_by_our_clock(mut self) -> Self {
        self.judge = WorkClock::Process;
        self
    }
}

impl Store {
    /// Opens the database; does not migrate it.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached.
    pub async fn connect(
        settings: &DatabaseSettings,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, StoreError> {
        let (read, write) = if settings.url.starts_with("sqlite") {
            (
                sqlite(&settings.url, 4).await?,
                sqlite(&settings.url, 1).await?,
            )
        } else {
            // Work takes the larger part; pages come by the dozen, not by the thousand.
            let read = (settings.max_connections * 3 / 8).max(1);
            let write = settings.max_connections.saturating_sub(read).max(1);
            (
                postgres(&settings.url, read, PLANS).await?,
                postgres(&settings.url, write, PLANS_OF_WORK).await?,
            )
        };
        Ok(Self {
            read,
            write,
            clock,
            ids,
            judge: settings.judge,
            errands: Arc::default(),
            announcements: Arc::default(),
        })
    }

    /// Tells every statement from now on, without its values, and how long it took: for
    /// measurements.
    #[must_use]
    pub fn telling(
        mut self,
        tell: impl Fn(&str, Duration) + Clone + Send + Sync + 'static,
    ) -> Self {
        for pool in [&mut self.read, &mut self.write] {
            let tell = tell.clone();
            pool.set_metric_callback(move |info| tell(&info.statement.sql, info.elapsed));
        }
        self
    }

    /// Whether the database answers, to those who read and to those who write.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read.ping().await?;
        match self.is_postgres() {
            true => Ok(self.write.ping().await?),
            // Its one writer may be busy for long and well.
            false => Ok(()),
        }
    }
}

/// One connection writes, several read.
async fn sqlite(url: &str, connections: u32) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(move |pool| {
            if connections > 1 {
                // Readers commit nothing that could be left open.
                return pool;
            }
            pool.before_acquire(|connection, _| {
                Box::pin(async move { Ok(is_free(connection).await) })
            })
        })
        .map_sqlx_sqlite_opts(|o| {
            o.create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // A message is acknowledged only once it survives a power cut.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
        });
    Ok(Database::connect(options).await?)
}

/// Whether a connection to SQLite stands outside of any transaction. On a full disk a commit can
/// fail and its rollback too; what is done on such a connection afterwards would be inside of a
/// transaction that never ends, and promised without being kept. It is closed instead.
async fn is_free(connection: &mut SqliteConnection) -> bool {
    // What sqlx remembers is not what SQLite knows: only beginning one tells. Both in one step, since
    // every commit pays for it.
    !connection.is_in_transaction()
        && sqlx::raw_sql("begin; rollback")
            .execute(connection)
            .await
            .is_ok()
}

/// Every statement that matters has its index; a plan must not depend on when the database last
/// counted its rows. Else those prepared while a table was new read all of it, tens of milliseconds
/// each, until statistics catch up a minute later. Compiling plans costs more than ours gain by it; a
/// page that is not at hand is no dearer for not being the next one. Nobody's page takes several
/// processors: to start them takes longer than most pages, and others wait for them. A page is planned
/// for its values each time: after five times PostgreSQL would take a plan for any values, of which it
/// believes that a time between two instants holds one row of two hundred, and sort a year of handoffs
/// for the first fifty.
const PLANS: &str = "set enable_seqscan = off; set jit = off; set random_page_cost = 1.1;
    set max_parallel_workers_per_gather = 0; set plan_cache_mode = force_custom_plan";

/// Besides, what work asks is planned once and not for its values: the turn of lanes takes five
/// milliseconds to plan and a third of one to carry out, and whenever a table is counted each connection
/// plans five times anew before it settles. Pages differ by their values: a company with a million
/// messages is read otherwise than one with ten.
const PLANS_OF_WORK: &str = "set enable_seqscan = off; set jit = off; set random_page_cost = 1.1;
    set max_parallel_workers_per_gather = 0; set plan_cache_mode = force_generic_plan";

/// Statements that a connection keeps prepared: all forms of ours. One that is not kept is read and
/// planned anew each time.
const STATEMENTS: usize = 500;

async fn postgres(
    url: &str,
    connections: u32,
    plans: &'static str,
) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(4))
        // A round trip per checkout would double the cost of a short query; a dead connection
        // shows itself in the query, which is repeated.
        .test_before_acquire(false)
        .map_sqlx_postgres_opts(|o| {
            o.application_name("relevo")
                .statement_cache_capacity(STATEMENTS)
        })
        .map_sqlx_postgres_pool_opts(move |pool| {
            pool.after_connect(move |connection, _| {
                Box::pin(async move {
                    sqlx::raw_sql(plans).execute(connection).await?;
                    Ok(())
                })
            })
        })
        .sqlx_logging(false);
    Ok(Database::connect(options).await?)
}
