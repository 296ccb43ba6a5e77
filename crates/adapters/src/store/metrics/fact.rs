//! From a handoff's row to its fact.

use crate::store::StoreError;
use domain::handoff::{EndReason, HandoffReason};
use domain::ids::{ChannelId, RuleId};
use domain::metrics::{Day, Exchange, Fact, Local};
use domain::time::Timestamp;
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// The columns of a fact, of the table `h`.
pub(crate) const COLUMNS: &str = "h.channel_id, h.rule_id, h.reason, h.day, h.hour, h.requested_at,
    h.accepted_at, h.first_human_at, h.ended_at, h.end_reason, h.rating, h.previous_ended_at,
    h.contact_messages, h.agent_messages, h.replies, h.reply_ms";

/// Leaves the test chat's handoffs out: a member who tries things is nobody's figure. `$1` is the
/// tenant.
pub(crate) const NO_TESTS: &str =
    "h.channel_id not in (select t.id from channels t where t.tenant_id = $1 and t.kind = 'test')";

#[derive(FromQueryResult)]
pub(crate) struct FactRow {
    channel_id: Uuid,
    rule_id: Option<Uuid>,
    reason: String,
    day: i64,
    hour: i64,
    requested_at: i64,
    accepted_at: Option<i64>,
    first_human_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
    rating: Option<i64>,
    previous_ended_at: Option<i64>,
    contact_messages: i64,
    agent_messages: i64,
    replies: i64,
    reply_ms: i64,
}

pub(super) fn day_from(day: i64) -> Day {
    Day(i32::try_from(day).unwrap_or(0))
}

impl FactRow {
    pub(crate) fn fact(self) -> Result<Fact, StoreError> {
        let end_reason = match self.end_reason {
            None => None,
            Some(name) => Some(
                EndReason::from_name(&name)
                    .ok_or_else(|| StoreError::corrupt("handoffs.end_reason", name))?,
            ),
        };
        Ok(Fact {
            channel: ChannelId(self.channel_id),
            rule: self.rule_id.map(RuleId),
            reason: HandoffReason::from_name(&self.reason)
                .ok_or_else(|| StoreError::corrupt("handoffs.reason", self.reason))?,
            local: Local {
                day: day_from(self.day),
                hour: u8::try_from(self.hour).unwrap_or(0),
            },
            requested_at: Timestamp(self.requested_at),
            accepted_at: self.accepted_at.map(Timestamp),
            first_human_at: self.first_human_at.map(Timestamp),
            ended_at: self.ended_at.map(Timestamp),
            end_reason,
            rating: self.rating.and_then(|r| u8::try_from(r).ok()),
            previous_ended_at: self.previous_ended_at.map(Timestamp),
            exchange: Exchange {
                contact_messages: self.contact_messages,
                agent_messages: self.agent_messages,
                replies: self.replies,
                reply_ms: self.reply_ms,
            },
        })
    }
}
