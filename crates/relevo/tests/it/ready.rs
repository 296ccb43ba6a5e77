//! `/readyz` says which dependency is missing.

use crate::house::{Below, settings_text};
use sandbox::{Sandbox, SandboxPorts};
use std::time::Duration;
use tempfile::TempDir;
use testkit::{PostgresServer, RedisServer, RelevoProcess};

const BINARY: &str = env!("CARGO_BIN_EXE_relevo");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_not_ready_says_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let postgres = PostgresServer::start().unwrap();
    let mut redis = RedisServer::start().unwrap();
    let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
    let below = Below {
        listen: "127.0.0.1:0".to_owned(),
        url: "http://127.0.0.1".to_owned(),
        folder: folder.path().display().to_string(),
        database: &postgres.url(),
        redis: Some(&redis.url()),
    };
    let file = folder.path().join("relevo.toml");
    std::fs::write(&file, settings_text(&below, &sandbox.urls)).unwrap();
    let file = file.display().to_string();
    let migrated = tokio::process::Command::new(BINARY)
        .args(["migrate", "--config", &file])
        .status();
    assert!(migrated.await.unwrap().success());
    for command in ["web", "worker"] {
        // The address in the environment wins over the file's.
        let mut process = RelevoProcess::start(BINARY, &[command, "--config", &file], &[]).unwrap();
        process.ready(Duration::from_secs(120)).await.unwrap();
        let says = |lines: &'static str| {
            let url = format!("{}/readyz", process.url());
            let http = sandbox.core.http.clone();
            async move {
                testkit::until(crate::wait::PATIENCE, || async {
                    let answer = http.get(&url).send().await.unwrap();
                    let well = answer.status() == if lines.contains("missing") { 503 } else { 200 };
                    well && answer.text().await.unwrap() == lines
                })
                .await;
            }
        };
        says("database ok\nqueue ok\nmigrations ok\n").await;
        redis.kill();
        says("database ok\nqueue missing\nmigrations ok\n").await;
        redis.resurrect().unwrap();
        says("database ok\nqueue ok\nmigrations ok\n").await;
        let last = "(select max(version) from seaql_migrations)";
        let moved = "update seaql_migrations set version =";
        postgres
            .sql(&format!("{moved} 'x' || version where version = {last}"))
            .unwrap();
        says("database ok\nqueue ok\nmigrations missing\n").await;
        postgres
            .sql(&format!(
                "{moved} substr(version, 2) where version = {last}"
            ))
            .unwrap();
        says("database ok\nqueue ok\nmigrations ok\n").await;
        postgres.kill9().unwrap();
        says("database missing\nqueue ok\nmigrations missing\n").await;
        postgres.up().unwrap();
        says("database ok\nqueue ok\nmigrations ok\n").await;
        process.stop(Duration::from_secs(60)).await.unwrap();
    }
}
