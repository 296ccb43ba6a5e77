//! `relevo`

use adapters::telemetry::{LogFormat, start_logs};
use clap::Parser;
use relevo::cli::Cli;
use relevo::commands;
use relevo::settings::Settings;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match begin(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relevo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn begin(cli: &Cli) -> anyhow::Result<()> {
    let settings = Settings::load(cli)?;
    start_logs(&settings.log, LogFormat::by_terminal())?;
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(commands::run(cli.command.clone(), settings))
}
