//! Searching what was said, tags and notes of conversations, and the hops of a message.

use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Search words, tags, notes, hops.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// For both databases.
const UP: &str = "
-- what was said, folded, one space between words: no accents, no case, no signs
alter table messages add column words text not null default '';
-- how it came to us beside the channel: PubNub's channel and timetoken
alter table messages add column origin text;
-- the rule that decided about it, and what it decided: the reason of a handoff, answer, ignore
alter table messages add column rule_id UUID;
alter table messages add column rule_found text;
-- a try may have arrived before the one that succeeded, and the platform cannot tell
alter table messages add column doubtful boolean not null default false;
alter table deliveries add column sent_at bigint;
alter table deliveries add column delivered_at bigint;
alter table deliveries add column read_at bigint;
alter table deliveries add column failed_at bigint;
alter table outbox add column first_try_at bigint;
-- one JSON line per try that failed: at, error, code, ambiguous
alter table outbox add column tries text not null default '';
create index outbox_by_message on outbox (tenant_id, message_id, id) where message_id is not null;
create index conversations_failed on conversations (tenant_id, last_message_at, id) where failed > 0;
create index handoffs_by_rule on handoffs (tenant_id, rule_id, conversation_id) where rule_id is not null;
create index handoffs_by_agent on handoffs (tenant_id, agent_id, conversation_id) where agent_id is not null;
-- the tags of every contact's profile, kept by triggers, for lists
create table contact_tags (
    tenant_id UUID not null,
    tag text not null,
    contact_id UUID not null,
    primary key (tenant_id, tag, contact_id)
);
create index contact_tags_by_contact on contact_tags (tenant_id, contact_id);
-- words between members: never leaves the house
create table notes (
    tenant_id UUID not null,
    conversation_id UUID not null,
    id UUID not null,
    -- stands after this message
    after_seq bigint not null,
    member_id UUID not null,
    member_name text not null,
    text text not null,
    created_at bigint not null,
    primary key (tenant_id, conversation_id, id)
);
alter table conversations add column notes bigint not null default 0";

/// What was stored before, as near to the folding of new messages as SQL comes.
const POSTGRES: [&str; 8] = [
    "update messages set words = left(trim(regexp_replace(translate(lower(coalesce(
            j.c->>'text', j.c->>'caption', j.c->>'label', j.c->>'title', j.c->>'summary', '')),
            'áàâãäåéèêëíìîïóòôõöúùûüñç', 'aaaaaaeeeeiiiiooooouuuunc'), '[^[:alnum:]]+', ' ', 'g')), 2000)
        from (select tenant_id, id, replace(content, '\\u0000', '\\ufffd')::jsonb as c from messages) j
        where j.tenant_id = messages.tenant_id and j.id = messages.id",
    "do $$ begin create extension if not exists btree_gin;
        exception when others then raise notice 'no btree_gin: the search index is not by tenant'; end $$",
    "do $$ begin
        if exists (select 1 from pg_extension where extname = 'btree_gin') then
            create index messages_search on messages using gin (tenant_id, (words::tsvector)) where words <> '';
        else
            create index messages_search on messages using gin ((words::tsvector)) where words <> '';
        end if; end $$",
    // Whoever changes what was said without saying what is searched forgets it: what was erased
    // is not found any more. A file that arrives changes nothing that was said.
    "create function relevo_forget_words() returns trigger language plpgsql as $$ begin
        if new.words = old.words and new.words <> ''
           and replace(new.content, '\\u0000', '\\ufffd')::jsonb - 'attachment'
             is distinct from replace(old.content, '\\u0000', '\\ufffd')::jsonb - 'attachment' then
            new.words := '';
        end if;
        return new; end $$",
    "create trigger messages_forget_words before update of content on messages
        for each row when (old.content is distinct from new.content)
        execute function relevo_forget_words()",
    "create function relevo_contact_tags() returns trigger language plpgsql as $$ begin
        if tg_op <> 'INSERT' then
            delete from contact_tags where tenant_id = old.tenant_id and contact_id = old.id;
        end if;
        if tg_op <> 'DELETE' then
            insert into contact_tags (tenant_id, tag, contact_id)
            select distinct new.tenant_id, left(t.tag, 200), new.id from jsonb_array_elements_text(
                coalesce(replace(new.profile, '\\u0000', '\\ufffd')::jsonb->'tags', '[]'::jsonb)) as t(tag)
            on conflict do nothing;
        end if;
        return null; end $$",
    "create trigger contacts_tags_changed after update of profile on contacts for each row
        when (old.profile is distinct from new.profile) execute function relevo_contact_tags()",
    "create trigger contacts_tags_gone after delete on contacts for each row execute function relevo_contact_tags()",
];

