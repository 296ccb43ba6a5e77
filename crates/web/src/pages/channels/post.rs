//! Saves what a tenant can tune on a channel.

use super::get::{opened, page};
use crate::extract::{Form, Manager, Posted};
use crate::pages::Page;
use crate::security::address;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use domain::channel::ChannelKind;
use domain::ids::ChannelId;
use uuid::Uuid;

/// The longest words on the button that opens a list (`channels.md` §6), in UTF-16 units.
const LIST_BUTTON: usize = 20;

pub(super) async fn save(Manager(member): Manager, id: Path<Uuid>, form: Posted) -> Page {
    let (channel, open) = opened(&member, ChannelId(*id)).await?;
    let mut form = Form::from(form.0);
    let visitor = &member.visitor;
    let l = visitor.lang;
    let name = form.v("name").to_owned();
    match name.chars().count() {
        0 => form.refuse("name", l.t("wrong-empty")),
        81.. => form.refuse("name", l.t("wrong-long")),
        _ => {}
    }
    let bot_url = form.fields.some("bot_url");
    if let Some(url) = &bot_url
        && let Err(why) = address::check(&visitor.app.guarded, url, l).await
    {
        form.refuse("bot_url", why);
    }
    let mut settings = channel.settings.clone();
    settings.bot_url = bot_url;
    match channel.kind {
        ChannelKind::Telegram => settings.groups = form.on("groups"),
        ChannelKind::WhatsApp => {
            let template = form.fields.some("template_name");
            let language = form.fields.some("template_language");
            if template.is_some() && language.is_none() {
                form.refuse("template_language", l.t("wrong-empty"));
            }
            settings.reopen_template = template.zip(language);
            let button = form.fields.some("list_button");
            if button
                .as_deref()
                .is_some_and(|b| b.encode_utf16().count() > LIST_BUTTON)
            {
                form.refuse("list_button", l.t("wrong-long"));
            }
            settings.list_button = button;
        }
        ChannelKind::Api | ChannelKind::Test => {}
        _ => settings.human_agent_tag = form.on("human_agent_tag"),
    }
    if !form.is_fine() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&member, &channel, &open, form, status).await;
    }
    let channels = member.store.channels();
    channels.save_settings(channel.id, &settings).await?;
    if name != channel.name {
        channels.rename(channel.id, &name).await?;
    }
    visitor
        .app
        .accounts
        .forget(member.who.tenant, Some(&channel))
        .await;
    visitor.say("ok", l.t("saved"));
    Ok(visitor.go(&format!("/channels/{}", channel.id)))
}
