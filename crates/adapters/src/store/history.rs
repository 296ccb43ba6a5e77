//! The history of handoffs: filtered, page by page.

use super::metrics::fact::{COLUMNS, FactRow, NO_TESTS};
use super::{Handoffs, StoreError, TenantStore, sql};
use domain::contact::ContactProfile;
use domain::handoff::{AgentRef, EndReason, HandoffReason};
use domain::ids::{ChannelId, ConversationId, HandoffId, RuleId};
use domain::metrics::{Day, Fact, RESPONSE_BANDS};
use domain::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

/// Which handoffs to list; nothing chosen = all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// From this day of the tenant on.
    pub from: Option<Day>,
    /// Up to and including this day.
    pub to: Option<Day>,
    /// Only on this line.
    pub channel: Option<ChannelId>,
    /// Only asked for by this rule.
    pub rule: Option<RuleId>,
    /// Only taken by this agent of Let's Talk.
    pub agent: Option<i64>,
    /// Only begun for this reason.
    pub reason: Option<HandoffReason>,
    /// Only ended for this reason.
    pub end: Option<EndReason>,
    /// Only rated with so many stars.
    pub rating: Option<u8>,
    /// Only those behind one number of the dashboard.
    pub only: Option<Only>,
    /// With those of the test chat, which otherwise are listed only where its line is chosen.
    pub tests: bool,
}

/// The handoffs behind one number of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Not ended.
    Open,
    /// Not ended and taken by nobody.
    Waiting,
    /// An agent joined.
    Accepted,
    /// A human wrote.
    Answered,
    /// With a reply after the first response.
    Replied,
    /// Taken and ended.
    Resolved,
    /// Ended before a human message.
    Abandoned,
    /// Ended without an agent.
    NoAgent,
    /// Within 24 hours after the same contact's previous one.
    RepeatDay,
    /// Within 7 days after the same contact's previous one.
    RepeatWeek,
    /// The first of its conversation; the days are those on which conversations started.
    First,
    /// Rated with four or five stars.
    Content,
    /// First answered within a bar of the chart, 0 to 7.
    Band(u8),
    /// Asked for on this weekday (0 = Monday) at this hour.
    Slot {
        /// 0 = Monday to 6 = Sunday.
        weekday: u8,
        /// 0 to 23.
        hour: u8,
    },
}

/// One handoff of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRow {
    /// Identity.
    pub id: HandoffId,
    /// The thread.
    pub conversation: ConversationId,
    /// Who writes in.
    pub contact: ContactProfile,
    /// The first agent.
    pub agent: Option<AgentRef>,
    /// Everything that has a figure.
    pub fact: Fact,
}

/// Where the history goes on: strictly older than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryCursor {
    /// The last row's request.
    pub at: Timestamp,
    /// The last row.
    pub id: HandoffId,
}

impl HistoryRow {
    /// The place of this row.
    #[must_use]
    pub fn cursor(&self) -> HistoryCursor {
        HistoryCursor {
            at: self.fact.requested_at,
            id: self.id,
        }
    }
}

#[derive(FromQueryResult)]
struct Head {
    id: Uuid,
    conversation_id: Uuid,
    agent_id: Option<i64>,
    agent_name: Option<String>,
    profile: Option<String>,
}

