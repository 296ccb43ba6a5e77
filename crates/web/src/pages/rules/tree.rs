//! The condition tree as form fields and back. A node lives at a path: the root is `c`, its parts
//! are `c.0`, `c.1`, …; its kind is `<path>.type` and its values `<path>.a` and `<path>.b`.

use crate::extract::Fields;
use domain::message::Author;
use domain::routing::Condition;

/// No deeper than this, and no more parts in a group: a form stays a form.
pub(super) const DEEPEST: usize = 6;
pub(super) const WIDEST: usize = 20;

/// An empty condition of a kind; keywords if the kind is unknown.
fn empty(kind: &str) -> Condition {
    let text = String::new;
    match kind {
        "all" => Condition::All {
            of: vec![empty("keywords")],
        },
        "any" => Condition::Any {
            of: vec![empty("keywords")],
        },
        "not" => Condition::Not {
            of: Box::new(empty("in_business_hours")),
        },
        "regex" => Condition::Regex { pattern: text() },
        "message_kind" => Condition::MessageKind { kinds: vec![] },
        "said_by" => Condition::SaidBy {
            author: Author::Bot,
        },
        "language" => Condition::Language { tags: vec![] },
        "contact_tag" => Condition::ContactTag { tag: text() },
        "contact_attribute" => Condition::ContactAttribute {
            name: text(),
            value: text(),
        },
        "bot_fallbacks" => Condition::BotFallbacks { at_least: 2 },
        "messages_without_progress" => Condition::MessagesWithoutProgress { at_least: 6 },
        "same_question" => Condition::SameQuestion { at_least: 2 },
        "in_business_hours" => Condition::InBusinessHours,
        "referral" => Condition::Referral { contains: text() },
        "previous_handoff" => Condition::PreviousHandoff { within_hours: 24 },
        "confidence_below" => Condition::ConfidenceBelow { limit: 0.5 },
        _ => Condition::Keywords { words: vec![] },
    }
}

/// The stored name of a condition's kind.
pub(crate) fn kind(condition: &Condition) -> &'static str {
    match condition {
        Condition::All { .. } => "all",
        Condition::Any { .. } => "any",
        Condition::Not { .. } => "not",
        Condition::Keywords { .. } => "keywords",
        Condition::Regex { .. } => "regex",
        Condition::MessageKind { .. } => "message_kind",
        Condition::SaidBy { .. } => "said_by",
        Condition::Language { .. } => "language",
        Condition::ContactTag { .. } => "contact_tag",
        Condition::ContactAttribute { .. } => "contact_attribute",
        Condition::BotFallbacks { .. } => "bot_fallbacks",
        Condition::MessagesWithoutProgress { .. } => "messages_without_progress",
        Condition::SameQuestion { .. } => "same_question",
        Condition::InBusinessHours => "in_business_hours",
        Condition::Referral { .. } => "referral",
        Condition::PreviousHandoff { .. } => "previous_handoff",
        Condition::ConfidenceBelow { .. } => "confidence_below",
    }
}

