//! Logs: JSON lines for machines, coloured lines in a terminal.

use domain::ids::{ConversationId, TenantId};
use std::io::IsTerminal;
use tracing::Span;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For reading in a terminal.
    Pretty,
}

impl LogFormat {
    /// Pretty in a terminal, JSON everywhere else.
    #[must_use]
    pub fn by_terminal() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Pretty
        } else {
            Self::Json
        }
    }
}

/// Why logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Not a level or a list of directives.
    #[error("RELEVO_LOG: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Something else logs already.
    #[error("logging was started twice")]
    Twice(#[from] TryInitError),
}

/// Libraries whose words are not for our log, whatever the level: `pubnub` writes keys at `info`,
/// and the HTTP stack writes paths, which hold Telegram's tokens, at `trace`.
const QUIET: [&str; 6] = [
    "sqlx=warn",
    "pubnub=off",
    "actix_server=warn",
    "hyper=info",
    "h2=info",
    "reqwest=info",
];

/// Starts logging to standard error. `filter` is a level (`info`) or directives
/// (`info,adapters::queue=debug`).
///
/// # Errors
/// [`LogError`].
pub fn start_logs(filter: &str, format: LogFormat) -> Result<(), LogError> {
    let mut filter = EnvFilter::builder().parse(filter)?;
    for quiet in QUIET {
        filter = filter.add_directive(quiet.parse()?);
    }
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_current_span(true);
            registry.with(lines.with_span_list(false)).try_init()?;
        }
        LogFormat::Pretty => registry.with(lines).try_init()?,
    }
    Ok(())
}

/// The span around work for one tenant; its id is the only field.
#[must_use]
pub fn tenant_span(tenant: TenantId) -> Span {
    tracing::info_span!("tenant", %tenant)
}

/// The span around work on one conversation; the two ids are the only fields.
#[must_use]
pub fn conversation_span(tenant: TenantId, conversation: ConversationId) -> Span {
    tracing::info_span!("conversation", %tenant, %conversation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_none_is_refused_with_the_variables_name() {
        let error = start_logs("relevo=loud", LogFormat::Json).unwrap_err();
        assert!(error.to_string().starts_with("RELEVO_LOG: "), "{error}");
    }
}
