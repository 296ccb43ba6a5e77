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

/// Runs a command to its end.
///
/// # Errors
/// What prevented it, in words.
pub async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let exporting = traces::begin(&settings, &command)?;
    let done = match command {
        Command::Demo => demo::run(settings).await,
        Command::All => all::run(settings).await,
        Command::Web => web::run(settings).await,
        Command::Worker => worker::run(settings).await,
        Command::Migrate => migrate::run(settings).await,
        Command::Doctor => doctor::run(settings).await,
        Command::Bench(what) => bench::run(settings, what).await,
        Command::Admin { what } => admin::run(settings, what).await,
    };
    if let Some(exporting) = exporting {
        exporting.finish().await;
    }
    done
}
