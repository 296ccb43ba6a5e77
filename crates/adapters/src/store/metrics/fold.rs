//! Keeps the sheets of days that are over.

use super::fact::{COLUMNS, FactRow, day_from};
use super::outbox::SETTLED;
use crate::store::{Store, StoreError, sql};
use domain::ids::TenantId;
use domain::metrics::{Day, Fact, Sheet};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::HashSet;
use uuid::Uuid;

/// Changed handoffs looked at in one statement.
const PAGE: i64 = 2_000;
const DAY_MS: i64 = 86_400_000;

/// How far changed handoffs were looked at. A fresh one looks at all of them once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaysDone {
    changed_at: i64,
    id: Uuid,
    /// The day on which it was looked: what belongs to it is looked at again when it is over.
    today: i64,
}

#[derive(FromQueryResult)]
struct Changed {
    id: Uuid,
    tenant_id: Uuid,
    day: i64,
    changed_at: i64,
    as_of: Option<i64>,
}

impl Store {
    /// Counts again every finished day in which a handoff changed since `done`; how many were
    /// written. A sheet is replaced as a whole, so any number of workers may do it at once.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn fold_days(&self, done: &mut DaysDone) -> Result<u64, StoreError> {
        let as_of = self.clock.now().before(SETTLED).0;
        // Days that are over everywhere but perhaps in the Americas: a sheet of a day that still
        // goes on is only replaced more often.
        let today = self.clock.now().0.div_euclid(DAY_MS);
        if done.today != today {
            done.today = today;
            done.changed_at = done.changed_at.min((today - 2) * DAY_MS);
            done.id = Uuid::nil();
        }
        let text = "select h.id, h.tenant_id, h.day, h.changed_at, d.as_of from handoffs h
            left join metric_days d on d.tenant_id = h.tenant_id and d.day = h.day
            where (h.changed_at > $1 or (h.changed_at = $1 and h.id > $2)) and h.changed_at <= $3
            order by h.changed_at, h.id limit $4";
        let mut written = 0;
        let mut fresh: HashSet<(Uuid, i64)> = HashSet::new();
        loop {
            let values: [Value; 4] = [
                done.changed_at.into(),
                done.id.into(),
                as_of.into(),
                PAGE.into(),
            ];
            let changed = Changed::find_by_statement(sql(&self.read, text, values))
                .all(&self.read)
                .await?;
            let full = i64::try_from(changed.len()) == Ok(PAGE);
            for row in &changed {
                let known = row.as_of.is_some_and(|as_of| as_of >= row.changed_at);
                if row.day < today && !known && fresh.insert((row.tenant_id, row.day)) {
                    self.keep_day(TenantId(row.tenant_id), day_from(row.day), as_of)
                        .await?;
                    written += 1;
                }
            }
            if let Some(last) = changed.last() {
                done.changed_at = last.changed_at;
                done.id = last.id;
            }
            if !full {
                return Ok(written);
            }
        }
    }

    /// Counts a day and keeps its sheet.
    async fn keep_day(&self, tenant: TenantId, day: Day, as_of: i64) -> Result<(), StoreError> {
        let hours = match self.tenant(tenant).tenant().await {
            Ok(tenant) => tenant.settings.hours,
            // Deleted meanwhile: nobody will ask for its days.
            Err(StoreError::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        let text =
            format!("select {COLUMNS} from handoffs h where h.tenant_id = $1 and h.day = $2");
        let values: [Value; 2] = [tenant.0.into(), i64::from(day.0).into()];
        let rows = FactRow::find_by_statement(sql(&self.read, &text, values))
            .all(&self.read)
            .await?;
        let facts: Vec<Fact> = rows
            .into_iter()
            .map(FactRow::fact)
            .collect::<Result<_, _>>()?;
        let sheet = serde_json::to_string(&Sheet::of(&facts, &hours))
            .map_err(|e| StoreError::corrupt("metric_days.sheet", e))?;
        let text = "insert into metric_days (tenant_id, day, sheet, as_of) values ($1, $2, $3, $4)
            on conflict (tenant_id, day) do update set sheet = excluded.sheet, as_of = excluded.as_of
            where metric_days.as_of <= excluded.as_of";
        let values: [Value; 4] = [
            tenant.0.into(),
            i64::from(day.0).into(),
            sheet.into(),
            as_of.into(),
        ];
        self.write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        Ok(())
    }
}
