//! The tenant's routing rules, in order. Whatever changes them makes a version.

use super::entity::rules;
use super::{StoreError, TenantStore, rule_log, sql};
use domain::ids::{MemberId, RuleId, TenantId};
use domain::routing::Rule;
use domain::time::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder,
};
use std::collections::HashMap;

const DAY: i64 = 86_400_000;
/// «The last days» of [`RuleRow::recent`], today included.
const RECENT_DAYS: i64 = 7;

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
    /// How often in the last seven days (of UTC), today included.
    pub recent: i64,
}

/// The list of rules with the number of its version: 0 before the first change.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleBook {
    /// The version.
    pub version: i64,
    /// The rules in their order.
    pub rows: Vec<RuleRow>,
}

impl RuleBook {
    /// The rules in their order.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.rows.iter().map(|row| row.rule.clone()).collect()
    }
}

/// Who changes the rules, and on what ground.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changed<'a> {
    /// Who; nobody for Relevo itself.
    pub by: Option<(MemberId, &'a str)>,
    /// Only if this is still the version.
    pub expected: Option<i64>,
    /// The version that is restored by it.
    pub restored: Option<i64>,
}

impl Rules {
    /// All rules in their order.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list(&self) -> Result<Vec<RuleRow>, StoreError> {
        Ok(self.book().await?.rows)
    }

    /// All rules in their order, with the version they are.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn book(&self) -> Result<RuleBook, StoreError> {
        #[derive(FromQueryResult)]
        struct Recent {
            rule_id: uuid::Uuid,
            matched: i64,
        }
        let db = &self.tenant.store.read;
        // The version first: a list that is newer than its number is refused when it is saved, one
        // that is older would be saved over the change.
        let version = self.version(db).await?;
        let stored = self.stored(db).await?;
        let today = self.tenant.store.clock.now().0.div_euclid(DAY);
        let text = "select rule_id, cast(sum(matched) as bigint) as matched from rule_days
            where tenant_id = $1 and day > $2 group by rule_id";
        let values = [self.tenant.id.0.into(), (today - RECENT_DAYS).into()];
        let recent: HashMap<_, _> = Recent::find_by_statement(sql(db, text, values))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.rule_id, row.matched))
            .collect();
        let rows = stored
            .into_iter()
            .map(|row| {
                Ok(RuleRow {
                    rule: rule_from(&row.rule)?,
                    position: row.position,
                    matched: row.matched,
                    recent: recent.get(&row.id).copied().unwrap_or_default(),
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(RuleBook { version, rows })
    }

    /// Changes the list in one go and records a version; the version it is then. A change that
    /// changes nothing makes none.
    ///
    /// # Errors
    /// `Stale` when the list is not the expected version any more, and what `edit` refuses.
    pub async fn change(
        &self,
        changed: Changed<'_>,
        edit: impl FnOnce(&mut Vec<Rule>) -> Result<(), StoreError>,
    ) -> Result<i64, StoreError> {
        let tx = self.tenant.store.begin().await?;
        // Locks the tenant's row: two members who save at once are told apart here.
        self.tenant.touch(&tx).await?;
        let version = self.version(&tx).await?;
        if changed.expected.is_some_and(|expected| expected != version) {
            return Err(StoreError::Stale);
        }
        let stored = self.stored(&tx).await?;
        let before: Vec<Rule> = stored
            .iter()
            .map(|row| rule_from(&row.rule))
            .collect::<Result<_, _>>()?;
        let mut after = before.clone();
        edit(&mut after)?;
        if after == before {
            return Ok(version);
        }
        self.write(&tx, &before, &after).await?;
        let number = self.record(&tx, version, &before, &after, &changed).await?;
        for line in rule_log::lines(&before, &after) {
            self.tenant.record(&tx, line).await?;
        }
        tx.commit().await?;
        Ok(number)
    }

    /// Adds a rule at the end, or replaces the one with its id, in Relevo's own name.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn save(&self, rule: &Rule) -> Result<(), StoreError> {
        let put = |rules: &mut Vec<Rule>| {
            match rules.iter_mut().find(|r| r.id == rule.id) {
                Some(old) => *old = rule.clone(),
                None => rules.push(rule.clone()),
            }
            Ok(())
        };
        self.change(Changed::default(), put).await?;
        Ok(())
    }

    /// Removes a rule, in Relevo's own name.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn remove(&self, id: RuleId) -> Result<(), StoreError> {
        let take = |rules: &mut Vec<Rule>| {
            let before = rules.len();
            rules.retain(|rule| rule.id != id);
            let gone = rules.len() < before;
            gone.then_some(()).ok_or(StoreError::NotFound)
        };
        self.change(Changed::default(), take).await?;
        Ok(())
    }

    /// Puts the rules in this order, in Relevo's own name; rules not named keep their order
    /// behind them.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn reorder(&self, order: &[RuleId]) -> Result<(), StoreError> {
        let sort = |rules: &mut Vec<Rule>| {
            let place = |id| order.iter().position(|o| *o == id).unwrap_or(usize::MAX);
            rules.sort_by_key(|rule| place(rule.id));
            Ok(())
        };
        self.change(Changed::default(), sort).await?;
        Ok(())
    }

    async fn stored(&self, db: &impl ConnectionTrait) -> Result<Vec<rules::Model>, StoreError> {
        Ok(rules::Entity::find()
            .filter(rules::Column::TenantId.eq(self.tenant.id.0))
            .order_by_asc(rules::Column::Position)
            .order_by_asc(rules::Column::Id)
            .all(db)
            .await?)
    }

    /// Writes what is not as it was; the counts stay with their rules.
    async fn write(
        &self,
        tx: &DatabaseTransaction,
        before: &[Rule],
        after: &[Rule],
    ) -> Result<(), StoreError> {
        let tenant = self.tenant.id.0;
        let now = self.tenant.store.clock.now().0;
        for gone in before.iter().filter(|b| after.iter().all(|a| a.id != b.id)) {
            let text = "delete from rules where tenant_id = $1 and id = $2";
            let values = [tenant.into(), gone.id.0.into()];
            tx.execute_raw(sql(tx, text, values)).await?;
        }
        for (position, rule) in (1_i64..).zip(after) {
            let document = document(rule)?;
            let text = "insert into rules (tenant_id, id, position, rule, updated_at)
                values ($1, $2, $3, $4, $5)
                on conflict (tenant_id, id) do update set position = excluded.position,
                    rule = excluded.rule,
                    updated_at = case when rules.rule = excluded.rule then rules.updated_at
                        else excluded.updated_at end";
            let values = [
                tenant.into(),
                rule.id.0.into(),
                position.into(),
                document.into(),
                now.into(),
            ];
            tx.execute_raw(sql(tx, text, values)).await?;
        }
        Ok(())
    }
}

