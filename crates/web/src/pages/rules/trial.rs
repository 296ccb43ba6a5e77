//! Trying rules on a typed message: which one decides and why, condition by condition.

use super::say;
use super::view::{TrialPart, TrialResult, TrialRule, TrialView, channel_choices};
use crate::extract::Fields;
use crate::i18n::Lang;
use crate::pages::parts::Choice;
use domain::channel::ChannelKind;
use domain::contact::ContactProfile;
use domain::message::{Attachment, Author, Content, MediaKind, Referral};
use domain::routing::{
    BotReply, BusinessHours, CompiledRules, Condition, Facts, PartTrace, Progress, Rule,
    RuleOutcome, RuleTrace, Source,
};
use domain::time::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::time::Duration;

/// The facts that can be set besides the message.
const FACTS: [&str; 9] = [
    "try_kind",
    "try_at",
    "try_fallbacks",
    "try_messages",
    "try_same",
    "try_language",
    "try_tags",
    "try_referral",
    "try_previous",
];
const KINDS: [&str; 9] = [
    "text",
    "choice",
    "image",
    "voice",
    "audio",
    "video",
    "file",
    "sticker",
    "unsupported",
];

/// The box as it stands, without a result.
pub(crate) fn view(fields: &Fields, l: Lang) -> TrialView {
    let first = |name: &str, otherwise: &'static str| match fields.get(name) {
        "" => otherwise.to_owned(),
        chosen => chosen.to_owned(),
    };
    let channel = first("try_channel", "whatsapp");
    let author = first("try_author", "contact");
    let kind = first("try_kind", "text");
    let language = first("try_language", "any");
    let choices = |names: &[&str], prefix: &str, on: &str| {
        let made = names
            .iter()
            .map(|n| Choice::new(*n, l.word(prefix, n), *n == on));
        made.collect::<Vec<_>>()
    };
    TrialView {
        l,
        text: fields.get("try_text").to_owned(),
        channels: channel_choices(l, |name| name == channel),
        authors: choices(&["contact", "bot", "confidence"], "try-by", &author),
        kinds: choices(&KINDS, "kind", &kind),
        languages: choices(&["any", "es", "en", "pt"], "try-language", &language),
        open: FACTS
            .iter()
            .any(|name| !matches!(fields.get(name), "" | "text" | "any")),
        f: fields.clone(),
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
    let content = content(fields);
    let now = instant(fields.get("try_at"), &hours.time_zone).unwrap_or(now);
    let source = match fields.get("try_author") {
        "confidence" => {
            let percent = fields.get("try_confidence").parse::<u8>().unwrap_or(50);
            Source::Confidence(f32::from(percent.min(100)) / 100.0)
        }
        "bot" => Source::Message {
            author: Author::Bot,
            content: &content,
        },
        _ => Source::Message {
            author: Author::Contact,
            content: &content,
        },
    };
    let tags = fields.get("try_tags").split(',').map(str::trim);
    let profile = ContactProfile {
        language: fields.some("try_language").filter(|tag| tag != "any"),
        tags: tags.filter(|t| !t.is_empty()).map(str::to_owned).collect(),
        attributes: attributes(fields.get("try_attributes")),
        ..ContactProfile::default()
    };
    let previous = fields.get("try_previous").parse::<u64>().ok();
    let facts = Facts {
        channel: kind,
        source,
        profile: &profile,
        progress: &progress(fields, &content),
        hours,
        released_at: previous.map(|h| now.before(Duration::from_secs(h.min(100_000) * 3600))),
        now,
    };
    shown.result = Some(result(rules, &facts, l));
    shown
}

/// The counters as chosen. What was asked is asked as often as the form says.
fn progress(fields: &Fields, content: &Content) -> Progress {
    let number = |name: &str, least: u32| {
        let typed = fields.get(name).parse::<u32>().unwrap_or(least);
        typed.clamp(least, 1000)
    };
    let referral = fields.get("try_referral");
    let mut progress = Progress::default();
    if !referral.is_empty() {
        progress = progress.after_contact(&Content::Referral(Referral {
            parameter: Some(referral.to_owned()),
            ..Referral::default()
        }));
    }
    for _ in 0..number("try_same", 1) {
        progress = progress.after_contact(content);
    }
    progress.contact_messages = progress.contact_messages.max(number("try_messages", 1));
    progress.fallbacks = number("try_fallbacks", 0);
    progress.reply = BotReply::None;
    progress
}

fn content(fields: &Fields) -> Content {
    let text = fields.get("try_text").to_owned();
    let media = |kind| Content::Media {
        attachment: Attachment {
            kind,
            source: None,
            mime: None,
            name: None,
            size: None,
            stored: None,
            unavailable: None,
        },
        caption: Some(text.clone()).filter(|t| !t.is_empty()),
    };
    match fields.get("try_kind") {
        "choice" => Content::Choice {
            label: text,
            payload: None,
            offered_in: None,
        },
        "image" => media(MediaKind::Image),
        "voice" => media(MediaKind::Voice),
        "audio" => media(MediaKind::Audio),
        "video" => media(MediaKind::Video),
        "file" => media(MediaKind::File),
        "sticker" => media(MediaKind::Sticker),
        "unsupported" => Content::Unsupported {
            what: "other".to_owned(),
        },
        _ => Content::text(text),
    }
}

/// `plan: oro, ciudad: Lima`.
fn attributes(text: &str) -> std::collections::BTreeMap<String, String> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once(':'));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// A local day and time as the browser writes it: `2026-11-22T20:15`.
fn instant(text: &str, zone: &str) -> Option<Timestamp> {
    let local: DateTime = text.parse().ok()?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let zoned = local.to_zoned(zone).ok()?;
    Some(Timestamp(zoned.timestamp().as_millisecond()))
}

