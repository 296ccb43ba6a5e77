//! Everything a dashboard needs, in two statements.

use super::Metrics;
use super::counts::{COUNTS, CountRow, names};
use super::days::{SHEETS, sheet_from};
use super::fact::{COLUMNS, FactRow, NO_TESTS, day_from};
use crate::store::{StoreError, sql};
use domain::channel::ChannelKind;
use domain::ids::{ChannelId, RuleId};
use domain::metrics::{Count, Counted, Day, Fact, Now, Scope, Sheet};
use domain::routing::{BusinessHours, Rule};
use domain::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Days of handoffs, what was counted beside them, and what things are called.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Handoffs by day; a day without any may be missing.
    pub sheets: BTreeMap<Day, Sheet>,
    /// Conversations started and handed off.
    pub counts: Vec<(Counted, u64)>,
    /// What is open now, whatever its day.
    pub now: Now,
    /// What lines and rules are called.
    pub named: Named,
}

/// What lines and rules are called, those removed among the lines included.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Lines, in their order.
    pub channels: Vec<(ChannelId, ChannelKind, String)>,
    /// Rules, in their order.
    pub rules: Vec<(RuleId, String)>,
    /// Agents who took a handoff, by name, at most 200.
    pub agents: Vec<(i64, String)>,
}

/// A count, a line or a rule, told apart by `source`.
#[derive(FromQueryResult)]
struct Row {
    source: String,
    what: String,
    day: i64,
    channel_id: Uuid,
    detail: String,
    n: i64,
}

const NAMES: &str = "select 'channel' as source, kind as what, created_at as day, id as channel_id,
        name as detail, cast(0 as bigint) as n from channels where tenant_id = $1
    union all select 'rule' as source, '' as what, position as day, id as channel_id, rule as detail, cast(0 as bigint) as n
        from rules where tenant_id = $1";

/// Read by jumping from one agent to the next in the index: to look through all handoffs for a list
/// of choices would take seconds.
const AGENTS: &str =
    "select * from (select 'agent' as source, '' as what, agent as day, tenant_id as channel_id,
        coalesce((select h.agent_name from handoffs h where h.tenant_id = $1
            and h.agent_id = agents.agent and h.agent_name is not null limit 1), '') as detail,
        cast(0 as bigint) as n
    from agents where agent is not null limit 200) as named";

/// The agents of [`AGENTS`], at most 200.
const WITH_AGENTS: &str = "with recursive agents(tenant_id, agent) as (
        select $1, min(agent_id) from handoffs where tenant_id = $1 and agent_id is not null
        union all
        select tenant_id, (select min(h.agent_id) from handoffs h where h.tenant_id = $1
            and h.agent_id is not null and h.agent_id > agents.agent)
        from agents where agents.agent is not null)";

