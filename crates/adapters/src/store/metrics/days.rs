//! Days of handoffs: kept sheets where they are up to date, the handoffs themselves otherwise.

use super::Metrics;
use super::fact::{COLUMNS, FactRow};
use crate::store::{StoreError, sql};
use domain::metrics::{Day, Fact, Sheet};
use domain::routing::BusinessHours;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::{BTreeMap, HashSet};

/// Days as they are now, and what is open whatever its day.
#[derive(Debug, Default)]
pub(super) struct Days {
    pub(super) sheets: BTreeMap<Day, Sheet>,
    pub(super) open: Vec<Fact>,
}

/// Kept sheets that are up to date; `$1` tenant, `$2` and `$3` days. One look into the index for each
/// day: asked whether there is none that changed later, PostgreSQL reads all handoffs of the time.
pub(super) const SHEETS: &str = "select d.tenant_id, d.day, d.sheet from metric_days d
    where d.tenant_id = $1 and d.day >= $2 and d.day <= $3
      and d.as_of >= coalesce((select max(h.changed_at) from handoffs h
        where h.tenant_id = d.tenant_id and h.day = d.day), 0)";

/// A kept sheet.
pub(super) fn sheet_from(document: &str) -> Result<Sheet, StoreError> {
    serde_json::from_str(document).map_err(|e| StoreError::corrupt("metric_days.sheet", e))
}

impl Metrics {
    /// The days from `from` to `to`, both included: those not among the kept `sheets` are counted,
    /// in one statement.
    pub(super) async fn days(
        &self,
        from: Day,
        to: Day,
        hours: &BusinessHours,
        sheets: BTreeMap<Day, Sheet>,
    ) -> Result<Days, StoreError> {
        let db = &self.tenant.store.read;
        let tenant = self.tenant.id.0;
        let mut days = Days {
            sheets,
            ..Days::default()
        };
        let kept: HashSet<Day> = days.sheets.keys().copied().collect();
        let missing = ranges((from.0..=to.0).filter(|d| !kept.contains(&Day(*d))));
        // An arm for each span: one condition over all of them would find no index.
        let mut arms = vec![format!(
            "select {COLUMNS}, cast(1 as bigint) as is_open from handoffs h
             where h.tenant_id = $1 and h.ended_at is null"
        )];
        let mut values: Vec<Value> = vec![tenant.into()];
        for (first, last) in missing {
            let n = values.len();
            arms.push(format!(
                "select {COLUMNS}, cast(0 as bigint) as is_open from handoffs h
                 where h.tenant_id = $1 and h.day >= ${} and h.day <= ${}",
                n + 1,
                n + 2
            ));
            values.push(i64::from(first).into());
            values.push(i64::from(last).into());
        }
        let text = arms.join(" union all ");
        let rows = db.query_all_raw(sql(db, &text, values)).await?;
        for row in &rows {
            let fact = FactRow::from_query_result(row, "")?.fact()?;
            if row.try_get::<i64>("", "is_open")? > 0 {
                days.open.push(fact);
            } else {
                let sheet = days.sheets.entry(fact.local.day).or_default();
                sheet.count(&fact, hours);
            }
        }
        Ok(days)
    }
}

/// Neighbouring days as one span, so that a year of missing days is one condition.
fn ranges(days: impl Iterator<Item = i32>) -> Vec<(i32, i32)> {
    let mut ranges: Vec<(i32, i32)> = Vec::new();
    for day in days {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => ranges.push((day, day)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn neighbouring_days_become_one_span() {
        let days = [1, 2, 3, 7, 9, 10].into_iter();
        assert_eq!(ranges(days), [(1, 3), (7, 7), (9, 10)]);
        assert!(ranges([].into_iter()).is_empty());
    }
}
