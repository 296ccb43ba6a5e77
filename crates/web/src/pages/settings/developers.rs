//! API keys and the address of event webhooks.

use super::view::{DevelopersPage, KeyItem, key_fields};
use crate::extract::{Form, Manager, Member, Posted};
use crate::pages::error::PageError;
use crate::pages::parts::{Choice, ConfirmPage, line_title};
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use crate::security::{address, sealed};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::NewApiKey;
use domain::api_key::{Scope, Scopes};
use domain::ids::{ApiKeyId, ChannelId};
use domain::tenant::TenantSettings;
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// What every key begins with, so that a leaked one is recognised.
const KEY_PREFIX: &str = "rlv_";
/// This many characters of a key are shown in the list.
const SHOWN: usize = 12;
const DAY: Duration = Duration::from_secs(86_400);

/// The form of a new key: everything allowed, no end.
fn blank(member: &Member) -> Form {
    let mut form = Form::default();
    let url = member.tenant.settings.events_url.as_deref();
    form.fields.set("events_url", url.unwrap_or(""));
    for scope in Scope::ALL {
        form.fields.tick(&format!("scope_{}", scope.name()), true);
    }
    form
}

pub(super) async fn show(member: Member) -> Page {
    let form = blank(&member);
    page(&member, form, None, StatusCode::OK).await
}

async fn page(member: &Member, form: Form, new_key: Option<String>, status: StatusCode) -> Page {
    let l = member.visitor.lang;
    let dates = member.dates();
    let now = member.visitor.app.clock.now();
    let keys = member.store.api_keys().list().await?;
    let channels = member.store.channels().list().await?;
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
    let chosen: Vec<String> = form.fields.all("channels").map(str::to_owned).collect();
    let (scopes, expiries) = key_fields(&form, l);
    let page = DevelopersPage {
        s,
        tab: "developers",
        problem: None,
        new_key,
        keys: keys
            .iter()
            .map(|k| KeyItem::of(k, &channels, now, &dates, l))
            .collect(),
        scopes,
        expiries,
        channels: channels
            .into_iter()
            .map(|c| {
                let id = c.id.to_string();
                let on = chosen.contains(&id);
                Choice::new(id, line_title(c.kind, &c.name, l), on)
            })
            .collect(),
        f: form,
        events_secret,
    };
    Ok(html(status, &page))
}

/// Makes a key and shows it this once; only its hash is kept.
pub(super) async fn create(Manager(member): Manager, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let l = member.visitor.lang;
    let url = member.tenant.settings.events_url.clone();
    form.fields.set("events_url", url.unwrap_or_default());
    let name = form.v("key_name").to_owned();
    match name.chars().count() {
        0 => form.refuse("key_name", l.t("wrong-empty")),
        81.. => form.refuse("key_name", l.t("wrong-long")),
        _ => {}
    }
    let wanted = |scope: &Scope| form.on(&format!("scope_{}", scope.name()));
    let scopes = Scopes::of(Scope::ALL.into_iter().filter(wanted));
    if scopes.is_empty() {
        form.refuse("scopes", l.t("wrong-choose"));
    }
    // Only lines of this company: a made-up id would make a key that reaches nothing.
    let lines = member.store.channels().list().await?;
    let chosen: Vec<ChannelId> = form
        .fields
        .all("channels")
        .filter_map(|id| id.parse().ok())
        .filter(|id| lines.iter().any(|line| line.id == *id))
        .collect();
    let days = form.number("expires", (1, 3650), &l.t("wrong-number"));
    if !form.is_fine() {
        return page(&member, form, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let now = member.visitor.app.clock.now();
    let lasts = |days: i64| now.after(DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX)));
    let key = format!("{KEY_PREFIX}{}", sealed::random_token()?);
    let new = NewApiKey {
        name,
        hash: Sha256::digest(key.as_bytes()).to_vec(),
        prefix: key.chars().take(SHOWN).collect(),
        scopes,
        channels: Some(chosen).filter(|c| !c.is_empty()),
        expires_at: days.map(lasts),
    };
    member.store.api_keys().insert(new).await?;
    let form = blank(&member);
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
        let typed = form;
        let mut form = blank(&member);
        form.fields.set("events_url", typed.v("events_url"));
        form.refuse("events_url", typed.e("events_url").unwrap_or_default());
        return page(&member, form, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let change = |stored: &TenantSettings| {
        Ok(TenantSettings {
            events_url: url,
            ..stored.clone()
        })
    };
    member.store.change_settings(change).await?;
    visitor.say("ok", visitor.lang.t("saved"));
    Ok(visitor.go("/settings/developers"))
}
