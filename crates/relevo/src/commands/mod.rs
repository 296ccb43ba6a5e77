//! One file per command.

mod admin;
mod all;
mod bench;
mod demo;
mod doctor;
mod migrate;
mod web;
mod worker;

use crate::cli::Command;
use crate::settings::Settings;
use crate::traces;
use std::pin::Pin;

/// Runs a command to its end.
///
/// # Errors
/// What prevented it, in words.
pub async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let exporting = traces::begin(&settings, &command)?;
    let done: Pin<Box<dyn Future<Output = anyhow::Result<()>>>> = match command {
        Command::Demo => Box::pin(demo::run(settings)),
        Command::All => Box::pin(all::run(settings)),
        Command::Web => Box::pin(web::run(settings)),
        Command::Worker => Box::pin(worker::run(settings)),
        Command::Migrate => Box::pin(migrate::run(settings)),
        Command::Doctor => Box::pin(doctor::run(settings)),
        Command::Bench(what) => Box::pin(bench::run(settings, what)),
        Command::Admin { what } => Box::pin(admin::run(settings, what)),
    };
    let done = done.await;
    if let Some(exporting) = exporting {
        exporting.finish().await;
    }
    done
}
