//! What PostgreSQL counts: transactions, statements, flushes of its log.

use crate::bench::load::now_us;
use anyhow::Context as _;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use std::collections::HashMap;
use std::time::Duration;

/// PostgreSQL's backends tell their counters at most once a second (`pgstat.c`).
const TOLD_AFTER: Duration = Duration::from_millis(1_200);

/// Statements of which it is told how often they were asked.
const MOST_TOLD: usize = 60;

/// A connection of the benchmark's own.
pub(super) struct Counters {
    db: DatabaseConnection,
    /// Whether `pg_stat_statements` is loaded.
    statements: bool,
    /// The server's first process, 0 where it does not run on this machine.
    pub postmaster: u32,
}

/// What was counted until an instant.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    commits: u64,
    syncs: Option<u64>,
    /// By its text: how often, and the milliseconds that it took in all.
    statements: Option<HashMap<String, (u64, f64)>>,
    at_us: u64,
}

/// What was counted between two readings.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Counted {
    /// Transactions, those that only read included.
    pub commits: u64,
    /// How often its log was flushed to the disk; not known of every version.
    pub syncs: Option<u64>,
    /// Statements, `begin` and `commit` included; not known without `pg_stat_statements`.
    pub statements: Option<u64>,
    /// Those that were asked most often, how often, and their milliseconds in all.
    pub asked: Vec<(String, u64, f64)>,
    /// How long it was, in microseconds.
    pub wall_us: u64,
}

impl Counters {
    /// Connects.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let db = connect(url).await?;
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

    /// What was counted so far.
    pub async fn read(&self) -> anyhow::Result<Reading> {
        tokio::time::sleep(TOLD_AFTER).await;
        let commits =
            "select xact_commit as n from pg_stat_database where datname = current_database()";
        let commits = u64::try_from(number(&self.db, commits).await?)?;
        let syncs = number(&self.db, "select wal_sync as n from pg_stat_wal").await;
        let statements = match self.statements {
            true => Some(self.asked().await?),
            false => None,
        };
        Ok(Reading {
            commits,
            syncs: syncs.ok().and_then(|it| u64::try_from(it).ok()),
            statements,
            at_us: now_us(),
        })
    }

    async fn asked(&self) -> anyhow::Result<HashMap<String, (u64, f64)>> {
        let text = "select s.query, sum(s.calls)::bigint as n, sum(s.total_exec_time) as took
            from pg_stat_statements s join pg_database d on d.oid = s.dbid
            where d.datname = current_database() group by s.query";
        let statement = Statement::from_string(self.db.get_database_backend(), text);
        let rows = self.db.query_all_raw(statement).await?;
        let mut found = HashMap::new();
        for row in rows {
            let calls: i64 = row.try_get("", "n")?;
            let query: String = row.try_get("", "query")?;
            // Our own.
            if !query.contains("pg_stat_") {
                found.insert(query, (u64::try_from(calls)?, row.try_get("", "took")?));
            }
        }
        Ok(found)
    }
}

/// Transactions that a reading itself adds.
const OWN: u64 = 3;

impl Reading {
    /// What was counted since an earlier reading, without that reading's own.
    pub fn since(&self, then: &Self) -> Counted {
        let commits = self.commits.saturating_sub(then.commits);
        let both = self.statements.as_ref().zip(then.statements.as_ref());
        let mut asked: Vec<_> = both
            .into_iter()
            .flat_map(|(now, then)| {
                now.iter().map(|(text, (calls, took))| {
                    let (before, spent) = then.get(text).copied().unwrap_or_default();
                    (text.clone(), calls.saturating_sub(before), took - spent)
                })
            })
            .filter(|(_, calls, _)| *calls > 0)
            .collect();
        asked.sort_by_key(|(_, calls, _)| std::cmp::Reverse(*calls));
        let statements = both.map(|_| asked.iter().map(|(_, calls, _)| calls).sum());
        asked.truncate(MOST_TOLD);
        Counted {
            commits: commits.saturating_sub(OWN),
            syncs: self
                .syncs
                .zip(then.syncs)
                .map(|(now, then)| now.saturating_sub(then)),
            statements,
            asked,
            wall_us: self.at_us.saturating_sub(then.at_us),
        }
    }
}

/// One connection to a database.
pub(super) async fn connect(url: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.context("the database")
}

/// The only number of an answer, which is called `n`.
pub(super) async fn number(db: &DatabaseConnection, text: &str) -> anyhow::Result<i64> {
    let statement = Statement::from_string(db.get_database_backend(), text);
    let row = db.query_one_raw(statement).await?.context("no row")?;
    Ok(row.try_get("", "n")?)
}

fn parent(pid: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind) = text.rsplit_once(')')?;
    behind.split_whitespace().nth(1)?.parse().ok()
}
