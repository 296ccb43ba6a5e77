//! API keys and the address of event webhooks.

use super::view::{DevelopersPage, KeyItem};
use crate::extract::{Form, Manager, Member, Posted};
use crate::pages::error::PageError;
use crate::pages::parts::ConfirmPage;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use crate::security::{address, sealed};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::NewApiKey;
use domain::ids::ApiKeyId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What every key begins with, so that a leaked one is recognised.
const KEY_PREFIX: &str = "rlv_";
/// This many characters of a key are shown in the list.
const SHOWN: usize = 12;

pub(super) async fn show(member: Member) -> Page {
    let mut form = Form::default();
    let url = member.tenant.settings.events_url.as_deref();
    form.fields.set("events_url", url.unwrap_or(""));
    page(&member, form, None, StatusCode::OK).await
}

async fn page(member: &Member, form: Form, new_key: Option<String>, status: StatusCode) -> Page {
    let l = member.visitor.lang;
    let dates = member.dates();
    let keys = member.store.api_keys().list().await?;
    // Only who may change it sees the secret.
    let s = Shell::inside(member, Nav::Settings);
    let events_secret = match member.tenant.settings.events_url {
        Some(_) if s.can_manage() => {
            let secret = member.visitor.app.event_secrets.of(member.who.tenant).await;
            let secret = secret.map_err(PageError::Unavailable)?;
            Some(secret.expose().to_owned())
        }
        _ => None,
    };
    let page = DevelopersPage {
        s,
        tab: "developers",
        f: form,
        problem: None,
        new_key,
        keys: keys.iter().map(|k| KeyItem::of(k, &dates, l)).collect(),
        events_secret,
    };
    Ok(html(status, &page))
}

/// Makes a key and shows it this once; only its hash is kept.
pub(super) async fn create(Manager(member): Manager, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let name = form.v("key_name").to_owned();
    if name.is_empty() || name.chars().count() > 80 {
        form.refuse("key_name", member.visitor.lang.t("wrong-empty"));
        return page(&member, form, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let key = format!("{KEY_PREFIX}{}", sealed::random_token()?);
    let new = NewApiKey {
        name,
        hash: Sha256::digest(key.as_bytes()).to_vec(),
        prefix: key.chars().take(SHOWN).collect(),
    };
    member.store.api_keys().insert(new).await?;
    let mut form = Form::default();
    let url = member.tenant.settings.events_url.as_deref();
    form.fields.set("events_url", url.unwrap_or(""));
    page(&member, form, Some(key), StatusCode::CREATED).await
}

pub(super) async fn ask_revoke(Manager(member): Manager, id: Path<Uuid>) -> Page {
    let keys = member.store.api_keys().list().await?;
    let key = keys.iter().find(|k| k.id == ApiKeyId(*id));
    let key = key.ok_or(PageError::NotFound)?;
    let l = member.visitor.lang;
    let page = ConfirmPage {
        title: l.with("key-revoke-title", "name", &key.name),
        lines: vec![l.t("key-revoke-text")],
        action: format!("/settings/keys/{}/revoke", key.id),
        button: l.t("key-revoke"),
        back: "/settings/developers".to_owned(),
        s: Shell::inside(&member, Nav::Settings),
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn revoke(Manager(member): Manager, id: Path<Uuid>, _form: Posted) -> Page {
    member.store.api_keys().revoke(ApiKeyId(*id)).await?;
    let visitor = &member.visitor;
    visitor.say("ok", visitor.lang.t("key-revoked-done"));
    Ok(visitor.go("/settings/developers"))
}

pub(super) async fn save_events(Manager(member): Manager, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let visitor = &member.visitor;
    let url = form.fields.some("events_url");
    if let Some(url) = &url
        && let Err(why) = address::check(&visitor.app.guarded, url, visitor.lang).await
    {
        form.refuse("events_url", why);
    }
    if !form.is_fine() {
        return page(&member, form, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let mut settings = member.tenant.settings.clone();
    settings.events_url = url;
    member.store.save_settings(&settings).await?;
    visitor.say("ok", visitor.lang.t("saved"));
    Ok(visitor.go("/settings/developers"))
}
