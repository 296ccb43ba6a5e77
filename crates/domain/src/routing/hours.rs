//! When humans are there.

use serde::{Deserialize, Serialize};

/// Weekly hours and holidays in the tenant's time zone. Without any hours, always open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BusinessHours {
    /// IANA name, e.g. `America/Santiago`.
    pub time_zone: String,
    /// Monday first; empty = always open.
    pub week: Vec<DayHours>,
    /// Closed days, `YYYY-MM-DD` in the tenant's zone.
    pub holidays: Vec<String>,
}

impl Default for BusinessHours {
    fn default() -> Self {
        Self {
            time_zone: "America/Santiago".to_owned(),
            week: Vec::new(),
            holidays: Vec::new(),
        }
    }
}

/// The open spans of one day of the week, in minutes from midnight, `[from, to)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayHours {
    /// Open spans.
    pub open: Vec<(u16, u16)>,
}
