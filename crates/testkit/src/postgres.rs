//! PostgreSQL for tests: a database of one's own on a cluster shared by the run.

use crate::postgres_server::program;
use crate::{PostgresServer, run};
use anyhow::{Result, ensure};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::future::Future;
use std::path::Path;
use std::process::{Command, Stdio};
use uuid::Uuid;

/// A database that only this test uses; dropped together with this value.
#[derive(Debug)]
pub struct TestDatabase {
    cluster: String,
    name: String,
}

impl TestDatabase {
    /// An empty database.
    ///
    /// # Errors
    /// There is no PostgreSQL and none can be started.
    pub async fn empty() -> Result<Self> {
        Self::copy_of("template0").await
    }

    /// A copy of the template `name`, which `fill` prepares once per run: it gets the address
    /// of an empty database, e.g. to run the migrations, and must have closed its connections
    /// when it returns.
    ///
    /// # Errors
    /// As [`TestDatabase::empty`], or what `fill` answers.
    pub async fn from_template<F, R>(name: &str, fill: F) -> Result<Self>
    where
        F: FnOnce(String) -> R,
        R: Future<Output = Result<()>>,
    {
        let cluster = cluster()?;
        let template = format!("relevo_template_{name}");
        let admin = connect(&cluster).await?;
        // The lock belongs to this connection, also over processes; it goes when it closes.
        admin
            .execute_unprepared("SELECT pg_advisory_lock(7353486)")
            .await?;
        let filled = admin
            .execute_unprepared(&format!(
                "SELECT 1 FROM pg_database WHERE datistemplate AND datname = '{template}'"
            ))
            .await?
            .rows_affected();
        if filled == 0 {
            for statement in [
                format!("DROP DATABASE IF EXISTS {template}"),
                format!("CREATE DATABASE {template} TEMPLATE template0"),
            ] {
                admin.execute_unprepared(&statement).await?;
            }
            fill(at(&cluster, &template)).await?;
            let done = format!("ALTER DATABASE {template} WITH IS_TEMPLATE true");
            admin.execute_unprepared(&done).await?;
        }
        admin.close().await?;
        Self::copy_of(&template).await
    }

    async fn copy_of(template: &str) -> Result<Self> {
        let database = Self {
            cluster: cluster()?,
            name: format!("relevo_{}", Uuid::new_v4().as_simple()),
        };
        let admin = connect(&database.cluster).await?;
        let statement = format!("CREATE DATABASE {} TEMPLATE {template}", database.name);
        admin.execute_unprepared(&statement).await?;
        admin.close().await?;
        Ok(database)
    }

    /// Its address, `postgres://…`.
    #[must_use]
    pub fn url(&self) -> String {
        at(&self.cluster, &self.name)
    }

    /// A backup of everything, by `pg_dump`.
    ///
    /// # Errors
    /// It fails.
    pub fn dump(&self, file: &Path) -> Result<()> {
        let mut dump = Command::new(program("pg_dump")?);
        dump.arg("--format=custom").arg("--file").arg(file);
        works(dump.arg(self.url()))
    }

    /// The database as if it had never been there, whoever uses it.
    ///
    /// # Errors
    /// It cannot be made anew.
    pub async fn lose(&self) -> Result<()> {
        let admin = connect(&self.cluster).await?;
        for statement in [
            format!("DROP DATABASE {} WITH (FORCE)", self.name),
            format!("CREATE DATABASE {} TEMPLATE template0", self.name),
        ] {
            admin.execute_unprepared(&statement).await?;
        }
        Ok(admin.close().await?)
    }

    /// Fills it from a backup, by `pg_restore`.
    ///
    /// # Errors
    /// It fails.
    pub fn restore(&self, file: &Path) -> Result<()> {
        let mut restore = Command::new(program("pg_restore")?);
        restore.args(["--exit-on-error", "--no-owner", "--dbname"]);
        works(restore.arg(self.url()).arg(file))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let cluster = self.cluster.clone();
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A thread of its own, because a test's runtime cannot wait inside a drop. A database
        // that cannot be dropped goes with the cluster at the end of the run.
        let dropping = std::thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let admin = connect(&cluster).await?;
                admin.execute_unprepared(&statement).await?;
                Ok(admin.close().await?)
            })
        });
        let _ = dropping.join();
    }
}

fn works(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {said}");
    Ok(())
}

async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

/// The address of another database on the same cluster.
fn at(cluster: &str, name: &str) -> String {
    let (address, query) = cluster.split_once('?').unwrap_or((cluster, ""));
    let base = address.rsplit_once('/').map_or(address, |(base, _)| base);
    if query.is_empty() {
        format!("{base}/{name}")
    } else {
        format!("{base}/{name}?{query}")
    }
}

/// The cluster's `postgres` database.
fn cluster() -> Result<String> {
    match std::env::var("RELEVO_TEST_PG_URL") {
        Ok(url) => Ok(url),
        Err(_) => run::service("postgres", start),
    }
}

/// A new cluster for all tests of this run; the run's watcher stops it.
fn start(folder: &Path) -> Result<String> {
    let mut server = PostgresServer::in_folder(&folder.join("postgres"))?;
    server.leave_running();
    Ok(server.url())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_in_an_address_can_be_changed() {
        assert_eq!(at("postgres://u@h:1/a", "b"), "postgres://u@h:1/b");
        assert_eq!(at("postgres://u@h/a?x=y", "b"), "postgres://u@h/b?x=y");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_template_is_filled_once_and_copies_do_not_see_each_other() -> Result<()> {
        let fill = |url: String| async move {
            let connection = connect(&url).await?;
            connection
                .execute_unprepared("CREATE TABLE t (n INT PRIMARY KEY)")
                .await?;
            Ok(connection.close().await?)
        };
        let name = format!("selftest_{}", std::process::id());
        let (one, two) = tokio::join!(
            TestDatabase::from_template(&name, fill),
            TestDatabase::from_template(&name, fill)
        );
        let (one, two) = (one?, two?);
        for url in [one.url(), two.url()] {
            let connection = connect(&url).await?;
            connection
                .execute_unprepared("INSERT INTO t VALUES (1)")
                .await?;
            connection.close().await?;
        }
        let url = one.url();
        drop(one);
        assert!(
            connect(&url).await.is_err(),
            "the database outlives its owner"
        );
        Ok(())
    }
}
