//! Trying rules on a typed message: which one decides, and which do not match.

use super::view::{TrialLine, TrialResult, TrialView, channel_choices, sentence};
use crate::extract::Fields;
use crate::i18n::Lang;
use crate::pages::parts::Choice;
use domain::channel::ChannelKind;
use domain::contact::ContactProfile;
use domain::message::{Author, Content};
use domain::routing::{BusinessHours, CompiledRules, Facts, Progress, Rule, Source};
use domain::time::Timestamp;

/// The box as it stands, without a result.
pub(crate) fn view(fields: &Fields, l: Lang) -> TrialView {
    let chosen = fields.get("try_channel");
    let channel = if chosen.is_empty() { "whatsapp" } else { chosen };
    let bot = fields.get("try_author") == "bot";
    TrialView {
        l,
        text: fields.get("try_text").to_owned(),
        channels: channel_choices(|name| name == channel),
        authors: vec![
            Choice::new("contact", l.t("try-by-contact"), !bot),
            Choice::new("bot", l.t("try-by-bot"), bot),
        ],
        result: None,
    }
}

/// The box with the result of trying `rules` in their order.
pub(crate) fn run(
    fields: &Fields,
    rules: &[Rule],
    hours: &BusinessHours,
    now: Timestamp,
    l: Lang,
) -> TrialView {
    let mut shown = view(fields, l);
    let kind = ChannelKind::from_name(fields.get("try_channel")).unwrap_or(ChannelKind::WhatsApp);
    let author = match fields.get("try_author") {
        "bot" => Author::Bot,
        _ => Author::Contact,
    };
    let content = Content::text(shown.text.clone());
    let profile = ContactProfile::default();
    let progress = Progress {
        contact_messages: 1,
        ..Progress::default()
    };
    let facts = Facts {
        channel: kind,
        source: Source::Message {
            author,
            content: &content,
        },
        profile: &profile,
        progress: &progress,
        hours,
        released_at: None,
        now,
    };
    shown.result = Some(result(rules, &facts, l));
    shown
}

/// Each rule alone, until one decides: first match wins, tagging rules are passed.
fn result(rules: &[Rule], facts: &Facts<'_>, l: Lang) -> TrialResult {
    let mut lines = Vec::new();
    for rule in rules.iter().filter(|r| r.enabled) {
        let named = |yes: bool, key: &str| TrialLine {
            yes,
            text: l.filled(
                key,
                &[("name", &rule.name), ("why", &sentence(&rule.condition, l))],
            ),
        };
        let alone = match CompiledRules::compile(vec![rule.clone()]) {
            Ok(compiled) => compiled.evaluate(facts),
            Err(error) => {
                lines.push(TrialLine {
                    yes: false,
                    text: format!("{}: {}", rule.name, error.problem),
                });
                continue;
            }
        };
        if alone.decided.is_some() {
            lines.push(named(true, "try-line-yes"));
            return TrialResult {
                decided: true,
                summary: l.with("try-decided", "name", &rule.name),
                lines,
            };
        }
        if alone.tags.is_empty() {
            lines.push(named(false, "try-line-no"));
        } else {
            lines.push(named(true, "try-line-tag"));
        }
    }
    TrialResult {
        decided: false,
        summary: l.t("try-nobody"),
        lines,
    }
}
