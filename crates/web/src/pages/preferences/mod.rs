//! The switches for language and theme. Cookies of a year, readable by us only.

use super::Page;
use crate::extract::{Posted, THEME_COOKIE, Visitor, known, own_path};
use crate::i18n::{self, Lang};
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpResponse, web};
use domain::audit::By;

/// `/preferences`.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/preferences", web::post().to(set));
}

async fn set(visitor: Visitor, form: Posted) -> Page {
    let chosen = match form.0.get("set").split_once(':') {
        Some(("lang", code)) => Lang::named(code).map(|l| (i18n::COOKIE, l.code())),
        Some(("theme", "light")) => Some((THEME_COOKIE, "light")),
        Some(("theme", "dark")) => Some((THEME_COOKIE, "dark")),
        Some(("theme", _)) => Some((THEME_COOKIE, "auto")),
        _ => None,
    };
    let mut answer = visitor.go(own_path(form.0.get("back")));
    if let Some((name, value)) = chosen {
        keep(&visitor, &mut answer, name, value);
        // The mails of whoever is logged in follow the switch.
        if name == i18n::COOKIE
            && let Some(lang) = Lang::named(value)
            && let Some((_, member)) = known(&visitor).await?
        {
            let store = &visitor.app.store;
            let by = By::themselves(&member, visitor.from());
            store
                .change_profile(&member, &by, &member.name, lang.0)
                .await?;
        }
    }
    Ok(answer)
}

/// Keeps a preference in this browser.
pub(crate) fn keep(
    visitor: &Visitor,
    answer: &mut HttpResponse,
    name: &'static str,
    value: &'static str,
) {
    let cookie = Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(visitor.app.is_https())
        .max_age(Duration::days(365))
        .finish();
    if let Err(error) = answer.add_cookie(&cookie) {
        tracing::warn!(%error, "preference not kept");
    }
}
