//! The texts that contacts read, one by one: what may be left open, the proposal in each language,
//! how it looks.

use super::close_policy::scale;
use crate::extract::{Form, Member};
use crate::i18n::Lang;
use crate::pages::preview::{Preview, preview, variable_names};
use domain::message::Content;
use domain::variables::Variable;

/// In the order in which a contact may read them.
pub(crate) const TEXTS: [&str; 9] = [
    "requested",
    "out_of_hours",
    "agent_joined",
    "agent_unnamed",
    "goodbye",
    "nobody_available",
    "inactive",
    "error",
    "bot_down",
];

/// One text of the form.
pub(crate) struct TextField {
    pub name: &'static str,
    pub label: String,
    pub hint: String,
    pub value: String,
    pub error: Option<String>,
    /// What we propose; empty = nothing.
    pub proposal: String,
    pub is_proposal: bool,
    pub variables: Vec<String>,
}

/// What a text may leave open.
pub(crate) fn allowed(name: &str) -> &'static [Variable] {
    match name {
        "agent_joined" => &Variable::WITH_AGENT,
        "agent_unnamed" => &[],
        _ => &Variable::ALWAYS,
    }
}

/// What we propose, in the language that contacts read.
pub(crate) fn default_text(name: &str, language: Lang) -> String {
    if TEXTS.contains(&name) || matches!(name, "rating_question" | "rating_thanks") {
        language.word("proposal", name)
    } else {
        String::new()
    }
}

/// The texts as the form shows them.
pub(crate) fn text_fields(form: &Form, l: Lang) -> Vec<TextField> {
    let language = Lang::named(form.v("language")).unwrap_or(l);
    TEXTS
        .into_iter()
        .map(|name| {
            let proposal = default_text(name, language);
            TextField {
                name,
                label: l.word("said", name),
                hint: l.word("said-hint", name),
                value: form.v(name).to_owned(),
                error: form.e(name).map(str::to_owned),
                is_proposal: form.v(name) == proposal,
                proposal,
                variables: variable_names(allowed(name), l),
            }
        })
        .collect()
}

/// How a text looks; also the rating question and an agent's words under their name.
pub(crate) fn preview_of(member: &Member, form: &Form, name: &str) -> Option<Preview> {
    let l = member.visitor.lang;
    Some(match name {
        "rating_question" => {
            let scale = scale(form.v("rating_scale"));
            preview(member, form.v(name), "", move |text| {
                Content::Options(scale.options(text))
            })
        }
        "agent_name_prefix" => {
            let agent = l.t("preview-agent");
            let prefix = if form.on(name) { agent.as_str() } else { "" };
            preview(member, &l.t("preview-agent-words"), prefix, Content::text)
        }
        "rating_thanks" => preview(member, form.v(name), "", Content::text),
        name if TEXTS.contains(&name) => preview(member, form.v(name), "", Content::text),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{TEXTS, default_text};
    use crate::i18n::Lang;
    use domain::handoff::{PolicyTexts, RatingPolicy};
    use domain::tenant::Language;

    #[test]
    fn the_spanish_proposals_are_what_a_new_company_has() {
        let es = Lang(Language::Es);
        let texts = PolicyTexts::default();
        assert_eq!(default_text("requested", es), texts.requested);
        assert_eq!(default_text("out_of_hours", es), texts.out_of_hours);
        assert_eq!(default_text("agent_unnamed", es), texts.agent_unnamed);
        assert_eq!(default_text("nobody_available", es), texts.nobody_available);
        assert_eq!(default_text("inactive", es), texts.inactive);
        assert_eq!(default_text("error", es), texts.error);
        assert_eq!(default_text("bot_down", es), texts.bot_down);
        let rating = RatingPolicy::default();
        assert_eq!(default_text("rating_question", es), rating.question);
        assert_eq!(default_text("rating_thanks", es), rating.thanks);
        for name in TEXTS {
            assert_ne!(default_text(name, es), name, "{name} has a proposal");
        }
    }
}
