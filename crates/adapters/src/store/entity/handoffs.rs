//! One episode of human control.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handoffs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub channel_id: Uuid,
    pub contact_id: Uuid,
    pub reason: String,
    pub rule_id: Option<Uuid>,
    pub options: String,
    pub requested_at: i64,
    pub requested_seq: i64,
    pub opened_at: Option<i64>,
    pub desk_conversation: Option<i64>,
    pub last_desk_message: i64,
    pub accepted_at: Option<i64>,
    pub agent_id: Option<i64>,
    pub agent_name: Option<String>,
    pub first_human_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub end_reason: Option<String>,
    pub rating: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
