//! What the machine gives, measured in the same minutes as what rests on it.

use super::house::Process;
use super::house::cpu;
use super::near::Wire;
use super::now_us;
use anyhow::Context as _;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A message as it lies in the database has about so many bytes.
const ROW: usize = 700;

/// A bare server that answers 200 to a body like ours: requests a second, and processor time of
/// each on the server's side.
pub(super) async fn bare_server(
    far: &Process,
    url: &str,
    requests: u32,
) -> anyhow::Result<BTreeMap<String, f64>> {
    const CONNECTIONS: u32 = 32;
    let body = vec![b'x'; 800];
    let before = cpu::of(far.pid()).us;
    let began = now_us();
    let mut wires = Vec::new();
    for _ in 0..CONNECTIONS {
        let (url, body) = (url.to_owned(), body.clone());
        wires.push(tokio::spawn(async move {
            let mut wire = Wire::to(&url)?;
            for _ in 0..requests / CONNECTIONS {
                let status = wire.post("/bot", &body, ("x-none", "-")).await?;
                anyhow::ensure!(status == 200, "the bare server answered {status}");
            }
            anyhow::Ok(())
        }));
    }
    for wire in wires {
        wire.await??;
    }
    let sent = f64::from(requests / CONNECTIONS * CONNECTIONS);
    let wall = seconds(now_us() - began);
    let used = micros(cpu::of(far.pid()).us - before);
    Ok(BTreeMap::from([
        ("bare requests per second".to_owned(), sent / wall),
        ("bare request, CPU µs".to_owned(), used / sent),
    ]))
}

/// Durable rows a second as the database itself takes them, by rows in a transaction.
pub(super) async fn commits(
    url: &str,
    batches: &[usize],
    rows: usize,
) -> anyhow::Result<BTreeMap<String, f64>> {
    let db = connect(url, 1).await?;
    let table = "create table if not exists bench_rows (tenant uuid, id uuid primary key,
        at bigint, body text)";
    db.execute_unprepared(table).await?;
    db.execute_unprepared("create index if not exists bench_rows_at on bench_rows (tenant, at)")
        .await?;
    let mut found = BTreeMap::new();
    for batch in batches {
        // SQLite has one writer.
        let connections = if url.starts_with("postgres") { 8 } else { 1 };
        let each = (rows / batch / connections).max(1);
        let began = now_us();
        let mut writers = Vec::new();
        for _ in 0..connections {
            let db = connect(url, 1).await?;
            let batch = *batch;
            writers.push(tokio::spawn(async move {
                for _ in 0..each {
                    insert(&db, batch).await?;
                }
                db.close().await?;
                anyhow::Ok(())
            }));
        }
        for writer in writers {
            writer.await??;
        }
        let count = u32::try_from(each * batch * connections).unwrap_or(u32::MAX);
        let rate = f64::from(count) / seconds(now_us() - began);
        found.insert(
            format!("durable rows per second, {batch} in a commit"),
            rate,
        );
    }
    db.execute_unprepared("drop table bench_rows").await?;
    db.close().await?;
    Ok(found)
}

async fn connect(url: &str, most: u32) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(most).sqlx_logging(false);
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

/// Microseconds as seconds.
pub(super) fn seconds(us: u64) -> f64 {
    micros(us).max(1.0) / 1_000_000.0
}

/// A count of microseconds as a number to divide.
pub(super) fn micros(us: u64) -> f64 {
    std::time::Duration::from_micros(us).as_secs_f64() * 1_000_000.0
}
