//! Shows what is kept and for how long.

use super::view::{DataPage, UsageItem};
use crate::extract::{Form, Member, Owner};
use crate::pages::limits::month_of;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;

pub(super) async fn show(Owner(member): Owner) -> Page {
    let mut form = Form::default();
    if let Some(days) = member.terms.retention_days {
        form.fields.set("days", days.to_string());
        form.fields.set("keep", "some");
    } else {
        form.fields.set("keep", "all");
    }
    page(&member, form, StatusCode::OK).await
}

pub(super) async fn page(member: &Member, form: Form, status: StatusCode) -> Page {
    let now = member.visitor.app.clock.now();
    let usage = member.store.usage(month_of(now)).await?;
    let limits = member.terms.limits;
    let l = member.visitor.lang;
    let page = DataPage {
        s: Shell::inside(member, Nav::Settings),
        tab: "data",
        f: form,
        usage: vec![
            UsageItem::of("data-messages", usage.messages, limits.messages_a_month, l),
            UsageItem::of("data-channels", usage.channels, limits.most_channels, l),
            UsageItem::of("data-members", usage.members, limits.most_members, l),
        ],
        leaving: member.terms.leaving_at.map(|at| member.dates().short(at)),
    };
    Ok(html(status, &page))
}
