//! Traces of this process, from the settings.

use crate::cli::Command;
use crate::settings::Settings;
use adapters::clock::{SystemClock, UuidV7};
use adapters::net::{Http, NetPolicy};
use adapters::telemetry::traces::{Collector, Exporting, start};
use std::sync::Arc;

/// The collector of the settings, if there is one. It is named by whoever runs us, so it may be
/// anywhere.
///
/// # Errors
/// The HTTP client cannot be set up.
pub(crate) fn collector(settings: &Settings) -> anyhow::Result<Option<Collector>> {
    let Some(endpoint) = settings.otlp_endpoint.clone() else {
        return Ok(None);
    };
    let http = Http::new(NetPolicy {
        allow_private_network: settings.allow_private_network,
    })?;
    Ok(Some(Collector {
        endpoint,
        client: http.platform,
    }))
}

/// Begins to keep traces, where a collector is set and the command serves.
///
/// # Errors
/// The collector's address is of no use.
pub(crate) fn begin(settings: &Settings, command: &Command) -> anyhow::Result<Option<Exporting>> {
    let role = match command {
        Command::Demo => "demo",
        Command::All => "all",
        Command::Web => "web",
        Command::Worker => "worker",
        _ => return Ok(None),
    };
    let Some(collector) = collector(settings)? else {
        return Ok(None);
    };
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(UuidV7));
    let exporting = start(&collector, settings.otlp_sample, role, clock, ids)?;
    Ok(Some(exporting))
}
