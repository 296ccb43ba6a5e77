//! A routing rule.

use super::{Action, Condition};
use crate::channel::ChannelKind;
use crate::ids::RuleId;
use serde::{Deserialize, Serialize};

/// One rule of a tenant's ordered list; the first match wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Identity.
    pub id: RuleId,
    /// What the members call it.
    pub name: String,
    /// Rules that are off are kept and not looked at.
    pub enabled: bool,
    /// Only on these kinds of channel; empty = all.
    #[serde(default)]
    pub channels: Vec<ChannelKind>,
    /// When it matches.
    pub condition: Condition,
    /// What it does.
    pub action: Action,
}
