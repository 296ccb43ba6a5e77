//! What the diagnosis of a connection last found.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// Last results of diagnoses.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table checks (
    tenant_id UUID not null,
    -- a channel's id, or the word desk
    subject text not null,
    -- a JSON document: findings with their verdicts, no secrets
    report text not null,
    at bigint not null,
    primary key (tenant_id, subject)
)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::drop(manager, &["checks"]).await
    }
}
