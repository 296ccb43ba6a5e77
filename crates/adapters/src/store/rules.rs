//! The tenant's routing rules, in order.

use super::entity::rules;
use super::{Change, Object, Recorded, StoreError, TenantStore, sql};
use domain::audit::{Action, ObjectKind};
use domain::ids::RuleId;
use domain::routing::Rule;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// The tenant's routing rules.
pub struct Rules {
    pub(crate) tenant: TenantStore,
}

/// A rule with its place and how often it decided.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleRow {
    /// The rule.
    pub rule: Rule,
    /// Its place, from 1.
    pub position: i64,
    /// How often it decided.
    pub matched: i64,
}

impl Rules {
    /// All rules in their order.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list(&self) -> Result<Vec<RuleRow>, StoreError> {
        self.in_order(&self.tenant.store.read).await
    }

    async fn in_order(&self, db: &impl ConnectionTrait) -> Result<Vec<RuleRow>, StoreError> {
        let rows = rules::Entity::find()
            .filter(rules::Column::TenantId.eq(self.tenant.id.0))
            .order_by_asc(rules::Column::Position)
            .all(db)
            .await?;
        rows.into_iter()
            .map(|row| {
                let rule = serde_json::from_str(&row.rule)
                    .map_err(|e| StoreError::corrupt("rules.rule", e))?;
                Ok(RuleRow {
                    rule,
                    position: row.position,
                    matched: row.matched,
                })
            })
            .collect()
    }

    /// Adds a rule at the end, or replaces the one with its id.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn save(&self, rule: &Rule) -> Result<(), StoreError> {
        let document =
            serde_json::to_string(rule).map_err(|e| StoreError::corrupt("rules.rule", e))?;
        let tx = self.tenant.store.begin().await?;
        let was = self
            .in_order(&tx)
            .await?
            .into_iter()
            .find(|r| r.rule.id == rule.id);
        let text = "insert into rules (tenant_id, id, position, rule, updated_at)
            values ($1, $2, (select coalesce(max(position), 0) + 1 from rules where tenant_id = $1), $3, $4)
            on conflict (tenant_id, id) do update set rule = excluded.rule, updated_at = excluded.updated_at";
        let now = self.tenant.store.clock.now().0;
        let values = [
            self.tenant.id.0.into(),
            rule.id.0.into(),
            document.into(),
            now.into(),
        ];
        tx.execute_raw(sql(&tx, text, values)).await?;
        self.tenant.touch(&tx).await?;
        self.tenant
            .record(&tx, saved(was.as_ref().map(|row| &row.rule), rule))
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes a rule.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn remove(&self, id: RuleId) -> Result<(), StoreError> {
        let tx = self.tenant.store.begin().await?;
        let rows = self.in_order(&tx).await?;
        let gone = rows.into_iter().find(|row| row.rule.id == id);
        let gone = gone.ok_or(StoreError::NotFound)?.rule;
        let text = "delete from rules where tenant_id = $1 and id = $2";
        tx.execute_raw(sql(&tx, text, [self.tenant.id.0.into(), id.0.into()]))
            .await?;
        self.tenant.touch(&tx).await?;
        let object = Object::of(ObjectKind::Rule, id, &gone.name);
        let change = Change::of(Action::RuleRemoved, object).was(Recorded::of(&gone));
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Puts the rules in this order; rules not named keep their order behind them.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn reorder(&self, order: &[RuleId]) -> Result<(), StoreError> {
        let tx = self.tenant.store.begin().await?;
        let was = names(self.in_order(&tx).await?);
        let behind = "update rules set position = position + $2 where tenant_id = $1";
        let shift = i64::try_from(order.len())
            .unwrap_or(i64::MAX / 2)
            .saturating_add(1_000_000);
        tx.execute_raw(sql(&tx, behind, [self.tenant.id.0.into(), shift.into()]))
            .await?;
        for (position, id) in (1_i64..).zip(order) {
            let text = "update rules set position = $3 where tenant_id = $1 and id = $2";
            let values = [self.tenant.id.0.into(), id.0.into(), position.into()];
            tx.execute_raw(sql(&tx, text, values)).await?;
        }
        self.tenant.touch(&tx).await?;
        let became = names(self.in_order(&tx).await?);
        let change = Change::of(Action::RulesReordered, Object::only(ObjectKind::Rule))
            .was(Recorded::of(&was))
            .became(Recorded::of(&became));
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The line of the log for a rule that is new or changed.
fn saved(was: Option<&Rule>, rule: &Rule) -> Change {
    let object = Object::of(ObjectKind::Rule, rule.id, &rule.name);
    let Some(was) = was else {
        return Change::of(Action::RuleCreated, object).became(Recorded::of(rule));
    };
    let switched = Rule {
        enabled: rule.enabled,
        ..was.clone()
    };
    let action = match rule.enabled {
        _ if switched != *rule => Action::RuleUpdated,
        true => Action::RuleEnabled,
        false => Action::RuleDisabled,
    };
    Change::of(action, object)
        .was(Recorded::of(was))
        .became(Recorded::of(rule))
}

fn names(rows: Vec<RuleRow>) -> Vec<String> {
    rows.into_iter().map(|row| row.rule.name).collect()
}
