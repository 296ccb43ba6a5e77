//! What a transaction writes together. Rows that nobody has looked at wait here for its end, or for a
//! statement that looks at their table; on PostgreSQL all that is left at the end is one statement.

use super::unit::Unit;
use crate::store::{StoreError, many, ms};
use sea_orm::{ConnectionTrait, Value};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Rows of a transaction that are written together: at its end, or before a statement that looks at
/// their table.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    webhooks: Mutex<Vec<Vec<Value>>>,
    outbox: Mutex<Vec<Vec<Value>>>,
    messages: Mutex<Vec<Vec<Value>>>,
    deliveries: Mutex<Vec<Vec<Value>>>,
    parked: Mutex<Vec<Vec<Value>>>,
}

/// The most rows that one statement writes on SQLite, where each value has a place of its own, and on
/// PostgreSQL, where they are one.
const ROWS: usize = 64;
const ROWS_AS_ONE: usize = 1_000;

impl Unwritten {
    fn add(&self, table: Table, row: Vec<Value>) {
        self.rows(table).push(row);
    }

    /// How many rows of a table wait.
    pub(super) fn count(&self, table: Table) -> usize {
        self.rows(table).len()
    }

    fn rows(&self, table: Table) -> MutexGuard<'_, Vec<Vec<Value>>> {
        let rows = match table {
            Table::Webhooks => &self.webhooks,
            Table::Outbox => &self.outbox,
            Table::Messages => &self.messages,
            Table::Deliveries => &self.deliveries,
            Table::Parked => &self.parked,
        };
        rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A table whose rows are written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Webhooks as they came.
    Webhooks,
    /// Outbound work.
    Outbox,
    /// Messages that nobody has stored yet.
    Messages,
    /// Parts of messages that are about to be sent.
    Deliveries,
    /// News about messages that nobody knows yet.
    Parked,
}

impl Table {
    pub(super) const ALL: [Self; 5] = [
        Self::Webhooks,
        Self::Outbox,
        Self::Messages,
        Self::Deliveries,
        Self::Parked,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Webhooks => "webhooks",
            Self::Outbox => "outbox",
            Self::Messages => "messages",
            Self::Deliveries => "deliveries",
            Self::Parked => "parked_updates",
        }
    }

    pub(super) fn columns(self) -> &'static str {
        match self {
            Self::Webhooks => "tenant_id, id, channel_id, headers, body, unsupported, received_at",
            // The rows' own order is that of their ids, by which a lane is worked off.
            Self::Outbox => {
                "tenant_id, conversation_id, lane, task, message_id, created_at, next_at"
            }
            Self::Messages => {
                "tenant_id, id, channel_id, conversation_id, seq, author, author_name, content,
                dedupe_key, external_id, reply_to, status, handoff_id, sent_at, received_at, words,
                origin"
            }
            Self::Deliveries => {
                "tenant_id, message_id, part, channel_id, conversation_id, identity, status, at"
            }
            Self::Parked => "tenant_id, channel_id, external_id, status, failure, at",
        }
    }

    /// What becomes of a row that is there already. A message that was taken for new and is not makes
    /// the transaction fail: the submissions are then carried out one by one.
    fn again(self) -> &'static str {
        match self {
            Self::Webhooks | Self::Outbox | Self::Messages => "",
            Self::Deliveries => " on conflict (tenant_id, message_id, part) do nothing",
            Self::Parked => " on conflict (tenant_id, channel_id, external_id, status) do nothing",
        }
    }
}

/// New work is due so long ago already: a clock that is put back must not make it wait.
const AT_ONCE: Duration = Duration::from_secs(2 * 3600);

/// A statement and its values.
pub(super) type Write = (String, Vec<Value>);

