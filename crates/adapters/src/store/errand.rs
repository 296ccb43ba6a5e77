//! What carrying out a row of outbound work begins with, in one round trip, which it shares with
//! other work that begins at the same time.

use super::entity::{handoffs, messages, tenants};
use super::handoffs::handoff_from;
use super::listing::{COLUMNS, ConversationRow, JOINS, Row};
use super::rows::message_from;
use super::tenant::tenant_from;
use super::work::MemorizedClient;
use super::{HandoffRow, Store, StoreError, TenantStore, many, sql};
use crate::together::Together;
use domain::ids::{ConversationId, HandoffId, MessageId, TenantId};
use domain::message::Message;
use domain::secret::Sealed;
use domain::tenant::Tenant;
use sea_orm::{ConnectionTrait, FromQueryResult, IdenStatic, Iterable, QueryResult, Value};
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

/// What one row of work names.
#[derive(Clone, Copy)]
pub(super) struct Named {
    tenant: TenantId,
    conversation: ConversationId,
    handoff: Option<HandoffId>,
    message: Option<MessageId>,
}

/// Errands that are asked for at the same time.
pub(super) type Errands = Together<Named, Result<Errand, StoreError>>;

/// The most errands that one statement brings.
const AT_ONCE: usize = 64;

/// The errands that are `asked` for, but for the list of taken parts, which each database puts together
/// its way.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select a.n as asked, {COLUMNS}, t.id as t_id, t.slug as t_slug, t.name as t_name,
            t.settings as t_settings, c.desk_client_id as k_id, c.desk_token as k_token, {}, {},
            (select TAKEN from deliveries d where d.tenant_id = v.tenant_id and d.message_id = m.id
                and d.external_id is not null) as taken
        from asked a join conversations v on v.tenant_id = a.tenant and v.id = a.conversation
        {JOINS} join tenants t on t.id = v.tenant_id
        left join handoffs h on h.tenant_id = v.tenant_id and h.id = a.handoff
        left join messages m on m.tenant_id = v.tenant_id and m.id = a.message",
        columns::<handoffs::Column>("h"),
        columns::<messages::Column>("m"),
    )
});

/// What tells the errands of the rows of `asked(n, tenant, conversation, handoff, message)`, each with its
/// number as `asked`.
pub(super) fn told(postgres: bool) -> String {
    let taken = match postgres {
        true => "string_agg(d.part::text, ',')",
        false => "group_concat(d.part, ',')",
    };
    TEXT.replace("TAKEN", taken)
}

/// All columns of a table, each under its name behind the table's letter.
pub(super) fn columns<C: Iterable + IdenStatic>(table: &str) -> String {
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
        let named = Named {
            tenant: self.id,
            conversation,
            handoff,
            message,
        };
        let ask = |all| self.store.errands_of(all);
        self.store.errands.ask(named, ask).await
    }
}

impl Store {
    /// Errands, whoever's they are, in the order of what is named.
    async fn errands_of(&self, all: Vec<Named>) -> Vec<Result<Errand, StoreError>> {
        let mut errands = Vec::with_capacity(all.len());
        for some in all.chunks(AT_ONCE) {
            match self.errands_at_once(some).await {
                Ok(found) => errands.extend(found),
                Err(error) => errands.extend(some.iter().map(|_| Err(error.clone()))),
            }
        }
        errands
    }

    async fn errands_at_once(
        &self,
        all: &[Named],
    ) -> Result<Vec<Result<Errand, StoreError>>, StoreError> {
        let db = &self.read;
        let rows = (0_i64..).zip(all).map(|(n, named)| {
            vec![
                n.into(),
                named.tenant.0.into(),
                named.conversation.0.into(),
                named.handoff.map(|id| id.0).into(),
                named.message.map(|id| id.0).into(),
            ]
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        let (listed, values) = many::set(self.is_postgres(), Vec::new(), &rows);
        let told = told(self.is_postgres());
        let text =
            format!("with asked(n, tenant, conversation, handoff, message) as ({listed}) {told}");
        let mut errands = vec![Err(StoreError::NotFound); all.len()];
        for found in db.query_all_raw(sql(db, &text, values)).await? {
            let asked: i64 = found.try_get("", "asked")?;
            let place = usize::try_from(asked).ok();
            if let Some(errand) = place.and_then(|n| errands.get_mut(n)) {
                *errand = read(&found);
            }
        }
        Ok(errands)
    }
}

/// One row of what [`told`] selects.
pub(super) fn read(found: &QueryResult) -> Result<Errand, StoreError> {
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