/// What is wrong with a node: its path and the text's key.
pub(crate) type Wrong = (String, &'static str);

/// Reads the node at `path`. A kind that changed begins empty.
pub(crate) fn read(fields: &Fields, path: &str, wrong: &mut Vec<Wrong>) -> Condition {
    read_at(fields, path, 0, wrong)
}

fn read_at(fields: &Fields, path: &str, depth: usize, wrong: &mut Vec<Wrong>) -> Condition {
    let kind = fields.get(&format!("{path}.type"));
    let a_name = format!("{path}.a");
    let a = fields.get(&a_name);
    let given = fields.on(&a_name);
    let lines = || fields.lines(&a_name);
    let parts = |wrong: &mut Vec<Wrong>| {
        let mut parts = Vec::new();
        for i in 0..WIDEST {
            let part = format!("{path}.{i}");
            if depth + 1 < DEEPEST && fields.on(&format!("{part}.type")) {
                parts.push(read_at(fields, &part, depth + 1, wrong));
            }
        }
        parts
    };
    let number = |bounds: (u32, u32), wrong: &mut Vec<Wrong>| match a.parse::<u32>() {
        Ok(n) if (bounds.0..=bounds.1).contains(&n) => n,
        _ => {
            wrong.push((path.to_owned(), "wrong-number"));
            bounds.0
        }
    };
    match kind {
        "all" => Condition::All { of: parts(wrong) },
        "any" => {
            let of = parts(wrong);
            if of.is_empty() {
                wrong.push((path.to_owned(), "wrong-group-empty"));
            }
            Condition::Any { of }
        }
        "not" => {
            let of = parts(wrong).into_iter().next();
            Condition::Not {
                of: Box::new(of.unwrap_or_else(|| empty("keywords"))),
            }
        }
        "in_business_hours" => Condition::InBusinessHours,
        "message_kind" => {
            let kinds: Vec<String> = fields.all(&a_name).map(str::to_owned).collect();
            if kinds.is_empty() {
                wrong.push((path.to_owned(), "wrong-choose"));
            }
            Condition::MessageKind { kinds }
        }
        "referral" => Condition::Referral {
            contains: a.to_owned(),
        },
        "said_by" => Condition::SaidBy {
            author: if a == "contact" {
                Author::Contact
            } else {
                Author::Bot
            },
        },
        // The kind was changed just now: its own fields have not been shown yet.
        kind if !given => {
            if !matches!(
                kind,
                "bot_fallbacks"
                    | "messages_without_progress"
                    | "same_question"
                    | "previous_handoff"
                    | "confidence_below"
            ) {
                wrong.push((path.to_owned(), "wrong-empty"));
            }
            empty(kind)
        }
        "bot_fallbacks" => Condition::BotFallbacks {
            at_least: number((1, 100), wrong),
        },
        "messages_without_progress" => Condition::MessagesWithoutProgress {
            at_least: number((1, 1000), wrong),
        },
        "same_question" => Condition::SameQuestion {
            at_least: number((2, 100), wrong),
        },
        "previous_handoff" => Condition::PreviousHandoff {
            within_hours: number((1, 8760), wrong),
        },
        "confidence_below" => {
            let percent = number((1, 100), wrong);
            let percent = u8::try_from(percent).unwrap_or(100);
            Condition::ConfidenceBelow {
                limit: f32::from(percent) / 100.0,
            }
        }
        _ if a.is_empty() => {
            wrong.push((path.to_owned(), "wrong-empty"));
            empty(kind)
        }
        "regex" => Condition::Regex {
            pattern: a.to_owned(),
        },
        "language" => Condition::Language {
            tags: a
                .split([',', ' ', '\n'])
                .map(|t| t.trim().to_lowercase())
                .filter(|t| !t.is_empty())
                .collect(),
        },
        "contact_tag" => Condition::ContactTag { tag: a.to_owned() },
        "contact_attribute" => Condition::ContactAttribute {
            name: a.to_owned(),
            value: fields.get(&format!("{path}.b")).to_owned(),
        },
        _ => Condition::Keywords { words: lines() },
    }
}

/// Adds an empty part to the group at `path`.
pub(crate) fn add(root: &mut Condition, path: &str) {
    if let Some(Condition::All { of } | Condition::Any { of }) = at(root, path)
        && of.len() < WIDEST
    {
        of.push(empty("keywords"));
    }
}

/// Takes the node at `path` out of its group.
pub(crate) fn remove(root: &mut Condition, path: &str) {
    let Some((parent, index)) = path.rsplit_once('.') else {
        return;
    };
    if let (Some(Condition::All { of } | Condition::Any { of }), Ok(index)) =
        (at(root, parent), index.parse::<usize>())
        && index < of.len()
    {
        of.remove(index);
    }
}

/// Moves the node at `path` one place up or down among its siblings.
pub(crate) fn shift(root: &mut Condition, path: &str, up: bool) {
    let Some((parent, index)) = path.rsplit_once('.') else {
        return;
    };
    if let (Some(Condition::All { of } | Condition::Any { of }), Ok(index)) =
        (at(root, parent), index.parse::<usize>())
    {
        let other = if up {
            index.checked_sub(1)
        } else {
            Some(index + 1)
        };
        if let Some(other) = other.filter(|other| index.max(*other) < of.len()) {
            of.swap(index, other);
        }
    }
}

fn at<'a>(root: &'a mut Condition, path: &str) -> Option<&'a mut Condition> {
    let mut node = root;
    for step in path.split('.').skip(1) {
        let index: usize = step.parse().ok()?;
        node = match node {
            Condition::All { of } | Condition::Any { of } => of.get_mut(index)?,
            Condition::Not { of } if index == 0 => of,
            _ => return None,
        };
    }
    Some(node)
}

