//! Claims that name their worker, so that those of a dead one need not run out first.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// `outbox.claimed_by`.
#[derive(DeriveMigrationName)]
pub struct Migration;

// No index: it is looked through only when a worker has died, and one would have to be written
// with every claim.
const UP: &str = "alter table outbox add column claimed_by text";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, "alter table outbox drop column claimed_by").await
    }
}
