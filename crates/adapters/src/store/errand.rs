//! What carrying out a row of outbound work begins with, in one round trip.

use super::entity::{handoffs, messages, tenants};
use super::handoffs::handoff_from;
use super::listing::{COLUMNS, ConversationRow, JOINS, Row};
use super::rows::message_from;
use super::tenant::tenant_from;
use super::work::MemorizedClient;
use super::{HandoffRow, StoreError, TenantStore, sql};
use domain::ids::{ConversationId, HandoffId, MessageId};
use domain::message::Message;
use domain::secret::Sealed;
use domain::tenant::Tenant;
use sea_orm::{ConnectionTrait, FromQueryResult, IdenStatic, Iterable, QueryResult};
use std::sync::LazyLock;
use uuid::Uuid;

/// What carrying out a row of outbound work begins with.
#[derive(Clone, Debug)]
pub struct Errand {
    /// For whom.
    pub company: Tenant,
    /// The conversation, its contact and its line.
    pub row: ConversationRow,
    /// The contact's client at the desk, if memorized.
    pub client: Option<MemorizedClient>,
    /// The handoff that was named.
    pub handoff: Option<HandoffRow>,
    /// The message that was named.
    pub message: Option<Message>,
    /// The parts of that message which the platform took already, by their numbers.
    pub taken: Vec<u16>,
}

/// A company, as far as work needs it.
#[derive(FromQueryResult)]
struct Company {
    id: Uuid,
    slug: String,
    name: String,
    settings: String,
}

#[derive(FromQueryResult)]
struct Client {
    id: Option<i64>,
    token: Option<Vec<u8>>,
}

/// The whole statement but for the list of taken parts, which each database puts together its way.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {COLUMNS}, t.id as t_id, t.slug as t_slug, t.name as t_name, t.settings as t_settings,
            c.desk_client_id as k_id, c.desk_token as k_token, {}, {},
            (select TAKEN from deliveries d where d.tenant_id = v.tenant_id and d.message_id = m.id
                and d.external_id is not null) as taken
        from conversations v {JOINS} join tenants t on t.id = v.tenant_id
        left join handoffs h on h.tenant_id = v.tenant_id and h.id = $3
        left join messages m on m.tenant_id = v.tenant_id and m.id = $4
        where v.tenant_id = $1 and v.id = $2",
        columns::<handoffs::Column>("h"),
        columns::<messages::Column>("m"),
    )
});

/// All columns of a table, each under its name behind the table's letter.
fn columns<C: Iterable + IdenStatic>(table: &str) -> String {
    let named = C::iter().map(|column| {
        let name = column.as_str();
        format!("{table}.{name} as {table}_{name}")
    });
    named.collect::<Vec<_>>().join(", ")
}

impl TenantStore {
    /// A conversation with all that work on it needs: its company and contact, and the handoff and
    /// the message that the work names.
    ///
    /// # Errors
    /// `NotFound` when there is no such conversation, also for another tenant's; a handoff or a
    /// message that does not exist is none.
    pub async fn errand(
        &self,
        conversation: ConversationId,
        handoff: Option<HandoffId>,
        message: Option<MessageId>,
    ) -> Result<Errand, StoreError> {
        let db = &self.store.read;
        let taken = match self.store.is_postgres() {
            true => "string_agg(d.part::text, ',')",
            false => "group_concat(d.part, ',')",
        };
        let text = TEXT.replace("TAKEN", taken);
        let values = [
            self.id.0.into(),
            conversation.0.into(),
            handoff.map(|id| id.0).into(),
            message.map(|id| id.0).into(),
        ];
        let found = db.query_one_raw(sql(db, &text, values)).await?;
        read(&found.ok_or(StoreError::NotFound)?)
    }
}

fn read(found: &QueryResult) -> Result<Errand, StoreError> {
    let company = Company::from_query_result(found, "t_")?;
    let company = tenants::Model {
        id: company.id,
        slug: company.slug,
        name: company.name,
        settings: company.settings,
        // Not read: this work signs nothing.
        events_secret: None,
        version: 0,
        created_at: 0,
    };
    let client = Client::from_query_result(found, "k_")?;
    let handoff = beside::<handoffs::Model>(found, "h_")?.map(handoff_from);
    let message = beside::<messages::Model>(found, "m_")?.map(message_from);
    let taken: Option<String> = found.try_get("", "taken")?;
    let taken = taken.iter().flat_map(|list| list.split(','));
    Ok(Errand {
        company: tenant_from(company)?,
        row: Row::from_query_result(found, "")?.read()?,
        client: client
            .id
            .zip(client.token)
            .map(|(id, token)| MemorizedClient {
                id,
                token: Sealed(token),
            }),
        handoff: handoff.transpose()?,
        message: message.transpose()?,
        taken: taken.filter_map(|part| part.parse().ok()).collect(),
    })
}

/// A row of a table that may have none.
fn beside<T: FromQueryResult>(found: &QueryResult, table: &str) -> Result<Option<T>, StoreError> {
    let id: Option<Uuid> = found.try_get(table, "id")?;
    Ok(id.map(|_| T::from_query_result(found, table)).transpose()?)
}
