//! Connecting a channel, and changing the credentials of one.

use super::credentials::{self, Own};
use super::get::opened;
use super::view::{ChannelFormPage, guide};
use super::webhook;
use crate::extract::{Form, Manager, Member, Posted};
use crate::pages::error::PageError;
use crate::pages::limits;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use crate::security::sealed;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{NewChannel, StoreError};
use domain::channel::{Channel, ChannelCredentials, ChannelHealth, ChannelKind, ChannelSettings};
use domain::ids::ChannelId;
use domain::ports::AccountInfo;
use uuid::Uuid;

/// Shows the form of one kind.
pub(super) async fn form(Manager(member): Manager, kind: Path<String>) -> Page {
    let kind = ChannelKind::from_name(&kind).ok_or(PageError::NotFound)?;
    Ok(shown(
        &member,
        kind,
        None,
        Form::default(),
        None,
        StatusCode::OK,
    ))
}

/// Shows the form that changes credentials.
pub(super) async fn change(Manager(member): Manager, id: Path<Uuid>) -> Page {
    let (channel, open) = opened(&member, ChannelId(*id)).await?;
    let mut form = Form::default();
    credentials::show(&open, &mut form);
    Ok(shown(
        &member,
        channel.kind,
        Some(&channel),
        form,
        None,
        StatusCode::OK,
    ))
}

/// Tries the credentials, stores the channel, sets the webhook if nobody else holds it.
pub(super) async fn save(Manager(member): Manager, kind: Path<String>, form: Posted) -> Page {
    let kind = ChannelKind::from_name(&kind).ok_or(PageError::NotFound)?;
    let mut form = Form::from(form.0);
    if let Some(full) = limits::channels(&member).await? {
        return Ok(refused(&member, kind, None, form, Some(full)));
    }
    let own = Own::of(None, &sealed::random_token()?);
    let (open, info) = match tried(&member, kind, &mut form, None, own).await? {
        Ok(found) => found,
        Err(problem) => return Ok(refused(&member, kind, None, form, problem)),
    };
    let id = ChannelId(member.visitor.app.ids.next());
    let app = &member.visitor.app;
    let name = form
        .fields
        .some("name")
        .unwrap_or_else(|| info.display.clone());
    let new = NewChannel {
        id,
        kind,
        name: if name.is_empty() {
            kind.title().to_owned()
        } else {
            name
        },
        external_id: info.external_id.clone(),
        public_key: sealed::random_token()?,
        settings: ChannelSettings {
            display: Some(info.display.clone()).filter(|d| !d.is_empty()),
            ..ChannelSettings::default()
        },
        credentials: sealed::seal_channel(app, member.who.tenant, id, &open).await?,
    };
    match member.store.channels().insert(new).await {
        Ok(channel) => Ok(finish(&member, &channel, &open, &info).await),
        Err(StoreError::Conflict(_)) => {
            let problem = Some(member.visitor.lang.t("channel-taken"));
            Ok(refused(&member, kind, None, form, problem))
        }
        Err(error) => Err(error.into()),
    }
}

/// Tries changed credentials of the same line and stores them.
pub(super) async fn replace(Manager(member): Manager, id: Path<Uuid>, form: Posted) -> Page {
    let id = ChannelId(*id);
    let (channel, old) = opened(&member, id).await?;
    let mut form = Form::from(form.0);
    let own = Own::of(Some(&old), &sealed::random_token()?);
    let (open, info) = match tried(&member, channel.kind, &mut form, Some(&old), own).await? {
        Ok(found) => found,
        Err(problem) => {
            return Ok(refused(
                &member,
                channel.kind,
                Some(&channel),
                form,
                problem,
            ));
        }
    };
    if info.external_id != channel.external_id {
        let problem = Some(member.visitor.lang.t("channel-other-line"));
        return Ok(refused(
            &member,
            channel.kind,
            Some(&channel),
            form,
            problem,
        ));
    }
    let app = &member.visitor.app;
    let sealed = sealed::seal_channel(app, member.who.tenant, id, &open).await?;
    let channels = member.store.channels();
    channels.save_credentials(id, &sealed).await?;
    channels.set_health(id, &ChannelHealth::Ok).await?;
    app.accounts.forget(member.who.tenant, Some(&channel)).await;
    Ok(finish(&member, &channel, &open, &info).await)
}