impl Unit<'_> {
    /// Writes a row together with others of its table.
    pub(crate) fn later(&self, table: Table, row: Vec<Value>) {
        self.after.unwritten.add(table, row);
    }

    /// Writes the rows of tables that a statement looks at.
    pub(super) async fn write_what(&self, text: &str) -> Result<(), StoreError> {
        let looks = |table: Table| text.contains(table.name());
        let parts = [Table::Messages, Table::Deliveries];
        // How far a message got is told by all its parts.
        let progress = parts.into_iter().any(looks) && !self.after.progress.is_empty();
        for table in Table::ALL {
            if looks(table) || (progress && parts.contains(&table)) {
                self.perform(self.writes_of(table)).await?;
            }
        }
        if progress {
            self.write_progress().await?;
        }
        match text.contains("conversations") {
            true => self.perform(self.writes_of_threads()?).await,
            false => Ok(()),
        }
    }

    /// Writes what is left unwritten.
    pub(crate) async fn write_all(&mut self) -> Result<(), StoreError> {
        let mut all: Vec<Vec<Write>> = Table::ALL
            .into_iter()
            .map(|table| self.writes_of(table))
            .collect();
        all.push(self.writes_of_threads()?);
        all.push(self.writes_of_events());
        all.push(self.writes_of_reached());
        // Statements on one table keep their order, which parts of one statement have not.
        let few = all.iter().all(|of_one| of_one.len() < 2);
        let writes: Vec<Write> = all.into_iter().flatten().collect();
        if self.store.is_postgres() && few && writes.len() > 1 {
            self.perform(vec![as_one(writes)]).await?;
        } else {
            self.perform(writes).await?;
        }
        self.write_progress().await
    }

    pub(super) async fn perform(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        for (text, values) in writes {
            let tx = self.tx()?;
            tx.execute_raw(self.store.timed(tx, &text, values)).await?;
        }
        Ok(())
    }

    pub(super) fn writes_of_reached(&mut self) -> Vec<Write> {
        let reached = std::mem::take(&mut self.after.reached).into_iter();
        let reached = reached
            .map(|((tenant, handoff), id)| vec![tenant.0.into(), handoff.0.into(), id.into()]);
        let rows: Vec<Vec<Value>> = reached.collect();
        let writes = rows.chunks(self.rows()).map(|rows| {
            let (listed, values) = many::set(self.store.is_postgres(), Vec::new(), rows);
            let text = format!(
                "with reached(tenant, handoff, message) as ({listed})
                update handoffs set last_desk_message = reached.message from reached
                where handoffs.tenant_id = reached.tenant and handoffs.id = reached.handoff
                  and handoffs.last_desk_message < reached.message"
            );
            (text, values)
        });
        writes.collect()
    }

    /// The most rows that one statement writes.
    pub(super) fn rows(&self) -> usize {
        match self.store.is_postgres() {
            true => ROWS_AS_ONE,
            false => ROWS,
        }
    }

    /// The rows of a table that nobody has looked at yet.
    pub(super) fn writes_of(&self, table: Table) -> Vec<Write> {
        let mut rows = std::mem::take(&mut *self.after.unwritten.rows(table));
        if let Table::Outbox = table {
            for (n, row) in (0_i64..).zip(&mut rows) {
                row.insert(0, n.into());
            }
        }
        let postgres = self.store.is_postgres();
        let writes = many::pieces(postgres, &rows, self.rows()).map(|piece| {
            let (listed, mut values) = many::list(postgres, piece);
            let (name, columns, again) = (table.name(), table.columns(), table.again());
            let text = match table {
                // In the order in which it was added: a lane is worked off by ids. Due by the clock
                // that judges work.
                Table::Outbox => {
                    values.push(ms(AT_ONCE).into());
                    format!(
                        "with added(n, tenant, conversation, lane, task, message, created) as ({listed})
                        insert into {name} ({columns})
                        select tenant, conversation, lane, task, message, created, NOW - ${}
                        from added order by n",
                        values.len()
                    )
                }
                _ => format!("insert into {name} ({columns}) {listed}{again}"),
            };
            (text, values)
        });
        writes.collect()
    }
}

/// Statements that have nothing to do with each other, as one.
fn as_one(writes: Vec<Write>) -> Write {
    let (parts, values) = beside(writes);
    (format!("with {parts} select 1"), values)
}

/// Statements as parts of one, called `w0`, `w1` and so on, and all their values.
pub(super) fn beside(writes: Vec<Write>) -> Write {
    let (mut parts, mut all) = (Vec::with_capacity(writes.len()), Vec::new());
    for (n, (text, values)) in writes.into_iter().enumerate() {
        parts.push(format!("w{n} as ({})", moved(&text, all.len())));
        all.extend(values);
    }
    (parts.join(", "), all)
}

/// The statement with its places behind so many others.
fn moved(text: &str, by: usize) -> String {
    let mut pieces = text.split('$');
    let mut moved = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(end);
        let place = number.parse::<usize>().map_or(0, |place| place + by);
        moved.push_str(&format!("${place}{rest}"));
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_become_one_with_a_place_for_each_value() {
        let writes = vec![
            (
                "insert into a select $1, $2".to_owned(),
                vec![1_i64.into(), 2_i64.into()],
            ),
            ("update b set c = $12 + $1".to_owned(), vec![3_i64.into()]),
        ];
        let (text, values) = as_one(writes);
        let expected =
            "with w0 as (insert into a select $1, $2), w1 as (update b set c = $14 + $3) select 1";
        assert_eq!((text.as_str(), values.len()), (expected, 3));
    }
}
