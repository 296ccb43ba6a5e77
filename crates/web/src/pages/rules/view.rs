//! What the pages about rules show.

use crate::extract::Form;
use crate::i18n::Lang;
use crate::pages::parts::Choice;
use crate::pages::shell::Shell;
use adapters::store::RuleRow;
use askama::Template;
use domain::channel::ChannelKind;
use domain::routing::{Action, Condition};

/// A rule as the list shows it.
pub(crate) struct RuleItem {
    pub id: String,
    pub name: String,
    pub enabled: bool,
    /// Its condition in a sentence.
    pub says: String,
    pub action: String,
    pub action_tone: &'static str,
    pub channels: Vec<&'static str>,
    pub matched: String,
}

impl RuleItem {
    pub fn of(row: &RuleRow, l: Lang) -> Self {
        let rule = &row.rule;
        let (action, tone) = match &rule.action {
            Action::HandOff { .. } => ("hand_off", "accent"),
            Action::Answer { .. } => ("answer", "ok"),
            Action::Tag { .. } => ("tag", ""),
            Action::Ignore => ("ignore", ""),
        };
        Self {
            id: rule.id.to_string(),
            name: rule.name.clone(),
            enabled: rule.enabled,
            says: cut(&whole(&rule.condition, l), 180),
            action: l.word("does", action),
            action_tone: tone,
            channels: rule.channels.iter().map(|c| c.title()).collect(),
            matched: l.n("rule-matched", row.matched),
        }
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let short: String = text.chars().take(most).collect();
    format!("{short}…")
}

/// A rule's condition as a sentence of its own.
fn whole(condition: &Condition, l: Lang) -> String {
    match condition {
        Condition::All { of } if of.is_empty() => l.t("says-always"),
        Condition::Any { of } if of.is_empty() => l.t("says-never"),
        Condition::Any { of } if of.len() > 1 => {
            let parts: Vec<String> = of.iter().map(|c| sentence(c, l)).collect();
            l.with("says-if", "value", parts.join(&format!(" {} ", l.t("or"))))
        }
        other => l.with("says-if", "value", sentence(other, l)),
    }
}

/// A condition in plain words.
pub(crate) fn sentence(condition: &Condition, l: Lang) -> String {
    let join = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|c| sentence(c, l)).collect();
        parts.join(&format!(" {} ", l.t(word)))
    };
    let quoted = |words: &[String]| {
        let shown: Vec<String> = words.iter().take(5).map(|w| format!("«{w}»")).collect();
        let more = if words.len() > 5 { ", …" } else { "" };
        format!("{}{more}", shown.join(", "))
    };
    let with = |key: &str, value: &str| l.with(key, "value", value);
    match condition {
        Condition::All { of } if of.is_empty() => l.t("says-always"),
        Condition::Any { of } if of.is_empty() => l.t("says-never"),
        Condition::All { of } => join(of, "and"),
        Condition::Any { of } => match of.as_slice() {
            [only] => sentence(only, l),
            _ => format!("({})", join(of, "or")),
        },
        Condition::Not { of } if **of == Condition::InBusinessHours => l.t("says-out-of-hours"),
        Condition::Not { of } => with("says-not", &sentence(of, l)),
        Condition::Keywords { words } => with("says-keywords", &quoted(words)),
        Condition::Regex { pattern } => with("says-regex", pattern),
        Condition::MessageKind { kinds } => {
            let names: Vec<String> = kinds.iter().map(|k| l.word("kind", k)).collect();
            with("says-kind", &names.join(", "))
        }
        Condition::SaidBy { author } => match author {
            domain::message::Author::Bot => l.t("says-by-bot"),
            _ => l.t("says-by-contact"),
        },
        Condition::Language { tags } => with("says-language", &tags.join(", ")),
        Condition::ContactTag { tag } => with("says-tag", tag),
        Condition::ContactAttribute { name, value } => {
            l.filled("says-attribute", &[("name", name), ("value", value)])
        }
        Condition::BotFallbacks { at_least } => l.n("says-fallbacks", i64::from(*at_least)),
        Condition::MessagesWithoutProgress { at_least } => {
            l.n("says-no-progress", i64::from(*at_least))
        }
        Condition::SameQuestion { at_least } => l.n("says-same-question", i64::from(*at_least)),
        Condition::InBusinessHours => l.t("says-hours"),
        Condition::Referral { contains } if contains.is_empty() => l.t("says-referral-any"),
        Condition::Referral { contains } => with("says-referral", contains),
        Condition::PreviousHandoff { within_hours } => {
            l.n("says-previous", i64::from(*within_hours))
        }
        Condition::ConfidenceBelow { limit } => {
            with("says-confidence", &format!("{:.0}", limit * 100.0))
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
    pub a: String,
    pub b: String,
    pub min: u32,
    pub max: u32,
    pub unit: String,
    pub choices: Vec<Choice>,
    pub kids: Vec<NodeView>,
    pub removable: bool,
    pub can_add: bool,
    pub error: Option<String>,
}

#[derive(Template)]
#[template(path = "rules.html")]
pub(crate) struct RulesPage {
    pub s: Shell,
    pub rules: Vec<RuleItem>,
    pub trial: TrialView,
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
}

/// Trying rules on a typed message.
#[derive(Template)]
#[template(path = "trial.html")]
pub(crate) struct TrialView {
    pub l: Lang,
    pub text: String,
    pub channels: Vec<Choice>,
    pub authors: Vec<Choice>,
    pub result: Option<TrialResult>,
}

/// How a trial went.
pub(crate) struct TrialResult {
    /// Whether a rule decided.
    pub decided: bool,
    pub summary: String,
    pub lines: Vec<TrialLine>,
}

/// One rule of a trial.
pub(crate) struct TrialLine {
    pub yes: bool,
    pub text: String,
}

/// The platforms as choices.
pub(crate) fn channel_choices(on: impl Fn(&str) -> bool) -> Vec<Choice> {
    ChannelKind::ALL
        .into_iter()
        .map(|k| Choice::new(k.name(), k.title(), on(k.name())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tenant::Language;

    #[test]
    fn a_condition_reads_as_a_sentence() {
        let keyword = |w: &str| Condition::Keywords {
            words: vec![w.to_owned()],
        };
        let tree = Condition::All {
            of: vec![
                Condition::Any {
                    of: vec![keyword("agente"), keyword("humano")],
                },
                Condition::InBusinessHours,
            ],
        };
        let said = sentence(&tree, Lang(Language::Es));
        assert!(
            said.contains("«agente»") && said.contains(" o ") && said.contains(" y "),
            "{said}"
        );
    }
}
