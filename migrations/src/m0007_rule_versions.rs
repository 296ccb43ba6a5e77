//! Every version of a tenant's rules, and how often each rule decided per day.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// Rule versions, matches per day.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table rule_versions (
    tenant_id UUID not null,
    -- counts from 1; 0 is the list as it was before the first change that was recorded
    number bigint not null,
    at bigint not null,
    -- who, as they were called then; empty = Relevo itself
    member_id UUID,
    member_name text not null,
    -- what changed, as a list of changes
    changes text not null,
    -- the number of the version that was restored
    restored bigint,
    -- the whole list
    rules text not null,
    primary key (tenant_id, number)
);
create table rule_days (
    tenant_id UUID not null,
    rule_id UUID not null,
    -- days since 1970 in UTC
    day bigint not null,
    matched bigint not null,
    primary key (tenant_id, rule_id, day)
)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::drop(manager, &["rule_days", "rule_versions"]).await
    }
}
