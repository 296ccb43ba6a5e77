//! What a running process says about itself: structured logs, metrics and traces.
//!
//! None of them ever holds a message's text, a token, a credential or an address with a token. That
//! is kept by not writing them at all: secrets print as `[secret]` by their type, and log lines
//! name things by id. There is no filter that would clean up afterwards.

mod catalogue;
mod logs;
mod metrics;
pub mod traces;

pub use catalogue::{FIGURES, Figure, Kind};
pub use logs::{LogError, LogFormat, conversation_span, start_logs, tenant_span};
pub use metrics::{MetricsError, MetricsPage, UPKEEP};
