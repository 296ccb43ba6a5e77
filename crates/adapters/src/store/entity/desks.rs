//! A tenant's Let's Talk connection and the cursor of its subscription.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "desks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    pub settings: String,
    pub credentials: Vec<u8>,
    pub version: i64,
    pub timetoken: Option<String>,
    pub region: Option<String>,
    pub fence: i64,
    pub health: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
