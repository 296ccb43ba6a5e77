//! Shows the way of one message through the house.

use super::trace_view::{TracePage, steps};
use super::view::contact_name;
use crate::extract::Member;
use crate::pages::error::PageError;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use domain::ids::{ConversationId, MessageId};
use uuid::Uuid;

pub(super) async fn show(member: Member, path: Path<(Uuid, Uuid)>) -> Page {
    let (conversation, message) = path.into_inner();
    let talks = member.store.conversations();
    let message = talks.message(MessageId(message)).await?;
    if message.conversation != ConversationId(conversation) {
        return Err(PageError::NotFound);
    }
    let row = talks.get(message.conversation).await?;
    let trace = talks.trace(message.id).await?;
    let l = member.visitor.lang;
    let page = TracePage::of(
        &message,
        contact_name(&row, l),
        steps(&message, &trace, &member.dates(), l),
        Shell::inside(&member, Nav::Conversations),
    );
    Ok(html(StatusCode::OK, &page))
}
