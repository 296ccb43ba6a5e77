//! Password and second factor.

use super::view::SecurityPage;
use crate::extract::{Form, Member};
use crate::pages::error::PageError;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

/// With so few recovery codes left, new ones are suggested.
const FEW: u64 = 3;

pub(super) async fn show(member: Member) -> Page {
    page(&member, Form::default(), StatusCode::OK).await
}

pub(super) async fn page(
    member: &Member,
    form: Form,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    let stored = member.visitor.app.store.factor(&member.who).await?;
    let left = i64::try_from(stored.codes_left).unwrap_or(i64::MAX);
    let page = SecurityPage {
        s: Shell::inside(member, Nav::Nowhere),
        tab: "security",
        f: form,
        factor: stored.active.is_some(),
        codes: member.visitor.lang.n("factor-codes-left", left),
        codes_low: stored.codes_left < FEW,
    };
    Ok(html(status, &page))
}
