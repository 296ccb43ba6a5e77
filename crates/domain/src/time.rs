//! Instants and spans. The time of day is always a parameter, see [`crate::ports::Clock`].

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An instant: milliseconds since 1970-01-01T00:00:00Z. The database stores the same number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant `span` later; stays at the end of time instead of overflowing.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// The instant `span` earlier; stays at the beginning of time instead of overflowing.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long ago `earlier` was; zero if it lies in the future (clocks step backwards).
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// From whole seconds, as WhatsApp and Telegram send them.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// As a zoned-time library's instant; `None` outside its years −9999 to 9999.
    #[must_use]
    pub fn to_jiff(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_millisecond(self.0).ok()
    }

    /// RFC 3339 in UTC, for people and for JSON; the bare number where no year fits.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.to_jiff()
            .map_or_else(|| self.0.to_string(), |t| t.to_string())
    }
}
