//! How long contents are kept.

use super::get::page;
use crate::extract::{Form, Owner, Posted};
use crate::pages::Page;
use actix_web::http::StatusCode;

/// Fewer days than this would end before raw webhooks and their repeats do.
const FEWEST: i64 = 10;
const MOST: i64 = 3650;

pub(super) async fn save(Owner(member): Owner, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let visitor = &member.visitor;
    let days = if form.v("keep") == "some" {
        let why = visitor.lang.t("data-days-wrong");
        if form.v("days").is_empty() {
            form.refuse("days", why.clone());
        }
        form.number("days", (FEWEST, MOST), &why)
    } else {
        None
    };
    if !form.is_fine() {
        return page(&member, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    member.store.set_retention(days).await?;
    visitor.say("ok", visitor.lang.t("saved"));
    Ok(visitor.go("/settings/data"))
}