/// Conditions with their values, in the order of their places.
struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        let place = format!("${}", self.values.len());
        self.text.push_str(" and ");
        self.text.push_str(&condition.replace('?', &place));
    }

    fn must(&mut self, condition: &str) {
        self.text.push_str(" and ");
        self.text.push_str(condition);
    }

    fn of(tenant: &TenantStore, filter: &HistoryFilter, listed: bool) -> Self {
        let mut all = Self {
            text: "h.tenant_id = $1".to_owned(),
            values: vec![tenant.id.0.into()],
        };
        // Those of an agent or a rule have an index in the order of their requests.
        let ordered = listed || filter.agent.is_some() || filter.rule.is_some();
        all.days(filter, ordered, tenant.store.is_postgres());
        if let Some(channel) = filter.channel {
            all.add("h.channel_id = ?", channel.0);
        } else if !filter.tests {
            all.must(NO_TESTS);
        }
        if let Some(rule) = filter.rule {
            all.add("h.rule_id = ?", rule.0);
        }
        if let Some(agent) = filter.agent {
            all.add("h.agent_id = ?", agent);
        }
        if let Some(reason) = filter.reason {
            all.add("h.reason = ?", reason.name());
        }
        if let Some(end) = filter.end {
            all.add("h.end_reason = ?", end.name());
        }
        if let Some(rating) = filter.rating {
            all.add("h.rating = ?", i64::from(rating));
        }
        if let Some(only) = filter.only {
            all.only(only);
        }
        all
    }

    /// A list is read in the order of its requests: the sign before the day keeps SQLite from
    /// collecting all of a span and sorting it for its first page; PostgreSQL knows how many there are,
    /// and would be kept from knowing. A count has no order but that of the index which it reads.
    fn days(&mut self, filter: &HistoryFilter, ordered: bool, postgres: bool) {
        const DAY: i64 = 86_400_000;
        let first = filter.only == Some(Only::First);
        let sign = if ordered && !postgres { "+" } else { "" };
        let column = if first { "h.started_day" } else { "h.day" };
        // A day begins up to fourteen hours before and ends up to twelve after the day in UTC.
        if let Some(from) = filter.from {
            self.add(&format!("{sign}{column} >= ?"), i64::from(from.0));
            if ordered {
                self.add("h.requested_at >= ?", (i64::from(from.0) - 1) * DAY);
            }
        }
        if let Some(to) = filter.to {
            self.add(&format!("{sign}{column} <= ?"), i64::from(to.0));
            // The first handoff of a conversation may come any time after its start.
            if ordered && !first {
                self.add("h.requested_at < ?", (i64::from(to.0) + 2) * DAY);
            }
        }
        if first {
            self.must("h.started_day is not null");
        }
    }

    fn only(&mut self, only: Only) {
        const DAY: i64 = 86_400_000;
        match only {
            Only::Open => self.must("h.ended_at is null"),
            Only::Waiting => self.must("h.ended_at is null and h.accepted_at is null"),
            Only::Accepted => self.must("h.accepted_at is not null"),
            Only::Answered => self.must("h.first_human_at is not null"),
            Only::Replied => self.must("h.replies > 0"),
            Only::Resolved => self.must("h.accepted_at is not null and h.ended_at is not null"),
            Only::Abandoned => self.must("h.ended_at is not null and h.first_human_at is null"),
            Only::NoAgent => self.must("h.end_reason in ('no_agent_timeout', 'out_of_hours')"),
            Only::RepeatDay => self.add("h.requested_at - h.previous_ended_at <= ?", DAY),
            Only::RepeatWeek => self.add("h.requested_at - h.previous_ended_at <= ?", 7 * DAY),
            // Said by the days.
            Only::First => {}
            Only::Content => self.must("h.rating >= 4"),
            Only::Band(band) => self.band(band),
            Only::Slot { weekday, hour } => {
                // Day 0 was a Thursday.
                self.add("(h.day + 3) % 7 = ?", i64::from(weekday));
                self.add("h.hour = ?", i64::from(hour));
            }
        }
    }

    fn band(&mut self, band: u8) {
        let band = usize::from(band);
        let end = |n: usize| {
            let seconds = RESPONSE_BANDS.get(n).copied().unwrap_or(0);
            i64::try_from(seconds * 1000).unwrap_or(i64::MAX)
        };
        self.must("h.first_human_at is not null");
        if band > 0 {
            self.add("h.first_human_at - h.requested_at >= ?", end(band - 1));
        }
        if band < RESPONSE_BANDS.len() {
            self.add("h.first_human_at - h.requested_at < ?", end(band));
        }
    }
}

impl Handoffs {
    /// A page of the history, newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn history(
        &self,
        filter: &HistoryFilter,
        before: Option<HistoryCursor>,
        limit: u64,
    ) -> Result<Vec<HistoryRow>, StoreError> {
        let db = &self.tenant.store.read;
        let mut all = Conditions::of(&self.tenant, filter, true);
        if let Some(cursor) = before {
            all.add("h.requested_at <= ?", cursor.at.0);
            let place = format!("${}", all.values.len());
            let older = format!("(h.requested_at < {place} or h.id < ?)");
            all.add(&older, cursor.id.0);
        }
        let text = format!(
            "select h.id, h.conversation_id, h.agent_id, h.agent_name, c.profile, {COLUMNS}
             from handoffs h left join contacts c on c.tenant_id = h.tenant_id and c.id = h.contact_id
             where {} order by h.requested_at desc, h.id desc limit {limit}",
            all.text
        );
        let rows = sea_orm::ConnectionTrait::query_all_raw(db, sql(db, &text, all.values)).await?;
        rows.iter()
            .map(|row| {
                let head = Head::from_query_result(row, "")?;
                let profile = head.profile.as_deref().unwrap_or("{}");
                Ok(HistoryRow {
                    id: HandoffId(head.id),
                    conversation: ConversationId(head.conversation_id),
                    contact: serde_json::from_str(profile)
                        .map_err(|e| StoreError::corrupt("contacts.profile", e))?,
                    agent: head.agent_id.map(|id| AgentRef {
                        id,
                        name: head.agent_name,
                    }),
                    fact: FactRow::from_query_result(row, "")?.fact()?,
                })
            })
            .collect()
    }

    /// How many there are in all.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn history_count(&self, filter: &HistoryFilter) -> Result<u64, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            n: i64,
        }
        let db = &self.tenant.store.read;
        let all = Conditions::of(&self.tenant, filter, false);
        let text = format!("select count(*) as n from handoffs h where {}", all.text);
        let row = Row::find_by_statement(sql(db, &text, all.values))
            .one(db)
            .await?;
        Ok(row.map_or(0, |r| u64::try_from(r.n).unwrap_or(0)))
    }

    /// One handoff of the history.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn history_row(&self, id: HandoffId) -> Result<HistoryRow, StoreError> {
        let known = self.get(id).await?;
        let after = HistoryCursor {
            at: known.requested_at,
            id: HandoffId(Uuid::from_u128(id.0.as_u128().saturating_add(1))),
        };
        let any = HistoryFilter {
            tests: true,
            ..HistoryFilter::default()
        };
        let page = self.history(&any, Some(after), 1).await?;
        page.into_iter()
            .find(|row| row.id == id)
            .ok_or(StoreError::NotFound)
    }
}
