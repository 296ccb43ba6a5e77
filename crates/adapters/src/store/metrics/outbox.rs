//! Latencies, retries and failures, counted from finished outbox rows: they are written anyway
//! and kept for days, so a message on its way pays nothing for being measured.

use super::counts::append;
use crate::store::{Store, StoreError, sql};
use domain::ids::{ChannelId, TenantId};
use domain::metrics::{Count, Counted, Histogram, Local};
use domain::outbound::Lane;
use domain::tenant::TenantSettings;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use uuid::Uuid;

/// A row carries the time at which its transaction began to write; this long after, no transaction
/// is under way any more.
pub(super) const SETTLED: Duration = Duration::from_secs(60);
/// The most that is looked at in one go, after a long stop.
const SPAN_MS: i64 = 3_600_000;
const HOUR_MS: i64 = 3_600_000;

#[derive(FromQueryResult)]
struct Mark {
    upto: i64,
}

/// Rows of one hour that took the same time.
#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    channel_id: Option<Uuid>,
    lane: i16,
    dead: i64,
    hour: i64,
    ms: i64,
    tried: i64,
    n: i64,
}

#[derive(FromQueryResult)]
struct Settings {
    id: Uuid,
    settings: String,
}

/// The condition on `state` is written as in the index `outbox_ended`, or SQLite does not use it.
const ROWS: &str = "select o.tenant_id, v.channel_id, o.lane, cast(0 as bigint) as dead, o.ended_at / 3600000 as hour,
        o.ended_at - o.created_at as ms, cast(case when o.attempts > 0 then 1 else 0 end as bigint) as tried,
        count(*) as n
    from outbox o left join conversations v on v.tenant_id = o.tenant_id and v.id = o.conversation_id
    where o.state in ('done', 'discarded') and o.ended_at > $1 and o.ended_at <= $2
      and o.state = 'done' and o.message_id is not null and o.lane in ($3, $4)
    group by o.tenant_id, v.channel_id, o.lane, o.ended_at / 3600000, o.ended_at - o.created_at,
        case when o.attempts > 0 then 1 else 0 end
    union all
    select o.tenant_id, v.channel_id, o.lane, cast(1 as bigint) as dead, o.ended_at / 3600000 as hour, cast(0 as bigint) as ms, cast(0 as bigint) as tried,
        count(*) as n
    from outbox o left join conversations v on v.tenant_id = o.tenant_id and v.id = o.conversation_id
    where o.state = 'dead' and o.ended_at > $1 and o.ended_at <= $2
    group by o.tenant_id, v.channel_id, o.lane, o.ended_at / 3600000";

impl Store {
    /// Counts what the outbox finished since the last time, an hour of it at most; whether there
    /// is more. When two workers do it at once, one of them does nothing.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn fold_outbox(&self) -> Result<bool, StoreError> {
        let text = "select upto from metric_marks where name = 'outbox'";
        let mark = Mark::find_by_statement(sql(&self.read, text, []))
            .one(&self.read)
            .await?;
        let from = mark.map_or(0, |m| m.upto);
        let settled = self.clock.now().before(SETTLED).0;
        let Some(start) = self.first_ended(from).await?.filter(|s| *s <= settled) else {
            return Ok(false);
        };
        let to = settled.min(start.saturating_add(SPAN_MS));
        let values: [Value; 4] = [
            (start - 1).into(),
            to.into(),
            Lane::Desk.number().into(),
            Lane::Channel.number().into(),
        ];
        let rows = Row::find_by_statement(sql(&self.read, ROWS, values))
            .all(&self.read)
            .await?;
        let counts = self.by_day(rows).await?;
        let tx = self.begin().await?;
        let text = "update metric_marks set upto = $2 where name = 'outbox' and upto = $1";
        let moved = tx
            .execute_raw(sql(&tx, text, [from.into(), to.into()]))
            .await?;
        if moved.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        for (what, times) in counts {
            append(&tx, &what, times).await?;
        }
        tx.commit().await?;
        Ok(to < settled)
    }

    /// When the first row after `from` ended, so that a long quiet time is one step.
    async fn first_ended(&self, from: i64) -> Result<Option<i64>, StoreError> {
        #[derive(FromQueryResult)]
        struct First {
            at: Option<i64>,
        }
        let text = "select min(at) as at from (
            select min(ended_at) as at from outbox where state in ('done', 'discarded') and ended_at > $1
            union all select min(ended_at) as at from outbox where state = 'dead' and ended_at > $1) ended";
        let row = First::find_by_statement(sql(&self.read, text, [from.into()]))
            .one(&self.read)
            .await?;
        Ok(row.and_then(|r| r.at))
    }

    /// Rows as counts of the tenant's days.
    async fn by_day(&self, rows: Vec<Row>) -> Result<BTreeMap<Counted, i64>, StoreError> {
        let zones = self.zones(&rows).await?;
        let mut counts: BTreeMap<Counted, i64> = BTreeMap::new();
        for row in rows {
            let (tenant, channel) = (TenantId(row.tenant_id), row.channel_id.unwrap_or_default());
            let zone = zones.get(&row.tenant_id).map_or("", String::as_str);
            let day = Local::of(zone, Timestamp(row.hour * HOUR_MS)).day;
            let plain = |what| Counted::plain(tenant, day, ChannelId(channel), what);
            if row.dead > 0 {
                *counts.entry(plain(Count::Failed)).or_default() += row.n;
                continue;
            }
            let way = if row.lane == Lane::Desk.number() {
                Count::ToDesk
            } else {
                Count::ToContact
            };
            let bucket = Histogram::bucket(u64::try_from(row.ms).unwrap_or(0));
            let latency = Counted {
                detail: bucket.to_string(),
                ..plain(way)
            };
            *counts.entry(latency).or_default() += row.n;
            if row.tried > 0 {
                *counts.entry(plain(Count::Retried)).or_default() += row.n;
            }
        }
        Ok(counts)
    }

    async fn zones(&self, rows: &[Row]) -> Result<HashMap<Uuid, String>, StoreError> {
        let mut tenants: Vec<Uuid> = rows.iter().map(|r| r.tenant_id).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let mut zones = HashMap::new();
        for part in tenants.chunks(500) {
            let places: Vec<String> = (1..=part.len()).map(|n| format!("${n}")).collect();
            let text = format!(
                "select id, settings from tenants where id in ({})",
                places.join(", ")
            );
            let values = part.iter().map(|id| Value::from(*id));
            let found = Settings::find_by_statement(sql(&self.read, &text, values))
                .all(&self.read)
                .await?;
            zones.extend(found.into_iter().map(|row| {
                let settings: TenantSettings =
                    serde_json::from_str(&row.settings).unwrap_or_default();
                (row.id, settings.hours.time_zone)
            }));
        }
        Ok(zones)
    }
}
