//! Whose conversation something belongs to.

use super::{Conversations, StoreError, sql};
use domain::contact::ContactAddress;
use domain::ids::ChannelId;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Row {
    key: String,
    alias: Option<String>,
    thread: String,
}

impl From<Row> for ContactAddress {
    fn from(row: Row) -> Self {
        Self {
            key: row.key,
            alias: row.alias,
            thread: Some(row.thread).filter(|t| !t.is_empty()),
        }
    }
}

/// The contacts `c` of the line `$2` of the tenant `$1` who are known by these ids, or were. One look
/// into an index for each: with «or» PostgreSQL reads all contacts of the line where lines have few
/// on average, and some have a hundred thousand.
pub(crate) fn called(keys: &[&str], aliases: &[&str]) -> String {
    let look = |column: &str, id: &&str| {
        format!(
            "select k.id from contacts k
            where k.tenant_id = $1 and k.channel_id = $2 and k.{column} = {id}"
        )
    };
    let by_key = keys.iter().map(|id| look("key", id));
    let all = by_key.chain(aliases.iter().map(|id| look("alias", id)));
    let all = all.collect::<Vec<_>>().join(" union all ");
    format!("c.tenant_id = $1 and c.id in ({all})")
}

impl Conversations {
    /// The contact of a line who is known by one of these ids, the first one best.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn known_address(
        &self,
        channel: ChannelId,
        keys: &[String],
    ) -> Result<Option<ContactAddress>, StoreError> {
        let db = &self.tenant.store.read;
        let text = format!(
            "select c.key, c.alias, c.thread from contacts c where {}
            order by (case when c.key = $3 then 0 else 1 end), c.thread limit 1",
            called(&["$3"], &["$3"])
        );
        for key in keys {
            let values: [Value; 3] = [
                self.tenant.id.0.into(),
                channel.0.into(),
                key.clone().into(),
            ];
            let row = Row::find_by_statement(sql(db, &text, values))
                .one(db)
                .await?;
            if let Some(row) = row {
                return Ok(Some(row.into()));
            }
        }
        Ok(None)
    }

    /// Whose message it was, by the platform's id.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn address_of_message(
        &self,
        channel: ChannelId,
        external_id: &str,
    ) -> Result<Option<ContactAddress>, StoreError> {
        let db = &self.tenant.store.read;
        let text = "select c.key, c.alias, c.thread from messages m
            join conversations v on v.tenant_id = m.tenant_id and v.id = m.conversation_id
            join contacts c on c.tenant_id = v.tenant_id and c.id = v.contact_id
            where m.tenant_id = $1 and m.channel_id = $2 and m.external_id = $3 limit 1";
        let values: [Value; 3] = [
            self.tenant.id.0.into(),
            channel.0.into(),
            external_id.into(),
        ];
        let row = Row::find_by_statement(sql(db, text, values))
            .one(db)
            .await?;
        Ok(row.map(Into::into))
    }

    /// Which of these lines knows a contact by this id, the first one best.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn line_knowing(
        &self,
        lines: &[ChannelId],
        key: &str,
    ) -> Result<Option<ChannelId>, StoreError> {
        #[derive(FromQueryResult)]
        struct Found {
            #[allow(dead_code)]
            id: Uuid,
        }
        let db = &self.tenant.store.read;
        let text =
            "select id from contacts where tenant_id = $1 and channel_id = $2 and key = $3 limit 1";
        for line in lines {
            let values: [Value; 3] = [self.tenant.id.0.into(), line.0.into(), key.into()];
            let found = Found::find_by_statement(sql(db, text, values))
                .one(db)
                .await?;
            if found.is_some() {
                return Ok(Some(*line));
            }
        }
        Ok(None)
    }
}
