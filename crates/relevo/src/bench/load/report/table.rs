//! The figures as a table.

use super::{Report, Workload};
use std::fmt;

/// Heads of the columns, and how wide they are.
const COLUMNS: [(&str, usize); 14] = [
    ("sent", 8),
    ("lost", 5),
    ("dup", 4),
    ("reord", 5),
    ("msg/s", 8),
    ("p50 ms", 8),
    ("p95 ms", 8),
    ("p99 ms", 8),
    ("CPU µs", 7),
    ("own µs", 7),
    ("RSS MB", 7),
    ("commits", 7),
    ("syncs", 6),
    ("SQL", 7),
];

fn row(f: &mut fmt::Formatter<'_>, name: &str, cells: &[String; 14]) -> fmt::Result {
    write!(f, "{name:<44}")?;
    for (cell, (_, width)) in cells.iter().zip(COLUMNS) {
        write!(f, " {cell:>width$}")?;
    }
    writeln!(f)
}

fn cells(it: &Workload) -> [String; 14] {
    let part = |value: Option<f64>| value.map_or("–".to_owned(), |it| format!("{it:.2}"));
    [
        it.verdict.sent.to_string(),
        it.verdict.lost.to_string(),
        it.verdict.duplicated.to_string(),
        it.verdict.reordered.to_string(),
        format!("{:.0}", it.per_second),
        format!("{:.2}", it.p50_ms),
        format!("{:.2}", it.p95_ms),
        format!("{:.2}", it.p99_ms),
        format!("{:.0}", it.cpu_us_per_message_all_processes),
        format!("{:.0}", it.cpu_us_per_message_own),
        format!("{:.0}", it.rss_mb),
        part(it.commits_per_message),
        part(it.syncs_per_message),
        part(it.round_trips_per_message),
    ]
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.optimised {
            writeln!(
                f,
                "built without optimisation: the counts hold, the times do not\n"
            )?;
        }
        row(f, "workload", &COLUMNS.map(|(head, _)| head.to_owned()))?;
        for it in &self.workloads {
            row(f, &format!("{} · {}", it.name, it.shape), &cells(it))?;
            for (kind, figures) in [("baseline", &it.baseline), ("ratio", &it.ratio)] {
                for (name, figure) in figures {
                    let (least, most) = (figure.least, figure.most);
                    let median = figure.median;
                    writeln!(f, "    {kind} · {name}: {median:.3} ({least:.3}–{most:.3})")?;
                }
            }
            for (name, figure) in &it.more {
                writeln!(f, "    {name}: {figure:.3}")?;
            }
            if it.verdict.misdirected > 0 {
                let odd = it.verdict.misdirected;
                writeln!(f, "    IN SOMEBODY ELSE'S TALK: {odd}")?;
            }
        }
        for why in &self.failed {
            writeln!(f, "NOT MEASURED · {why}")?;
        }
        Ok(())
    }
}
