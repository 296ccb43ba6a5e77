//! The versions of a tenant's rules: written with every change, never changed, restored by a new
//! one.

use super::rules::{Changed, Rules};
use super::{StoreError, sql};
use domain::routing::{Rule, RuleChange, changes};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};

/// What is told of a version in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleVersionHead {
    /// Its number, from 1; 0 is the list before the first change.
    pub number: i64,
    /// When it came to be.
    pub at: Timestamp,
    /// Who made it; empty for Relevo itself.
    pub by: String,
    /// What it changed.
    pub changes: Vec<RuleChange>,
    /// The version it restored.
    pub restored: Option<i64>,
}

/// A version with its rules.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleVersion {
    /// What is told of it.
    pub head: RuleVersionHead,
    /// The whole list.
    pub rules: Vec<Rule>,
}

#[derive(FromQueryResult)]
struct Row {
    number: i64,
    at: i64,
    member_name: String,
    changes: String,
    restored: Option<i64>,
}

#[derive(FromQueryResult)]
struct Whole {
    rules: String,
}

impl Row {
    fn head(self) -> Result<RuleVersionHead, StoreError> {
        Ok(RuleVersionHead {
            number: self.number,
            at: Timestamp(self.at),
            by: self.member_name,
            changes: serde_json::from_str(&self.changes)
                .map_err(|e| StoreError::corrupt("rule_versions.changes", e))?,
            restored: self.restored,
        })
    }
}

impl Rules {
    /// The versions before number `before`, newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn versions(
        &self,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<RuleVersionHead>, StoreError> {
        let db = &self.tenant.store.read;
        let text = "select number, at, member_name, changes, restored from rule_versions
            where tenant_id = $1 and number < $2 order by number desc limit $3";
        let values = [
            self.tenant.id.0.into(),
            before.unwrap_or(i64::MAX).into(),
            i64::try_from(limit).unwrap_or(i64::MAX).into(),
        ];
        let rows = Row::find_by_statement(sql(db, text, values))
            .all(db)
            .await?;
        rows.into_iter().map(Row::head).collect()
    }

    /// One version with its rules.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn version_at(&self, number: i64) -> Result<RuleVersion, StoreError> {
        let db = &self.tenant.store.read;
        let text = "select number, at, member_name, changes, restored from rule_versions
            where tenant_id = $1 and number = $2";
        let values = || [self.tenant.id.0.into(), number.into()];
        let row = Row::find_by_statement(sql(db, text, values()))
            .one(db)
            .await?
            .ok_or(StoreError::NotFound)?;
        let text = "select rules from rule_versions where tenant_id = $1 and number = $2";
        let whole = Whole::find_by_statement(sql(db, text, values()))
            .one(db)
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(RuleVersion {
            head: row.head()?,
            rules: serde_json::from_str(&whole.rules)
                .map_err(|e| StoreError::corrupt("rule_versions.rules", e))?,
        })
    }

    /// The number of the newest version; 0 before the first.
    pub(super) async fn version(&self, db: &impl ConnectionTrait) -> Result<i64, StoreError> {
        #[derive(FromQueryResult)]
        struct Newest {
            number: Option<i64>,
        }
        let text = "select max(number) as number from rule_versions where tenant_id = $1";
        let newest = Newest::find_by_statement(sql(db, text, [self.tenant.id.0.into()]))
            .one(db)
            .await?;
        Ok(newest.and_then(|row| row.number).unwrap_or_default())
    }

    /// Records the version after `version`; before the first one, also the list it replaces.
    pub(super) async fn record(
        &self,
        tx: &DatabaseTransaction,
        version: i64,
        before: &[Rule],
        after: &[Rule],
        changed: &Changed<'_>,
    ) -> Result<i64, StoreError> {
        if version == 0 && !before.is_empty() {
            self.insert(tx, 0, &[], before, &Changed::default()).await?;
        }
        let number = version + 1;
        let told = changes(before, after);
        self.insert(tx, number, &told, after, changed).await?;
        Ok(number)
    }

    async fn insert(
        &self,
        tx: &DatabaseTransaction,
        number: i64,
        told: &[RuleChange],
        rules: &[Rule],
        changed: &Changed<'_>,
    ) -> Result<(), StoreError> {
        let text = "insert into rule_versions
                (tenant_id, number, at, member_id, member_name, changes, restored, rules)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, number) do nothing";
        let changes = serde_json::to_string(told)
            .map_err(|e| StoreError::corrupt("rule_versions.changes", e))?;
        let list = serde_json::to_string(rules)
            .map_err(|e| StoreError::corrupt("rule_versions.rules", e))?;
        let values = [
            self.tenant.id.0.into(),
            number.into(),
            self.tenant.store.clock.now().0.into(),
            changed.by.map(|(id, _)| id.0).into(),
            changed.by.map_or("", |(_, name)| name).into(),
            changes.into(),
            changed.restored.into(),
            list.into(),
        ];
        let done = tx.execute_raw(sql(tx, text, values)).await?;
        // Version 0 may be there from before; any other number was taken by somebody faster.
        if done.rows_affected() == 0 && number > 0 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }
}
