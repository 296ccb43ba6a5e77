//! Limits, suspension and its end. Each is a line of the tenant's own log.

use super::get::page;
use crate::extract::{Form, Host, Member, Posted};
use crate::pages::Page;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{Limits, TenantStore};
use domain::audit::{Actor, By};
use domain::ids::TenantId;
use uuid::Uuid;

/// A tenant's data as this operator changes it; not found when there is no such tenant.
pub(super) async fn theirs(
    member: &Member,
    id: TenantId,
) -> Result<TenantStore, crate::pages::error::PageError> {
    let by = By {
        actor: Actor::Operator {
            id: member.who.id,
            name: member.who.name.clone(),
        },
        address: member.store.acting().address.clone(),
    };
    let store = member.visitor.app.store.tenant(id).by(by);
    store.tenant().await?;
    Ok(store)
}

pub(super) async fn limits(Host(member): Host, id: Path<Uuid>, form: Posted) -> Page {
    let id = TenantId(*id);
    let store = theirs(&member, id).await?;
    let mut form = Form::from(form.0);
    let visitor = &member.visitor;
    let why = visitor.lang.t("wrong-number");
    let bounds = (0, 1_000_000_000);
    let limits = Limits {
        messages_a_month: form.number("messages_a_month", bounds, &why),
        most_channels: form.number("most_channels", bounds, &why),
        most_members: form.number("most_members", bounds, &why),
    };
    if !form.is_fine() {
        return page(&member, id, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    store.set_limits(limits).await?;
    visitor.say("ok", visitor.lang.t("saved"));
    Ok(visitor.go(&format!("/operator/tenants/{id}")))
}

pub(super) async fn suspend(Host(member): Host, id: Path<Uuid>, form: Posted) -> Page {
    let id = TenantId(*id);
    let store = theirs(&member, id).await?;
    let mut form = Form::from(form.0);
    let visitor = &member.visitor;
    let why = form.v("why").to_owned();
    match why.chars().count() {
        0 => form.refuse("why", visitor.lang.t("wrong-empty")),
        301.. => form.refuse("why", visitor.lang.t("wrong-long")),
        _ => {}
    }
    if !form.is_fine() {
        return page(&member, id, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    store.suspend(&why).await?;
    visitor.say("ok", visitor.lang.t("host-suspended-done"));
    Ok(visitor.go(&format!("/operator/tenants/{id}")))
}

pub(super) async fn resume(Host(member): Host, id: Path<Uuid>, _form: Posted) -> Page {
    let id = TenantId(*id);
    theirs(&member, id).await?.resume().await?;
    let visitor = &member.visitor;
    visitor.say("ok", visitor.lang.t("host-resumed-done"));
    Ok(visitor.go(&format!("/operator/tenants/{id}")))
}
