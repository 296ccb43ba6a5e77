//! What stands beside messages: counters of days, and the log of changes.

use super::bulk::Bulk;
use super::company::Company;
use crate::bench::chance::Chance;
use domain::audit::{Action, ObjectKind};
use domain::metrics::{Count, Histogram};
use sea_orm::{DatabaseTransaction, Value};
use std::collections::HashMap;
use uuid::Uuid;

const COUNTS: &str = "tenant_id, what, day, channel_id, detail, n";
const AUDIT: &str = "tenant_id, id, at, actor, actor_id, actor_name, action, object, object_id, object_name, became";

/// Conversations started or handed off, by what, day, line and rule.
pub(super) type Counted = HashMap<(&'static str, i64, Uuid, String), i64>;

/// Writes the counters of a company.
pub(super) async fn counts(
    db: &DatabaseTransaction,
    chance: &mut Chance,
    company: &Company,
    counted: &Counted,
    days: std::ops::Range<i64>,
) -> anyhow::Result<()> {
    let mut table = Bulk::into("metric_counts", COUNTS);
    let row = |what: &str, day: i64, line: Uuid, detail: String, n: i64| -> [Value; 6] {
        [
            company.tenant.0.into(),
            what.into(),
            day.into(),
            line.into(),
            detail.into(),
            n.into(),
        ]
    };
    for ((what, day, line, detail), n) in counted {
        let row = row(what, *day, *line, detail.clone(), *n);
        table.push(db, row).await?;
    }
    for day in days {
        for line in &company.channels {
            for what in [Count::ToDesk, Count::ToContact] {
                for step in 0..20 {
                    let bucket = Histogram::bucket(20 + step * step * 3);
                    let n = chance.between(1, 60);
                    let row = row(what.name(), day, *line, bucket.to_string(), n);
                    table.push(db, row).await?;
                }
            }
        }
    }
    table.flush(db).await?;
    Ok(())
}

/// Writes `lines` lines of the log.
pub(super) async fn log(
    db: &DatabaseTransaction,
    chance: &mut Chance,
    company: &Company,
    (from, to): (i64, i64),
    lines: i64,
) -> anyhow::Result<()> {
    let mut table = Bulk::into("audit", AUDIT);
    for n in 0..lines {
        let at = from + (to - from) * n / lines.max(1);
        let row: [Value; 11] = [
            company.tenant.0.into(),
            chance.id(at).into(),
            at.into(),
            "member".into(),
            company.owner.0.into(),
            "Camila Rojas".into(),
            Action::ConversationTagged.name().into(),
            ObjectKind::Conversation.name().into(),
            chance.id(at).to_string().into(),
            "Violeta Ñáñez".into(),
            r#"{"tags":["vip"]}"#.into(),
        ];
        table.push(db, row).await?;
    }
    table.flush(db).await?;
    Ok(())
}
