//! The database's own durable commits of rows like ours.

use super::Found;
use crate::bench::load::now_us;
use crate::bench::load::number::{of_count, seconds};
use crate::bench::load::verdict::percentile_ms;
use anyhow::Context as _;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, Value};
use uuid::Uuid;

/// A message as it lies in the database has about so many bytes.
const ROW: usize = 700;

/// Connections that commit side by side; SQLite has one writer.
const CONNECTIONS: usize = 8;

/// Durable rows a second as the database itself takes them, by rows in a transaction, and how long a
/// commit of one row takes.
pub(in super::super) async fn commits(
    url: &str,
    batches: &[usize],
    rows: usize,
) -> anyhow::Result<Found> {
    let db = connect(url).await?;
    let table = "create table if not exists bench_rows (tenant uuid, id uuid primary key,
        at bigint, body text)";
    db.execute_unprepared(table).await?;
    db.execute_unprepared("create index if not exists bench_rows_at on bench_rows (tenant, at)")
        .await?;
    let connections = if url.starts_with("postgres") {
        CONNECTIONS
    } else {
        1
    };
    let mut found = Found::new();
    for batch in batches.iter().copied() {
        let each = (rows / batch / connections).max(1);
        let began = now_us();
        let mut writers = Vec::new();
        for _ in 0..connections {
            let db = connect(url).await?;
            writers.push(tokio::spawn(async move {
                let mut took_us = Vec::with_capacity(each);
                for _ in 0..each {
                    let began = now_us();
                    insert(&db, batch).await?;
                    took_us.push(u32::try_from(now_us() - began).unwrap_or(u32::MAX));
                }
                db.close().await?;
                anyhow::Ok(took_us)
            }));
        }
        let mut took_us = Vec::new();
        for writer in writers {
            took_us.extend(writer.await??);
        }
        let rate = of_count(each * batch * connections) / seconds(now_us() - began);
        let name = format!("durable rows, {batch} in a commit");
        found.insert(format!("{name}, per second"), rate);
        if batch == 1 {
            for (unit, percent) in [("p50 ms", 50.0), ("p99 ms", 99.0)] {
                let took = percentile_ms(&mut took_us, percent);
                found.insert(format!("a durable commit, {unit}"), took);
            }
        }
    }
    db.execute_unprepared("drop table bench_rows").await?;
    db.close().await?;
    Ok(found)
}

async fn connect(url: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.context("the database")?;
    if !url.starts_with("postgres") {
        for pragma in [
            "journal_mode = wal",
            "synchronous = full",
            "busy_timeout = 10000",
        ] {
            db.execute_unprepared(&format!("pragma {pragma}")).await?;
        }
    }
    Ok(db)
}

async fn insert(db: &DatabaseConnection, rows: usize) -> anyhow::Result<()> {
    let places = (0..rows).map(|n| {
        let at = n * 4;
        format!("(${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4)
    });
    let places: Vec<String> = places.collect();
    let text = format!("insert into bench_rows values {}", places.join(", "));
    let body = "x".repeat(ROW);
    let values: Vec<Value> = (0..rows)
        .flat_map(|_| {
            let at = i64::try_from(now_us()).unwrap_or(0);
            [
                Uuid::now_v7().into(),
                Uuid::now_v7().into(),
                at.into(),
                body.clone().into(),
            ]
        })
        .collect();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), text, values);
    db.execute_raw(statement).await?;
    Ok(())
}
