//! One day's handoffs, added up per line, rule and reason.

use super::fact::Fact;
use super::totals::Totals;
use crate::handoff::HandoffReason;
use crate::ids::{ChannelId, RuleId};
use crate::routing::BusinessHours;
use serde::{Deserialize, Serialize};

/// Which handoffs are looked at; nothing chosen = all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only on this line.
    pub channel: Option<ChannelId>,
    /// Only asked for by this rule.
    pub rule: Option<RuleId>,
}

/// The handoffs of one line, rule and reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The line.
    #[serde(rename = "c")]
    pub channel: ChannelId,
    /// The rule that asked.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// Why they began.
    #[serde(rename = "y")]
    pub reason: HandoffReason,
    /// Their sums.
    #[serde(rename = "t")]
    pub totals: Totals,
}

/// One day's handoffs. The database keeps it as one document per day that is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sheet {
    /// One per line, rule and reason that occurred.
    pub cells: Vec<Cell>,
}

impl Scope {
    /// Whether a cell is looked at.
    #[must_use]
    pub fn takes(&self, cell: &Cell) -> bool {
        self.channel.is_none_or(|c| c == cell.channel)
            && self.rule.is_none_or(|r| Some(r) == cell.rule)
    }

    /// Whether a handoff is looked at.
    #[must_use]
    pub fn takes_fact(&self, fact: &Fact) -> bool {
        self.channel.is_none_or(|c| c == fact.channel)
            && self.rule.is_none_or(|r| Some(r) == fact.rule)
    }
}

impl Sheet {
    /// Counts the handoffs of a day.
    #[must_use]
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>, hours: &BusinessHours) -> Self {
        let mut sheet = Self::default();
        for fact in facts {
            sheet.count(fact, hours);
        }
        sheet
    }

    /// Counts one handoff.
    pub fn count(&mut self, fact: &Fact, hours: &BusinessHours) {
        let same =
            |c: &Cell| c.channel == fact.channel && c.rule == fact.rule && c.reason == fact.reason;
        match self.cells.iter_mut().find(|c| same(c)) {
            Some(cell) => cell.totals.count(fact, hours),
            None => {
                let mut totals = Totals::default();
                totals.count(fact, hours);
                self.cells.push(Cell {
                    channel: fact.channel,
                    rule: fact.rule,
                    reason: fact.reason,
                    totals,
                });
            }
        }
    }

    /// The sums of what is looked at.
    #[must_use]
    pub fn totals(&self, scope: &Scope) -> Totals {
        let mut totals = Totals::default();
        for cell in self.cells.iter().filter(|c| scope.takes(c)) {
            totals.add(&cell.totals);
        }
        totals
    }
}
