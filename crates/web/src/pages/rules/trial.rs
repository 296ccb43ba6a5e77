//! Trying rules on a typed message: which one decides, and which do not match.

use super::view::{TrialLine, TrialResult, TrialView, channel_choices};
use crate::extract::Fields;
use crate::i18n::Lang;
use crate::pages::parts::Choice;
use domain::channel::ChannelKind;
use domain::contact::ContactProfile;
use domain::message::{Author, Content};
use domain::routing::{
    BusinessHours, CompiledRules, Facts, PartTrace, Progress, Rule, RuleOutcome, RuleTrace, Source,
};
use domain::time::Timestamp;

/// The box as it stands, without a result.
pub(crate) fn view(fields: &Fields, l: Lang) -> TrialView {
    let chosen = fields.get("try_channel");
    let channel = if chosen.is_empty() {
        "whatsapp"
    } else {
        chosen
    };
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

/// What became of each rule that is on, in their order.
fn result(rules: &[Rule], facts: &Facts<'_>, l: Lang) -> TrialResult {
    let (compiled, errors) = CompiledRules::compile_each(rules.to_vec());
    let traces = compiled.explain(facts);
    let decided = traces.iter().find(|t| t.outcome == RuleOutcome::Decided);
    let summary = match decided {
        Some(trace) => l.with("try-decided", "name", &trace.name),
        None => l.t("try-nobody"),
    };
    let broken = errors.iter().map(|error| TrialLine {
        yes: false,
        text: l.with("rule-does-not-compile", "why", &error.problem),
    });
    TrialResult {
        decided: decided.is_some(),
        summary,
        lines: traces
            .iter()
            .filter_map(|t| line(t, l))
            .chain(broken)
            .collect(),
    }
}

/// One rule in a sentence; nothing for those after the one that decided.
fn line(trace: &RuleTrace, l: Lang) -> Option<TrialLine> {
    let (yes, key) = match trace.outcome {
        RuleOutcome::Off | RuleOutcome::NotReached => return None,
        RuleOutcome::OtherChannel => (false, "try-other-channel"),
        RuleOutcome::OtherEvent => (false, "try-other-event"),
        RuleOutcome::NoMatch => (false, "try-line-no"),
        RuleOutcome::Tagged => (true, "try-line-tag"),
        RuleOutcome::Decided => (true, "try-line-yes"),
    };
    let mut found = Vec::new();
    if let Some(part) = &trace.part {
        found_in(part, &mut found);
    }
    let mut text = l.with(key, "name", &trace.name);
    if yes && !found.is_empty() {
        text = format!("{text} ({})", found.join(", "));
    }
    Some(TrialLine { yes, text })
}

/// What the conditions that hold found: the keyword, the count, the language.
fn found_in(part: &PartTrace, found: &mut Vec<String>) {
    if let Some(words) = part
        .found
        .as_ref()
        .filter(|_| part.matched && part.when != "not")
    {
        found.push(format!("«{words}»"));
    }
    if part.matched && part.when != "not" {
        for inner in &part.parts {
            found_in(inner, found);
        }
    }
}
