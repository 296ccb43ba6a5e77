//! Why a rule matched or did not, for the screen where a draft is tried.

use crate::ids::RuleId;

/// What became of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTrace {
    /// Which.
    pub rule: RuleId,
    /// What the members call it.
    pub name: String,
    /// What became of it.
    pub outcome: RuleOutcome,
    /// Its conditions part by part; `None` where they were not looked at.
    pub part: Option<PartTrace>,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleOutcome {
    /// It is switched off.
    Off,
    /// It is for other kinds of channel.
    OtherChannel,
    /// It looks at other events: at the contact's words and not at the bot's, or the reverse.
    OtherEvent,
    /// A rule before it decided.
    NotReached,
    /// Its conditions do not hold.
    NoMatch,
    /// It put its tags, and the next rules were looked at.
    Tagged,
    /// It decided.
    Decided,
}

/// What became of one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct PartTrace {
    /// The stored name of the condition: `keywords`, `all`, ...
    pub when: &'static str,
    /// Whether it holds.
    pub matched: bool,
    /// What it found: the keyword, the words the expression matched, the count, the language.
    pub found: Option<String>,
    /// The parts of `all`, `any` and `not`.
    pub parts: Vec<PartTrace>,
}

impl PartTrace {
    /// The conditions without parts that made it hold. What `not` refuses made nothing hold,
    /// except the hours: «not in business hours» is about the hours.
    pub(super) fn causes<'a>(&'a self, causes: &mut Vec<&'a Self>) {
        match self.when {
            _ if !self.matched => {}
            "all" | "any" => self.parts.iter().for_each(|p| p.causes(causes)),
            "not" => causes.extend(self.parts.iter().filter(|p| p.when == "in_business_hours")),
            _ => causes.push(self),
        }
    }
}
