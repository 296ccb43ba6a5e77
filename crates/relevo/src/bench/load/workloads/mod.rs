//! The workloads, each on a house of its own.

mod acknowledged;
mod backlog;
mod idle;
mod pages;
mod size;
mod stage;
mod tenants;
mod to_agents;
mod to_contacts;
mod wide;

use super::house::Shape;
use super::report::{Report, Workload};
use anyhow::Context as _;
use size::Size;
use stage::Stage;
use std::path::Path;

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Webhooks are acknowledged; in production nobody relays.
    W1,
    /// From contacts to agents.
    W2,
    /// From agents to contacts.
    W3,
    /// Both ways, with few companies and with many; beside a busy one, and beside broken desks.
    W4,
    /// What waited while the desk was down.
    W5,
    /// Pages of a filled database.
    W6,
    /// Companies on which nothing happens; with it W8, how long until all are heard.
    W7,
    /// Workers that are killed, stopped and added while both sides speak.
    W9,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::W1,
        Self::W2,
        Self::W3,
        Self::W4,
        Self::W5,
        Self::W6,
        Self::W7,
        Self::W9,
    ];

    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| format!("{it:?}").eq_ignore_ascii_case(name))
    }
}

/// Runs the workloads on a shape, one after the other, `blocks` times if that is told. One that fails is told of in the report, and
/// the others run.
pub async fn run(
    which: &[Which],
    shape: &Shape,
    folder: &Path,
    (quick, blocks): (bool, Option<u32>),
) -> Report {
    let size = if quick { size::QUICK } else { size::WHOLE };
    let mut size = size.within(size::open_files());
    size.blocks = blocks.unwrap_or(size.blocks);
    let mut report = Report::empty();
    for which in which {
        tracing::info!(workload = ?which, shape = shape.name(), "measuring");
        match one(*which, shape, folder, size).await {
            Ok(found) => report.workloads.extend(found),
            Err(error) => {
                tracing::error!(workload = ?which, error = format!("{error:#}"), "not measured");
                report.failed.push(format!("{which:?}: {error:#}"));
            }
        }
    }
    report
}

async fn one(
    which: Which,
    shape: &Shape,
    folder: &Path,
    size: Size,
) -> anyhow::Result<Vec<Workload>> {
    let name = format!("{which:?}").to_lowercase();
    let stage = Stage::new(shape, folder, &name, size).await?;
    let measured = async {
        match which {
            Which::W1 => acknowledged::run(&stage).await,
            Which::W2 => to_agents::run(&stage).await,
            Which::W3 => to_contacts::run(&stage).await,
            Which::W4 => tenants::run(&stage).await,
            Which::W5 => backlog::run(&stage).await,
            Which::W6 => pages::run(&stage).await,
            Which::W7 => idle::run(&stage).await,
            Which::W9 => wide::run(&stage).await,
        }
    };
    let measured = tokio::time::timeout(size.longest, measured).await;
    stage.shape.gone().await?;
    measured.with_context(|| format!("it took over {:?}", size.longest))?
}
