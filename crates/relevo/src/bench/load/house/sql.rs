//! What PostgreSQL says of itself: transactions, statements, its process.

use anyhow::Context as _;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// PostgreSQL's backends tell their counters at most once a second (`pgstat.c`).
const TOLD_AFTER: Duration = Duration::from_millis(1_200);

/// A connection of the benchmark's own.
pub(in super::super) struct Counters {
    db: DatabaseConnection,
    statements: bool,
    /// The server's first process, 0 where it does not run on this machine.
    pub postmaster: u32,
}

impl Counters {
    /// Connects. Statements are counted where `pg_stat_statements` is loaded.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.context("the database")?;
        let made = "create extension if not exists pg_stat_statements";
        let loaded = "select count(*) as n from pg_stat_statements";
        let statements =
            db.execute_unprepared(made).await.is_ok() && number(&db, loaded).await.is_ok();
        let pid = number(&db, "select pg_backend_pid()::bigint as n").await?;
        let postmaster = u32::try_from(pid).ok().and_then(parent).unwrap_or(0);
        Ok(Self {
            db,
            statements,
            postmaster,
        })
    }

    /// Transactions and statements so far.
    pub async fn read(&self) -> anyhow::Result<(u64, Option<u64>)> {
        tokio::time::sleep(TOLD_AFTER).await;
        let commits =
            "select xact_commit as n from pg_stat_database where datname = current_database()";
        let commits = number(&self.db, commits).await?;
        let asked = "select coalesce(sum(calls), 0)::bigint as n from pg_stat_statements s
            join pg_database d on d.oid = s.dbid where d.datname = current_database()";
        let asked = match self.statements {
            true => Some(u64::try_from(number(&self.db, asked).await?)?),
            false => None,
        };
        Ok((u64::try_from(commits)?, asked))
    }
}

async fn number(db: &DatabaseConnection, text: &str) -> anyhow::Result<i64> {
    let statement = Statement::from_string(db.get_database_backend(), text);
    let row = db.query_one_raw(statement).await?.context("no row")?;
    Ok(row.try_get("", "n")?)
}

fn parent(pid: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind) = text.rsplit_once(')')?;
    behind.split_whitespace().nth(1)?.parse().ok()
}

/// How many messages of contacts are stored.
pub(super) async fn stored(url: &str) -> anyhow::Result<usize> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.context("the database")?;
    let count = number(
        &db,
        "select count(*) as n from messages where author = 'contact'",
    )
    .await?;
    db.close().await?;
    Ok(usize::try_from(count)?)
}

/// Makes an empty database beside the one that `url` names, in place of an earlier one of that name;
/// its address.
pub(super) async fn fresh(url: &str, name: &str) -> anyhow::Result<String> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.context("the database")?;
    db.execute_unprepared(&format!("drop database if exists {name} with (force)"))
        .await?;
    db.execute_unprepared(&format!("create database {name}"))
        .await?;
    db.close().await?;
    let mut url = url::Url::parse(url)?;
    url.set_path(name);
    Ok(url.into())
}

/// Empties a Redis of the benchmark's own.
pub(super) async fn empty_redis(url: &str) -> anyhow::Result<()> {
    let said = redis_says(url, "FLUSHALL").await?;
    anyhow::ensure!(said.starts_with("+OK"), "Redis was not emptied: {said}");
    Ok(())
}

async fn redis_says(url: &str, command: &str) -> anyhow::Result<String> {
    let url = url::Url::parse(url)?;
    let address = (
        url.host_str().unwrap_or("127.0.0.1"),
        url.port().unwrap_or(6379),
    );
    let mut line = TcpStream::connect(address).await.context("Redis")?;
    line.write_all(format!("{command}\r\nQUIT\r\n").as_bytes())
        .await?;
    let mut said = String::new();
    line.read_to_string(&mut said).await?;
    Ok(said)
}

/// Redis's process, by its own word; 0 where it cannot be asked in plain.
pub(super) async fn redis_pid(url: &str) -> anyhow::Result<u32> {
    let said = redis_says(url, "INFO server").await?;
    let pid = said
        .lines()
        .find_map(|line| line.strip_prefix("process_id:"));
    Ok(pid.and_then(|it| it.trim().parse().ok()).unwrap_or(0))
}
