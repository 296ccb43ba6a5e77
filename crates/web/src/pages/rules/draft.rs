//! A rule's name, channels and action as form fields and back.

use crate::extract::{Fields, Form};
use crate::i18n::Lang;
use crate::pages::preview::wrong_variables;
use crate::pages::settings::close_policy;
use domain::handoff::HandoffOptions;
use domain::routing::Action;
use domain::variables::Variable;

const LONGEST: usize = 4000;

/// Fills in the fields of an action.
pub(crate) fn action_fields(action: &Action, fields: &mut Fields) {
    match action {
        Action::HandOff { options, close } => {
            fields.set("action", "hand_off");
            fields.set("notice", options.notice.as_deref().unwrap_or(""));
            let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
            fields.set("inquiry", number(options.inquiry));
            fields.set("group", number(options.group));
            fields.set("title", options.title.as_deref().unwrap_or(""));
            let metadata = options.metadata.as_ref();
            let metadata = metadata.and_then(|m| serde_json::to_string_pretty(m).ok());
            fields.set("metadata", metadata.unwrap_or_default());
            fields.tick("own_close", close.is_some());
            if let Some(close) = close {
                close_policy::show(close, fields);
            }
        }
        Action::Answer { text } => {
            fields.set("action", "answer");
            fields.set("answer", text);
        }
        Action::Tag { tags } => {
            fields.set("action", "tag");
            fields.set("tags", tags.join(", "));
        }
        Action::Ignore => fields.set("action", "ignore"),
    }
}

/// Reads the action; what is wrong is said beside its field.
pub(crate) fn read_action(form: &mut Form, l: Lang) -> Action {
    match form.v("action").to_owned().as_str() {
        "answer" => {
            let text = form.v("answer").to_owned();
            if text.is_empty() {
                form.refuse("answer", l.t("wrong-empty"));
            }
            check_text(form, "answer", l);
            Action::Answer { text }
        }
        "tag" => {
            let tags: Vec<String> = form
                .v("tags")
                .split(',')
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
                .collect();
            if tags.is_empty() {
                form.refuse("tags", l.t("wrong-empty"));
            }
            Action::Tag { tags }
        }
        "ignore" => Action::Ignore,
        _ => {
            let metadata = match form.v("metadata") {
                "" => None,
                text => match serde_json::from_str(text) {
                    Ok(map) => Some(map),
                    Err(_) => {
                        form.refuse("metadata", l.t("wrong-json"));
                        None
                    }
                },
            };
            check_text(form, "notice", l);
            check_text(form, "title", l);
            check_text(form, "metadata", l);
            let digits = l.t("wrong-digits");
            let options = HandoffOptions {
                inquiry: form.number("inquiry", (1, i64::MAX), &digits),
                group: form.number("group", (1, i64::MAX), &digits),
                title: form.fields.some("title"),
                notice: form.fields.some("notice"),
                metadata,
                summary: None,
            };
            let own = form.on("own_close");
            Action::HandOff {
                options,
                close: own.then(|| close_policy::read(form, l)),
            }
        }
    }
}

/// A text that leaves open what nobody will fill in is refused, and one that is too long.
fn check_text(form: &mut Form, name: &str, l: Lang) {
    if form.v(name).chars().count() > LONGEST {
        form.refuse(name, l.t("wrong-long"));
    }
    if let Some(wrong) = wrong_variables(form.v(name), &Variable::ALWAYS, l) {
        form.refuse(name, wrong);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::handoff::{ClosePolicy, RatingPolicy};
    use domain::tenant::Language;

    #[test]
    fn every_action_survives_the_form() {
        let metadata = serde_json::json!({"area": "ventas"});
        let close = ClosePolicy {
            goodbye: true,
            rating: Some(RatingPolicy::default()),
            restart_bot_with: "/start".to_owned(),
        };
        let actions = [
            Action::Ignore,
            Action::Answer {
                text: "Hola".to_owned(),
            },
            Action::Tag {
                tags: vec!["vip".to_owned(), "urgente".to_owned()],
            },
            Action::HandOff {
                options: HandoffOptions {
                    inquiry: Some(3),
                    group: Some(9),
                    title: Some("Ventas".to_owned()),
                    metadata: metadata.as_object().cloned(),
                    notice: Some("Ya vienen".to_owned()),
                    summary: None,
                },
                close: Some(close),
            },
        ];
        for action in actions {
            let mut form = Form::default();
            action_fields(&action, &mut form.fields);
            assert_eq!(read_action(&mut form, Lang(Language::Es)), action);
            assert!(form.is_fine());
        }
    }

    #[test]
    fn a_variable_that_nobody_fills_in_is_refused_beside_its_field() {
        let mut form = Form::from(Fields::parse(b"action=answer&answer=Hola+{nmbre}"));
        let _ = read_action(&mut form, Lang(Language::Es));
        assert!(
            form.e("answer")
                .is_some_and(|e| e.contains("{nmbre}") && e.contains("{nombre}"))
        );
        let mut form = Form::from(Fields::parse(b"action=answer&answer=Hola+{nombre}"));
        let _ = read_action(&mut form, Lang(Language::Es));
        assert!(form.is_fine());
    }

    #[test]
    fn metadata_must_be_a_json_object() {
        let mut form = Form::from(Fields::parse(b"action=hand_off&metadata=%5B1%5D"));
        let _ = read_action(&mut form, Lang(Language::Es));
        assert!(form.bad("metadata"));
    }
}
