//! Conversations read without a lock, with the versions of their rows, by which is known later whether they
//! still are what was read. On PostgreSQL only.

use super::desk::Known;
use super::thread::{COLUMNS, CONVERSATIONS, Row};
use super::unit::Unit;
use crate::store::{StoreError, many};
use domain::ids::{ChannelId, TenantId};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// PostgreSQL's number of the transaction that wrote a row as it is: another one after each change.
const SEEN: &str = "v.xmin::text::bigint as seen, c.xmin::text::bigint as contact_seen";

/// A conversation that is not locked.
#[derive(FromQueryResult)]
struct Glance {
    #[sea_orm(nested)]
    row: Row,
    seen: i64,
    contact_seen: i64,
}

/// A conversation at the desk, with ours, which is not locked.
#[derive(FromQueryResult)]
struct GlanceAtDesk {
    #[sea_orm(nested)]
    glance: Glance,
    handoff: Uuid,
    desk_conversation: i64,
}

impl Unit<'_> {
    /// Reads the conversations of contacts as they are at this moment, and lays them ready. The keys are
    /// tenant, line, the contact's key there and the topic.
    pub(super) async fn glance(
        &self,
        db: &impl ConnectionTrait,
        keys: &[Vec<Value>],
    ) -> Result<(), StoreError> {
        let select = format!("select {COLUMNS}, {SEEN} from {CONVERSATIONS} where ");
        let names = "c.tenant_id, c.channel_id, c.key, c.thread";
        let (text, values) = many::looked_up(&select, names, keys);
        let statement = self.store.timed(db, &text, values);
        for glance in Glance::find_by_statement(statement).all(db).await? {
            self.lay_glance(glance).await?;
        }
        Ok(())
    }

    /// The same by the desk's conversations: the keys are tenant and the id there. The answer says on
    /// which line each is.
    pub(super) async fn glance_at_desk(
        &self,
        db: &impl ConnectionTrait,
        keys: &[Vec<Value>],
    ) -> Result<HashMap<(TenantId, i64), ChannelId>, StoreError> {
        let select = format!(
            "select {COLUMNS}, {SEEN}, h.id as handoff, h.desk_conversation from {CONVERSATIONS}
            join handoffs h on h.tenant_id = v.tenant_id and h.conversation_id = v.id where "
        );
        let (text, values) = many::looked_up(&select, "h.tenant_id, h.desk_conversation", keys);
        let statement = self.store.timed(db, &text, values);
        let mut lines = HashMap::new();
        for found in GlanceAtDesk::find_by_statement(statement).all(db).await? {
            let row = &found.glance.row;
            let tenant = TenantId(row.tenant_id);
            let known = Known {
                id: found.handoff,
                conversation_id: row.id,
            };
            let at_desk = found.desk_conversation;
            lines.insert((tenant, at_desk), ChannelId(row.channel_id));
            self.after.shelf.lay_desk(tenant, at_desk, known);
            self.lay_glance(found.glance).await?;
        }
        Ok(lines)
    }

    async fn lay_glance(&self, glance: Glance) -> Result<(), StoreError> {
        let thread = self.dress(glance.row).await?;
        let thread = thread.seen_as((glance.seen, glance.contact_seen));
        self.after.shelf.put(thread, false);
        Ok(())
    }
}
