//! Where the member is logged in, and logging out from afar.

use super::device::Device;
use super::view::{LoginItem, LoginsPage};
use crate::extract::{Member, Posted};
use crate::i18n::{Dates, Lang};
use crate::pages::error::PageError;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::Login;
use domain::ids::LoginId;

impl LoginItem {
    pub fn of(login: &Login, here: LoginId, dates: &Dates, l: Lang) -> Self {
        Self {
            id: login.id.to_string(),
            device: Device::of(&login.device, l),
            address: login.address.clone(),
            begun: dates.short(login.created_at),
            seen: dates.short(login.last_seen_at),
            here: login.id == here,
        }
    }
}

pub(super) async fn show(member: Member) -> Page {
    let dates = member.dates();
    let l = member.visitor.lang;
    let logins = member.visitor.app.store.logins(&member.who).await?;
    let mut logins: Vec<LoginItem> = logins
        .iter()
        .map(|login| LoginItem::of(login, member.login, &dates, l))
        .collect();
    // This browser first, the others as they were used last.
    logins.sort_by_key(|login| !login.here);
    let page = LoginsPage {
        s: Shell::inside(&member, Nav::Nowhere),
        tab: "logins",
        logins,
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn end(member: Member, id: Path<String>, _form: Posted) -> Page {
    let id: LoginId = id.parse().map_err(|_| PageError::NotFound)?;
    let visitor = &member.visitor;
    let store = &visitor.app.store;
    store
        .login_revoke(&member.who, member.store.acting(), id)
        .await?;
    if id == member.login {
        visitor.session.purge();
        return Ok(visitor.go("/login"));
    }
    visitor.say("ok", visitor.lang.t("logins-ended"));
    Ok(visitor.go("/account/logins"))
}

/// Ends all others, or with `which=all` this one too.
pub(super) async fn end_all(member: Member, form: Posted) -> Page {
    let visitor = &member.visitor;
    let everywhere = form.0.get("which") == "all";
    let keep = (!everywhere).then_some(member.login);
    let store = &visitor.app.store;
    store
        .logins_end(&member.who, member.store.acting(), keep)
        .await?;
    if everywhere {
        visitor.session.purge();
        return Ok(visitor.go("/login"));
    }
    visitor.say("ok", visitor.lang.t("logins-others-ended"));
    Ok(visitor.go("/account/logins"))
}
