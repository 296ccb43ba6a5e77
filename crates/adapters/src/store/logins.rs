//! The browsers in which members are logged in. A browser session names its login; without the
//! row it opens nothing, wherever browser sessions are kept.

use super::account_log::about;
use super::entity::members;
use super::identity::{MEMBER, member_from};
use super::{Store, StoreError, sql};
use domain::audit::{Action, By};
use domain::ids::{LoginId, MemberId, TenantId};
use domain::tenant::Member;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::time::Duration;
use uuid::Uuid;

/// A login that was not used for this long has ended.
pub const LOGIN_LASTS: Duration = Duration::from_secs(14 * 86_400);

/// A browser in which a member is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Identity.
    pub id: LoginId,
    /// The browser's own words about itself, at most 300 characters.
    pub device: String,
    /// The network address it came from last.
    pub address: String,
    /// When they logged in.
    pub created_at: Timestamp,
    /// When it was last used, to within some minutes.
    pub last_seen_at: Timestamp,
}

impl Store {
    /// Notes that a member logged in.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn login_begin(
        &self,
        member: &Member,
        device: &str,
        address: &str,
    ) -> Result<LoginId, StoreError> {
        let id = LoginId(self.ids.next());
        let device: String = device.chars().take(300).collect();
        let text = "insert into logins
            (tenant_id, member_id, id, device, address, created_at, last_seen_at)
            values ($1, $2, $3, $4, $5, $6, $6)";
        let values = [
            member.tenant.0.into(),
            member.id.0.into(),
            id.0.into(),
            device.into(),
            address.into(),
            self.clock.now().0.into(),
        ];
        self.write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        Ok(id)
    }

    /// Whose login this is, and when it was last seen; `None` when it ended or the member may not
    /// come in any more.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn login_member(
        &self,
        id: LoginId,
    ) -> Result<Option<(Member, Timestamp)>, StoreError> {
        let text = format!(
            "select {MEMBER}, l.last_seen_at as seen from logins l
            join members m on m.tenant_id = l.tenant_id and m.id = l.member_id
            where l.id = $1 and l.last_seen_at > $2 and m.disabled_at is null"
        );
        let oldest = self.clock.now().before(LOGIN_LASTS);
        let statement = sql(&self.read, &text, [id.0.into(), oldest.0.into()]);
        let Some(row) = self.read.query_one_raw(statement).await? else {
            return Ok(None);
        };
        let seen: i64 = row.try_get("", "seen")?;
        let member = member_from(members::Model::from_query_result(&row, "")?)?;
        Ok(Some((member, Timestamp(seen))))
    }

    /// Notes that a login is in use, from there.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn login_seen(&self, id: LoginId, address: &str) -> Result<(), StoreError> {
        let text = "update logins set last_seen_at = $2, address = $3 where id = $1";
        let values = [id.0.into(), self.clock.now().0.into(), address.into()];
        self.write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        Ok(())
    }

    /// A member's logins, the last used first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn logins(&self, member: &Member) -> Result<Vec<Login>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
            device: String,
            address: String,
            created_at: i64,
            last_seen_at: i64,
        }
        let text = "select id, device, address, created_at, last_seen_at from logins
            where tenant_id = $1 and member_id = $2 and last_seen_at > $3
            order by last_seen_at desc, id desc limit 100";
        let oldest = self.clock.now().before(LOGIN_LASTS);
        let values = [member.tenant.0.into(), member.id.0.into(), oldest.0.into()];
        let statement = sql(&self.read, text, values);
        let rows = Row::find_by_statement(statement).all(&self.read).await?;
        Ok(rows
            .into_iter()
            .map(|row| Login {
                id: LoginId(row.id),
                device: row.device,
                address: row.address,
                created_at: Timestamp(row.created_at),
                last_seen_at: Timestamp(row.last_seen_at),
            })
            .collect())
    }

    /// Ends one login of this member, who logs out in that browser; nothing of another's.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn login_end(&self, member: &Member, id: LoginId) -> Result<(), StoreError> {
        let text = "delete from logins where tenant_id = $1 and member_id = $2 and id = $3";
        let values = [member.tenant.0.into(), member.id.0.into(), id.0.into()];
        let done = self
            .write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(())
    }

    /// Ends one login of this member from afar, which the log says; nothing of another's.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn login_revoke(
        &self,
        member: &Member,
        by: &By,
        id: LoginId,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let text = "delete from logins where tenant_id = $1 and member_id = $2 and id = $3";
        let values = [member.tenant.0.into(), member.id.0.into(), id.0.into()];
        let done = tx.execute_raw(sql(&tx, text, values)).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        let change = about(Action::MemberLoginsEnded, member);
        self.record_account(&tx, member, by, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends every login of this member but `keep`; how many. The log says so if there were any.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn logins_end(
        &self,
        member: &Member,
        by: &By,
        keep: Option<LoginId>,
    ) -> Result<u64, StoreError> {
        let tx = self.begin().await?;
        let ended = end_all(&tx, member.tenant, member.id, keep).await?;
        if ended > 0 {
            let change = about(Action::MemberLoginsEnded, member);
            self.record_account(&tx, member, by, change).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }
}

/// Ends every login of a member but `keep`, inside a transaction.
pub(crate) async fn end_all(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    member: MemberId,
    keep: Option<LoginId>,
) -> Result<u64, StoreError> {
    let text = "delete from logins where tenant_id = $1 and member_id = $2 and id <> $3";
    let keep = keep.map_or(Uuid::nil(), |id| id.0);
    let values = [tenant.0.into(), member.0.into(), keep.into()];
    let done = db.execute_raw(sql(db, text, values)).await?;
    Ok(done.rows_affected())
}
