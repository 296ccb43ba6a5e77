//! What the figures mean: one definition each, pure.
//!
//! ```text
//! handoff ends ─▶ Exchange::of(messages)      who said how much, how fast
//!              ─▶ Fact                        one row per handoff
//!                   └▶ Sheet::of(day's facts) sums and histograms per line, rule and reason
//!                        └▶ Totals            sheets of a span added up
//!                             └▶ Figure::of   a number with its name
//! ```
//!
//! [`Totals`] can be added, so a day that is over is counted once and kept; a page adds up days.
//! What has no handoff to hang on (conversations started, latencies, repeats) is a [`Count`].

mod calendar;
mod count;
mod exchange;
mod fact;
mod figure;
mod histogram;
mod now;
mod operations;
mod sheet;
mod totals;

pub use calendar::{Day, Local, open_between};
pub use count::{Count, Counted, starts_conversation};
pub use exchange::{Exchange, Spoken};
pub use fact::Fact;
pub use figure::{Figure, Value};
pub use histogram::Histogram;
pub use now::Now;
pub use operations::{Operation, Operations};
pub use sheet::{Cell, Scope, Sheet};
pub use totals::{RESPONSE_BANDS, Totals, band_of};
