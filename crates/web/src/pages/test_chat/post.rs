//! What the member says in the contact's name: a signed webhook, proven and stored like any other.

use super::get::page;
use super::line;
use crate::extract::{Fields, Member, Operator, Posted};
use crate::pages::Page;
use crate::pages::error::PageError;
use actix_web::http::StatusCode;
use adapters::accounts::OpenChannel;
use adapters::channels::test_chat::{Said, Saying, webhook};
use adapters::ingest::{
    ChannelWebhook, Command, Outcome, Submission, choice_prefix, conversation_topic,
};
use adapters::store::StoreError;
use domain::channel::ChannelKind;
use domain::handoff::EndReason;
use domain::ids::MessageId;
use domain::message::Content;
use domain::ports::RawWebhook;
use std::sync::Arc;

/// The longest message, in characters: as long as WhatsApp's.
const LONGEST: usize = 4096;

pub(super) async fn say(Operator(member): Operator, form: Posted) -> Page {
    let open = line::of(&member).await?;
    let l = member.visitor.lang;
    let text = form.0.get("text").replace('\0', "");
    let says = match tapped(&member, &open, &form.0).await? {
        Some(tap) => tap,
        None if text.is_empty() => {
            let why = Some(l.t("wrong-empty"));
            return page(&member, why, text, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        None if text.chars().count() > LONGEST => {
            let why = Some(l.t("wrong-long"));
            return page(&member, why, text, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        None => Saying::Text { text },
    };
    let app = &member.visitor.app;
    let said = Said {
        line: open.channel.external_id.clone(),
        id: app.ids.next().simple().to_string(),
        at: app.clock.now().0,
        contact: line::contact(&member),
        name: member.who.name.clone(),
        says,
    };
    submit(&member, &open, webhook(&open.credentials, &said)).await?;
    Ok(member.visitor.go("/test-chat"))
}

/// The way of every webhook: prove, decode, store.
async fn submit(member: &Member, open: &OpenChannel, raw: RawWebhook) -> Result<(), PageError> {
    let app = &member.visitor.app;
    let platform = app.channels.get(&ChannelKind::Test).cloned();
    let platform = platform.ok_or_else(|| PageError::Broken("test chat not wired".to_owned()))?;
    let proven = platform.verify(&open.credentials, raw);
    let proven = proven.map_err(|error| PageError::Broken(error.to_string()))?;
    let decoded = platform.decode(&open.credentials, &open.channel.settings, &proven);
    let credentials = open.credentials.clone();
    let hook = ChannelWebhook {
        channel: open.channel.clone(),
        raw: proven.raw().clone(),
        events: decoded.events,
        undecodable: decoded.undecodable,
        excerpt: Arc::new(move |pointers| platform.excerpt(&credentials, &proven, pointers)),
    };
    match app.ingest.submit(Submission::Webhook(hook)).await? {
        Outcome::Webhook(outcome) if outcome.stored == 1 => Ok(()),
        _ => Err(PageError::Broken(
            "a message of the test chat was not stored".to_owned(),
        )),
    }
}

/// The button that was tapped, `<message>:<index>`: one that this conversation offered.
async fn tapped(
    member: &Member,
    open: &OpenChannel,
    fields: &Fields,
) -> Result<Option<Saying>, PageError> {
    let Some(tap) = fields.some("tap") else {
        return Ok(None);
    };
    let named = tap.split_once(':');
    let (Some(message), Some(index)) = (
        named.and_then(|(id, _)| id.parse().ok().map(MessageId)),
        named.and_then(|(_, index)| index.parse::<usize>().ok()),
    ) else {
        return Err(PageError::NotFound);
    };
    let found = member.store.conversations().message(message).await?;
    let thread = line::thread(member, open.channel.id).await?;
    let ours = thread.is_some_and(|row| row.conversation.id == found.conversation);
    let item = match found.content {
        Content::Options(list) if ours => list.items.into_iter().nth(index),
        _ => None,
    };
    let item = item.ok_or(PageError::NotFound)?;
    Ok(Some(Saying::Tap {
        id: format!("{}{index}", choice_prefix(message)),
        label: item.label,
    }))
}

/// Gives the conversation back to the bot, so that the next test starts clean.
pub(super) async fn end(Operator(member): Operator, _form: Posted) -> Page {
    let open = line::of(&member).await?;
    if let Some(row) = line::thread(&member, open.channel.id).await? {
        let command = Command::End {
            tenant: member.who.tenant,
            conversation: row.conversation.id,
            handoff: None,
            reason: EndReason::OperatorForced,
        };
        let ended = member
            .visitor
            .app
            .ingest
            .submit(Submission::Command(command))
            .await;
        match ended {
            Ok(_) => {
                tracing::debug!(topic = %conversation_topic(row.conversation.id), "test ended")
            }
            Err(adapters::ingest::IngestError::Store(StoreError::NotFound)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(member.visitor.go("/test-chat"))
}
