//! What is left behind: claims of dead workers, and conversations at the desk that were opened
//! twice because the first answer never came.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// `outbox.claimed_by`, `handoffs.opening_in_doubt`, `desk_strays`.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
-- no index: it is looked through only when a worker has died, and one would have to be written
-- with every claim
alter table outbox add column claimed_by text;
-- since when: a request that opens the conversation may have arrived without our knowing
alter table handoffs add column opening_in_doubt bigint;
create index handoffs_in_doubt on handoffs (tenant_id, opening_in_doubt) where opening_in_doubt is not null;
-- conversations at the desk that are, or may be, the second one of a handoff
create table desk_strays (
    tenant_id UUID not null,
    desk_conversation bigint not null,
    handoff_id UUID not null,
    conversation_id UUID not null,
    -- suspected, duplicate, other
    verdict text not null,
    at bigint not null,
    primary key (tenant_id, desk_conversation, handoff_id)
)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::drop(manager, &["desk_strays"]).await?;
        let back = "drop index handoffs_in_doubt;
            alter table handoffs drop column opening_in_doubt;
            alter table outbox drop column claimed_by";
        dialect::run(manager, back).await
    }
}
