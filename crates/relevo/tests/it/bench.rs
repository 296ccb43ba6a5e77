//! The benchmarks count right, and pages cost no more than they may.

use serde_json::Value;
use std::process::Command;
use tempfile::TempDir;
use testkit::{RedisServer, TestDatabase};

/// A page with everything of ours that it pulls in, compressed, on the first visit.
const MOST_BYTES: u64 = 100_000;

#[test]
fn no_page_asks_the_database_or_the_line_for_more_than_it_may() {
    let folder = TempDir::with_prefix("relevo-bench-").unwrap();
    let report = folder.path().join("report.json");
    let done = Command::new(env!("CARGO_BIN_EXE_relevo"))
        .args(["bench", "pages", "--quick", "--report"])
        .arg(&report)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let pages = report["pages"].as_array().unwrap();
    assert!(pages.len() > 40);
    let mut over = Vec::new();
    for page in pages {
        assert_eq!(page["status"], 200, "{page:#}");
        let (asked, may) = (&page["statements"], &page["allowed"]);
        if asked.as_u64() > may.as_u64() {
            over.push(format!("{} asks {asked} and may {may}", page["name"]));
        }
        assert!(asked.as_u64().unwrap() > 0, "{page:#}");
        assert!(
            page["first_visit"].as_u64().unwrap() < MOST_BYTES,
            "{page:#}"
        );
        assert!(
            page["compressed"].as_u64() <= page["bytes"].as_u64(),
            "{page:#}"
        );
    }
    assert!(over.is_empty(), "{over:#?}");
    // Nothing was left beside the report: the benchmark has a folder of its own.
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1);
}

/// The figures of `relevo bench --quick`: of these workloads, on a shape.
fn measured(which: &str, shape: &[&str]) -> Vec<Value> {
    let folder = TempDir::with_prefix("relevo-bench-").unwrap();
    let file = folder.path().join("figures.json");
    let done = Command::new(env!("CARGO_BIN_EXE_relevo"))
        .args(["bench", "--quick", "--workload", which, "--json"])
        .arg(&file)
        .args(shape)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    let table = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{table}");
    let report: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let workloads = report["workloads"].as_array().unwrap().clone();
    for it in &workloads {
        let name = it["name"].as_str().unwrap();
        assert!(table.contains(name), "{name} is not in the table:\n{table}");
    }
    workloads
}

/// Everything was sent, arrived once, in order and where it belongs, and was paid for.
fn whole(workloads: &[Value], names: &[&str]) {
    let found = workloads.iter().filter_map(|it| it["name"].as_str());
    assert_eq!(found.collect::<Vec<_>>(), names);
    for it in workloads {
        for figure in ["lost", "duplicated", "reordered", "misdirected"] {
            assert_eq!(it[figure], 0, "{it:#}");
        }
        assert_eq!(it["sent"], it["delivered"], "{it:#}");
        let otherwise = &it["more"]["answered otherwise"];
        assert!(
            otherwise.is_null() || otherwise.as_f64() == Some(0.0),
            "{it:#}"
        );
        let forged = &it["more"]["forged: not refused"];
        assert!(forged.is_null() || forged.as_f64() == Some(0.0), "{it:#}");
        let name = it["name"].as_str().unwrap();
        if name.starts_with("W6") || name.starts_with("W7") {
            assert!(it["more"].as_object().unwrap().len() > 5, "{it:#}");
            continue;
        }
        assert!(it["sent"].as_u64().unwrap() >= 20, "{it:#}");
        assert!(it["p99_ms"].as_f64() >= it["p50_ms"].as_f64(), "{it:#}");
        assert!(it["per_second"].as_f64() > Some(0.0), "{it:#}");
        assert!(it["rss_mb"].as_f64() > Some(0.0), "{it:#}");
        // Alone, too few messages come for the clock of processor time.
        if name != "W4 cold alone" {
            let cpu = it["cpu_us_per_message_all_processes"].as_f64();
            assert!(cpu > Some(0.0), "{it:#}");
        }
        if name.starts_with("W1") || name.starts_with("W2") || name.starts_with("W3") {
            let rows = &it["baseline"]["durable rows, 20 in a commit, per second"]["median"];
            assert!(rows.as_f64() > Some(0.0), "{it:#}");
            let ratio = &it["ratio"]["rate to durable rows, 20 in a commit, per second"];
            assert!(ratio["median"].as_f64() > Some(0.0), "{it:#}");
        }
    }
}

#[test]
fn workloads_arrive_whole_on_the_embedded_default() {
    let found = measured("W1,W2,W3,W5,W6,W7", &[]);
    whole(
        &found,
        &[
            "W1 capacity",
            "W1 at half",
            "W2 capacity",
            "W2 at 100/s",
            "W2 capacity, with echoes",
            "W3 at 100/s",
            "W3 capacity",
            "W5 live",
            "W5 drain",
            "W6 pages",
            "W7 idle, W8 start",
            "W7 idle, W8 start, over TLS",
        ],
    );
}

/// The same on PostgreSQL and Redis, web and worker as processes of their own.
async fn whole_in_production(which: &str, names: &[&str]) {
    let database = TestDatabase::empty().await.unwrap();
    let redis = RedisServer::start().unwrap();
    let shape = ["--database", &database.url(), "--redis", &redis.url()];
    let found = measured(which, &shape);
    whole(&found, names);
    for it in &found {
        let commits = it["commits_per_message"].as_f64();
        assert!(commits > Some(0.0), "{it:#}");
    }
}

#[tokio::test]
async fn workloads_arrive_whole_in_production() {
    let names = [
        "W1 capacity",
        "W1 at half",
        "W2 capacity",
        "W2 at 100/s",
        "W2 capacity, with echoes",
        "W3 at 100/s",
        "W3 capacity",
        "W5 live",
        "W5 drain",
    ];
    whole_in_production("W1,W2,W3,W5", &names).await;
}

#[tokio::test]
async fn many_companies_messages_arrive_whole_beside_broken_desks() {
    let names = [
        "W4 companies: 1",
        "W4 companies: 8",
        "W4 cold alone",
        "W4 cold beside a busy one",
        "W4 all desks well",
        "W4 beside broken desks",
    ];
    whole_in_production("W4", &names).await;
}

#[tokio::test]
async fn messages_arrive_whole_while_workers_are_killed_stopped_and_added() {
    whole_in_production("W9", &["W9 workers come and go"]).await;
}
