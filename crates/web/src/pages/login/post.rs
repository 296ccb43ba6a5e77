//! Logs in and out. The answer is the same whether the account exists or not.

use super::view::LoginPage;
use crate::extract::{Form, Posted, Visitor, own_path};
use crate::pages::error::PageError;
use crate::pages::shell::Shell;
use crate::pages::{Page, html};
use crate::security::csrf;
use crate::security::session_store::MEMBER;
use actix_web::http::StatusCode;
use adapters::password::Verdict;
use adapters::store::PasswordHash;
use domain::ids::MemberId;
use domain::secret::Secret;

pub(super) async fn log_in(visitor: Visitor, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let email = form.v("email").to_lowercase();
    let password = Secret::new(form.v("password"));
    form.fields.set("password", "");
    let refused = |visitor: &Visitor, form: Form, status, key: &str| {
        let page = LoginPage {
            problem: Some(visitor.lang.t(key)),
            s: Shell::outside(visitor),
            f: form,
        };
        Ok(html(status, &page))
    };
    if !visitor.app.throttle.may_log_in(&visitor.address, &email) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return refused(&visitor, form, status, "login-too-many");
    }
    let found = visitor.app.store.member_by_email(&email).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.0.as_str());
    let verdict = visitor.app.passwords.verify(&password, hash).await?;
    match (found, verdict) {
        (Some((member, _)), Verdict::Right { rehash }) => {
            if rehash {
                let stronger = visitor.app.passwords.hash(&password).await?;
                let stronger = PasswordHash(stronger);
                visitor.app.store.set_password(member.id, stronger).await?;
            }
            begin(&visitor, member.id)?;
            Ok(visitor.go(own_path(form.v("next"))))
        }
        _ => refused(
            &visitor,
            form,
            StatusCode::UNPROCESSABLE_ENTITY,
            "login-wrong",
        ),
    }
}

/// Begins a member's browser session under a new key, so that one planted before is worthless.
pub(crate) fn begin(visitor: &Visitor, member: MemberId) -> Result<(), PageError> {
    visitor.session.renew();
    csrf::fresh(&visitor.session);
    visitor
        .session
        .insert(MEMBER, member.to_string())
        .map_err(|e| PageError::Broken(e.to_string()))
}

pub(super) async fn log_out(visitor: Visitor, _form: Posted) -> Page {
    visitor.session.purge();
    Ok(visitor.go("/login"))
}