#[cfg(test)]
mod tests {
    use super::super::node::node_view;
    use super::super::view::NodeView;
    use super::*;
    use crate::i18n::Lang;
    use domain::tenant::Language;

    fn fields_of(view: &NodeView, out: &mut Fields) {
        out.set(
            &format!("{}.type", view.path),
            view.kinds.iter().find(|k| k.on).map_or("", |k| &k.value),
        );
        match view.shape {
            "checks" => {
                let body: Vec<String> = view
                    .choices
                    .iter()
                    .filter(|c| c.on)
                    .map(|c| format!("{}.a={}", view.path, c.value))
                    .collect();
                for pair in body {
                    let mut all = format!("{}&", pair);
                    all.pop();
                    let parsed = Fields::parse(all.as_bytes());
                    out.set(
                        &format!("{}.a", view.path),
                        parsed.get(&format!("{}.a", view.path)),
                    );
                }
            }
            "select" => out.set(
                &format!("{}.a", view.path),
                view.choices.iter().find(|c| c.on).map_or("", |c| &c.value),
            ),
            _ => out.set(&format!("{}.a", view.path), &view.a),
        }
        if view.shape == "pair" {
            out.set(&format!("{}.b", view.path), &view.b);
        }
        for kid in &view.kids {
            fields_of(kid, out);
        }
    }

    #[test]
    fn every_condition_survives_the_form() {
        let text = |t: &str| t.to_owned();
        let tree = Condition::All {
            of: vec![
                Condition::Keywords {
                    words: vec![text("agente"), text("hablar con una persona")],
                },
                Condition::Regex {
                    pattern: text("^#\\d+"),
                },
                Condition::MessageKind {
                    kinds: vec![text("voice")],
                },
                Condition::SaidBy {
                    author: Author::Contact,
                },
                Condition::Language {
                    tags: vec![text("es"), text("pt")],
                },
                Condition::ContactTag { tag: text("vip") },
                Condition::ContactAttribute {
                    name: text("plan"),
                    value: text("oro"),
                },
                Condition::BotFallbacks { at_least: 3 },
                Condition::MessagesWithoutProgress { at_least: 7 },
                Condition::SameQuestion { at_least: 2 },
                Condition::InBusinessHours,
                Condition::Referral {
                    contains: text("promo"),
                },
                Condition::PreviousHandoff { within_hours: 48 },
                Condition::ConfidenceBelow { limit: 0.4 },
                Condition::Any {
                    of: vec![Condition::Not {
                        of: Box::new(Condition::InBusinessHours),
                    }],
                },
            ],
        };
        let view = node_view(&tree, "c", &[], Lang(Language::Es));
        let mut fields = Fields::default();
        fields_of(&view, &mut fields);
        let mut wrong = Vec::new();
        assert_eq!(read(&fields, "c", &mut wrong), tree);
        assert_eq!(wrong, []);
    }

    #[test]
    fn parts_are_added_and_removed_by_path() {
        let mut tree = Condition::All {
            of: vec![empty("any"), Condition::InBusinessHours],
        };
        add(&mut tree, "c.0");
        remove(&mut tree, "c.1");
        let Condition::All { of } = &tree else {
            panic!("changed kind")
        };
        assert!(matches!(of.as_slice(), [Condition::Any { of }] if of.len() == 2));
        remove(&mut tree, "c.9");
        remove(&mut tree, "c");
        add(&mut tree, "c.0.0.0");
    }

    #[test]
    fn a_part_moves_among_its_siblings_and_no_further() {
        let mut tree = Condition::All {
            of: vec![empty("any"), Condition::InBusinessHours],
        };
        shift(&mut tree, "c.1", true);
        shift(&mut tree, "c.0", true);
        shift(&mut tree, "c.1", false);
        shift(&mut tree, "c.9", true);
        shift(&mut tree, "c", true);
        let Condition::All { of } = &tree else {
            panic!("changed kind")
        };
        assert_eq!(of[0], Condition::InBusinessHours);
    }

    #[test]
    fn a_form_cannot_nest_without_bound() {
        let mut fields = Fields::default();
        let mut path = "c".to_owned();
        for _ in 0..50 {
            fields.set(&format!("{path}.type"), "not");
            path.push_str(".0");
        }
        let _ = read(&fields, "c", &mut Vec::new());
    }
}