/// Reads and validates. The inner error is what to say above the form; the rest is beside the
/// fields already.
async fn tried(
    member: &Member,
    kind: ChannelKind,
    form: &mut Form,
    kept: Option<&ChannelCredentials>,
    own: Own,
) -> Result<Result<(ChannelCredentials, AccountInfo), Option<String>>, PageError> {
    let l = member.visitor.lang;
    let Some(open) = credentials::read(kind, form, kept, own, l) else {
        return Ok(Err(None));
    };
    if kind == ChannelKind::Api {
        // Nobody to ask: the line is whatever the bot says it is.
        let info = AccountInfo {
            external_id: sealed::random_token()?,
            ..AccountInfo::default()
        };
        return Ok(Ok((open, info)));
    }
    let platform = member.visitor.app.channels.get(&kind);
    let platform =
        platform.ok_or_else(|| PageError::Broken(format!("{} is not wired", kind.name())))?;
    Ok(match platform.validate(&open).await {
        Ok(info) => Ok((open, info)),
        Err(error) => Err(credentials::explain(kind, &error, form, l)),
    })
}

/// Sets the webhook unless somebody else holds it, and goes to the channel's page.
async fn finish(
    member: &Member,
    channel: &Channel,
    open: &ChannelCredentials,
    info: &AccountInfo,
) -> HttpResponse {
    let visitor = &member.visitor;
    let ours = visitor.app.webhook_address(channel);
    let foreign = info.foreign_webhook.as_ref().filter(|url| **url != ours);
    let set = match foreign {
        Some(_) => Ok(()),
        None if channel.kind == ChannelKind::Api => Ok(()),
        None => webhook::point_here(member, channel, open).await,
    };
    match set {
        Ok(()) => {
            let mut words = visitor.lang.t("channel-connected");
            for warning in &info.warnings {
                words.push(' ');
                words.push_str(&visitor.lang.word("warning", warning));
            }
            visitor.say("ok", words);
        }
        Err(why) => visitor.say("danger", visitor.lang.with("webhook-failed", "why", why)),
    }
    visitor.go(&format!("/channels/{}", channel.id))
}

fn refused(
    member: &Member,
    kind: ChannelKind,
    channel: Option<&Channel>,
    form: Form,
    problem: Option<String>,
) -> HttpResponse {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    shown(member, kind, channel, form, problem, status)
}

fn shown(
    member: &Member,
    kind: ChannelKind,
    channel: Option<&Channel>,
    form: Form,
    problem: Option<String>,
    status: StatusCode,
) -> HttpResponse {
    let l = member.visitor.lang;
    let (action, back, kept) = match channel {
        Some(c) => {
            let here = format!("/channels/{}", c.id);
            (format!("{here}/credentials"), here, l.t("secret-kept"))
        }
        None => {
            let here = format!("/channels/new/{}", kind.name());
            (here, "/channels/new".to_owned(), String::new())
        }
    };
    let page = ChannelFormPage {
        s: Shell::inside(member, Nav::Channels),
        f: form,
        kind: kind.name(),
        title: match channel {
            Some(c) => l.with("channel-change-title", "name", &c.name),
            None => l.with("channel-connect-title", "platform", kind.title()),
        },
        guide: guide(kind, l),
        problem,
        editing: channel.is_some(),
        kept,
        action,
        back,
        button: l.t(if channel.is_some() {
            "channel-check-save"
        } else {
            "channel-check-connect"
        }),
    };
    html(status, &page)
}
