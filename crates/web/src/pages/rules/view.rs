//! What the pages about rules show.

use super::backtest::BacktestView;
use super::say::{cut, deed, whole};
use crate::extract::{Fields, Form};
use crate::i18n::{Lang, When};
use crate::pages::parts::{Choice, kind_title};
use crate::pages::preview::Preview;
use crate::pages::shell::Shell;
use adapters::store::RuleRow;
use askama::Template;
use domain::channel::ChannelKind;
use domain::routing::{Action, Rule};

/// A rule as the list shows it.
pub(crate) struct RuleItem {
    pub id: String,
    pub name: String,
    pub enabled: bool,
    /// Its condition in a sentence.
    pub says: String,
    /// What it does, in a sentence.
    pub deed: String,
    pub icon: &'static str,
    pub tone: &'static str,
    pub channels: Vec<String>,
    pub matched: String,
    pub recent: String,
    /// Whether it ever decided.
    pub used: bool,
}

impl RuleItem {
    pub fn of(row: &RuleRow, l: Lang) -> Self {
        let rule = &row.rule;
        let (icon, tone) = match &rule.action {
            Action::HandOff { .. } => ("headset", "accent"),
            Action::Answer { .. } => ("message-circle", "ok"),
            Action::Tag { .. } => ("tag", ""),
            Action::Ignore => ("ban", ""),
        };
        Self {
            id: rule.id.to_string(),
            name: rule.name.clone(),
            enabled: rule.enabled,
            says: cut(&whole(&rule.condition, l), 180),
            deed: deed(&rule.action, l),
            icon,
            tone,
            channels: rule.channels.iter().map(|c| kind_title(*c, l)).collect(),
            matched: l.n("rule-matched", row.matched),
            recent: l.n("rule-recent", row.recent),
            used: row.matched > 0,
        }
    }
}

/// One node of the condition tree; renders its parts inside itself.
#[derive(Template)]
#[template(path = "node.html")]
pub(crate) struct NodeView {
    pub l: Lang,
    pub path: String,
    pub kinds: Vec<Choice>,
    /// `words`, `line`, `number`, `pair`, `checks`, `select`, `group` or `none`.
    pub shape: &'static str,
    pub group: bool,
    pub label: String,
    pub label_b: String,
    pub hint: String,
    pub example: String,
    pub a: String,
    pub b: String,
    pub min: u32,
    pub max: u32,
    pub unit: String,
    pub choices: Vec<Choice>,
    pub kids: Vec<NodeView>,
    pub removable: bool,
    /// Whether it can go up, and down, among its siblings.
    pub up: bool,
    pub down: bool,
    pub can_add: bool,
    pub error: Option<String>,
}

#[derive(Template)]
#[template(path = "rules.html")]
pub(crate) struct RulesPage {
    pub s: Shell,
    pub version: i64,
    pub rules: Vec<RuleItem>,
    pub presets: Vec<Preset>,
    pub trial: TrialView,
}

/// A rule to begin with.
pub(crate) struct Preset {
    pub key: &'static str,
    pub name: String,
    pub text: String,
}

#[derive(Template)]
#[template(path = "rule_edit.html")]
pub(crate) struct RuleEditPage {
    pub s: Shell,
    pub f: Form,
    pub title: String,
    pub action_url: String,
    pub problem: Option<String>,
    pub channels: Vec<Choice>,
    pub actions: Vec<Choice>,
    pub root: NodeView,
    pub trial: TrialView,
    pub backtest: BacktestView,
    pub preview: Option<Preview>,
    pub variables: Vec<String>,
    pub scales: Vec<Choice>,
    /// The version that the editor was opened on.
    pub base: Option<i64>,
    pub conflict: Option<Conflict>,
}

/// Somebody else saved the same rule meanwhile.
pub(crate) struct Conflict {
    pub who: String,
    pub when: When,
    pub changes: Vec<String>,
    pub gone: bool,
    pub theirs: Vec<String>,
}

/// Trying rules on a typed message.
#[derive(Template)]
#[template(path = "trial.html")]
pub(crate) struct TrialView {
    pub l: Lang,
    pub text: String,
    pub channels: Vec<Choice>,
    pub authors: Vec<Choice>,
    pub kinds: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub f: Fields,
    /// Whether the facts are open.
    pub open: bool,
    pub result: Option<TrialResult>,
}

/// How a trial went.
pub(crate) struct TrialResult {
    /// Whether a rule decided.
    pub decided: bool,
    pub summary: String,
    /// What it would do.
    pub deed: Option<String>,
    pub rules: Vec<TrialRule>,
}

/// One rule of a trial.
pub(crate) struct TrialRule {
    pub yes: bool,
    pub text: String,
    /// Its conditions one by one.
    pub parts: Vec<TrialPart>,
}

/// One condition of a trial.
pub(crate) struct TrialPart {
    pub yes: bool,
    /// 0 for the outermost.
    pub depth: usize,
    pub text: String,
}

/// A list of versions.
#[derive(Template)]
#[template(path = "rule_versions.html")]
pub(crate) struct VersionsPage {
    pub s: Shell,
    pub versions: Vec<VersionItem>,
    /// The address of older ones.
    pub older: Option<String>,
}

/// A version as listed.
pub(crate) struct VersionItem {
    pub number: i64,
    pub when: When,
    pub who: String,
    pub changes: Vec<String>,
    pub current: bool,
}

/// One version beside another.
#[derive(Template)]
#[template(path = "rule_version.html")]
pub(crate) struct VersionPage {
    pub s: Shell,
    pub version: VersionItem,
    /// The versions to compare with.
    pub others: Vec<Choice>,
    /// The title of the comparison.
    pub compared: String,
    /// What differs from the other.
    pub changes: Vec<String>,
    pub rules: Vec<ComparedRule>,
}

/// A rule of a version, and how it was in the other.
pub(crate) struct ComparedRule {
    pub now: Option<Says>,
    /// Only if it differs.
    pub before: Option<Says>,
    /// `added`, `removed`, `changed` or empty.
    pub mark: &'static str,
}

/// A rule in words.
pub(crate) struct Says {
    pub name: String,
    pub enabled: bool,
    pub condition: String,
    pub deed: String,
    pub channels: String,
}

impl Says {
    pub fn of(rule: &Rule, l: Lang) -> Self {
        let titles: Vec<_> = rule.channels.iter().map(|c| kind_title(*c, l)).collect();
        Self {
            name: rule.name.clone(),
            enabled: rule.enabled,
            condition: whole(&rule.condition, l),
            deed: deed(&rule.action, l),
            channels: titles.join(", "),
        }
    }
}

/// The page on which the whole list is tried on the past.
#[derive(Template)]
#[template(path = "rules_backtest.html")]
pub(crate) struct BacktestPage {
    pub s: Shell,
    pub backtest: BacktestView,
}

/// The platforms as choices.
pub(crate) fn channel_choices(l: Lang, on: impl Fn(&str) -> bool) -> Vec<Choice> {
    ChannelKind::ALL
        .into_iter()
        .map(|k| Choice::new(k.name(), kind_title(k, l), on(k.name())))
        .collect()
}
