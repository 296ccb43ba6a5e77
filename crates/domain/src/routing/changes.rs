//! What changed between two versions of a tenant's rules.

use super::Rule;
use crate::ids::RuleId;
use serde::{Deserialize, Serialize};

/// One change of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// Which rule.
    pub rule: RuleId,
    /// What it was called after the change; before it, if it was removed.
    pub name: String,
    /// What.
    pub what: RuleChangeKind,
}

/// What changed of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum RuleChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It was called otherwise.
    Renamed {
        /// What it was called.
        from: String,
    },
    /// It was switched on.
    SwitchedOn,
    /// It was switched off.
    SwitchedOff,
    /// It looks at other channels.
    Channels,
    /// It matches on something else.
    Condition,
    /// It does something else.
    Action,
    /// It stands elsewhere in the list.
    Moved {
        /// Its place before, from 1.
        from: usize,
        /// Its place now, from 1.
        to: usize,
    },
}

impl RuleChangeKind {
    /// The stored name, the ending of its text's key.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed { .. } => "renamed",
            Self::SwitchedOn => "switched_on",
            Self::SwitchedOff => "switched_off",
            Self::Channels => "channels",
            Self::Condition => "condition",
            Self::Action => "action",
            Self::Moved { .. } => "moved",
        }
    }
}

/// What changed from `before` to `after`: removed rules first, then by the new order.
#[must_use]
pub fn changes(before: &[Rule], after: &[Rule]) -> Vec<RuleChange> {
    let find = |rules: &[Rule], id: RuleId| rules.iter().position(|r| r.id == id);
    let mut found = Vec::new();
    let mut note = |rule: &Rule, what| {
        found.push(RuleChange {
            rule: rule.id,
            name: rule.name.clone(),
            what,
        });
    };
    for gone in before.iter().filter(|r| find(after, r.id).is_none()) {
        note(gone, RuleChangeKind::Removed);
    }
    let stayed = moved(before, after);
    for (place, rule) in (1..).zip(after) {
        let Some(at) = find(before, rule.id) else {
            note(rule, RuleChangeKind::Added);
            continue;
        };
        let Some(old) = before.get(at) else { continue };
        if old.name != rule.name {
            let from = old.name.clone();
            note(rule, RuleChangeKind::Renamed { from });
        }
        match (old.enabled, rule.enabled) {
            (false, true) => note(rule, RuleChangeKind::SwitchedOn),
            (true, false) => note(rule, RuleChangeKind::SwitchedOff),
            _ => {}
        }
        if old.channels != rule.channels {
            note(rule, RuleChangeKind::Channels);
        }
        if old.condition != rule.condition {
            note(rule, RuleChangeKind::Condition);
        }
        if old.action != rule.action {
            note(rule, RuleChangeKind::Action);
        }
        if stayed.contains(&rule.id) {
            let from = at + 1;
            note(rule, RuleChangeKind::Moved { from, to: place });
        }
    }
    found
}

/// The rules that were moved: as few as explain the new order. Those of a longest run that kept
/// its order stayed.
fn moved(before: &[Rule], after: &[Rule]) -> Vec<RuleId> {
    let places: Vec<(RuleId, usize)> = after
        .iter()
        .filter_map(|r| Some((r.id, before.iter().position(|b| b.id == r.id)?)))
        .collect();
    // The longest increasing subsequence, by the plain quadratic way: lists are short.
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(places.len());
    for (i, (_, place)) in places.iter().enumerate() {
        let before_it = places
            .iter()
            .zip(&best)
            .enumerate()
            .take(i)
            .filter(|(_, ((_, p), _))| p < place)
            .max_by_key(|(_, (_, (length, _)))| *length);
        let link = before_it.map(|(j, (_, (length, _)))| (*length, j));
        best.push((link.map_or(1, |(n, _)| n + 1), link.map(|(_, j)| j)));
    }
    let mut kept = Vec::new();
    let last = best.iter().enumerate().max_by_key(|(_, (n, _))| *n);
    let mut at = last.map(|(i, _)| i);
    while let Some(i) = at {
        kept.extend(places.get(i).map(|(id, _)| *id));
        at = best.get(i).and_then(|(_, link)| *link);
    }
    places
        .into_iter()
        .map(|(id, _)| id)
        .filter(|id| !kept.contains(id))
        .collect()
}