/// Fills the tags of contacts known before.
const POSTGRES_TAGS: &str = "insert into contact_tags (tenant_id, tag, contact_id)
    select distinct c.tenant_id, left(t.tag, 200), c.id from contacts c, jsonb_array_elements_text(
        coalesce(replace(c.profile, '\\u0000', '\\ufffd')::jsonb->'tags', '[]'::jsonb)) as t(tag)";

/// The same for SQLite. The index is not by tenant there, so the tenant is a word like the others.
const SQLITE: [&str; 10] = [
    "create virtual table message_search using fts5(tenant, words, message unindexed,
        tokenize = \"unicode61 remove_diacritics 0 categories 'L* N* Co S*'\", prefix = '3')",
    "create trigger messages_found after insert on messages when new.words <> '' begin
        insert into message_search (tenant, words, message)
        values (lower(hex(new.tenant_id)), new.words, new.id); end",
    // A row of the index is found again by the words it was put there with.
    "create trigger messages_gone after delete on messages when old.words <> '' begin
        delete from message_search where rowid in (select rowid from message_search
            where message_search match 'tenant:\"' || lower(hex(old.tenant_id)) || '\" AND words:\"' || old.words || '\"'
                and message = old.id); end",
    "create trigger messages_forget_words after update of content on messages
        when old.words <> '' and new.words = old.words
            and json_remove(old.content, '$.attachment') <> json_remove(new.content, '$.attachment') begin
        update messages set words = '' where tenant_id = new.tenant_id and id = new.id; end",
    "create trigger messages_forgotten after update of words on messages
        when old.words <> '' and old.words <> new.words begin
        delete from message_search where rowid in (select rowid from message_search
            where message_search match 'tenant:\"' || lower(hex(old.tenant_id)) || '\" AND words:\"' || old.words || '\"'
                and message = old.id); end",
    "create trigger messages_found_anew after update of words on messages
        when new.words <> '' and old.words <> new.words begin
        insert into message_search (tenant, words, message)
        values (lower(hex(new.tenant_id)), new.words, new.id); end",
    "update messages set words = lower(coalesce(content->>'$.text', content->>'$.caption',
        content->>'$.label', content->>'$.title', content->>'$.summary', ''))",
    "create trigger contacts_tags_changed after update of profile on contacts
        when old.profile <> new.profile begin
        delete from contact_tags where tenant_id = old.tenant_id and contact_id = old.id;
        insert or ignore into contact_tags (tenant_id, tag, contact_id)
            select new.tenant_id, substr(value, 1, 200), new.id from json_each(new.profile, '$.tags'); end",
    "create trigger contacts_tags_gone after delete on contacts begin
        delete from contact_tags where tenant_id = old.tenant_id and contact_id = old.id; end",
    "insert or ignore into contact_tags (tenant_id, tag, contact_id)
        select c.tenant_id, substr(t.value, 1, 200), c.id from contacts c, json_each(c.profile, '$.tags') t",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await?;
        let db = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            for text in POSTGRES {
                db.execute_unprepared(text).await?;
            }
            db.execute_unprepared(POSTGRES_TAGS).await?;
        } else {
            for text in SQLITE {
                db.execute_unprepared(text).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            for text in [
                "drop function relevo_forget_words cascade",
                "drop function relevo_contact_tags cascade",
                "drop index messages_search",
            ] {
                db.execute_unprepared(text).await?;
            }
        } else {
            for trigger in [
                "messages_found",
                "messages_gone",
                "messages_forget_words",
                "messages_forgotten",
                "messages_found_anew",
                "contacts_tags_changed",
                "contacts_tags_gone",
            ] {
                db.execute_unprepared(&format!("drop trigger {trigger}"))
                    .await?;
            }
            db.execute_unprepared("drop table message_search").await?;
        }
        dialect::run(
            manager,
            "drop index outbox_by_message; drop index conversations_failed;
             drop index handoffs_by_rule; drop index handoffs_by_agent;
             alter table messages drop column words; alter table messages drop column origin;
             alter table messages drop column rule_id; alter table messages drop column rule_found;
             alter table messages drop column doubtful;
             alter table deliveries drop column sent_at; alter table deliveries drop column delivered_at;
             alter table deliveries drop column read_at; alter table deliveries drop column failed_at;
             alter table outbox drop column first_try_at; alter table outbox drop column tries;
             alter table conversations drop column notes",
        )
        .await?;
        dialect::drop(manager, &["notes", "contact_tags"]).await
    }
}
