//! Work on its way: outbox, timers, raw webhooks, realtime events, idempotency keys.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// Outbox, timers, webhooks, realtime events, idempotency keys.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table outbox (
    id SERIAL64,
    tenant_id UUID not null,
    -- a conversation; or a channel, for webhooks about the account itself
    conversation_id UUID not null,
    lane smallint not null,
    task text not null,
    message_id UUID,
    -- pending, done, dead, discarded
    state text not null default 'pending',
    attempts bigint not null default 0,
    ambiguous boolean not null default false,
    progress text not null default 'null',
    next_at bigint not null,
    claimed_until bigint,
    claim_token bigint not null default 0,
    error text,
    code text,
    created_at bigint not null,
    ended_at bigint
);
create index outbox_lanes on outbox (tenant_id, conversation_id, lane, id) where state = 'pending';
create index outbox_due on outbox (next_at) where state = 'pending';
create index outbox_dead on outbox (tenant_id, id) where state = 'dead';
create index outbox_ended on outbox (ended_at) where state in ('done', 'discarded');
create table timers (
    tenant_id UUID not null,
    conversation_id UUID not null,
    kind text not null,
    epoch bigint not null,
    due_at bigint not null,
    primary key (tenant_id, conversation_id, kind)
);
create index timers_due on timers (due_at);
-- webhooks kept as they came: to hand to the bot byte for byte, or because we could not read them
create table webhooks (
    tenant_id UUID not null,
    id UUID not null,
    channel_id UUID not null,
    headers text not null,
    body BYTES not null,
    unsupported text,
    received_at bigint not null,
    primary key (tenant_id, id)
);
create index webhooks_by_time on webhooks (received_at);
create table realtime_events (
    tenant_id UUID not null,
    channel text not null,
    timetoken text not null,
    desk_conversation bigint,
    -- applied, unmatched (its conversation is not known yet), ignored, poison
    outcome text not null,
    raw text not null,
    received_at bigint not null,
    primary key (tenant_id, channel, timetoken)
);
create index realtime_unmatched on realtime_events (tenant_id, desk_conversation) where outcome = 'unmatched';
create index realtime_by_time on realtime_events (received_at);
create table idempotency (
    tenant_id UUID not null,
    key text not null,
    request BYTES not null,
    status bigint not null,
    response text not null,
    created_at bigint not null,
    primary key (tenant_id, key)
);
create index idempotency_by_time on idempotency (created_at)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "idempotency",
            "realtime_events",
            "webhooks",
            "timers",
            "outbox",
        ];
        dialect::drop(manager, &tables).await
    }
}
