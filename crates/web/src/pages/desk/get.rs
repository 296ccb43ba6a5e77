//! Shows the desk page.

use super::form::{self, DEFAULT_BASE_URL};
use super::view::{DeskPage, StepView, health};
use crate::extract::{Form, Member};
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use adapters::store::StoredDesk;

pub(super) async fn show(member: Member) -> Page {
    let stored = member.store.desk().get().await?;
    let mut f = Form::default();
    match &stored {
        Some(desk) => form::show(&desk.settings, &mut f),
        None => f.fields.set("base_url", DEFAULT_BASE_URL),
    }
    let page = page(&member, stored.as_ref(), f, Vec::new());
    Ok(html(StatusCode::OK, &page))
}

/// The page around a form with what was typed and a probe's report.
pub(super) fn page(
    member: &Member,
    stored: Option<&StoredDesk>,
    f: Form,
    steps: Vec<StepView>,
) -> DeskPage {
    let l = member.visitor.lang;
    let advanced = ["inquiry_id", "group_id", "extra_channels", "extra_groups"];
    DeskPage {
        connected: stored.is_some(),
        health: stored.map(|desk| health(&desk.health, l)),
        probe_ok: steps.iter().all(|s| s.outcome == "ok"),
        steps,
        kept: if stored.is_some() {
            l.t("secret-kept")
        } else {
            String::new()
        },
        guide: (1..=4).map(|n| l.t(&format!("guide-desk-{n}"))).collect(),
        advanced_open: advanced.iter().any(|n| !f.v(n).is_empty() || f.bad(n)),
        s: Shell::inside(member, Nav::Desk),
        f,
    }
}
