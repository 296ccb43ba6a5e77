//! Shows the tenants.

use super::view::{TenantItem, TenantPage, TenantsPage};
use crate::extract::{Fields, Form, Host, Member};
use crate::pages::limits::month_of;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use domain::ids::TenantId;
use uuid::Uuid;

const PAGE: u64 = 50;

pub(super) async fn list(request: HttpRequest, Host(member): Host) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let (search, after) = (query.get("q"), query.get("after"));
    let app = &member.visitor.app;
    let month = month_of(app.clock.now());
    let found = app.store.tenants(search, after, month, PAGE).await?;
    let full = u64::try_from(found.len()) == Ok(PAGE);
    let older = found.last().filter(|_| full).map(|t| {
        let mut next = url::form_urlencoded::Serializer::new("/operator?".to_owned());
        next.append_pair("q", search).append_pair("after", &t.slug);
        next.finish()
    });
    let (l, dates) = (member.visitor.lang, member.dates());
    let page = TenantsPage {
        s: Shell::inside(&member, Nav::Nowhere),
        search: search.to_owned(),
        tenants: found.iter().map(|t| TenantItem::of(t, &dates, l)).collect(),
        older,
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn show(Host(member): Host, id: Path<Uuid>) -> Page {
    let id = TenantId(*id);
    let limits = member.visitor.app.store.tenant(id).terms().await?.limits;
    let mut form = Form::default();
    let fields = [
        ("messages_a_month", limits.messages_a_month),
        ("most_channels", limits.most_channels),
        ("most_members", limits.most_members),
    ];
    for (name, most) in fields {
        form.fields
            .set(name, most.map_or(String::new(), |n| n.to_string()));
    }
    page(&member, id, form, StatusCode::OK).await
}

pub(super) async fn page(member: &Member, id: TenantId, form: Form, status: StatusCode) -> Page {
    let app = &member.visitor.app;
    let month = month_of(app.clock.now());
    let tenant = app.store.tenant_glance(id, month).await?;
    let page = TenantPage {
        s: Shell::inside(member, Nav::Nowhere),
        t: TenantItem::of(&tenant, &member.dates(), member.visitor.lang),
        f: form,
    };
    Ok(html(status, &page))
}
