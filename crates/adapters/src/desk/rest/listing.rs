//! `GET /messages`: what was said in a conversation.

use super::LetsTalk;
use super::failure::Effect;
use crate::desk::decode::message;
use crate::desk::decode::value::{at, first_int, first_text};
use async_trait::async_trait;
use domain::desk::{DeskAccount, DeskBody, DeskEvent};
use domain::outbound::SendError;
use domain::ports::{DeskHistory, Heard, RealtimeEvent};
use domain::secret::Secret;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;

/// Rows asked for at once.
const PAGE: u32 = 100;

/// Pages per listing: 5,000 messages missed in one conversation are more than a bad day.
const MOST_PAGES: usize = 50;

/// Which rows.
#[derive(Clone, Copy)]
enum Side {
    After(i64),
    Before(i64),
    Newest,
}

impl LetsTalk {
    /// One page of rows by message id, oldest first. Rows without an id go by 0: they cannot be
    /// recognised again, and the caller keeps them as poison.
    async fn page(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        side: Side,
        amount: u32,
    ) -> Result<BTreeMap<i64, Value>, SendError> {
        let mut call = self.call(
            account,
            Method::GET,
            "/messages",
            Some(key),
            Effect::Repeatable,
        )?;
        let mut query = vec![("conversation_id", conversation.to_string())];
        let bound = match side {
            Side::After(id) => Some(("some_after", id)),
            Side::Before(id) => Some(("some_before", id)),
            Side::Newest => None,
        };
        if let Some((kind, location)) = bound {
            query.push(("cursor[type]", kind.to_owned()));
            query.push(("cursor[location]", location.to_string()));
            query.push(("cursor[amount]", amount.to_string()));
        }
        call.request = call.request.query(&query);
        let answer = self.answer(call).await?;
        Ok(rows(answer)
            .into_iter()
            .map(|row| (first_int(&row, &[&["id"]]).unwrap_or(0), row))
            // A server that does not know the cursor answers with everything.
            .filter(|(id, _)| match side {
                Side::After(after) => *id > after || *id == 0,
                Side::Before(before) => *id < before,
                Side::Newest => true,
            })
            .collect())
    }

    /// All rows after `after`, oldest first, or the newest page.
    pub(super) async fn rows_after(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        after: Option<i64>,
        amount: u32,
    ) -> Result<BTreeMap<i64, Value>, SendError> {
        let Some(after) = after else {
            return self
                .page(account, key, conversation, Side::Newest, amount)
                .await;
        };
        let mut found = self
            .page(account, key, conversation, Side::After(after), amount)
            .await?;
        self.fill(account, key, conversation, after, &mut found)
            .await?;
        Ok(found)
    }

    /// Whether a page holds the rows next to `after` or the newest ones, and how many it holds at
    /// most, is not documented: asks on towards both ends until each has nothing more.
    async fn fill(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        after: i64,
        found: &mut BTreeMap<i64, Value>,
    ) -> Result<(), SendError> {
        for newer in [false, true] {
            for _ in 0..MOST_PAGES {
                let end = if newer {
                    found.keys().next_back()
                } else {
                    found.keys().find(|id| **id > 0)
                };
                let side = match (end, newer) {
                    (None, _) => break,
                    (Some(id), true) => Side::After(*id),
                    (Some(id), false) => Side::Before(*id),
                };
                let page = self.page(account, key, conversation, side, PAGE).await?;
                let known = found.len();
                found.extend(page.into_iter().filter(|(id, _)| *id > after));
                if found.len() == known {
                    break;
                }
            }
        }
        Ok(())
    }
}

#[async_trait]
impl DeskHistory for LetsTalk {
    async fn listed_after(
        &self,
        account: &DeskAccount,
        conversation: i64,
        after: Option<i64>,
    ) -> Result<Vec<RealtimeEvent>, SendError> {
        let key = &account.credentials.agent_key;
        let mut rows = self
            .rows_after(account, key, conversation, after, PAGE)
            .await?;
        if after.is_none() {
            self.fill(account, key, conversation, 0, &mut rows).await?;
        }
        let own = account.settings.agent_user_id;
        let channel = format!("conversation-{conversation}");
        let closed = rows.values().any(is_closed);
        let mut told: Vec<RealtimeEvent> = rows
            .into_values()
            .map(|row| RealtimeEvent {
                channel: channel.clone(),
                timetoken: None,
                heard: heard(&row, own, conversation),
                raw: row.to_string(),
            })
            .collect();
        // The rows say so although the SYSTEM message is not among them.
        if closed && !told.iter().any(says_closed) {
            told.push(RealtimeEvent {
                channel,
                timetoken: None,
                heard: Heard::Event(DeskEvent::Closed { conversation }),
                raw: serde_json::json!({ "conversation_status": "Closed" }).to_string(),
            });
        }
        Ok(told)
    }
}

pub(super) fn heard(row: &Value, own: i64, conversation: i64) -> Heard {
    match message(row, own, Some(conversation)) {
        Ok(message) => Heard::Event(DeskEvent::Message(message)),
        Err(unreadable) => Heard::Poison { why: unreadable.0 },
    }
}

fn is_closed(row: &Value) -> bool {
    first_text(row, &[&["conversation_status"]]).is_some_and(|s| s.eq_ignore_ascii_case("closed"))
}

fn says_closed(event: &RealtimeEvent) -> bool {
    matches!(&event.heard, Heard::Event(DeskEvent::Message(m)) if m.body == DeskBody::Closed)
}

/// The rows of a listing: documented as messages, whether bare or wrapped is not.
pub(super) fn rows(answer: Value) -> Vec<Value> {
    match answer {
        Value::Array(rows) => rows,
        other => ["messages", "data", "rows", "results"]
            .iter()
            .find_map(|key| at(&other, &[key])?.as_array().cloned())
            .unwrap_or_default(),
    }
}
