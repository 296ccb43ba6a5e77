//! Who changed what, invitations, the host's people, and what a tenant agreed to.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// Audit log, invitations, operators, terms; scopes of API keys; removed contents.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table audit (
    tenant_id UUID not null,
    id UUID not null,
    at bigint not null,
    -- member, operator, api_key, system
    actor text not null,
    actor_id UUID,
    actor_name text not null,
    action text not null,
    object text not null,
    object_id text not null,
    object_name text not null,
    -- only what differs, without secrets
    was text,
    became text,
    address text,
    primary key (tenant_id, id)
);
create index audit_by_time on audit (tenant_id, at, id);
create table invitations (
    tenant_id UUID not null,
    id UUID not null,
    email text not null,
    role text not null,
    -- SHA-256 of the token in the link
    hash BYTES not null unique,
    invited_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    -- accepted or withdrawn
    ended_at bigint,
    primary key (tenant_id, id)
);
create unique index invitations_open on invitations (tenant_id, email) where ended_at is null;
-- people of the company that hosts Relevo
create table operators (
    member_id UUID primary key,
    created_at bigint not null
);
-- what a tenant agreed to; no row: no limits, everything is kept
create table terms (
    tenant_id UUID primary key,
    suspended_at bigint,
    suspended_why text,
    -- from then on the tenant is deleted
    leaving_at bigint,
    messages_a_month bigint,
    most_channels bigint,
    most_members bigint,
    -- contents older than this many days are removed
    retention_days bigint,
    -- everything received before was looked at by the sweep that removes contents
    swept_until bigint not null default 0
);
create index terms_leaving on terms (leaving_at) where leaving_at is not null;
-- files whose messages lost their words: to be removed from the file store
create table removed_files (
    tenant_id UUID not null,
    id UUID not null,
    primary key (tenant_id, id)
);
alter table api_keys add column scopes text not null default 'all';
-- ids of channels between commas; none: every channel
alter table api_keys add column channels text;
alter table api_keys add column expires_at bigint;
alter table api_keys add column created_by text not null default '';
-- when the words and files of a message were removed
alter table messages add column removed_at bigint;
-- each message is in one of the two: old contents are found, and a month's messages counted,
-- without touching the rows, and other queries of a tenant's messages are not drawn to them
create index messages_by_age on messages (tenant_id, received_at) where removed_at is null;
create index messages_removed on messages (tenant_id, received_at) where removed_at is not null;
create index files_by_message on files (tenant_id, message_id)";

const DOWN: &str = "
drop index files_by_message;
drop index messages_by_age;
drop index messages_removed;
alter table messages drop column removed_at;
alter table api_keys drop column created_by;
alter table api_keys drop column expires_at;
alter table api_keys drop column channels;
alter table api_keys drop column scopes";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await?;
        dialect::drop(
            manager,
            &[
                "removed_files",
                "terms",
                "operators",
                "invitations",
                "audit",
            ],
        )
        .await
    }
}
