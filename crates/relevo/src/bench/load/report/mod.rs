//! The figures of a run, as a document for programs and a table for people.

mod block;
mod table;

pub(super) use block::Block;

use super::verdict::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// A workload on a shape: what several blocks found, one after the other, each with the primitives
/// measured right before it. Figures without a spread are the median of the blocks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Workload {
    /// `W2 capacity` and the like.
    pub name: String,
    /// `embedded` or `production`.
    pub shape: &'static str,
    /// How many blocks.
    pub blocks: usize,
    /// What became of the messages of all blocks.
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
    /// Transactions for a message, those that only read included; not known of SQLite.
    pub commits_per_message: Option<f64>,
    /// How often the database's log was flushed to the disk for a message; not known of SQLite.
    pub syncs_per_message: Option<f64>,
    /// Statements for a message, `begin` and `commit` included; not known of SQLite, nor without
    /// `pg_stat_statements`.
    pub round_trips_per_message: Option<f64>,
    /// Primitives that this rests on, measured in the same minutes.
    pub baseline: BTreeMap<String, Spread>,
    /// The figure beside the primitive of the same block.
    pub ratio: BTreeMap<String, Spread>,
    /// How far the blocks lay apart.
    pub spread: BTreeMap<&'static str, Spread>,
    /// Other figures of this workload.
    pub more: BTreeMap<String, f64>,
    /// What the database was asked most often in the last block; not known of SQLite, nor without
    /// `pg_stat_statements`.
    pub asked: Vec<Asked>,
}

/// A statement, and what it costs.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// With places instead of values.
    pub text: String,
    /// How often, for a message.
    pub per_message: f64,
    /// Microseconds in the database, for a message.
    pub us_per_message: f64,
}

/// Several measurements of one thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// Of at least one measurement; of none, nothing.
    pub(super) fn of(mut all: Vec<f64>) -> Self {
        all.sort_unstable_by(f64::total_cmp);
        let at = |n: usize| all.get(n).copied().unwrap_or(0.0);
        Self {
            median: at(all.len() / 2),
            least: at(0),
            most: at(all.len().saturating_sub(1)),
        }
    }
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
    /// Which were not measured, and why: a process did not start, messages that were promised did
    /// not arrive in time, or the simulators refused what no platform would have taken.
    pub failed: Vec<String>,
}

impl Report {
    /// Of this machine and this binary.
    pub(super) fn empty() -> Self {
        Self {
            optimised: !cfg!(debug_assertions),
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            workloads: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Whether every workload was measured, and every message arrived once, in order, and where it
    /// belongs.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.workloads.iter().all(|it| it.verdict.is_whole())
    }
}
