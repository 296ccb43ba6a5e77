//! The second step: six digits of the authenticator, or a recovery code.

use super::start::{begin, waiting};
use super::view::CodePage;
use crate::extract::{Form, Posted, Visitor, own_path};
use crate::pages::shell::Shell;
use crate::pages::{Page, html};
use crate::security::factor::{Proof, prove};
use crate::security::throttle::Door;
use actix_web::http::StatusCode;

pub(super) async fn show(visitor: Visitor) -> Page {
    if waiting(&visitor).is_none() {
        return Ok(visitor.go("/login"));
    }
    Ok(page(&visitor, StatusCode::OK, None))
}

pub(super) async fn check(visitor: Visitor, form: Posted) -> Page {
    let form = Form::from(form.0);
    let Some(halfway) = waiting(&visitor) else {
        return Ok(visitor.go("/login"));
    };
    let app = visitor.app.clone();
    let account = halfway.member.to_string();
    let may = app.throttle.may(Door::Code, &visitor.address, &account);
    if !may.await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Ok(page(&visitor, status, Some("login-too-many")));
    }
    let found = app.store.credentials_of(halfway.member).await?;
    let Some(found) = found.filter(|c| !c.disabled) else {
        return Ok(visitor.go("/login"));
    };
    let Some(proof) = prove(&app, &found.member, form.v("code")).await? else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(page(&visitor, status, Some("login-code-wrong")));
    };
    app.throttle.forgive(Door::Code, &account).await?;
    begin(&visitor, &found.member).await?;
    if let Proof::Recovery(left) = proof {
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        visitor.say("ok", visitor.lang.n("login-recovery-used", left));
    }
    Ok(visitor.go(own_path(&halfway.next)))
}

fn page(visitor: &Visitor, status: StatusCode, problem: Option<&str>) -> actix_web::HttpResponse {
    let page = CodePage {
        problem: problem.map(|key| visitor.lang.t(key)),
        s: Shell::outside(visitor),
        f: Form::default(),
    };
    html(status, &page)
}
