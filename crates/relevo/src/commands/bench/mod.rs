//! `relevo bench`: what Relevo costs.

mod folder;
mod load;
mod pages;

use crate::cli::{Bench, BenchArgs};
use crate::settings::Settings;

pub(super) async fn run(settings: Settings, wanted: BenchArgs) -> anyhow::Result<()> {
    match wanted.what {
        None => load::run(&wanted.load).await,
        Some(Bench::Pages(wanted)) => pages::run(settings, &wanted).await,
        Some(Bench::Far { at, tls, papers }) => load::far(at, tls.zip(papers)).await,
        Some(Bench::Hold { at, polls }) => load::hold(&at, polls).await,
    }
}
