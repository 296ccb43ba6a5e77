//! The benchmark of pages counts right, and pages cost no more than they may.

use serde_json::Value;
use std::process::Command;
use tempfile::TempDir;

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
