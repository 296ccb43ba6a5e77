//! Texts, waits, close policy, and what happens in trouble.

use super::close_policy;
use super::conflict::{self, Part, Saved};
use super::text_fields::{TEXTS, allowed, default_text, preview_of, text_fields};
use super::view::TextsPage;
use crate::extract::{Form, Manager, Member, Posted};
use crate::i18n::Lang;
use crate::pages::parts::languages;
use crate::pages::preview::{Preview, wrong_variables};
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use domain::handoff::{BotDownAction, BotStandby, HandoffPolicy, PolicyTexts, Timeouts};
use domain::tenant::{Language, TenantSettings};

const LONGEST: usize = 1000;

pub(super) async fn show(member: Member) -> Page {
    let mut form = Form::default();
    fill(&member.tenant.settings, &mut form);
    let mark = Part::Texts.mark(&member.tenant.settings);
    form.fields.set("mark", mark);
    Ok(html(StatusCode::OK, &page(&member, form, None, None)))
}

pub(super) async fn save(Manager(member): Manager, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let l = member.visitor.lang;
    let operation = form.v("op").to_owned();
    match operation.split_once(':').unwrap_or((&operation, "")) {
        ("preview", name) => {
            let shown = preview_of(&member, &form, name).map(|p| (name.to_owned(), p));
            return Ok(html(StatusCode::OK, &page(&member, form, None, shown)));
        }
        ("default", name) => {
            let language = Lang::named(form.v("language")).unwrap_or(l);
            form.fields.set(name, default_text(name, language));
            return Ok(html(StatusCode::OK, &page(&member, form, None, None)));
        }
        ("refresh", _) => return Ok(html(StatusCode::OK, &page(&member, form, None, None))),
        _ => {}
    }
    let settings = read(&mut form, &member.tenant.settings, l);
    if !form.is_fine() {
        let page = page(&member, form, Some(l.t("wrong-look-below")), None);
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    match conflict::save(&member, Part::Texts, &settings, form.v("mark")).await? {
        Saved::Done => {
            member.visitor.say("ok", l.t("saved"));
            Ok(member.visitor.go("/settings"))
        }
        Saved::Conflict(told, mark) => {
            // Pressing «save» once more, having read it, saves over it.
            form.fields.set("mark", mark);
            let page = TextsPage {
                conflict: Some(told),
                ..page(&member, form, None, None)
            };
            Ok(html(StatusCode::CONFLICT, &page))
        }
    }
}

fn page(
    member: &Member,
    form: Form,
    problem: Option<String>,
    shown: Option<(String, Preview)>,
) -> TextsPage {
    let l = member.visitor.lang;
    let (name, preview) = shown.unzip();
    TextsPage {
        s: Shell::inside(member, Nav::Settings),
        tab: "texts",
        languages: languages(form.v("language")),
        texts: text_fields(&form, l),
        scales: close_policy::scales(&form, l),
        email: example_email(form.v("client_email"), &member.tenant.slug),
        shown: name.unwrap_or_default(),
        preview,
        f: form,
        problem,
        conflict: None,
    }
}

/// The synthetic address of a made-up contact.
pub(crate) fn example_email(template: &str, slug: &str) -> String {
    template
        .replace("{channel}", "whatsapp")
        .replace("{contact}", "56912345678")
        .replace("{tenant}", slug)
}

/// Fills the form from what is stored.
pub(crate) fn fill(settings: &TenantSettings, form: &mut Form) {
    let policy = &settings.policy;
    let (texts, waits) = (&policy.texts, &policy.timeouts);
    let fields = &mut form.fields;
    fields.set("language", Lang(settings.language).code());
    let words = [
        &texts.requested,
        &texts.out_of_hours,
        &texts.agent_joined,
        &texts.agent_unnamed,
        &texts.goodbye,
        &texts.nobody_available,
        &texts.inactive,
        &texts.error,
        &texts.bot_down,
    ];
    for (name, text) in TEXTS.into_iter().zip(words) {
        fields.set(name, text);
    }
    let numbers = [
        ("no_agent_minutes", waits.no_agent_minutes),
        ("agent_silent_minutes", waits.agent_silent_minutes),
        ("user_silent_minutes", waits.user_silent_minutes),
        ("cooldown_minutes", policy.cooldown_minutes),
        ("bot_down_after_minutes", policy.bot_down_after_minutes),
        ("desk_down_after_minutes", policy.desk_down_after_minutes),
        ("transcript_messages", policy.transcript_messages),
    ];
    for (name, number) in numbers {
        fields.set(name, number.to_string());
    }
    close_policy::show(&policy.close, fields);
    fields.set("end_words", policy.end_words.join("\n"));
    fields.set("fallback_phrases", settings.fallback_phrases.join("\n"));
    let standby = match policy.bot_standby {
        BotStandby::Waits => "waits",
        BotStandby::Listens => "listens",
    };
    fields.set("bot_standby", standby);
    let action = match policy.bot_down {
        BotDownAction::HandOff => "hand_off",
        BotDownAction::Answer => "answer",
    };
    fields.set("bot_down_action", action);
    fields.tick("agent_name_prefix", policy.agent_name_prefix);
    fields.tick("foreign_files_as_link", policy.foreign_files_as_link);
    fields.set("client_email", &policy.client_email);
}

/// Reads the form over what is stored; what is wrong is said beside its field.
fn read(form: &mut Form, stored: &TenantSettings, l: Lang) -> TenantSettings {
    for name in TEXTS {
        if form.v(name).chars().count() > LONGEST {
            form.refuse(name, l.t("wrong-long"));
        }
        if let Some(wrong) = wrong_variables(form.v(name), allowed(name), l) {
            form.refuse(name, wrong);
        }
    }
    let text = |form: &Form, name: &str| form.v(name).to_owned();
    let texts = PolicyTexts {
        requested: text(form, "requested"),
        out_of_hours: text(form, "out_of_hours"),
        agent_joined: text(form, "agent_joined"),
        agent_unnamed: text(form, "agent_unnamed"),
        goodbye: text(form, "goodbye"),
        nobody_available: text(form, "nobody_available"),
        inactive: text(form, "inactive"),
        error: text(form, "error"),
        bot_down: text(form, "bot_down"),
    };
    let minutes = |form: &mut Form, name: &str, (least, most): (i64, i64)| -> u32 {
        if form.v(name).is_empty() {
            form.refuse(name, l.t("wrong-number"));
        }
        let number = form.number(name, (least, most), &l.t("wrong-number"));
        number.and_then(|n| n.try_into().ok()).unwrap_or_default()
    };
    let long = (0, 100_000);
    let timeouts = Timeouts {
        no_agent_minutes: minutes(form, "no_agent_minutes", long),
        agent_silent_minutes: minutes(form, "agent_silent_minutes", long),
        user_silent_minutes: minutes(form, "user_silent_minutes", long),
    };
    let client_email = text(form, "client_email");
    if !client_email.contains('@') || !client_email.contains("{contact}") {
        form.refuse("client_email", l.t("wrong-client-email"));
    }
    let close = close_policy::read(form, l);
    if close.goodbye && texts.goodbye.is_empty() {
        form.refuse("goodbye", l.t("wrong-goodbye-empty"));
    }
    let policy = HandoffPolicy {
        texts,
        timeouts,
        cooldown_minutes: minutes(form, "cooldown_minutes", long),
        bot_down_after_minutes: minutes(form, "bot_down_after_minutes", (1, 100_000)),
        desk_down_after_minutes: minutes(form, "desk_down_after_minutes", (1, 100_000)),
        transcript_messages: minutes(form, "transcript_messages", (0, 1000)),
        close,
        end_words: form.fields.lines("end_words"),
        bot_standby: match form.v("bot_standby") {
            "listens" => BotStandby::Listens,
            _ => BotStandby::Waits,
        },
        bot_down: match form.v("bot_down_action") {
            "answer" => BotDownAction::Answer,
            _ => BotDownAction::HandOff,
        },
        agent_name_prefix: form.on("agent_name_prefix"),
        foreign_files_as_link: form.on("foreign_files_as_link"),
        client_email,
    };
    TenantSettings {
        language: Lang::named(form.v("language")).map_or(Language::Es, |l| l.0),
        policy,
        fallback_phrases: form.fields.lines("fallback_phrases"),
        ..stored.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_survives_the_form() {
        let mut settings = TenantSettings::default();
        settings.policy.end_words = vec!["chao".to_owned(), "listo".to_owned()];
        settings.policy.close.goodbye = true;
        settings.policy.texts.goodbye = "Chao, {nombre}".to_owned();
        settings.policy.texts.agent_joined = "Llegó {agent}".to_owned();
        settings.policy.bot_down = BotDownAction::Answer;
        settings.policy.bot_standby = BotStandby::Listens;
        settings.fallback_phrases = vec!["no te entendí".to_owned()];
        let mut form = Form::default();
        fill(&settings, &mut form);
        let read = read(&mut form, &settings, Lang(Language::Es));
        assert!(form.is_fine(), "{form:?}");
        assert_eq!(read, settings);
    }

    #[test]
    fn an_agents_name_is_known_only_once_one_has_joined() {
        let stored = TenantSettings::default();
        let mut form = Form::default();
        fill(&stored, &mut form);
        form.fields.set("requested", "Te atiende {agente}");
        form.fields.set("agent_joined", "Te atiende {agente}");
        let _ = read(&mut form, &stored, Lang(Language::Es));
        assert!(form.bad("requested") && !form.bad("agent_joined"));
    }
}
