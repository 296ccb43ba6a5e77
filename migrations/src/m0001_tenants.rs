//! Tenants, their people, their connections and their rules.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// Tenants, members, browser sessions, API keys, data keys, channels, desks, rules.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table tenants (
    id UUID primary key,
    slug text not null unique,
    name text not null,
    settings text not null,
    -- signs the events that the bot hears; sealed
    events_secret BYTES,
    -- counts every change of settings, rules or desk: what is cached under it is never stale
    version bigint not null default 1,
    created_at bigint not null
);
create table data_keys (
    tenant_id UUID primary key,
    -- id of the master key it is wrapped under
    master text not null,
    wrapped BYTES not null,
    created_at bigint not null
);
create table members (
    id UUID primary key,
    tenant_id UUID not null,
    email text not null unique,
    name text not null,
    role text not null,
    password_hash text not null,
    created_at bigint not null
);
create index members_by_tenant on members (tenant_id);
create table sessions (
    key BYTES primary key,
    state text not null,
    expires_at bigint not null
);
create index sessions_by_expiry on sessions (expires_at);
create table api_keys (
    tenant_id UUID not null,
    id UUID not null,
    name text not null,
    prefix text not null,
    hash BYTES not null unique,
    created_at bigint not null,
    last_used_at bigint,
    revoked_at bigint,
    primary key (tenant_id, id)
);
create table channels (
    tenant_id UUID not null,
    id UUID not null,
    kind text not null,
    name text not null,
    external_id text not null,
    public_key text not null unique,
    settings text not null,
    health text not null,
    credentials BYTES not null,
    created_at bigint not null,
    removed_at bigint,
    primary key (tenant_id, id)
);
create unique index channels_live_account on channels (kind, external_id) where removed_at is null;
create table desks (
    tenant_id UUID primary key,
    settings text not null,
    credentials BYTES not null,
    -- counts every save: the supervisor restarts a subscription whose version moved
    version bigint not null default 1,
    timetoken text,
    region text,
    -- the lease's fencing number under which the cursor was last written
    fence bigint not null default 0,
    health text not null default '{}'
);
create table rules (
    tenant_id UUID not null,
    id UUID not null,
    position bigint not null,
    rule text not null,
    matched bigint not null default 0,
    updated_at bigint not null,
    primary key (tenant_id, id)
)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "rules",
            "desks",
            "channels",
            "api_keys",
            "sessions",
            "members",
            "data_keys",
            "tenants",
        ];
        dialect::drop(manager, &tables).await
    }
}
