//! How a connection fares: what its rows tell, and what its last diagnosis found.

use super::{StoreError, TenantStore, sql};
use domain::ids::ChannelId;
use domain::outbound::Lane;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// The most groups of stuck rows that are told.
const MOST: i64 = 20;

/// The subject under which the latest news about a line's account are kept.
#[must_use]
pub fn news_of(channel: ChannelId) -> String {
    format!("news:{channel}")
}

/// How a tenant's connections fare.
pub struct Checks {
    pub(crate) tenant: TenantStore,
}

/// What went through a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The contacts' last word, by the platform's clock.
    pub last_inbound: Option<Timestamp>,
    /// The last message that the platform took.
    pub last_outbound: Option<Timestamp>,
    /// Messages on their way or out since the instant asked for.
    pub sent: i64,
    /// Of them those that failed.
    pub failed: i64,
}

/// Outbound rows that wait or were given up, of one lane and for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The lane.
    pub lane: Lane,
    /// Given up; otherwise they wait.
    pub given_up: bool,
    /// How many.
    pub rows: i64,
    /// The oldest was written then.
    pub oldest: Timestamp,
    /// The next try of the last one.
    pub next_at: Timestamp,
    /// The other side's words; none where it was not tried yet.
    pub error: Option<String>,
    /// The other side's code.
    pub code: Option<String>,
}

/// What the realtime stream brought that could not be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamTrouble {
    /// Events of conversations that are not known (yet).
    pub unmatched: i64,
    /// Events that could not be read.
    pub unreadable: i64,
}

#[derive(FromQueryResult)]
struct StuckRow {
    lane: i16,
    number: i64,
    oldest: i64,
    next_at: i64,
    error: Option<String>,
    code: Option<String>,
}

impl Checks {
    /// What went through a line, with the figures since `since`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn traffic(
        &self,
        channel: ChannelId,
        since: Timestamp,
    ) -> Result<Traffic, StoreError> {
        #[derive(FromQueryResult)]
        struct In {
            last_in: Option<i64>,
        }
        #[derive(FromQueryResult)]
        struct Out {
            last_out: Option<i64>,
            sent: i64,
            failed: i64,
        }
        let db = &self.tenant.store.read;
        let key = || -> [Value; 2] { [self.tenant.id.0.into(), channel.0.into()] };
        let text = "select max(last_inbound_at) as last_in from conversations
            where tenant_id = $1 and channel_id = $2";
        let heard = In::find_by_statement(sql(db, text, key())).one(db).await?;
        let text = "select
                max(case when status in ('sent', 'delivered', 'read') then at end) as last_out,
                count(case when at >= $3 then 1 end) as sent,
                count(case when at >= $3 and status = 'failed' then 1 end) as failed
            from deliveries where tenant_id = $1 and channel_id = $2";
        let values = key().into_iter().chain([since.0.into()]);
        let said = Out::find_by_statement(sql(db, text, values))
            .one(db)
            .await?;
        Ok(Traffic {
            last_inbound: heard.and_then(|r| r.last_in).map(Timestamp),
            last_outbound: said.as_ref().and_then(|r| r.last_out).map(Timestamp),
            sent: said.as_ref().map_or(0, |r| r.sent),
            failed: said.as_ref().map_or(0, |r| r.failed),
        })
    }

    /// What waits on a line or was given up, by lane and reason.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn stuck_on(&self, channel: ChannelId) -> Result<Vec<Stuck>, StoreError> {
        let which = "and o.lane <> $3 and exists (select 1 from conversations c
            where c.tenant_id = o.tenant_id and c.id = o.conversation_id and c.channel_id = $4)";
        let values = [Lane::Desk.number().into(), channel.0.into()];
        self.stuck(which, values.to_vec()).await
    }

    /// What waits towards the desk or was given up, by reason.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn stuck_at_desk(&self) -> Result<Vec<Stuck>, StoreError> {
        let values = vec![Lane::Desk.number().into()];
        self.stuck("and o.lane = $3", values).await
    }

    async fn stuck(&self, which: &str, values: Vec<Value>) -> Result<Vec<Stuck>, StoreError> {
        let db = &self.tenant.store.read;
        let mut all = Vec::new();
        // The state stands in the text, since each has an index of its own.
        for state in ["dead", "pending"] {
            let text = format!(
                "select o.lane, count(*) as number, min(o.created_at) as oldest,
                    max(o.next_at) as next_at, o.error, o.code
                from outbox o where o.tenant_id = $1 and o.state = '{state}' {which}
                group by o.lane, o.error, o.code order by 2 desc, 3 limit $2"
            );
            let key: [Value; 2] = [self.tenant.id.0.into(), MOST.into()];
            let values = key.into_iter().chain(values.clone());
            let rows = StuckRow::find_by_statement(sql(db, &text, values))
                .all(db)
                .await?;
            for row in rows {
                all.push(Stuck {
                    lane: Lane::from_number(row.lane)
                        .ok_or_else(|| StoreError::corrupt("outbox.lane", row.lane))?,
                    given_up: state == "dead",
                    rows: row.number,
                    oldest: Timestamp(row.oldest),
                    next_at: Timestamp(row.next_at),
                    error: row.error,
                    code: row.code,
                });
            }
        }
        Ok(all)
    }

    /// What the realtime stream brought since `since` that could not be used.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn stream_trouble(&self, since: Timestamp) -> Result<StreamTrouble, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            unmatched: i64,
            unreadable: i64,
        }
        let db = &self.tenant.store.read;
        let text = "select count(case when outcome = 'unmatched' then 1 end) as unmatched,
                count(case when outcome = 'poison' then 1 end) as unreadable
            from realtime_events where tenant_id = $1 and received_at >= $2";
        let values: [Value; 2] = [self.tenant.id.0.into(), since.0.into()];
        let row = Row::find_by_statement(sql(db, text, values))
            .one(db)
            .await?;
        Ok(row.map_or_else(StreamTrouble::default, |r| StreamTrouble {
            unmatched: r.unmatched,
            unreadable: r.unreadable,
        }))
    }

    /// What the last diagnosis of `subject` found, and when.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn last(
        &self,
        subject: &str,
    ) -> Result<Option<(serde_json::Value, Timestamp)>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            report: String,
            at: i64,
        }
        let db = &self.tenant.store.read;
        let text = "select report, at from checks where tenant_id = $1 and subject = $2";
        let values: [Value; 2] = [self.tenant.id.0.into(), subject.into()];
        let row = Row::find_by_statement(sql(db, text, values))
            .one(db)
            .await?;
        Ok(row.and_then(|r| Some((serde_json::from_str(&r.report).ok()?, Timestamp(r.at)))))
    }

    /// Keeps what a diagnosis of `subject` found, in the place of the one before.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn keep(
        &self,
        subject: &str,
        report: &serde_json::Value,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let db = &self.tenant.store.write;
        let text = "insert into checks (tenant_id, subject, report, at) values ($1, $2, $3, $4)
            on conflict (tenant_id, subject)
            do update set report = excluded.report, at = excluded.at";
        let values: [Value; 4] = [
            self.tenant.id.0.into(),
            subject.into(),
            report.to_string().into(),
            at.0.into(),
        ];
        db.execute_raw(sql(db, text, values)).await?;
        Ok(())
    }
}
