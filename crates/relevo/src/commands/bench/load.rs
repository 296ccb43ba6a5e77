//! `relevo bench`: workloads through processes of their own.

use super::folder::Folder;
use crate::bench::load::far;
use crate::bench::load::house::Shape;
use crate::bench::load::work::{Which, run as run_all};
use crate::cli::BenchLoad;
use anyhow::Context as _;
use std::net::{SocketAddr, TcpListener};

/// Runs the workloads and prints what came out. The settings in force are not used: what is measured
/// stands on a database that the command line names, or on a file of its own.
pub(super) async fn run(wanted: &BenchLoad) -> anyhow::Result<()> {
    let named = wanted.workload.iter().map(|name| {
        Which::named(name).with_context(|| format!("{name} is none of W1, W2, W3, W5, W7"))
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
    let report = run_all(&which, &shape, folder.0.clone(), wanted.quick).await?;
    if wanted.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    anyhow::ensure!(
        report.is_whole(),
        "messages were lost, doubled or out of order"
    );
    Ok(())
}

/// The simulators, until they are killed.
pub(super) async fn far(at: SocketAddr) -> anyhow::Result<()> {
    let listener = TcpListener::bind(at).with_context(|| format!("cannot listen on {at}"))?;
    far::serve(listener).await
}
