//! Handoffs of one agent or one rule, in the order in which they are listed.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// `handoffs_of_agent`, `handoffs_of_rule`.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
-- listed by the time of the request, counted by the day: both without touching the rows
create index handoffs_of_agent on handoffs (tenant_id, agent_id, requested_at, day)
    where agent_id is not null;
create index handoffs_of_rule on handoffs (tenant_id, rule_id, requested_at, day)
    where rule_id is not null";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let back = "drop index handoffs_of_agent; drop index handoffs_of_rule";
        dialect::run(manager, back).await
    }
}
