//! Deletes the company: asks for its name, waits some days, and can be taken back until then.

use super::view::LeavePage;
use crate::extract::{Form, Member, Owner, Posted};
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use adapters::store::StoreError;
use domain::channel::ChannelKind;
use std::time::Duration;

/// How long a deletion can be taken back.
const GRACE: Duration = Duration::from_secs(7 * 86_400);

async fn page(member: &Member, form: Form, status: StatusCode) -> Page {
    let channels = connected(member).await?;
    let page = LeavePage {
        s: Shell::inside(member, Nav::Settings),
        f: form,
        company: member.tenant.name.clone(),
        channels,
    };
    Ok(html(status, &page))
}

/// The names of the lines that a bot still hangs on; the test chat has none and stops nothing.
async fn connected(member: &Member) -> Result<Vec<String>, StoreError> {
    let channels = member.store.channels().list().await?;
    let real = channels.into_iter().filter(|c| c.kind != ChannelKind::Test);
    Ok(real.map(|c| c.name).collect())
}

pub(super) async fn ask(Owner(member): Owner) -> Page {
    page(&member, Form::default(), StatusCode::OK).await
}

/// Connected lines stop it: their bots would get nothing any more.
pub(super) async fn go(Owner(member): Owner, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let visitor = &member.visitor;
    let l = visitor.lang;
    let connected = !connected(&member).await?.is_empty();
    if form.v("company").to_lowercase() != member.tenant.name.trim().to_lowercase() {
        form.refuse("company", l.t("leave-wrong-name"));
    }
    if connected || !form.is_fine() {
        return page(&member, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    member
        .store
        .leave(visitor.app.clock.now().after(GRACE))
        .await?;
    visitor.say("ok", l.t("leave-asked"));
    Ok(visitor.go("/settings/data"))
}

pub(super) async fn stay(Owner(member): Owner, _form: Posted) -> Page {
    let visitor = &member.visitor;
    match member.store.stay().await {
        Ok(()) => visitor.say("ok", visitor.lang.t("leave-stayed")),
        Err(StoreError::NotFound) => visitor.say("danger", visitor.lang.t("leave-too-late")),
        Err(error) => return Err(error.into()),
    }
    Ok(visitor.go("/settings/data"))
}
