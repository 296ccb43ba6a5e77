//! Rules and facts in a few words.

use domain::channel::ChannelKind;
use domain::contact::ContactProfile;
use domain::handoff::HandoffOptions;
use domain::ids::RuleId;
use domain::message::{Author, Content};
use domain::routing::{
    Action, BusinessHours, CompiledRules, Condition, Facts, Match, Progress, Rule, Source,
};
use domain::time::Timestamp;
use uuid::Uuid;

/// Monday, 4 January 2027, 12:00 in UTC; 09:00 in Santiago.
pub const MONDAY: Timestamp = Timestamp(1_799_064_000_000);

pub fn rid(n: u128) -> RuleId {
    RuleId(Uuid::from_u128(n))
}

pub fn hand_off() -> Action {
    Action::HandOff {
        options: HandoffOptions::default(),
        close: None,
    }
}

pub fn rule(n: u128, condition: Condition, action: Action) -> Rule {
    Rule {
        id: rid(n),
        name: format!("rule {n}"),
        enabled: true,
        channels: Vec::new(),
        condition,
        action,
    }
}

pub fn keywords(words: &[&str]) -> Condition {
    Condition::Keywords {
        words: words.iter().map(|w| (*w).to_owned()).collect(),
    }
}

pub fn regex(pattern: &str) -> Condition {
    Condition::Regex {
        pattern: pattern.to_owned(),
    }
}

pub fn all(of: Vec<Condition>) -> Condition {
    Condition::All { of }
}

pub fn any(of: Vec<Condition>) -> Condition {
    Condition::Any { of }
}

pub fn not(of: Condition) -> Condition {
    Condition::Not { of: Box::new(of) }
}

/// What a message happens in; everything that a test does not set is unremarkable.
#[derive(Clone)]
pub struct Scene {
    pub channel: ChannelKind,
    pub author: Author,
    pub content: Content,
    pub confidence: Option<f32>,
    pub profile: ContactProfile,
    pub progress: Progress,
    pub hours: BusinessHours,
    pub released_at: Option<Timestamp>,
    pub now: Timestamp,
}

pub fn said(words: &str) -> Scene {
    Scene {
        channel: ChannelKind::Telegram,
        author: Author::Contact,
        content: Content::text(words),
        confidence: None,
        profile: ContactProfile::default(),
        progress: Progress::default(),
        hours: BusinessHours::default(),
        released_at: None,
        now: MONDAY,
    }
}

impl Scene {
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            channel: self.channel,
            source: match self.confidence {
                Some(sure) => Source::Confidence(sure),
                None => Source::Message {
                    author: self.author,
                    content: &self.content,
                },
            },
            profile: &self.profile,
            progress: &self.progress,
            hours: &self.hours,
            released_at: self.released_at,
            now: self.now,
        }
    }

    pub fn by_bot(mut self) -> Self {
        self.author = Author::Bot;
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn under(&self, rules: Vec<Rule>) -> Match {
        compiled(rules).evaluate(&self.facts())
    }

    /// Whether a rule with this condition would hand off.
    pub fn matches(&self, condition: Condition) -> bool {
        let outcome = self.under(vec![rule(1, condition, hand_off())]);
        outcome.decided.is_some()
    }
}

pub fn compiled(rules: Vec<Rule>) -> CompiledRules {
    CompiledRules::compile(rules).unwrap()
}
