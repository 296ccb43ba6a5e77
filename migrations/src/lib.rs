//! The schema, written once for SQLite and PostgreSQL.
//!
//! Every table that holds a tenant's data begins its keys with the tenant, so that a tenant's
//! rows lie together and a query without a tenant finds no index. Instants are milliseconds
//! since 1970 (bigint), documents are JSON texts, sealed values are bytes.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::*;

mod dialect;
mod m0001_tenants;
mod m0002_conversations;
mod m0003_work;
mod m0004_identity;
mod m0005_team;
mod m0006_checks;
mod m0007_rule_versions;
mod m0008_search;
mod m0009_metrics;
mod m0010_liveness;
mod m0011_handoffs_of;
mod m0014_kept_headers;
mod m0015_room;

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_tenants::Migration),
            Box::new(m0002_conversations::Migration),
            Box::new(m0003_work::Migration),
            Box::new(m0004_identity::Migration),
            Box::new(m0005_team::Migration),
            Box::new(m0006_checks::Migration),
            Box::new(m0007_rule_versions::Migration),
            Box::new(m0008_search::Migration),
            Box::new(m0009_metrics::Migration),
            Box::new(m0010_liveness::Migration),
            Box::new(m0011_handoffs_of::Migration),
            Box::new(m0014_kept_headers::Migration),
            Box::new(m0015_room::Migration),
        ]
    }
}
