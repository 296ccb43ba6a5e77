//! The close policy as form fields and back: the tenant's, and a rule's own.

use crate::extract::{Fields, Form};
use crate::i18n::Lang;
use crate::pages::parts::Choice;
use crate::pages::preview::wrong_variables;
use domain::handoff::{ClosePolicy, RatingPolicy, RatingScale};
use domain::variables::Variable;

const LONGEST: usize = 1000;

/// Fills in the fields.
pub(crate) fn show(policy: &ClosePolicy, fields: &mut Fields) {
    let rating = policy.rating.clone().unwrap_or_default();
    fields.tick("close_goodbye", policy.goodbye);
    fields.tick("close_rating", policy.rating.is_some());
    fields.set("rating_question", rating.question);
    fields.set("rating_thanks", rating.thanks);
    fields.set("rating_scale", rating.scale.name());
    fields.set("rating_wait", rating.wait_minutes.to_string());
    fields.set("restart", &policy.restart_bot_with);
}

/// Reads the fields; what is wrong is said beside its field.
pub(crate) fn read(form: &mut Form, l: Lang) -> ClosePolicy {
    for name in ["rating_question", "rating_thanks", "restart"] {
        if form.v(name).chars().count() > LONGEST {
            form.refuse(name, l.t("wrong-long"));
        }
    }
    for name in ["rating_question", "rating_thanks"] {
        if let Some(wrong) = wrong_variables(form.v(name), &Variable::ALWAYS, l) {
            form.refuse(name, wrong);
        }
    }
    let rating = form.on("close_rating").then(|| {
        let question = form.v("rating_question").to_owned();
        if question.is_empty() {
            form.refuse("rating_question", l.t("wrong-empty"));
        }
        let wait = form.number("rating_wait", (1, 10_080), &l.t("wrong-number"));
        RatingPolicy {
            question,
            thanks: form.v("rating_thanks").to_owned(),
            scale: scale(form.v("rating_scale")),
            wait_minutes: wait.and_then(|n| n.try_into().ok()).unwrap_or(60),
        }
    });
    ClosePolicy {
        goodbye: form.on("close_goodbye"),
        rating,
        restart_bot_with: form.v("restart").to_owned(),
    }
}

/// The scale with that stored name; stars for any other word.
pub(crate) fn scale(name: &str) -> RatingScale {
    RatingScale::from_name(name).unwrap_or_default()
}

/// The scales to choose from.
pub(crate) fn scales(form: &Form, l: Lang) -> Vec<Choice> {
    let chosen = scale(form.v("rating_scale"));
    RatingScale::ALL
        .into_iter()
        .map(|s| Choice::new(s.name(), l.word("rating-scale", s.name()), s == chosen))
        .collect()
}
