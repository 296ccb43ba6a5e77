//! Members themselves: who comes in with what, and what a one-time link or a page of their own
//! changes about them.

use super::account_log;
use super::entity::members;
use super::error::conflict;
use super::identity::{PasswordHash, member_from, role_name};
use super::logins::end_all;
use super::tokens::{self, Purpose, TokenHash};
use super::{Store, StoreError, sql};
use domain::audit::{Action, By};
use domain::ids::{LoginId, MemberId, TenantId};
use domain::tenant::{Language, Member, Role};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    Value,
};

/// A person who joins a company that is there.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The company.
    pub tenant: TenantId,
    /// Their address, which they proved; stored in lower case.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their password.
    pub password_hash: PasswordHash,
    /// The language of their mails.
    pub language: Language,
}

/// What is asked at the door.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who they are.
    pub member: Member,
    /// The hash to check against.
    pub password_hash: PasswordHash,
    /// Whether their address is proven.
    pub confirmed: bool,
    /// Whether they were shut out.
    pub disabled: bool,
    /// Whether a second factor is asked for.
    pub second_factor: bool,
}

impl Store {
    /// What is asked at the door of whoever logs in with this address.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let row = members::Entity::find()
            .filter(members::Column::Email.eq(email.trim().to_lowercase()))
            .one(&self.read)
            .await?;
        row.map(credentials_from).transpose()
    }

    /// The same for a member who is known already.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn credentials_of(&self, id: MemberId) -> Result<Option<Credentials>, StoreError> {
        let row = members::Entity::find_by_id(id.0).one(&self.read).await?;
        row.map(credentials_from).transpose()
    }

    /// Makes a member whose address is proven.
    ///
    /// # Errors
    /// `Conflict("email")`.
    pub async fn create_member(&self, new: NewMember) -> Result<Member, StoreError> {
        let tx = self.begin().await?;
        let member = self.insert_member(&tx, new).await?;
        tx.commit().await?;
        Ok(member)
    }

    /// Uses an invitation up and makes its member, both or neither. `None`: the link is no good.
    /// The tenant is the link's, whatever `new` says.
    ///
    /// # Errors
    /// `Conflict("email")`; the link stays good then.
    pub async fn join(
        &self,
        hash: &TokenHash,
        new: NewMember,
    ) -> Result<Option<Member>, StoreError> {
        let tx = self.begin().await?;
        let Some(token) = tokens::take(&tx, Purpose::Invite, hash, self.clock.now()).await? else {
            return Ok(None);
        };
        let new = NewMember {
            tenant: token.tenant,
            ..new
        };
        let member = self.insert_member(&tx, new).await?;
        tx.commit().await?;
        Ok(Some(member))
    }

    async fn insert_member(
        &self,
        db: &impl ConnectionTrait,
        new: NewMember,
    ) -> Result<Member, StoreError> {
        let now = self.clock.now().0;
        let member = Member {
            id: MemberId(self.ids.next()),
            tenant: new.tenant,
            email: new.email.trim().to_lowercase(),
            name: new.name,
            role: new.role,
            language: new.language,
        };
        row_of(&member, new.password_hash, now, Some(now))
            .into_active_model()
            .insert(db)
            .await
            .map_err(conflict("email"))?;
        Ok(member)
    }

    /// Proves the address of whoever signed up. `None`: the link is no good.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn confirm_member(&self, hash: &TokenHash) -> Result<Option<Member>, StoreError> {
        let tx = self.begin().await?;
        let now = self.clock.now();
        let token = tokens::take(&tx, Purpose::Confirm, hash, now).await?;
        let Some(id) = token.and_then(|t| t.member) else {
            return Ok(None);
        };
        let text = "update members set confirmed_at = coalesce(confirmed_at, $2) where id = $1";
        tx.execute_raw(sql(&tx, text, [id.0.into(), now.0.into()]))
            .await?;
        tx.commit().await?;
        self.member(id).await
    }

    /// Sets a new password by a link, which also proves the address; every login ends and so do
    /// the member's other links. `address` is where the link was opened. `None`: the link is no
    /// good.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn reset_password(
        &self,
        hash: &TokenHash,
        password: PasswordHash,
        address: Option<&str>,
    ) -> Result<Option<Member>, StoreError> {
        let tx = self.begin().await?;
        let now = self.clock.now();
        let Some(token) = tokens::take(&tx, Purpose::Reset, hash, now).await? else {
            return Ok(None);
        };
        let Some(id) = token.member else {
            return Ok(None);
        };
        let text = "update members set password_hash = $2,
            confirmed_at = coalesce(confirmed_at, $3) where id = $1";
        let values = [id.0.into(), password.0.into(), now.0.into()];
        tx.execute_raw(sql(&tx, text, values)).await?;
        end_all(&tx, token.tenant, id, None).await?;
        tokens::revoke(&tx, token.tenant, id, None).await?;
        let Some(row) = members::Entity::find_by_id(id.0).one(&tx).await? else {
            return Ok(None);
        };
        let member = member_from(row)?;
        let change = account_log::about(Action::MemberPassword, &member);
        self.record_account(&tx, &member, &By::themselves(&member, address), change)
            .await?;
        tx.commit().await?;
        Ok(Some(member))
    }

    /// Sets a new password from the member's own page; every other login ends, and so do links
    /// that were on their way.
    ///
    /// # Errors
    /// `NotFound` without such a member.
    pub async fn change_password(
        &self,
        member: &Member,
        by: &By,
        password: PasswordHash,
        keep: LoginId,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let text = "update members set password_hash = $3 where tenant_id = $1 and id = $2";
        let values = [
            member.tenant.0.into(),
            member.id.0.into(),
            password.0.into(),
        ];
        let done = tx.execute_raw(sql(&tx, text, values)).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        end_all(&tx, member.tenant, member.id, Some(keep)).await?;
        tokens::revoke(&tx, member.tenant, member.id, None).await?;
        let change = account_log::about(Action::MemberPassword, member);
        self.record_account(&tx, member, by, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Moves a member to the address that a link proves; the old one. `address` is where the link
    /// was opened. `None`: the link is no good.
    ///
    /// # Errors
    /// `Conflict("email")` when somebody took the address meanwhile; the link is not used up.
    pub async fn confirm_email(
        &self,
        hash: &TokenHash,
        address: Option<&str>,
    ) -> Result<Option<(Member, String)>, StoreError> {
        let tx = self.begin().await?;
        let token = tokens::take(&tx, Purpose::Email, hash, self.clock.now()).await?;
        let Some((token, id)) = token.and_then(|t| t.member.map(|m| (t, m))) else {
            return Ok(None);
        };
        let email = token.data.get("email").and_then(serde_json::Value::as_str);
        let email = email.ok_or_else(|| StoreError::corrupt("tokens.data", "no email"))?;
        let Some(row) = members::Entity::find_by_id(id.0).one(&tx).await? else {
            return Ok(None);
        };
        set_email(&tx, token.tenant, id, email).await?;
        // A link to the old address must not reset the password of the new one.
        tokens::revoke(&tx, token.tenant, id, None).await?;
        let old = row.email.clone();
        let mut member = member_from(row)?;
        member.email = email.trim().to_lowercase();
        let change = account_log::moved(&member, &old, &member.email);
        self.record_account(&tx, &member, &By::themselves(&member, address), change)
            .await?;
        tx.commit().await?;
        Ok(Some((member, old)))
    }

    /// Moves a member to another address without a proof, for a house that sends no mail.
    ///
    /// # Errors
    /// `Conflict("email")`.
    pub async fn change_email(
        &self,
        member: &Member,
        by: &By,
        email: &str,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        set_email(&tx, member.tenant, member.id, email).await?;
        let became = email.trim().to_lowercase();
        let change = account_log::moved(member, &member.email, &became);
        self.record_account(&tx, member, by, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Changes the name and language that a member chose. What is so already leaves no line in the
    /// log.
    ///
    /// # Errors
    /// `NotFound` when this tenant has no such member.
    pub async fn change_profile(
        &self,
        member: &Member,
        by: &By,
        name: &str,
        language: Language,
    ) -> Result<(), StoreError> {
        if (name, language) == (member.name.as_str(), member.language) {
            return Ok(());
        }
        let tx = self.begin().await?;
        let text = "update members set name = $3, language = $4
            where tenant_id = $1 and id = $2";
        let values: [Value; 4] = [
            member.tenant.0.into(),
            member.id.0.into(),
            name.into(),
            language.code().into(),
        ];
        let done = tx.execute_raw(sql(&tx, text, values)).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        let change = account_log::renamed(member, name, language);
        self.record_account(&tx, member, by, change).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn set_email(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    member: MemberId,
    email: &str,
) -> Result<(), StoreError> {
    let text = "update members set email = $3 where tenant_id = $1 and id = $2";
    let email = email.trim().to_lowercase();
    let values = [tenant.0.into(), member.0.into(), email.into()];
    db.execute_raw(sql(db, text, values))
        .await
        .map_err(conflict("email"))?;
    Ok(())
}

/// A member's row.
pub(crate) fn row_of(
    member: &Member,
    password: PasswordHash,
    now: i64,
    confirmed_at: Option<i64>,
) -> members::Model {
    members::Model {
        id: member.id.0,
        tenant_id: member.tenant.0,
        email: member.email.clone(),
        name: member.name.clone(),
        role: role_name(member.role).to_owned(),
        password_hash: password.0,
        created_at: now,
        confirmed_at,
        language: member.language.code().to_owned(),
        disabled_at: None,
        totp_secret: None,
        totp_pending: None,
        totp_step: 0,
    }
}

fn credentials_from(row: members::Model) -> Result<Credentials, StoreError> {
    Ok(Credentials {
        password_hash: PasswordHash(row.password_hash.clone()),
        confirmed: row.confirmed_at.is_some(),
        disabled: row.disabled_at.is_some(),
        second_factor: row.totp_secret.is_some(),
        member: member_from(row)?,
    })
}