pub(super) fn rule_from(document: &str) -> Result<Rule, StoreError> {
    serde_json::from_str(document).map_err(|e| StoreError::corrupt("rules.rule", e))
}

fn document(rule: &Rule) -> Result<String, StoreError> {
    serde_json::to_string(rule).map_err(|e| StoreError::corrupt("rules.rule", e))
}

/// Counts that these rules decided. Sorted, so that two writers lock the rows in one order.
pub(crate) async fn count_matches(
    db: &impl ConnectionTrait,
    mut matched: Vec<(TenantId, RuleId)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    matched.sort_unstable();
    for same in matched.chunk_by(|a, b| a == b) {
        let Some((tenant, rule)) = same.first() else {
            continue;
        };
        let times = i64::try_from(same.len()).unwrap_or(i64::MAX);
        let text = "update rules set matched = matched + $3 where tenant_id = $1 and id = $2";
        let values = [tenant.0.into(), rule.0.into(), times.into()];
        db.execute_raw(sql(db, text, values)).await?;
        let text =
            "insert into rule_days (tenant_id, rule_id, day, matched) values ($1, $2, $3, $4)
            on conflict (tenant_id, rule_id, day)
            do update set matched = rule_days.matched + excluded.matched";
        let values = [
            tenant.0.into(),
            rule.0.into(),
            now.0.div_euclid(DAY).into(),
            times.into(),
        ];
        db.execute_raw(sql(db, text, values)).await?;
    }
    Ok(())
}
