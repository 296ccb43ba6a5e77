//! Room beside rows that change soon after they were written.

use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Has PostgreSQL leave room in the pages of tables whose rows change at once: a message's status, a
/// row's claim, how far a handoff was read. On a full page the new state of a row goes to another one,
/// and into every index of the table, the one of all words too.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
alter table messages set (fillfactor = 80);
alter table deliveries set (fillfactor = 80);
alter table handoffs set (fillfactor = 70);
alter table outbox set (fillfactor = 60)";

const DOWN: &str = "
alter table messages reset (fillfactor);
alter table deliveries reset (fillfactor);
alter table handoffs reset (fillfactor);
alter table outbox reset (fillfactor)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, DOWN).await
    }
}

/// SQLite's indexes point at keys, and know nothing of pages.
async fn on_postgres(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    match manager.get_database_backend() {
        DbBackend::Postgres => dialect::run(manager, sql).await,
        _ => Ok(()),
    }
}
