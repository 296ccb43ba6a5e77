//! The servers below a house: a database of one's own, and an empty Redis.

use super::counters::{connect, number};
use anyhow::Context as _;
use sea_orm::ConnectionTrait as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many messages of contacts are stored.
pub(super) async fn stored(url: &str) -> anyhow::Result<usize> {
    let db = connect(url).await?;
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
    let db = connect(url).await?;
    db.execute_unprepared(&format!("drop database if exists {name} with (force)"))
        .await?;
    db.execute_unprepared(&format!("create database {name}"))
        .await?;
    db.close().await?;
    let mut url = url::Url::parse(url)?;
    url.set_path(name);
    Ok(url.into())
}

/// Removes a database that [`fresh`] made.
pub(super) async fn gone(url: &str) -> anyhow::Result<()> {
    let mut beside = url::Url::parse(url)?;
    let name = beside.path().trim_start_matches('/').to_owned();
    beside.set_path("postgres");
    let db = connect(beside.as_str()).await?;
    db.execute_unprepared(&format!("drop database if exists {name} with (force)"))
        .await?;
    db.close().await?;
    Ok(())
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
