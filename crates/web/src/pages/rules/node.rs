//! The condition tree as nested form groups; `super::tree` reads them back.

use super::tree::{DEEPEST, WIDEST, Wrong, kind};
use super::view::NodeView;
use crate::i18n::Lang;
use crate::pages::parts::Choice;
use domain::message::Author;
use domain::routing::Condition;

/// The kinds a select offers, by their stored names.
const KINDS: [&str; 17] = [
    "keywords",
    "regex",
    "message_kind",
    "said_by",
    "language",
    "contact_tag",
    "contact_attribute",
    "bot_fallbacks",
    "messages_without_progress",
    "same_question",
    "confidence_below",
    "in_business_hours",
    "previous_handoff",
    "referral",
    "all",
    "any",
    "not",
];

/// The kinds of message a condition can name.
pub(crate) const MESSAGE_KINDS: [&str; 12] = [
    "text",
    "image",
    "audio",
    "voice",
    "video",
    "file",
    "sticker",
    "location",
    "contacts",
    "choice",
    "order",
    "unsupported",
];

/// The tree as nested form groups. `wrong` names nodes by the paths they have now.
pub(crate) fn node_view(condition: &Condition, path: &str, wrong: &[Wrong], l: Lang) -> NodeView {
    let depth = path.matches('.').count();
    let kind = kind(condition);
    let choices = |names: &[&str], prefix: &str, on: &dyn Fn(&str) -> bool| {
        names
            .iter()
            .map(|n| Choice::new(*n, l.word(prefix, n), on(n)))
            .collect::<Vec<_>>()
    };
    let mut view = NodeView {
        l,
        path: path.to_owned(),
        kinds: KINDS
            .into_iter()
            .filter(|k| depth + 2 < DEEPEST || !matches!(*k, "all" | "any" | "not"))
            .map(|k| Choice::new(k, l.word("cond", k), k == kind))
            .collect(),
        shape: "none",
        group: matches!(kind, "all" | "any" | "not"),
        label: l.word("cond-label", kind),
        label_b: l.t("cond-label-value"),
        hint: l.word("cond-hint", kind),
        example: match kind {
            "all" | "any" | "not" => String::new(),
            _ => l.word("cond-eg", kind),
        },
        a: String::new(),
        b: String::new(),
        min: 1,
        max: 1000,
        unit: String::new(),
        choices: vec![],
        kids: vec![],
        removable: depth > 0,
        up: false,
        down: false,
        can_add: false,
        error: wrong
            .iter()
            .find(|(at, _)| at == path)
            .map(|(_, key)| l.t(key)),
    };
    let kid = |c: &Condition, i: usize| node_view(c, &format!("{path}.{i}"), wrong, l);
    match condition {
        Condition::All { of } | Condition::Any { of } => {
            view.shape = "group";
            view.can_add = of.len() < WIDEST;
            view.kids = of.iter().enumerate().map(|(i, c)| kid(c, i)).collect();
            let last = view.kids.len().saturating_sub(1);
            for (i, kid) in view.kids.iter_mut().enumerate() {
                (kid.up, kid.down) = (i > 0, i < last);
            }
        }
        Condition::Not { of } => {
            view.shape = "group";
            view.kids = vec![NodeView {
                removable: false,
                ..kid(of, 0)
            }];
        }
        Condition::Keywords { words } => (view.shape, view.a) = ("words", words.join("\n")),
        Condition::Regex { pattern } => (view.shape, view.a) = ("line", pattern.clone()),
        Condition::Language { tags } => (view.shape, view.a) = ("line", tags.join(", ")),
        Condition::ContactTag { tag } => (view.shape, view.a) = ("line", tag.clone()),
        Condition::Referral { contains } => (view.shape, view.a) = ("line", contains.clone()),
        Condition::ContactAttribute { name, value } => {
            view.shape = "pair";
            (view.a, view.b) = (name.clone(), value.clone());
        }
        Condition::MessageKind { kinds } => {
            view.shape = "checks";
            view.choices = choices(&MESSAGE_KINDS, "kind", &|n| kinds.iter().any(|k| k == n));
        }
        Condition::SaidBy { author } => {
            view.shape = "select";
            let bot = *author == Author::Bot;
            view.choices = choices(&["bot", "contact"], "author", &|n| (n == "bot") == bot);
        }
        Condition::BotFallbacks { at_least }
        | Condition::MessagesWithoutProgress { at_least }
        | Condition::SameQuestion { at_least } => {
            (view.shape, view.a) = ("number", at_least.to_string());
            view.unit = l.t("times");
        }
        Condition::PreviousHandoff { within_hours } => {
            (view.shape, view.a) = ("number", within_hours.to_string());
            (view.unit, view.max) = (l.t("hours"), 8760);
        }
        Condition::ConfidenceBelow { limit } => {
            (view.shape, view.a) = ("number", format!("{:.0}", limit * 100.0));
            (view.unit, view.max) = ("%".to_owned(), 100);
        }
        Condition::InBusinessHours => {}
    }
    view
}
