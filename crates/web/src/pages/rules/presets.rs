//! Rules to begin with.

use super::view::Preset;
use crate::i18n::Lang;
use domain::handoff::HandoffOptions;
use domain::ids::RuleId;
use domain::routing::{Action, Condition, Rule, default_rules};

const KEYS: [&str; 5] = ["person", "stuck", "closed", "files", "vip"];

/// The presets as the list offers them.
pub(super) fn all(l: Lang) -> Vec<Preset> {
    KEYS.into_iter()
        .map(|key| Preset {
            key,
            name: l.word("preset-name", key),
            text: l.word("preset-text", key),
        })
        .collect()
}

/// The rule of a preset; an empty one for any other word.
pub(super) fn rule(key: &str, id: RuleId, l: Lang) -> Rule {
    let hand_off = || Action::HandOff {
        options: HandoffOptions::default(),
        close: None,
    };
    let any = |of| Condition::Any { of };
    let (condition, action) = match key {
        "person" => {
            let first = default_rules(l.0, id).into_iter().next();
            let condition = first.map(|rule| rule.condition);
            (any(condition.into_iter().collect()), hand_off())
        }
        "stuck" => (
            any(vec![
                Condition::BotFallbacks { at_least: 2 },
                Condition::SameQuestion { at_least: 3 },
            ]),
            hand_off(),
        ),
        "closed" => (
            Condition::All {
                of: vec![Condition::Not {
                    of: Box::new(Condition::InBusinessHours),
                }],
            },
            Action::Answer {
                text: l.t("preset-closed-answer"),
            },
        ),
        "files" => (
            any(vec![Condition::MessageKind {
                kinds: ["voice", "audio", "image", "file"]
                    .map(str::to_owned)
                    .into(),
            }]),
            hand_off(),
        ),
        "vip" => (
            any(vec![Condition::ContactTag {
                tag: "vip".to_owned(),
            }]),
            hand_off(),
        ),
        _ => (any(vec![Condition::Keywords { words: vec![] }]), hand_off()),
    };
    let name = if KEYS.contains(&key) {
        l.word("preset-name", key)
    } else {
        String::new()
    };
    Rule {
        id,
        name,
        enabled: true,
        channels: vec![],
        condition,
        action,
    }
}
