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
    let handoffs = talks.handoffs(message.conversation).await?;
    // The handoff it was said in; or the one it led to, which was asked for in its transaction.
    let handoff = handoffs.iter().find(|h| {
        let led = trace.decided.is_some() && h.requested_at == message.received_at;
        Some(h.id) == message.handoff || led
    });
    let l = member.visitor.lang;
    let page = TracePage::of(
        &message,
        contact_name(&row, l),
        steps(&message, &trace, handoff, &member.dates(), l),
        Shell::inside(&member, Nav::Conversations),
    );
    Ok(html(StatusCode::OK, &page))
}
