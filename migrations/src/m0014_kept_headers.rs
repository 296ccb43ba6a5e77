//! Webhooks kept before secrets were left out of their headers.

use crate::dialect;
use sea_orm_migration::prelude::*;

/// Takes Telegram's secret out of `webhooks.headers`.
#[derive(DeriveMigrationName)]
pub struct Migration;

// Such a webhook has no signature that would be lost.
const UP: &str = "
update webhooks set headers = '[[\"content-type\",\"application/json\"]]'
where headers like '%x-telegram-bot-api-secret-token%'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        // What was taken out is put back when a webhook is handed to the bot.
        Ok(())
    }
}
