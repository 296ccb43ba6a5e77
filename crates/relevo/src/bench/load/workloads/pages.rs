//! W6: pages of a filled database, by `relevo bench pages`.

use super::stage::Stage;
use crate::bench::load::house::{Process, Shape};
use crate::bench::load::report::Workload;
use anyhow::Context as _;
use serde_json::Value;

pub(super) async fn run(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let file = stage.folder.join("pages.json");
    let (path, messages) = (file.display().to_string(), stage.size.stored.to_string());
    let mut arguments = vec!["bench", "pages", "--messages", &messages, "--report", &path];
    if stage.size.blocks == 1 {
        arguments.push("--quick");
    }
    if let Shape::Production { database, .. } = &stage.shape {
        arguments.extend(["--database", database]);
    }
    let process = Process::spawn(&arguments, None)?;
    let done = process.done(stage.size.longest).await;
    done.context("relevo bench pages")?;
    let report: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    let mut found = Workload {
        name: "W6 pages".to_owned(),
        shape: stage.shape.name(),
        blocks: 1,
        ..Workload::default()
    };
    let pages = report["pages"].as_array().context("no pages")?;
    for page in pages {
        let name = page["name"].as_str().unwrap_or_default();
        let figures = [
            ("statements", "statements"),
            ("first_byte_p50_ms", "p50 ms"),
            ("first_byte_p99_ms", "p99 ms"),
        ];
        for (field, unit) in figures {
            let figure = page[field].as_f64().unwrap_or(0.0);
            found.more.insert(format!("{name}: {unit}"), figure);
        }
    }
    let messages = report["messages"].as_f64().unwrap_or(0.0);
    found.more.insert("messages".to_owned(), messages);
    Ok(vec![found])
}
