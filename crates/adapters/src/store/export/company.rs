//! The company itself: its people, connections, rules, and who changed them.

use super::{After, Page, inner, maybe, rows, when};
use crate::store::audit::openly;
use crate::store::entity::{api_keys, audit, channels, members, rules};
use crate::store::{StoreError, TenantStore, sql};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

type Found = Result<Page, StoreError>;

pub(super) async fn tenant(tenant: &TenantStore) -> Found {
    let (found, terms) = (tenant.tenant().await?, tenant.terms().await?);
    let told = json!({"id": found.id, "slug": found.slug, "name": found.name,
        "settings": openly(&found.settings), "limits": terms.limits,
        "retention_days": terms.retention_days,
        "leaving_at": terms.leaving_at.map(Timestamp::to_rfc3339)});
    Ok((vec![told], None))
}

pub(super) async fn members(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, members, after, limit, |r| json!({"id": r.id,
        "email": r.email, "name": r.name, "role": r.role, "language": r.language,
        "second_factor": r.totp_secret.is_some(), "created_at": when(r.created_at),
        "confirmed_at": maybe(r.confirmed_at), "disabled_at": maybe(r.disabled_at)}))
}

pub(super) async fn invitations(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        email: String,
        role: String,
        invited_by: String,
        created_at: i64,
        expires_at: i64,
        ended_at: Option<i64>,
    }
    let db = &tenant.store.read;
    let text = "select id, email, role, invited_by, created_at, expires_at, ended_at
        from invitations where tenant_id = $1 and id > $2 order by id limit $3";
    let behind = after.and_then(After::id).unwrap_or(Uuid::nil());
    let limit_of = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [tenant.id.0.into(), behind.into(), limit_of.into()];
    let rows = Row::find_by_statement(sql(db, text, values))
        .all(db)
        .await?;
    let full = rows.len() as u64 == limit;
    let last = rows.last().map(|r| After::Id(r.id));
    let told = rows.into_iter().map(|r| {
        json!({"id": r.id, "email": r.email, "role": r.role, "invited_by": r.invited_by,
            "created_at": when(r.created_at), "expires_at": when(r.expires_at),
            "ended_at": maybe(r.ended_at)})
    });
    Ok((told.collect(), last.filter(|_| full)))
}

pub(super) async fn channels(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, channels, after, limit, |r| json!({"id": r.id,
        "kind": r.kind, "name": r.name, "external_id": r.external_id,
        "settings": openly(&inner(&r.settings)), "created_at": when(r.created_at),
        "removed_at": maybe(r.removed_at)}))
}

pub(super) async fn desk(tenant: &TenantStore) -> Found {
    let told = tenant
        .desk()
        .get()
        .await?
        .map(|desk| json!({"settings": openly(&desk.settings), "version": desk.version}));
    Ok((told.into_iter().collect(), None))
}

pub(super) async fn api_keys(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, api_keys, after, limit, |r| json!({"id": r.id,
        "name": r.name, "scopes": r.scopes, "channels": r.channels,
        "created_by": r.created_by, "created_at": when(r.created_at), "last_used_at": maybe(r.last_used_at),
        "expires_at": maybe(r.expires_at), "revoked_at": maybe(r.revoked_at)}))
}

pub(super) async fn rules(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, rules, after, limit, |r| json!({"id": r.id,
        "position": r.position, "matched": r.matched, "rule": inner(&r.rule)}))
}

pub(super) async fn rule_versions(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    #[derive(FromQueryResult)]
    struct Row {
        number: i64,
        at: i64,
        member_id: Option<Uuid>,
        member_name: String,
        changes: String,
        restored: Option<i64>,
        rules: String,
    }
    let behind = match after {
        Some(After::Number(number)) => number,
        _ => -1,
    };
    let db = &tenant.store.read;
    let text = "select number, at, member_id, member_name, changes, restored, rules
        from rule_versions where tenant_id = $1 and number > $2 order by number limit $3";
    let limit_of = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [tenant.id.0.into(), behind.into(), limit_of.into()];
    let rows = Row::find_by_statement(sql(db, text, values))
        .all(db)
        .await?;
    let full = rows.len() as u64 == limit;
    let last = rows.last().map(|r| After::Number(r.number));
    let told = rows.into_iter().map(|r| {
        json!({"number": r.number, "at": when(r.at), "member": r.member_id,
            "member_name": r.member_name, "changes": inner(&r.changes), "restored": r.restored,
            "rules": inner(&r.rules)})
    });
    Ok((told.collect(), last.filter(|_| full)))
}

pub(super) async fn audit(tenant: &TenantStore, after: Option<After>, limit: u64) -> Found {
    rows!(tenant, audit, after, limit, |r| json!({"id": r.id,
        "at": when(r.at), "actor": r.actor, "actor_id": r.actor_id,
        "actor_name": r.actor_name, "action": r.action, "object": r.object,
        "object_id": r.object_id, "object_name": r.object_name,
        "was": r.was.as_deref().map(inner), "became": r.became.as_deref().map(inner),
        "address": r.address}))
}
