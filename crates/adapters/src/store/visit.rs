//! Who opens a page, and for which tenant: what stands around every page, in one statement.

use super::entity::members;
use super::identity::{MEMBER, member_from};
use super::logins::LOGIN_LASTS;
use super::terms::TermsRow;
use super::{Store, StoreError, Terms, sql};
use domain::ids::{LoginId, TenantId};
use domain::tenant::{Member, Tenant};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

/// What a page knows about whoever opens it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Whose login it is.
    pub member: Member,
    /// When the login was last seen.
    pub seen: Timestamp,
    /// Whether they belong to the company that hosts Relevo.
    pub operator: bool,
    /// The company whose screens are shown: their own, or the one an operator asked for.
    pub tenant: Tenant,
    /// What that company agreed to.
    pub terms: Terms,
}

/// The company of a visit; absent when it was deleted while somebody looks at it.
#[derive(FromQueryResult)]
struct Row {
    seen: i64,
    operator_since: Option<i64>,
    company_id: Option<Uuid>,
    company_slug: Option<String>,
    company_name: Option<String>,
    company_settings: Option<String>,
}

impl Row {
    fn tenant(&mut self) -> Result<Tenant, StoreError> {
        let id = self.company_id.ok_or(StoreError::NotFound)?;
        let settings = self.company_settings.take().unwrap_or_default();
        Ok(Tenant {
            id: TenantId(id),
            slug: self.company_slug.take().unwrap_or_default(),
            name: self.company_name.take().unwrap_or_default(),
            settings: serde_json::from_str(&settings)
                .map_err(|e| StoreError::corrupt("tenants.settings", e))?,
        })
    }
}

impl Store {
    /// Who has this login and what they look at; `wanted` counts only for an operator. `None` when
    /// the login ended or its member may not come in any more.
    ///
    /// # Errors
    /// `NotFound` when the company does not exist any more.
    pub async fn visit(
        &self,
        login: LoginId,
        wanted: Option<TenantId>,
    ) -> Result<Option<Visit>, StoreError> {
        let text = format!(
            "select {MEMBER}, l.last_seen_at as seen, o.created_at as operator_since,
            t.id as company_id, t.slug as company_slug, t.name as company_name,
            t.settings as company_settings,
            g.suspended_at, g.suspended_why, g.leaving_at, g.messages_a_month, g.most_channels,
            g.most_members, g.retention_days
            from logins l
            join members m on m.tenant_id = l.tenant_id and m.id = l.member_id
            left join operators o on o.member_id = m.id
            left join tenants t on t.id = case when o.member_id is null then m.tenant_id
                else coalesce($3, m.tenant_id) end
            left join terms g on g.tenant_id = t.id
            where l.id = $1 and l.last_seen_at > $2 and m.disabled_at is null"
        );
        let oldest = self.clock.now().before(LOGIN_LASTS);
        let values = [
            login.0.into(),
            oldest.0.into(),
            wanted.map(|tenant| tenant.0).into(),
        ];
        let statement = sql(&self.read, &text, values);
        let Some(found) = self.read.query_one_raw(statement).await? else {
            return Ok(None);
        };
        let mut row = Row::from_query_result(&found, "")?;
        Ok(Some(Visit {
            member: member_from(members::Model::from_query_result(&found, "")?)?,
            seen: Timestamp(row.seen),
            operator: row.operator_since.is_some(),
            tenant: row.tenant()?,
            terms: TermsRow::from_query_result(&found, "")?.terms(),
        }))
    }
}