/// What became of each rule, in their order.
fn result(rules: &[Rule], facts: &Facts<'_>, l: Lang) -> TrialResult {
    let (compiled, errors) = CompiledRules::compile_each(rules.to_vec());
    let traces = compiled.explain(facts);
    let rule_of = |trace: &RuleTrace| rules.iter().find(|rule| rule.id == trace.rule);
    let decided = traces.iter().find(|t| t.outcome == RuleOutcome::Decided);
    let broken = errors.iter().map(|error| TrialRule {
        yes: false,
        text: l.with("rule-does-not-compile", "why", error.kind.text(l.0)),
        parts: vec![],
    });
    TrialResult {
        decided: decided.is_some(),
        summary: match decided {
            Some(trace) => l.with("try-decided", "name", &trace.name),
            None => l.t("try-nobody"),
        },
        deed: decided
            .and_then(rule_of)
            .map(|rule| say::deed(&rule.action, l)),
        rules: traces
            .iter()
            .map(|trace| line(trace, rule_of(trace), l))
            .chain(broken)
            .collect(),
    }
}

/// One rule in a sentence, with its conditions where they were looked at.
fn line(trace: &RuleTrace, rule: Option<&Rule>, l: Lang) -> TrialRule {
    let (yes, key) = match trace.outcome {
        RuleOutcome::Off => (false, "try-off"),
        RuleOutcome::NotReached => (false, "try-not-reached"),
        RuleOutcome::OtherChannel => (false, "try-other-channel"),
        RuleOutcome::OtherEvent => (false, "try-other-event"),
        RuleOutcome::NoMatch => (false, "try-line-no"),
        RuleOutcome::Tagged => (true, "try-line-tag"),
        RuleOutcome::Decided => (true, "try-line-yes"),
    };
    let mut parts = Vec::new();
    if let (Some(part), Some(rule)) = (&trace.part, rule) {
        explained(&rule.condition, part, 0, l, &mut parts);
    }
    TrialRule {
        yes,
        text: l.with(key, "name", &trace.name),
        parts,
    }
}

/// The condition and what became of it, part by part.
fn explained(
    condition: &Condition,
    part: &PartTrace,
    depth: usize,
    l: Lang,
    out: &mut Vec<TrialPart>,
) {
    let kids: Vec<&Condition> = match condition {
        Condition::All { of } | Condition::Any { of } => of.iter().collect(),
        Condition::Not { of } => vec![of],
        _ => vec![],
    };
    let mut text = if kids.is_empty() {
        say::sentence(condition, l)
    } else {
        l.word("cond", part.when)
    };
    if let Some(found) = part
        .found
        .as_ref()
        .filter(|f| !f.is_empty() && part.matched)
    {
        text = l.filled("try-found", &[("text", &text), ("found", found)]);
    }
    out.push(TrialPart {
        yes: part.matched,
        depth,
        text,
    });
    for (kid, part) in kids.into_iter().zip(&part.parts) {
        explained(kid, part, depth + 1, l, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::routing::Action;
    use domain::tenant::Language;

    fn rule(condition: Condition) -> Rule {
        Rule {
            id: domain::ids::RuleId(uuid::Uuid::nil()),
            name: "r".to_owned(),
            enabled: true,
            channels: vec![],
            condition,
            action: Action::Ignore,
        }
    }

    fn decided(query: &str, condition: Condition) -> bool {
        let fields = Fields::parse(query.as_bytes());
        let hours = BusinessHours {
            week: vec![
                domain::routing::DayHours {
                    open: vec![(540, 1080)]
                };
                5
            ],
            ..BusinessHours::default()
        };
        let l = Lang(Language::Es);
        let shown = run(&fields, &[rule(condition)], &hours, Timestamp(0), l);
        shown.result.is_some_and(|r| r.decided)
    }

    #[test]
    fn every_fact_of_the_form_reaches_the_rules() {
        let table = [
            (
                "try_text=x&try_fallbacks=2",
                Condition::BotFallbacks { at_least: 2 },
            ),
            (
                "try_text=x&try_messages=6",
                Condition::MessagesWithoutProgress { at_least: 6 },
            ),
            (
                "try_text=mi+pedido&try_same=3",
                Condition::SameQuestion { at_least: 3 },
            ),
            (
                "try_text=x&try_language=pt",
                Condition::Language {
                    tags: vec!["pt".into()],
                },
            ),
            (
                "try_text=x&try_tags=a,vip",
                Condition::ContactTag { tag: "vip".into() },
            ),
            (
                "try_text=x&try_referral=promo1",
                Condition::Referral {
                    contains: "promo".into(),
                },
            ),
            (
                "try_text=x&try_previous=3",
                Condition::PreviousHandoff { within_hours: 4 },
            ),
            (
                "try_kind=voice",
                Condition::MessageKind {
                    kinds: vec!["voice".into()],
                },
            ),
            (
                "try_author=confidence&try_confidence=20",
                Condition::ConfidenceBelow { limit: 0.3 },
            ),
            (
                "try_author=bot&try_text=x",
                Condition::SaidBy {
                    author: Author::Bot,
                },
            ),
            (
                "try_text=x&try_attributes=plan:oro",
                Condition::ContactAttribute {
                    name: "plan".into(),
                    value: "Oro".into(),
                },
            ),
            (
                "try_text=x&try_at=2026-11-23T09:30",
                Condition::InBusinessHours,
            ),
        ];
        for (query, condition) in table {
            assert!(decided(query, condition.clone()), "{query}");
            let without = if matches!(condition, Condition::InBusinessHours) {
                "try_text=x&try_at=2026-11-22T09:30"
            } else {
                "try_text=hola"
            };
            assert!(!decided(without, condition), "not without: {query}");
        }
    }
}
