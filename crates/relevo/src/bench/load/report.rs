//! The figures, as JSON and as a table.

use super::verdict::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// A workload on a shape.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Workload {
    /// `W2 capacity` and the like.
    pub name: String,
    /// `embedded` or `production`.
    pub shape: &'static str,
    /// What became of the messages.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Messages a second, from the first that was sent to the last that arrived.
    pub per_second: f64,
    /// From due to done.
    pub p50_ms: f64,
    /// The same.
    pub p95_ms: f64,
    /// The same.
    pub p99_ms: f64,
    /// Processor time for a message, of all processes but the generator's and the simulators'.
    pub cpu_us_per_message_all_processes: f64,
    /// Of that, Relevo's own.
    pub cpu_us_per_message_own: f64,
    /// Resident memory of Relevo's processes at the end.
    pub rss_mb: f64,
    /// Transactions for a message; not known of SQLite.
    pub commits_per_message: Option<f64>,
    /// Statements for a message; not known of SQLite, nor without `pg_stat_statements`.
    pub round_trips_per_message: Option<f64>,
    /// Primitives that this rests on, measured in the same minutes.
    pub baseline: BTreeMap<String, f64>,
    /// The figure beside the primitive, where there is one to one.
    pub ratio: BTreeMap<String, f64>,
    /// Other figures of this workload.
    pub more: BTreeMap<String, f64>,
}

/// Everything that a run found out.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether the binary was built for speed.
    pub optimised: bool,
    /// Processors of the machine.
    pub processors: usize,
    /// One entry per workload and shape.
    pub workloads: Vec<Workload>,
}

impl Report {
    /// Whether every message arrived once and in order.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.workloads.iter().all(|it| {
            let v = it.verdict;
            v.lost == 0 && v.duplicated == 0 && v.reordered == 0
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.optimised {
            writeln!(
                f,
                "built without optimisation: the counts hold, the times do not\n"
            )?;
        }
        writeln!(
            f,
            "{:<34} {:>8} {:>5} {:>4} {:>5} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7}",
            "workload",
            "sent",
            "lost",
            "dup",
            "reord",
            "msg/s",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "CPU µs",
            "own µs",
            "RSS MB",
            "commits",
            "SQL"
        )?;
        for it in &self.workloads {
            let part = |value: Option<f64>| value.map_or("–".to_owned(), |it| format!("{it:.2}"));
            writeln!(
                f,
                "{:<34} {:>8} {:>5} {:>4} {:>5} {:>9.0} {:>8.2} {:>8.2} {:>8.2} {:>8.0} {:>8.0} {:>7.0} {:>7} {:>7}",
                format!("{} · {}", it.name, it.shape),
                it.verdict.sent,
                it.verdict.lost,
                it.verdict.duplicated,
                it.verdict.reordered,
                it.per_second,
                it.p50_ms,
                it.p95_ms,
                it.p99_ms,
                it.cpu_us_per_message_all_processes,
                it.cpu_us_per_message_own,
                it.rss_mb,
                part(it.commits_per_message),
                part(it.round_trips_per_message),
            )?;
            for (kind, figures) in [
                ("baseline", &it.baseline),
                ("ratio", &it.ratio),
                ("", &it.more),
            ] {
                for (name, figure) in figures {
                    writeln!(f, "    {kind} {name}: {figure:.3}")?;
                }
            }
        }
        Ok(())
    }
}
