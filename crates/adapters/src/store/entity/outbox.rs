//! One row of outbound work.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: Uuid,
    pub conversation_id: Uuid,
    pub lane: i16,
    pub task: String,
    pub message_id: Option<Uuid>,
    pub state: String,
    pub attempts: i64,
    pub ambiguous: bool,
    pub progress: String,
    pub next_at: i64,
    pub claimed_until: Option<i64>,
    pub claimed_by: Option<String>,
    pub claim_token: i64,
    pub error: Option<String>,
    pub code: Option<String>,
    pub created_at: i64,
    pub first_try_at: Option<i64>,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
