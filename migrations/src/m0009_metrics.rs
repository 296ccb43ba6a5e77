//! What the figures need: a handoff's facts, days added up, counters.

use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Facts of handoffs, sheets of days, counters.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
-- day and hour of the request on the tenant's wall, as they were then
alter table handoffs add column day bigint not null default 0;
alter table handoffs add column hour bigint not null default 0;
-- moves with every fact: a day's sheet that is older than this is counted again
alter table handoffs add column changed_at bigint not null default 0;
alter table handoffs add column previous_ended_at bigint;
-- the day on which its conversation started; only on the conversation's first handoff
alter table handoffs add column started_day bigint;
alter table handoffs add column contact_messages bigint not null default 0;
alter table handoffs add column agent_messages bigint not null default 0;
alter table handoffs add column replies bigint not null default 0;
alter table handoffs add column reply_ms bigint not null default 0;
alter table conversations add column started_at bigint;
create table metric_days (
    tenant_id UUID not null,
    day bigint not null,
    sheet text not null,
    -- every fact changed up to here is in it
    as_of bigint not null,
    primary key (tenant_id, day)
);
create table metric_counts (
    tenant_id UUID not null,
    what text not null,
    day bigint not null,
    channel_id UUID not null,
    detail text not null,
    n bigint not null,
    primary key (tenant_id, what, day, channel_id, detail)
);
-- what is not yet added to metric_counts: appended, so that nobody waits for a shared row
create table metric_deltas (
    id SERIAL64,
    tenant_id UUID not null,
    what text not null,
    day bigint not null,
    channel_id UUID not null,
    detail text not null,
    n bigint not null
);
create index metric_deltas_by_tenant on metric_deltas (tenant_id, what, day);
-- how far finished outbox rows were counted
create table metric_marks (
    name text primary key,
    upto bigint not null
);
insert into metric_marks (name, upto) values ('outbox', 0);
create index outbox_dead_by_time on outbox (ended_at) where state = 'dead';
update handoffs set day = requested_at / 86400000, hour = (requested_at / 3600000) % 24,
    changed_at = coalesce(ended_at, first_human_at, accepted_at, requested_at),
    previous_ended_at = (select max(p.ended_at) from handoffs p where p.tenant_id = handoffs.tenant_id
        and p.conversation_id = handoffs.conversation_id and p.requested_at < handoffs.requested_at),
    started_day = (select v.created_at / 86400000 from conversations v
        where v.tenant_id = handoffs.tenant_id and v.id = handoffs.conversation_id
          and not exists (select 1 from handoffs p where p.tenant_id = handoffs.tenant_id
            and p.conversation_id = handoffs.conversation_id and p.requested_at < handoffs.requested_at));
update conversations set started_at = created_at;
update handoffs set
    contact_messages = (select count(*) from messages m where m.tenant_id = handoffs.tenant_id
        and m.conversation_id = handoffs.conversation_id and m.handoff_id = handoffs.id and m.author = 'contact'),
    agent_messages = (select count(*) from messages m where m.tenant_id = handoffs.tenant_id
        and m.conversation_id = handoffs.conversation_id and m.handoff_id = handoffs.id and m.author = 'agent'),
    replies = (select count(*) from messages m where m.tenant_id = handoffs.tenant_id
        and m.conversation_id = handoffs.conversation_id and m.handoff_id = handoffs.id and m.author = 'agent'
        and WAITED is not null),
    reply_ms = (select coalesce(sum(m.received_at - WAITED), 0) from messages m where m.tenant_id = handoffs.tenant_id
        and m.conversation_id = handoffs.conversation_id and m.handoff_id = handoffs.id and m.author = 'agent'
        and WAITED is not null)
    where ended_at is not null;
insert into metric_counts (tenant_id, what, day, channel_id, detail, n)
    select tenant_id, 'started', created_at / 86400000, channel_id, '', count(*) from conversations
    group by tenant_id, created_at / 86400000, channel_id;
insert into metric_counts (tenant_id, what, day, channel_id, detail, n)
    select tenant_id, 'handed_off', started_day, channel_id, RULE, count(*) from handoffs
    where started_day is not null group by tenant_id, started_day, channel_id, RULE;
create index handoffs_by_day on handoffs (tenant_id, day, changed_at);
create index handoffs_changed on handoffs (changed_at, id);
create index handoffs_first on handoffs (tenant_id, started_day) where started_day is not null;
-- the last: of several that begin with the tenant, SQLite takes the newest
create index handoffs_open on handoffs (tenant_id, requested_at) where ended_at is null";

/// The contact's first word since the agent's message before `m`; none before the first response.
const WAITED: &str = "(select min(w.received_at) from messages w where w.tenant_id = m.tenant_id
        and w.conversation_id = m.conversation_id and w.handoff_id = m.handoff_id and w.author = 'contact'
        and w.seq < m.seq and w.seq > (select max(a.seq) from messages a where a.tenant_id = m.tenant_id
            and a.conversation_id = m.conversation_id and a.handoff_id = m.handoff_id
            and a.author = 'agent' and a.seq < m.seq))";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rule = if manager.get_database_backend() == DbBackend::Postgres {
            "coalesce(cast(rule_id as text), '')".to_owned()
        } else {
            // The same writing of the same sixteen bytes.
            let part = |from: u8, long: u8| format!("substr(lower(hex(rule_id)), {from}, {long})");
            let parts = [
                part(1, 8),
                part(9, 4),
                part(13, 4),
                part(17, 4),
                part(21, 12),
            ];
            format!("coalesce({}, '')", parts.join(" || '-' || "))
        };
        let text = UP.replace("WAITED", WAITED).replace("RULE", &rule);
        dialect::run(manager, &text).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text =
            "drop index handoffs_by_day; drop index handoffs_changed; drop index handoffs_first;
            drop index handoffs_open;
            drop index outbox_dead_by_time;
            alter table handoffs drop column day; alter table handoffs drop column hour;
            alter table handoffs drop column changed_at;
            alter table handoffs drop column previous_ended_at;
            alter table handoffs drop column started_day;
            alter table handoffs drop column contact_messages;
            alter table handoffs drop column agent_messages;
            alter table handoffs drop column replies; alter table handoffs drop column reply_ms;
            alter table conversations drop column started_at";
        dialect::run(manager, text).await?;
        let tables = [
            "metric_marks",
            "metric_deltas",
            "metric_counts",
            "metric_days",
        ];
        dialect::drop(manager, &tables).await
    }
}
