//! Shows the test chat.

use super::line;
use super::view::{Missing, TestChatPage, ThreadView, TraceView, bubbles, trace};
use crate::extract::{Member, Operator};
use crate::pages::error::PageError;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use adapters::store::ConversationRow;

/// So many last messages are shown.
const SHOWN: u64 = 60;

pub(super) async fn show(Operator(member): Operator) -> Page {
    page(&member, None, String::new(), StatusCode::OK).await
}

/// The page with what was typed, if it was refused.
pub(super) async fn page(
    member: &Member,
    problem: Option<String>,
    typed: String,
    status: StatusCode,
) -> Page {
    let open = line::of(member).await?;
    let row = line::thread(member, open.channel.id).await?;
    let l = member.visitor.lang;
    let desk = member.store.desk().get().await?;
    let rules = member.store.rules().list().await?;
    let page = TestChatPage {
        s: Shell::inside(member, Nav::Home),
        missing: Missing::of(desk.as_ref(), rules.iter().any(|r| r.rule.enabled), l),
        thread: thread(member, row.as_ref()).await?,
        trace: traced(member, row.as_ref()).await?,
        problem,
        typed,
    };
    Ok(html(status, &page))
}

/// The messages as the contact sees them.
pub(super) async fn thread(
    member: &Member,
    row: Option<&ConversationRow>,
) -> Result<ThreadView, PageError> {
    let l = member.visitor.lang;
    let messages = match row {
        Some(row) => {
            let talks = member.store.conversations();
            talks.messages(row.conversation.id, None, SHOWN).await?
        }
        None => Vec::new(),
    };
    let may_speak = row.is_some();
    Ok(ThreadView {
        hello: (!may_speak).then(|| l.t("test-chat-hello")),
        bubbles: bubbles(&messages, &member.dates(), l),
    })
}

/// What became of the latest handoff.
pub(super) async fn traced(
    member: &Member,
    row: Option<&ConversationRow>,
) -> Result<TraceView, PageError> {
    let handoffs = match row {
        Some(row) => {
            let handoffs = member.store.handoffs();
            handoffs.of_conversation(row.conversation.id).await?
        }
        None => Vec::new(),
    };
    let (dates, l) = (member.dates(), member.visitor.lang);
    Ok(trace(row, handoffs.first(), &dates, l))
}
