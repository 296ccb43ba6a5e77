//! What a list can be filtered by, in one statement.

use super::{Conversations, StoreError, sql};
use domain::ids::{ChannelId, RuleId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// What a list can be filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterChoices {
    /// Lines, also removed ones: their conversations stay.
    pub channels: Vec<(ChannelId, String)>,
    /// Rules, by their names.
    pub rules: Vec<(RuleId, String)>,
    /// Agents who took a handoff, by their names in Let's Talk.
    pub agents: Vec<(i64, String)>,
    /// Tags of contacts, at most 200.
    pub tags: Vec<String>,
}

#[derive(FromQueryResult)]
struct Row {
    kind: String,
    id: Option<Uuid>,
    number: Option<i64>,
    name: String,
}

/// Agents and tags are read by jumping from one to the next in the index: their number counts,
/// not how often they occur.
const CHOICES: &str = "with recursive tags(tag) as (
        select min(tag) from contact_tags where tenant_id = $1
        union all
        select (select min(g.tag) from contact_tags g where g.tenant_id = $1 and g.tag > tags.tag)
        from tags where tags.tag is not null
    ), agents(agent) as (
        select min(agent_id) from handoffs where tenant_id = $1 and agent_id is not null
        union all
        select (select min(h.agent_id) from handoffs h where h.tenant_id = $1 and h.agent_id is not null
            and h.agent_id > agents.agent)
        from agents where agents.agent is not null
    )
    select 'channel' as kind, id, null as number, name from channels where tenant_id = $1
    union all
    select 'rule', id, null, coalesce(NAME, '') from rules where tenant_id = $1
    union all
    select * from (select 'agent', null, agent, coalesce((select h.agent_name from handoffs h
        where h.tenant_id = $1 and h.agent_id = agents.agent and h.agent_name is not null limit 1), '')
        from agents where agent is not null limit 200) as a
    union all
    select * from (select 'tag', null, null, tag from tags where tag is not null limit 200) as t";

impl Conversations {
    /// What the list can be filtered by.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn choices(&self) -> Result<FilterChoices, StoreError> {
        let db = &self.tenant.store.read;
        // Nulls need a type on PostgreSQL and must not have one on SQLite.
        let text = if self.tenant.store.is_postgres() {
            CHOICES
                .replace("NAME", "(rule::json)->>'name'")
                .replace("null as number", "null::bigint as number")
                .replace("'agent', null,", "'agent', null::uuid,")
                .replace("'tag', null, null", "'tag', null::uuid, null::bigint")
        } else {
            CHOICES.replace("NAME", "rule->>'$.name'")
        };
        let rows = Row::find_by_statement(sql(db, &text, [self.tenant.id.0.into()]))
            .all(db)
            .await?;
        let mut choices = FilterChoices::default();
        for Row {
            kind,
            id,
            number,
            name,
        } in rows
        {
            match (kind.as_str(), id, number) {
                ("channel", Some(id), _) => choices.channels.push((ChannelId(id), name)),
                ("rule", Some(id), _) => choices.rules.push((RuleId(id), name)),
                ("agent", _, Some(agent)) => choices.agents.push((agent, name)),
                ("tag", ..) => choices.tags.push(name),
                _ => {}
            }
        }
        choices.channels.sort_by(|a, b| a.1.cmp(&b.1));
        choices.rules.sort_by(|a, b| a.1.cmp(&b.1));
        choices.agents.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(choices)
    }
}
