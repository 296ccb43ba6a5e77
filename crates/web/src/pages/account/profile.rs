//! Name and language.

use super::view::ProfilePage;
use crate::extract::{Fields, Form, Member, Posted};
use crate::i18n::{self, Lang};
use crate::pages::parts::languages;
use crate::pages::shell::{Nav, Shell};
use crate::pages::signup::LONGEST_NAME;
use crate::pages::{Page, html, preferences};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

pub(super) async fn show(member: Member) -> Page {
    Ok(page(&member, fill(&member), StatusCode::OK))
}

/// The form as the member's row has it.
pub(super) fn fill(member: &Member) -> Form {
    let mut fields = Fields::default();
    fields.set("name", member.who.name.clone());
    fields.set("language", member.who.language.code());
    Form::from(fields)
}

pub(super) async fn save(member: Member, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let l = member.visitor.lang;
    match form.v("name").chars().count() {
        0 => form.refuse("name", l.t("wrong-empty")),
        n if n > LONGEST_NAME => form.refuse("name", l.t("wrong-long")),
        _ => {}
    }
    let Some(chosen) = Lang::named(form.v("language")).filter(|_| form.is_fine()) else {
        form.refuse("language", l.t("wrong-choose"));
        return Ok(page(&member, form, StatusCode::UNPROCESSABLE_ENTITY));
    };
    let store = &member.visitor.app.store;
    store
        .change_profile(&member.who, member.store.acting(), form.v("name"), chosen.0)
        .await?;
    member.visitor.say("ok", chosen.t("saved"));
    let mut answer = member.visitor.go("/account");
    preferences::keep(&member.visitor, &mut answer, i18n::COOKIE, chosen.code());
    Ok(answer)
}

pub(super) fn page(member: &Member, form: Form, status: StatusCode) -> HttpResponse {
    let page = ProfilePage {
        s: Shell::inside(member, Nav::Nowhere),
        tab: "profile",
        languages: languages(form.v("language")),
        email: member.who.email.clone(),
        f: form,
    };
    html(status, &page)
}
