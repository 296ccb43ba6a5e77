//! What the company that hosts Relevo sees and does: its people, and all tenants at a glance.

use super::identity::{MEMBER, member_from};
use super::terms::TermsRow;
use super::{Store, StoreError, Terms, Usage, entity, sql};
use domain::ids::TenantId;
use domain::tenant::Member;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};
use uuid::Uuid;

/// A tenant at a glance.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantGlance {
    /// Who.
    pub id: TenantId,
    /// The company's name.
    pub name: String,
    /// Its short name in addresses.
    pub slug: String,
    /// When it signed up.
    pub created_at: Timestamp,
    /// What it agreed to.
    pub terms: Terms,
    /// What it uses.
    pub usage: Usage,
    /// Lines that need attention.
    pub troubled_channels: i64,
    /// Outbound rows that wait.
    pub waiting: i64,
    /// Outbound rows given up.
    pub dead: i64,
    /// The health of its Let's Talk subscription, as the worker last reported it; nothing without
    /// Let's Talk.
    pub desk: Option<serde_json::Value>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    slug: String,
    created_at: i64,
    messages: i64,
    channels: i64,
    members: i64,
    troubled: i64,
    waiting: i64,
    dead: i64,
    desk: Option<String>,
}

/// One row per tenant; `$1` is the instant at which the calendar month began.
const GLANCE: &str = "select t.id, t.name, t.slug, t.created_at,
    (select count(*) from messages x
        where x.tenant_id = t.id and x.received_at >= $1 and x.removed_at is null)
    + (select count(*) from messages x
        where x.tenant_id = t.id and x.received_at >= $1 and x.removed_at is not null) as messages,
    (select count(*) from channels x where x.tenant_id = t.id and x.removed_at is null
        and x.kind <> 'test') as channels,
    (select count(*) from members x where x.tenant_id = t.id) as members,
    (select count(*) from channels x where x.tenant_id = t.id and x.removed_at is null
        and x.health not like '%\"ok\"%') as troubled,
    (select count(*) from outbox x where x.tenant_id = t.id and x.state = 'pending') as waiting,
    (select count(*) from outbox x where x.tenant_id = t.id and x.state = 'dead') as dead,
    (select x.health from desks x where x.tenant_id = t.id) as desk
    from tenants t";

impl Store {
    /// Makes the member with this address an operator.
    ///
    /// # Errors
    /// `NotFound` when nobody has this address.
    pub async fn grant_operator(&self, email: &str) -> Result<Member, StoreError> {
        let (member, _) = self
            .member_by_email(email)
            .await?
            .ok_or(StoreError::NotFound)?;
        let text = "insert into operators (member_id, created_at) values ($1, $2)
            on conflict (member_id) do nothing";
        let values = [member.id.0.into(), self.clock.now().0.into()];
        self.write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        Ok(member)
    }

    /// Makes an operator a plain member again; it counts from their next click.
    ///
    /// # Errors
    /// `NotFound` when they are none.
    pub async fn revoke_operator(&self, email: &str) -> Result<Member, StoreError> {
        let (member, _) = self
            .member_by_email(email)
            .await?
            .ok_or(StoreError::NotFound)?;
        let text = "delete from operators where member_id = $1";
        let done = self
            .write
            .execute_raw(sql(&self.write, text, [member.id.0.into()]))
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(member)
    }

    /// All operators.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn operators(&self) -> Result<Vec<Member>, StoreError> {
        let text = format!(
            "select {MEMBER} from members m join operators o on o.member_id = m.id order by m.email"
        );
        let rows = entity::members::Entity::find()
            .from_raw_sql(sql(&self.read, &text, []))
            .all(&self.read)
            .await?;
        rows.into_iter().map(member_from).collect()
    }

    /// At most `limit` tenants whose name or short name holds `search`, in the order of their
    /// short names, from behind `after`; `month` is the instant at which the calendar month began.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn tenants(
        &self,
        search: &str,
        after: &str,
        month: Timestamp,
        limit: u64,
    ) -> Result<Vec<TenantGlance>, StoreError> {
        let text = format!(
            "{GLANCE} where t.slug > $2 and (lower(t.name) like $3 or t.slug like $3)
            order by t.slug limit $4"
        );
        let like = format!("%{}%", search.trim().to_lowercase());
        let values = [
            month.0.into(),
            after.into(),
            like.into(),
            i64::try_from(limit).unwrap_or(i64::MAX).into(),
        ];
        let rows = Row::find_by_statement(sql(&self.read, &text, values))
            .all(&self.read)
            .await?;
        let mut glances = Vec::with_capacity(rows.len());
        for row in rows {
            glances.push(self.glance(row).await?);
        }
        Ok(glances)
    }

    /// One tenant at a glance.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn tenant_glance(
        &self,
        id: TenantId,
        month: Timestamp,
    ) -> Result<TenantGlance, StoreError> {
        let text = format!("{GLANCE} where t.id = $2");
        let row = Row::find_by_statement(sql(&self.read, &text, [month.0.into(), id.0.into()]))
            .one(&self.read)
            .await?;
        self.glance(row.ok_or(StoreError::NotFound)?).await
    }

    async fn glance(&self, row: Row) -> Result<TenantGlance, StoreError> {
        let text = "select suspended_at, suspended_why, leaving_at, messages_a_month,
            most_channels, most_members, retention_days from terms where tenant_id = $1";
        let terms = TermsRow::find_by_statement(sql(&self.read, text, [row.id.into()]))
            .one(&self.read)
            .await?;
        Ok(TenantGlance {
            id: TenantId(row.id),
            name: row.name,
            slug: row.slug,
            created_at: Timestamp(row.created_at),
            terms: terms.map(TermsRow::terms).unwrap_or_default(),
            usage: Usage {
                messages: row.messages,
                channels: row.channels,
                members: row.members,
            },
            troubled_channels: row.troubled,
            waiting: row.waiting,
            dead: row.dead,
            desk: row
                .desk
                .map(|text| serde_json::from_str(&text).unwrap_or_default()),
        })
    }
}
