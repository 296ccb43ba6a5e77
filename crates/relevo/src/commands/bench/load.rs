//! `relevo bench`: workloads through processes of their own.

use super::folder::Folder;
use crate::bench::load::house::Shape;
use crate::bench::load::workloads::{Which, run as run_all};
use crate::bench::load::{far, primitives};
use crate::cli::BenchLoad;
use crate::lifecycle::stop_on_signals;
use anyhow::{Context as _, bail};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Runs the workloads and prints what came out. The settings in force are not used: what is measured
/// stands on a database that the command line names, or on a file of its own.
pub(super) async fn run(wanted: &BenchLoad) -> anyhow::Result<()> {
    let named = wanted.workload.iter().map(|name| {
        Which::named(name).with_context(|| format!("{name} is none of W1 to W7 and W9"))
    });
    let mut which = named.collect::<anyhow::Result<Vec<_>>>()?;
    if which.is_empty() {
        which.extend(Which::ALL);
    }
    let shape = match (&wanted.database, &wanted.redis) {
        (Some(database), Some(redis)) => Shape::Production {
            database: database.clone(),
            redis: redis.clone(),
        },
        _ => Shape::Embedded,
    };
    let folder = Folder::new()?;
    // Whoever interrupts it wants its processes gone, too.
    let cancel = CancellationToken::new();
    stop_on_signals(cancel.clone())?;
    let report = tokio::select! {
        report = run_all(&which, &shape, &folder.0, (wanted.quick, wanted.blocks)) => report,
        () = cancel.cancelled() => bail!("interrupted"),
    };
    let document = || serde_json::to_string_pretty(&report);
    match wanted.json.as_deref() {
        Some(file) if file == Path::new("-") => println!("{}", document()?),
        Some(file) => {
            std::fs::write(file, document()?).context("the report")?;
            println!("{report}");
        }
        None => println!("{report}"),
    }
    anyhow::ensure!(
        report.is_whole(),
        "a workload was not measured, or messages were lost, doubled, out of order or in somebody \
         else's talk"
    );
    Ok(())
}

/// The simulators, until they are killed.
pub(super) async fn far(
    at: SocketAddr,
    over_tls: Option<(SocketAddr, PathBuf)>,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(at).with_context(|| format!("cannot listen on {at}"))?;
    far::serve(listener, over_tls).await
}

/// Bare long polls, until they are killed.
pub(super) async fn hold(at: &str, polls: usize) -> anyhow::Result<()> {
    primitives::hold(at, polls).await
}
