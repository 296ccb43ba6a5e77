//! Rules in plain words.

use crate::i18n::Lang;
use domain::routing::{Action, Condition, RuleChange, RuleChangeKind};

pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let short: String = text.chars().take(most).collect();
    format!("{short}…")
}

/// A rule's condition as a sentence of its own.
pub(super) fn whole(condition: &Condition, l: Lang) -> String {
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

/// What a rule does, in a few words with its own.
pub(crate) fn deed(action: &Action, l: Lang) -> String {
    match action {
        Action::HandOff { options, .. } => match options.title.as_deref() {
            Some(title) if !title.trim().is_empty() => {
                l.with("deed-hand-off-as", "value", cut(title, 60))
            }
            _ => l.t("deed-hand-off"),
        },
        Action::Answer { text } => l.with("deed-answer", "value", cut(text, 90)),
        Action::Tag { tags } => l.with("deed-tag", "value", tags.join(", ")),
        Action::Ignore => l.t("deed-ignore"),
    }
}

/// What a version changed, one sentence per change.
pub(crate) fn change(change: &RuleChange, l: Lang) -> String {
    let key = format!("change-{}", change.what.name());
    let name = ("name", change.name.as_str());
    match &change.what {
        RuleChangeKind::Renamed { from } => l.filled(&key, &[name, ("from", from)]),
        RuleChangeKind::Moved { from, to } => {
            let (from, to) = (from.to_string(), to.to_string());
            l.filled(&key, &[name, ("from", &from), ("to", &to)])
        }
        _ => l.filled(&key, &[name]),
    }
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
