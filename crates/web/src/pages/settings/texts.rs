//! Texts, waits, close policy, and what happens in trouble.

use super::close_policy;
use super::view::TextsPage;
use crate::extract::{Form, Manager, Member, Posted};
use crate::i18n::Lang;
use crate::pages::parts::languages;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use domain::handoff::{BotDownAction, HandoffPolicy, PolicyTexts, Timeouts};
use domain::tenant::{Language, TenantSettings};

const LONGEST: usize = 1000;
const TEXTS: [&str; 8] = [
    "requested",
    "agent_joined",
    "agent_unnamed",
    "goodbye",
    "nobody_available",
    "inactive",
    "error",
    "bot_down",
];

pub(super) async fn show(member: Member) -> Page {
    let mut form = Form::default();
    fill(&member.tenant.settings, &mut form);
    Ok(html(StatusCode::OK, &page(&member, form, None)))
}

pub(super) async fn save(Manager(member): Manager, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let l = member.visitor.lang;
    let settings = read(&mut form, &member.tenant.settings, l);
    if !form.is_fine() {
        let page = page(&member, form, Some(l.t("wrong-look-below")));
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    member.store.save_settings(&settings).await?;
    member.visitor.say("ok", l.t("saved"));
    Ok(member.visitor.go("/settings"))
}

fn page(member: &Member, form: Form, problem: Option<String>) -> TextsPage {
    TextsPage {
        s: Shell::inside(member, Nav::Settings),
        tab: "texts",
        languages: languages(form.v("language")),
        f: form,
        problem,
    }
}

/// Fills the form from what is stored.
pub(crate) fn fill(settings: &TenantSettings, form: &mut Form) {
    let policy = &settings.policy;
    let (texts, waits) = (&policy.texts, &policy.timeouts);
    let fields = &mut form.fields;
    fields.set("language", Lang(settings.language).code());
    let words = [
        &texts.requested,
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
    }
    let text = |form: &Form, name: &str| form.v(name).to_owned();
    let texts = PolicyTexts {
        requested: text(form, "requested"),
        agent_joined: text(form, "agent_joined"),
        agent_unnamed: text(form, "agent_unnamed"),
        goodbye: text(form, "goodbye"),
        nobody_available: text(form, "nobody_available"),
        inactive: text(form, "inactive"),
        error: text(form, "error"),
        bot_down: text(form, "bot_down"),
    };
    let minutes = |form: &mut Form, name: &str, least: i64| -> u32 {
        if form.v(name).is_empty() {
            form.refuse(name, l.t("wrong-number"));
        }
        let number = form.number(name, (least, 100_000), &l.t("wrong-number"));
        number.and_then(|n| n.try_into().ok()).unwrap_or_default()
    };
    let timeouts = Timeouts {
        no_agent_minutes: minutes(form, "no_agent_minutes", 0),
        agent_silent_minutes: minutes(form, "agent_silent_minutes", 0),
        user_silent_minutes: minutes(form, "user_silent_minutes", 0),
    };
    let client_email = text(form, "client_email");
    if !client_email.contains('@') || !client_email.contains("{contact}") {
        form.refuse("client_email", l.t("wrong-client-email"));
    }
    let policy = HandoffPolicy {
        texts,
        timeouts,
        cooldown_minutes: minutes(form, "cooldown_minutes", 0),
        bot_down_after_minutes: minutes(form, "bot_down_after_minutes", 1),
        desk_down_after_minutes: minutes(form, "desk_down_after_minutes", 1),
        transcript_messages: minutes(form, "transcript_messages", 0),
        close: close_policy::read(form, l),
        end_words: form.fields.lines("end_words"),
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
        settings.policy.bot_down = BotDownAction::Answer;
        let mut form = Form::default();
        fill(&settings, &mut form);
        let read = read(&mut form, &settings, Lang(Language::Es));
        assert!(form.is_fine(), "{form:?}");
        assert_eq!(read, settings);
    }
}
