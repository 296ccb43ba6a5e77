//! Saves, tries and removes the desk connection.

use super::form;
use super::get::page;
use super::view::steps;
use crate::extract::{Form, Manager, Member, Posted};
use crate::pages::error::PageError;
use crate::pages::parts::ConfirmPage;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use crate::security::address;
use crate::security::sealed;
use actix_web::http::StatusCode;
use adapters::store::StoredDesk;
use domain::desk::{DeskAccount, DeskCredentials};

struct Read {
    form: Form,
    stored: Option<StoredDesk>,
    account: Option<DeskAccount>,
}

/// Reads the form over what is stored, and refuses addresses that must not be called.
async fn read(member: &Member, posted: Posted) -> Result<Read, PageError> {
    let visitor = &member.visitor;
    let stored = member.store.desk().get().await?;
    let kept: Option<DeskCredentials> = match &stored {
        Some(desk) => {
            let tenant = member.who.tenant;
            Some(sealed::open_desk(&visitor.app, tenant, &desk.credentials).await?)
        }
        None => None,
    };
    let mut form = Form::from(posted.0);
    let l = visitor.lang;
    let mut account = form::read(member.who.tenant, &mut form, kept.as_ref(), l);
    if let Some(read) = &account {
        let address = &read.settings.base_url;
        if let Err(why) = address::check(&visitor.app.guarded, address, l).await {
            form.refuse("base_url", why);
            account = None;
        }
    }
    Ok(Read {
        form,
        stored,
        account,
    })
}

/// Stores the connection, then tries it and shows each step.
pub(super) async fn save(Manager(member): Manager, form: Posted) -> Page {
    let read = read(&member, form).await?;
    let Some(account) = read.account else {
        let page = page(&member, read.stored.as_ref(), read.form, Vec::new());
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let app = &member.visitor.app;
    let sealed = sealed::seal_desk(app, member.who.tenant, &account.credentials).await?;
    member.store.desk().save(&account.settings, &sealed).await?;
    app.accounts.forget(member.who.tenant, None).await;
    let stored = member.store.desk().get().await?;
    tried(&member, stored.as_ref(), read.form, &account).await
}

/// Tries what was typed, without storing it, and shows each step.
pub(super) async fn probe(Manager(member): Manager, form: Posted) -> Page {
    let read = read(&member, form).await?;
    let Some(account) = read.account else {
        let page = page(&member, read.stored.as_ref(), read.form, Vec::new());
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    tried(&member, read.stored.as_ref(), read.form, &account).await
}

/// Tries an account and shows each step.
async fn tried(
    member: &Member,
    stored: Option<&StoredDesk>,
    form: Form,
    account: &DeskAccount,
) -> Page {
    let visitor = &member.visitor;
    let report = visitor.app.desk_probe.probe(account).await;
    let page = page(member, stored, form, steps(&report, visitor.lang));
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn ask(Manager(member): Manager) -> Page {
    let l = member.visitor.lang;
    let page = ConfirmPage {
        title: l.t("desk-disconnect-title"),
        lines: vec![l.t("desk-disconnect-ask")],
        action: "/desk/disconnect".to_owned(),
        button: l.t("channel-disconnect-button"),
        back: "/desk".to_owned(),
        s: Shell::inside(&member, Nav::Desk),
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn disconnect(Manager(member): Manager, _form: Posted) -> Page {
    member.store.desk().remove().await?;
    let visitor = &member.visitor;
    visitor.app.accounts.forget(member.who.tenant, None).await;
    visitor.say("ok", visitor.lang.t("desk-disconnected"));
    Ok(visitor.go("/desk"))
}
