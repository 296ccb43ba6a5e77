//! What a tenant decides, ready to use. Cached under the tenant's version, which every
//! conversation's row brings along: never stale, and no query of its own.

use crate::store::StoreError;
use crate::store::entity::{desks, rules, tenants};
use domain::desk::DeskSettings;
use domain::ids::TenantId;
use domain::routing::{CompiledRules, Rule};
use domain::tenant::TenantSettings;
use moka::sync::Cache;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::sync::Arc;

/// What a tenant decides.
#[derive(Debug)]
pub struct TenantConfig {
    /// The company's name.
    pub name: String,
    /// Short name.
    pub slug: String,
    /// Texts, timeouts, close policy, hours.
    pub settings: TenantSettings,
    /// Compiled rules.
    pub rules: CompiledRules,
    /// The desk, without its keys.
    pub desk: Option<DeskSettings>,
}

/// The configurations of the tenants that had something to do lately.
#[derive(Clone)]
pub struct Configs {
    cache: Cache<(TenantId, i64), Arc<TenantConfig>>,
}

impl Default for Configs {
    fn default() -> Self {
        Self {
            cache: Cache::new(10_000),
        }
    }
}

impl Configs {
    /// The configuration of a tenant at a version, if it was read before.
    pub(crate) fn kept(&self, tenant: TenantId, version: i64) -> Option<Arc<TenantConfig>> {
        self.cache.get(&(tenant, version))
    }

    /// The configuration of a tenant at a version.
    pub(crate) async fn get(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        version: i64,
    ) -> Result<Arc<TenantConfig>, StoreError> {
        if let Some(config) = self.kept(tenant, version) {
            return Ok(config);
        }
        let config = Arc::new(load(db, tenant).await?);
        self.cache.insert((tenant, version), config.clone());
        Ok(config)
    }
}

async fn load(db: &impl ConnectionTrait, tenant: TenantId) -> Result<TenantConfig, StoreError> {
    let row = tenants::Entity::find_by_id(tenant.0)
        .one(db)
        .await?
        .ok_or(StoreError::NotFound)?;
    let settings: TenantSettings = serde_json::from_str(&row.settings)
        .map_err(|e| StoreError::corrupt("tenants.settings", e))?;
    let stored = rules::Entity::find()
        .filter(rules::Column::TenantId.eq(tenant.0))
        .order_by_asc(rules::Column::Position)
        .all(db)
        .await?;
    let desk = desks::Entity::find_by_id(tenant.0)
        .one(db)
        .await?
        .map(|d| serde_json::from_str(&d.settings))
        .transpose()
        .map_err(|e| StoreError::corrupt("desks.settings", e))?;
    Ok(TenantConfig {
        name: row.name,
        slug: row.slug,
        settings,
        rules: compile(tenant, stored),
        desk,
    })
}

/// Rules are checked when they are saved. One that does not compile any more (written by another
/// version) is left out: the tenant's other rules must go on working.
fn compile(tenant: TenantId, stored: Vec<rules::Model>) -> CompiledRules {
    let mut good: Vec<Rule> = Vec::with_capacity(stored.len());
    for row in stored {
        match serde_json::from_str::<Rule>(&row.rule) {
            Ok(rule) if CompiledRules::compile(vec![rule.clone()]).is_ok() => good.push(rule),
            _ => {
                metrics::counter!("relevo_rules_unusable").increment(1);
                tracing::error!(%tenant, rule = %row.id, "a stored rule cannot be used and is left out");
            }
        }
    }
    CompiledRules::compile(good).unwrap_or_default()
}
