//! What was said, by whom, and what became of it.

use super::{After, Page, inner, maybe, rows, when};
use crate::store::entity::{contacts, conversations, deliveries, files, handoffs, messages};
use crate::store::{StoreError, TenantStore, sql};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

type Found = Result<Page, StoreError>;

pub(super) async fn contacts(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, contacts, after, limit, |r| json!({"id": r.id,
        "channel": r.channel_id, "key": r.key, "thread": r.thread, "alias": r.alias,
        "profile": inner(&r.profile), "created_at": when(r.created_at)}))
}

pub(super) async fn conversations(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, conversations, after, limit, |r| json!({"id": r.id,
        "channel": r.channel_id, "contact": r.contact_id, "phase": r.phase,
        "last_message_at": when(r.last_message_at), "created_at": when(r.created_at)}))
}

pub(super) async fn messages(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, messages, after, limit, |r| json!({"id": r.id,
        "conversation": r.conversation_id, "seq": r.seq, "author": r.author,
        "author_name": r.author_name, "content": inner(&r.content),
        "external_id": r.external_id, "reply_to": r.reply_to, "status": r.status,
        "failure": r.failure.as_deref().map(inner), "handoff": r.handoff_id,
        "sent_at": when(r.sent_at), "received_at": when(r.received_at)}))
}

pub(super) async fn handoffs(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, handoffs, after, limit, |r| json!({"id": r.id,
        "conversation": r.conversation_id, "channel": r.channel_id, "contact": r.contact_id,
        "reason": r.reason, "rule": r.rule_id, "options": inner(&r.options),
        "requested_at": when(r.requested_at), "opened_at": maybe(r.opened_at),
        "desk_conversation": r.desk_conversation, "accepted_at": maybe(r.accepted_at),
        "agent": r.agent_name, "first_human_at": maybe(r.first_human_at),
        "ended_at": maybe(r.ended_at), "end_reason": r.end_reason, "rating": r.rating}))
}

pub(super) async fn files(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, files, after, limit, |r| json!({"id": r.id,
        "message": r.message_id, "name": r.name, "mime": r.mime, "size": r.size,
        "sha256": r.sha256, "created_at": when(r.created_at)}))
}

/// A note's id is made by the page it was written on, and is only its conversation's own.
pub(super) async fn notes(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    #[derive(FromQueryResult)]
    struct Row {
        conversation_id: Uuid,
        id: Uuid,
        after_seq: i64,
        member_id: Uuid,
        member_name: String,
        text: String,
        created_at: i64,
    }
    let (conversation, id) = match after {
        Some(After::Note(conversation, id)) => (conversation, id),
        _ => (Uuid::nil(), Uuid::nil()),
    };
    let db = &tenant.store.read;
    let text = "select conversation_id, id, after_seq, member_id, member_name, text, created_at
        from notes where tenant_id = $1
        and (conversation_id > $2 or (conversation_id = $2 and id > $3))
        order by conversation_id, id limit $4";
    let values = [
        tenant.id.0.into(),
        conversation.into(),
        id.into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    let rows = Row::find_by_statement(sql(db, text, values))
        .all(db)
        .await?;
    let full = rows.len() as u64 == limit;
    let last = rows.last().map(|r| After::Note(r.conversation_id, r.id));
    let told = rows.into_iter().map(|r| {
        json!({"id": r.id, "conversation": r.conversation_id, "after_seq": r.after_seq,
            "member": r.member_id, "member_name": r.member_name, "text": r.text,
            "created_at": when(r.created_at)})
    });
    Ok((told.collect(), last.filter(|_| full)))
}

/// A message has at most a few parts, so that a page ends with a whole message.
pub(super) async fn deliveries(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    use deliveries::Column;
    let db = &tenant.store.read;
    let mut found = deliveries::Entity::find()
        .filter(Column::TenantId.eq(tenant.id.0))
        .order_by_asc(Column::MessageId)
        .order_by_asc(Column::Part)
        .limit(limit);
    if let Some(after) = after.and_then(After::id) {
        found = found.filter(Column::MessageId.gt(after));
    }
    let mut rows = found.all(db).await?;
    let full = rows.len() as u64 == limit;
    let last = rows.last().map(|row| (row.message_id, row.part));
    // The rest of a message that the page cuts through comes with the page.
    if let Some((message, part)) = last.filter(|_| full) {
        let rest = deliveries::Entity::find()
            .filter(Column::TenantId.eq(tenant.id.0))
            .filter(Column::MessageId.eq(message))
            .filter(Column::Part.gt(part))
            .order_by_asc(Column::Part)
            .all(db)
            .await?;
        rows.extend(rest);
    }
    let told = rows.into_iter().map(|r| {
        json!({"message": r.message_id, "part": r.part, "identity": r.identity,
            "external_id": r.external_id, "status": r.status, "at": when(r.at)})
    });
    Ok((
        told.collect(),
        last.filter(|_| full).map(|(message, _)| After::Id(message)),
    ))
}