impl Metrics {
    /// The days from `from` to `to`, both included. The test chat is not in it, unless its line is
    /// what `scope` looks at.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn snapshot(
        &self,
        from: Day,
        to: Day,
        scope: &Scope,
        hours: &BusinessHours,
        now: Timestamp,
    ) -> Result<Snapshot, StoreError> {
        let db = &self.tenant.store.read;
        let counts = COUNTS.replace("WHAT", &names(&[Count::Started, Count::HandedOff]));
        let text = format!(
            "{NAMES} union all select 'count' as source, what, day, channel_id, detail, n
             from ({counts}) counted
             union all select 'sheet', '', day, tenant_id, sheet, 0 from ({SHEETS}) kept"
        );
        let values: [Value; 3] = [
            self.tenant.id.0.into(),
            i64::from(from.0).into(),
            i64::from(to.0).into(),
        ];
        let rows = Row::find_by_statement(sql(db, &text, values))
            .all(db)
            .await?;
        let mut sheets = BTreeMap::new();
        let (mut named, mut counted) = (Vec::new(), Vec::new());
        for row in rows {
            match row.source.as_str() {
                "sheet" => {
                    sheets.insert(day_from(row.day), sheet_from(&row.detail)?);
                }
                "count" => counted.push(row),
                _ => named.push(row),
            }
        }
        let days = self.days(from, to, hours, sheets).await?;
        let named = Named::from(named)?;
        let left_out = named.tests(scope);
        let looked = |fact: &&Fact| scope.takes_fact(fact) && !left_out.contains(&fact.channel);
        let mut snapshot = Snapshot {
            now: Now::of(days.open.iter().filter(looked), now),
            sheets: days.sheets,
            named,
            ..Snapshot::default()
        };
        for sheet in snapshot.sheets.values_mut() {
            sheet.cells.retain(|cell| !left_out.contains(&cell.channel));
        }
        let counted = counted.into_iter().filter_map(|row| {
            let row = CountRow {
                what: row.what,
                day: row.day,
                channel_id: row.channel_id,
                detail: row.detail,
                n: row.n,
            };
            row.counted(self.tenant.id)
        });
        snapshot.counts = counted
            .filter(|(what, _)| !left_out.contains(&what.channel))
            .collect();
        Ok(snapshot)
    }

    /// What is open now, whatever its day; of the test chat only if its line is what `scope` looks
    /// at.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn now(&self, scope: &Scope, now: Timestamp) -> Result<Now, StoreError> {
        let db = &self.tenant.store.read;
        let tests = if scope.channel.is_none() {
            NO_TESTS
        } else {
            "true"
        };
        let text = format!(
            "select {COLUMNS} from handoffs h
             where h.tenant_id = $1 and h.ended_at is null and {tests}"
        );
        let rows = FactRow::find_by_statement(sql(db, &text, [self.tenant.id.0.into()]))
            .all(db)
            .await?;
        let facts: Vec<Fact> = rows
            .into_iter()
            .map(FactRow::fact)
            .collect::<Result<_, _>>()?;
        Ok(Now::of(facts.iter().filter(|f| scope.takes_fact(f)), now))
    }

    /// What lines, rules and agents are called.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn named(&self) -> Result<Named, StoreError> {
        let db = &self.tenant.store.read;
        let text = format!("{WITH_AGENTS} {NAMES} union all {AGENTS}");
        let rows = Row::find_by_statement(sql(db, &text, [self.tenant.id.0.into()]))
            .all(db)
            .await?;
        Named::from(rows)
    }
}

impl Named {
    fn from(mut rows: Vec<Row>) -> Result<Self, StoreError> {
        rows.sort_by_key(|row| row.day);
        let mut named = Self::default();
        for row in rows {
            if row.source == "agent" {
                named.agents.push((row.day, row.detail));
            } else if row.source == "rule" {
                let rule: Rule = serde_json::from_str(&row.detail)
                    .map_err(|e| StoreError::corrupt("rules.rule", e))?;
                named.rules.push((RuleId(row.channel_id), rule.name));
            } else {
                let kind = ChannelKind::from_name(&row.what)
                    .ok_or_else(|| StoreError::corrupt("channels.kind", &row.what))?;
                let id = ChannelId(row.channel_id);
                named.channels.push((id, kind, row.detail));
            }
        }
        named.agents.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(named)
    }

    /// The test chat's lines, unless one of them is what is looked at.
    fn tests(&self, scope: &Scope) -> Vec<ChannelId> {
        let tests = self
            .channels
            .iter()
            .filter(|(id, kind, _)| *kind == ChannelKind::Test && scope.channel != Some(*id));
        tests.map(|(id, ..)| *id).collect()
    }

    /// A line's kind and name.
    #[must_use]
    pub fn channel(&self, id: ChannelId) -> Option<(ChannelKind, &str)> {
        let found = self.channels.iter().find(|(c, ..)| *c == id);
        found.map(|(_, kind, name)| (*kind, name.as_str()))
    }

    /// A rule's name; rules that were removed have none.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> Option<&str> {
        let found = self.rules.iter().find(|(r, _)| *r == id);
        found.map(|(_, name)| name.as_str())
    }
}
