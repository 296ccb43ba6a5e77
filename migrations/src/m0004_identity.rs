//! What lets people in: confirmed addresses, one-time links, logins, second factors, mails on
//! their way, and the brake on guessing.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// Columns of members; tokens, logins, recovery codes, mails, throttle.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
alter table members add column confirmed_at bigint;
alter table members add column language text not null default 'es';
alter table members add column disabled_at bigint;
-- the shared secret of the authenticator, sealed; null while the second factor is off
alter table members add column totp_secret BYTES;
-- the one offered on the page that turns it on, sealed
alter table members add column totp_pending BYTES;
-- the last 30-second step whose code was taken: a code is good once
alter table members add column totp_step bigint not null default 0;
update members set confirmed_at = created_at;
-- one-time links: only the hash of what the mail carries
create table tokens (
    tenant_id UUID not null,
    hash BYTES not null,
    -- confirm, reset, email, invite
    purpose text not null,
    member_id UUID,
    data text not null default '{}',
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    primary key (tenant_id, hash)
);
create unique index tokens_by_hash on tokens (hash);
create index tokens_by_member on tokens (tenant_id, member_id, purpose);
create index tokens_by_expiry on tokens (expires_at);
-- a browser in which a member is logged in; without its row a browser session opens nothing
create table logins (
    tenant_id UUID not null,
    member_id UUID not null,
    id UUID not null,
    device text not null,
    address text not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    primary key (tenant_id, member_id, id)
);
create unique index logins_by_id on logins (id);
create index logins_by_time on logins (last_seen_at);
create table recovery_codes (
    tenant_id UUID not null,
    member_id UUID not null,
    hash BYTES not null,
    used_at bigint,
    primary key (tenant_id, member_id, hash)
);
create table mails (
    tenant_id UUID not null,
    id UUID not null,
    -- waiting, kept (the demo's outbox), sent, dead
    state text not null,
    -- recipient and words, sealed; empty once it is sent
    body BYTES not null,
    attempts bigint not null default 0,
    next_at bigint not null,
    claimed_until bigint,
    error text,
    created_at bigint not null,
    -- after this the link in it is worth nothing
    expires_at bigint not null,
    ended_at bigint,
    primary key (tenant_id, id)
);
create index mails_due on mails (next_at) where state = 'waiting';
create index mails_ended on mails (ended_at) where state in ('sent', 'dead');
-- tries per key (a hash of what is counted), as the instant at which the allowance is full again
create table throttle (
    key BYTES primary key,
    full_at bigint not null
);
create index throttle_by_time on throttle (full_at)";

const DOWN: &str = "
alter table members drop column confirmed_at;
alter table members drop column language;
alter table members drop column disabled_at;
alter table members drop column totp_secret;
alter table members drop column totp_pending;
alter table members drop column totp_step";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["throttle", "mails", "recovery_codes", "logins", "tokens"];
        dialect::drop(manager, &tables).await?;
        dialect::run(manager, DOWN).await
    }
}
