//! What the first page tells at a glance, in one statement.

use super::metrics::fact::NO_TESTS;
use super::{StoreError, TenantStore, sql};
use sea_orm::FromQueryResult;

/// What is set up and what asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Let's Talk is connected.
    pub desk: bool,
    /// There is a rule.
    pub rule: bool,
    /// There ever was a handoff, be it in the test chat.
    pub handoff: bool,
    /// Handoffs that are open now, without the test chat's.
    pub open: u64,
    /// Outbound rows given up.
    pub failed: u64,
}

#[derive(FromQueryResult)]
struct Row {
    desks: i64,
    rules: i64,
    handoffs: i64,
    open: i64,
    failed: i64,
}

impl TenantStore {
    /// What is set up and what asks for attention.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn overview(&self) -> Result<Overview, StoreError> {
        let text = format!(
            "select
            (select count(*) from desks where tenant_id = $1) as desks,
            (select count(*) from rules where tenant_id = $1) as rules,
            (select count(*) from
                (select 1 from handoffs where tenant_id = $1 limit 1) first) as handoffs,
            (select count(*) from handoffs h
                where h.tenant_id = $1 and h.ended_at is null and {NO_TESTS}) as open,
            (select count(*) from outbox where tenant_id = $1 and state = 'dead') as failed"
        );
        let db = &self.store.read;
        let row = Row::find_by_statement(sql(db, &text, [self.id.0.into()]))
            .one(db)
            .await?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(row.map_or_else(Overview::default, |row| Overview {
            desk: row.desks > 0,
            rule: row.rules > 0,
            handoff: row.handoffs > 0,
            open: count(row.open),
            failed: count(row.failed),
        }))
    }
}
