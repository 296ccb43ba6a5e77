//! Contacts, conversations, messages, handoffs.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// Contacts, conversations, messages, deliveries, handoffs, files.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table contacts (
    tenant_id UUID not null,
    id UUID not null,
    channel_id UUID not null,
    key text not null,
    thread text not null default '',
    alias text,
    profile text not null,
    unreachable_since bigint,
    -- the contact as Let's Talk's client
    desk_client_id bigint,
    desk_token BYTES,
    created_at bigint not null,
    primary key (tenant_id, id)
);
create unique index contacts_by_key on contacts (tenant_id, channel_id, key, thread);
create index contacts_by_alias on contacts (tenant_id, channel_id, alias) where alias is not null;
create table conversations (
    tenant_id UUID not null,
    id UUID not null,
    channel_id UUID not null,
    contact_id UUID not null,
    phase text not null,
    state text not null,
    progress text not null,
    last_seq bigint not null,
    last_message_at bigint not null,
    -- the contact's last word by the platform's clock: the service windows count from here
    last_inbound_at bigint,
    last_words text not null default '',
    last_author text not null default '',
    failed bigint not null default 0,
    created_at bigint not null,
    primary key (tenant_id, id)
);
create unique index conversations_by_contact on conversations (tenant_id, contact_id);
create index conversations_by_time on conversations (tenant_id, last_message_at, id);
create index conversations_open on conversations (tenant_id, phase, last_message_at, id) where phase <> 'bot';
create table messages (
    tenant_id UUID not null,
    id UUID not null,
    channel_id UUID not null,
    conversation_id UUID not null,
    seq bigint not null,
    author text not null,
    author_name text,
    content text not null,
    dedupe_key text,
    external_id text,
    reply_to text,
    status text not null,
    failure text,
    handoff_id UUID,
    sent_at bigint not null,
    received_at bigint not null,
    primary key (tenant_id, id)
);
create unique index messages_once on messages (tenant_id, channel_id, dedupe_key);
create unique index messages_in_order on messages (tenant_id, conversation_id, seq);
create index messages_by_external on messages (tenant_id, channel_id, external_id) where external_id is not null;
-- one row per part of a message that a platform took: a long text is several
create table deliveries (
    tenant_id UUID not null,
    message_id UUID not null,
    part bigint not null,
    channel_id UUID not null,
    conversation_id UUID not null,
    identity UUID not null,
    external_id text,
    status text not null,
    at bigint not null,
    primary key (tenant_id, message_id, part)
);
create index deliveries_by_external on deliveries (tenant_id, channel_id, external_id);
create index deliveries_by_identity on deliveries (tenant_id, identity);
-- what the platform said about a message before we knew its id
create table parked_updates (
    tenant_id UUID not null,
    channel_id UUID not null,
    external_id text not null,
    status text not null,
    failure text,
    at bigint not null,
    primary key (tenant_id, channel_id, external_id, status)
);
create table handoffs (
    tenant_id UUID not null,
    id UUID not null,
    conversation_id UUID not null,
    channel_id UUID not null,
    contact_id UUID not null,
    reason text not null,
    rule_id UUID,
    options text not null,
    requested_at bigint not null,
    -- the number of the last message before the request: the transcript ends here
    requested_seq bigint not null,
    opened_at bigint,
    desk_conversation bigint,
    last_desk_message bigint not null default 0,
    accepted_at bigint,
    agent_id bigint,
    agent_name text,
    first_human_at bigint,
    ended_at bigint,
    end_reason text,
    rating bigint,
    primary key (tenant_id, id)
);
create unique index handoffs_one_open on handoffs (tenant_id, conversation_id) where ended_at is null;
create index handoffs_by_conversation on handoffs (tenant_id, conversation_id, requested_at);
create unique index handoffs_by_desk on handoffs (tenant_id, desk_conversation) where desk_conversation is not null;
create index handoffs_by_time on handoffs (tenant_id, requested_at);
create table files (
    tenant_id UUID not null,
    id UUID not null,
    message_id UUID not null,
    mime text not null,
    name text not null,
    size bigint not null,
    sha256 text not null,
    created_at bigint not null,
    primary key (tenant_id, id)
)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "files",
            "handoffs",
            "parked_updates",
            "deliveries",
            "messages",
            "conversations",
            "contacts",
        ];
        dialect::drop(manager, &tables).await
    }
}
