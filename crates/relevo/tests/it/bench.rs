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

/// The report of `relevo bench --quick` on a shape.
fn workloads(more: &[&str]) -> Vec<Value> {
    let folder = TempDir::with_prefix("relevo-bench-").unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_relevo"))
        .args(["bench", "--quick", "--json"])
        .args(more)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{told}");
    let report: Value = serde_json::from_str(&told).unwrap();
    report["workloads"].as_array().unwrap().clone()
}

/// Everything was sent, arrived once and in order, and was paid for.
fn whole(workloads: &[Value]) {
    let names: Vec<&str> = workloads
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "W1 capacity",
            "W1 at half",
            "W2 capacity",
            "W2 paced",
            "W3 paced",
            "W3 capacity",
            "W5 drain",
            "W7 idle, W8 start",
        ]
    );
    for it in workloads {
        for figure in ["lost", "duplicated", "reordered"] {
            assert_eq!(it[figure], 0, "{it:#}");
        }
        assert_eq!(it["sent"], it["delivered"], "{it:#}");
        if !it["name"].as_str().unwrap().starts_with("W7") {
            assert!(it["sent"].as_u64().unwrap() > 100, "{it:#}");
            assert!(it["p99_ms"].as_f64() >= it["p50_ms"].as_f64(), "{it:#}");
            assert!(it["cpu_us_per_message_all_processes"].as_f64() > Some(0.0));
        }
    }
    let forged = &workloads[1]["more"]["forged: not refused"];
    assert_eq!(forged.as_f64(), Some(0.0), "somebody's word was believed");
}

#[test]
fn workloads_arrive_whole_on_the_embedded_default() {
    whole(&workloads(&[]));
}

#[tokio::test]
async fn workloads_arrive_whole_in_production() {
    let database = TestDatabase::empty().await.unwrap();
    let redis = RedisServer::start().unwrap();
    let found = workloads(&["--database", &database.url(), "--redis", &redis.url()]);
    whole(&found);
    for it in found.iter().take(7) {
        let commits = it["commits_per_message"].as_f64();
        assert!(commits > Some(0.0), "{it:#}");
    }
}
