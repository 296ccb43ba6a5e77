//! Counters: appended with the commit that counts, added up by the worker.

use super::Metrics;
use super::fact::day_from;
use crate::store::{Store, StoreError, sql};
use domain::ids::{ChannelId, TenantId};
use domain::metrics::{Count, Counted, Day};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

/// So many appended rows are added up in one transaction.
const AT_ONCE: i64 = 10_000;

/// Appends a count: a row of its own, so that no commit waits for another's.
pub(crate) async fn append(
    db: &impl ConnectionTrait,
    what: &Counted,
    times: i64,
) -> Result<(), StoreError> {
    let text = "insert into metric_deltas (tenant_id, what, day, channel_id, detail, n)
        values ($1, $2, $3, $4, $5, $6)";
    let values: [Value; 6] = [
        what.tenant.0.into(),
        what.what.name().into(),
        i64::from(what.day.0).into(),
        what.channel.0.into(),
        what.detail.clone().into(),
        times.into(),
    ];
    db.execute_raw(sql(db, text, values)).await?;
    Ok(())
}

#[derive(FromQueryResult)]
pub(super) struct CountRow {
    pub(super) what: String,
    pub(super) day: i64,
    pub(super) channel_id: Uuid,
    pub(super) detail: String,
    pub(super) n: i64,
}

impl CountRow {
    pub(super) fn counted(self, tenant: TenantId) -> Option<(Counted, u64)> {
        let counted = Counted {
            tenant,
            day: day_from(self.day),
            channel: ChannelId(self.channel_id),
            what: Count::from_name(&self.what)?,
            detail: self.detail,
        };
        Some((counted, u64::try_from(self.n).unwrap_or(0)))
    }
}

/// Counts of a span of days, those not yet added up among them; `$1` tenant, `$2` and `$3` days.
pub(super) const COUNTS: &str = "select what, day, channel_id, detail, n from metric_counts
        where tenant_id = $1 and what in (WHAT) and day >= $2 and day <= $3
    union all select what, day, channel_id, detail, n from metric_deltas
        where tenant_id = $1 and what in (WHAT) and day >= $2 and day <= $3";

pub(super) fn names(what: &[Count]) -> String {
    let quoted: Vec<String> = what.iter().map(|c| format!("'{}'", c.name())).collect();
    quoted.join(", ")
}

impl Metrics {
    /// What was counted from `from` to `to`, both included, added up over the days before `split`
    /// and over those from it on: a count's day is `from` or `split`. Three months of latencies are
    /// tens of thousands of rows, which only the database should see.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn counts(
        &self,
        from: Day,
        split: Day,
        to: Day,
        what: &[Count],
    ) -> Result<Vec<(Counted, u64)>, StoreError> {
        let db = &self.tenant.store.read;
        let text = format!(
            "select what, case when day >= $4 then $4 else $2 end as day, channel_id, detail,
                cast(sum(n) as bigint) as n
            from ({COUNTS}) counted group by 1, 2, 3, 4"
        );
        let text = text.replace("WHAT", &names(what));
        let values: [Value; 4] = [
            self.tenant.id.0.into(),
            i64::from(from.0).into(),
            i64::from(to.0).into(),
            i64::from(split.0).into(),
        ];
        let rows = CountRow::find_by_statement(sql(db, &text, values))
            .all(db)
            .await?;
        let counted = rows.into_iter().filter_map(|r| r.counted(self.tenant.id));
        Ok(counted.collect())
    }
}

impl Store {
    /// Adds appended counts to the kept ones; how many rows were left at the start, at most
    /// 10,000. Any number of workers may do it at once.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn fold_counts(&self) -> Result<u64, StoreError> {
        const ADD: &str = "insert into metric_counts (tenant_id, what, day, channel_id, detail, n)
            select tenant_id, what, day, channel_id, detail, cast(sum(n) as bigint) from TAKEN
            group by tenant_id, what, day, channel_id, detail
            order by tenant_id, what, day, channel_id, detail
            on conflict (tenant_id, what, day, channel_id, detail)
            do update set n = metric_counts.n + excluded.n";
        let tx = self.begin().await?;
        let gone = if self.is_postgres() {
            let text = format!(
                "with taken as (delete from metric_deltas where id in (
                    select id from metric_deltas order by id limit $1 for update skip locked)
                    returning tenant_id, what, day, channel_id, detail, n),
                 added as ({} returning 1)
                 select count(*) as n from taken",
                ADD.replace("TAKEN", "taken")
            );
            #[derive(FromQueryResult)]
            struct Row {
                n: i64,
            }
            let row = Row::find_by_statement(sql(&tx, &text, [AT_ONCE.into()]))
                .one(&tx)
                .await?;
            row.map_or(0, |r| u64::try_from(r.n).unwrap_or(0))
        } else {
            // One writer: nobody appends between the two statements.
            let oldest = "(select * from metric_deltas order by id limit 10000)";
            tx.execute_raw(sql(
                &tx,
                &ADD.replace("TAKEN", &format!("{oldest} where true")),
                [],
            ))
            .await?;
            let text = "delete from metric_deltas where id in
                (select id from metric_deltas order by id limit $1)";
            tx.execute_raw(sql(&tx, text, [AT_ONCE.into()]))
                .await?
                .rows_affected()
        };
        tx.commit().await?;
        Ok(gone)
    }
}
