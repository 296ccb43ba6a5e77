//! One message.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    pub conversation_id: Uuid,
    pub seq: i64,
    pub author: String,
    pub author_name: Option<String>,
    pub content: String,
    pub dedupe_key: Option<String>,
    pub external_id: Option<String>,
    pub reply_to: Option<String>,
    pub status: String,
    pub failure: Option<String>,
    pub handoff_id: Option<Uuid>,
    pub sent_at: i64,
    pub received_at: i64,
    pub doubtful: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
