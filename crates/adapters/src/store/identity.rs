//! Who signs up and logs in: known before a tenant is.

use super::entity::{members, sessions};
use super::error::conflict;
use super::members::row_of;
use super::{Store, StoreError, sql};
use domain::ids::{MemberId, TenantId};
use domain::tenant::{Language, Member, Role, TenantSettings};
use domain::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, Set,
};

/// An argon2id hash in PHC form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHash(pub String);

/// A company that signs up, with its owner.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The company's name.
    pub company: String,
    /// The owner's name.
    pub name: String,
    /// The owner's address; stored in lower case.
    pub email: String,
    /// The owner's password.
    pub password_hash: PasswordHash,
    /// The language of its texts.
    pub language: Language,
    /// IANA name of its time zone.
    pub time_zone: String,
}

impl Store {
    /// Makes a tenant and its owner, whose address counts as proven.
    ///
    /// # Errors
    /// `Conflict("email")`.
    pub async fn sign_up(&self, new: NewTenant) -> Result<Member, StoreError> {
        let tx = self.begin().await?;
        let member = self.insert_tenant(&tx, new, true).await?;
        tx.commit().await?;
        Ok(member)
    }

    /// Makes a tenant and its owner, who cannot come in before a link proves the address. Whoever
    /// signed up with it before and never proved it makes room, with the company of then, which
    /// nobody has ever entered: a stranger cannot keep an address by signing up with it.
    ///
    /// # Errors
    /// `Conflict("email")` when somebody proved it.
    pub async fn sign_up_unproven(&self, new: NewTenant) -> Result<Member, StoreError> {
        let tx = self.begin().await?;
        let email = new.email.trim().to_lowercase();
        let unproven = members::Entity::find()
            .filter(members::Column::Email.eq(email))
            .filter(members::Column::ConfirmedAt.is_null())
            .one(&tx)
            .await?;
        if let Some(row) = unproven {
            remove_unentered(&tx, TenantId(row.tenant_id)).await?;
        }
        let member = self.insert_tenant(&tx, new, false).await?;
        tx.commit().await?;
        Ok(member)
    }

    /// Removes companies whose owner never proved the address and signed up before `before`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn clear_unproven(&self, before: Timestamp) -> Result<u64, StoreError> {
        let rows = members::Entity::find()
            .filter(members::Column::ConfirmedAt.is_null())
            .filter(members::Column::CreatedAt.lt(before.0))
            .all(&self.read)
            .await?;
        let mut removed = 0;
        for row in rows {
            let tx = self.begin().await?;
            removed += remove_unentered(&tx, TenantId(row.tenant_id)).await?;
            tx.commit().await?;
        }
        Ok(removed)
    }

    async fn insert_tenant(
        &self,
        tx: &DatabaseTransaction,
        new: NewTenant,
        proven: bool,
    ) -> Result<Member, StoreError> {
        let now = self.clock.now();
        let id = TenantId(self.ids.next());
        let mut settings = TenantSettings {
            language: new.language,
            ..TenantSettings::default()
        };
        settings.hours.time_zone = new.time_zone;
        let settings = serde_json::to_string(&settings)
            .map_err(|e| StoreError::corrupt("tenants.settings", e))?;
        let member = Member {
            id: MemberId(self.ids.next()),
            tenant: id,
            email: new.email.trim().to_lowercase(),
            name: new.name,
            role: Role::Owner,
            language: new.language,
        };
        let mut slug = slug(&new.company);
        if slug.is_empty()
            || !self
                .take_slug(tx, id, &slug, &new.company, &settings)
                .await?
        {
            // The tail of a UUIDv7 is random; its head is the time and alike for neighbours.
            let tail = id.0.simple().to_string();
            slug = format!("{slug}-{}", tail.get(24..).unwrap_or(&tail))
                .trim_matches('-')
                .to_owned();
            if !self
                .take_slug(tx, id, &slug, &new.company, &settings)
                .await?
            {
                return Err(StoreError::Stale);
            }
        }
        row_of(&member, new.password_hash, now.0, proven.then_some(now.0))
            .into_active_model()
            .insert(tx)
            .await
            .map_err(conflict("email"))?;
        Ok(member)
    }

    /// Makes the tenant under this short name; `false` if somebody has it. In one statement, since
    /// two companies of one name may sign up at once.
    async fn take_slug(
        &self,
        tx: &DatabaseTransaction,
        id: TenantId,
        slug: &str,
        company: &str,
        settings: &str,
    ) -> Result<bool, StoreError> {
        let text = "insert into tenants (id, slug, name, settings, version, created_at)
            values ($1, $2, $3, $4, 1, $5) on conflict (slug) do nothing";
        let values = [
            id.0.into(),
            slug.into(),
            company.into(),
            settings.into(),
            self.clock.now().0.into(),
        ];
        Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected() > 0)
    }

    /// Who logs in with this address.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn member_by_email(
        &self,
        email: &str,
    ) -> Result<Option<(Member, PasswordHash)>, StoreError> {
        let row = members::Entity::find()
            .filter(members::Column::Email.eq(email.trim().to_lowercase()))
            .one(&self.read)
            .await?;
        row.map(|row| {
            let hash = PasswordHash(row.password_hash.clone());
            Ok((member_from(row)?, hash))
        })
        .transpose()
    }

    /// A member by id.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        members::Entity::find_by_id(id.0)
            .one(&self.read)
            .await?
            .map(member_from)
            .transpose()
    }

    /// Replaces a password.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_password(&self, id: MemberId, hash: PasswordHash) -> Result<(), StoreError> {
        let text = "update members set password_hash = $2 where id = $1";
        let done = self
            .write
            .execute_raw(sql(&self.write, text, [id.0.into(), hash.0.into()]))
            .await?;
        if done.rows_affected() == 0 {
            Err(StoreError::NotFound)
        } else {
            Ok(())
        }
    }

    /// All tenants, for what the host does to each of them.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn tenant_ids(&self) -> Result<Vec<TenantId>, StoreError> {
        let rows = super::entity::tenants::Entity::find()
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(|row| TenantId(row.id)).collect())
    }

    /// The state of a browser session; `key` is the hash of the session's key.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn session_load(&self, key: &[u8]) -> Result<Option<String>, StoreError> {
        let row = sessions::Entity::find_by_id(key.to_vec())
            .one(&self.read)
            .await?;
        Ok(row
            .filter(|r| r.expires_at > self.clock.now().0)
            .map(|r| r.state))
    }

    /// Writes the state of a browser session.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn session_save(
        &self,
        key: &[u8],
        state: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = sessions::ActiveModel {
            key: Set(key.to_vec()),
            state: Set(state.to_owned()),
            expires_at: Set(expires_at.0),
        };
        let replace = OnConflict::column(sessions::Column::Key)
            .update_columns([sessions::Column::State, sessions::Column::ExpiresAt])
            .to_owned();
        sessions::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(&self.write)
            .await?;
        Ok(())
    }

    /// Ends a browser session.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn session_delete(&self, key: &[u8]) -> Result<(), StoreError> {
        sessions::Entity::delete_by_id(key.to_vec())
            .exec(&self.write)
            .await?;
        Ok(())
    }
}

/// Removes a company that nobody ever entered: all its members are unproven. How many members.
async fn remove_unentered(tx: &DatabaseTransaction, tenant: TenantId) -> Result<u64, StoreError> {
    let text = "delete from members where tenant_id = $1 and confirmed_at is null
        and not exists (select 1 from members o
            where o.tenant_id = $1 and o.confirmed_at is not null)";
    let id: sea_orm::Value = tenant.0.into();
    let gone = tx.execute_raw(sql(tx, text, [id.clone()])).await?;
    if gone.rows_affected() == 0 {
        return Ok(0);
    }
    let left = [
        "delete from tokens where tenant_id = $1",
        "delete from mails where tenant_id = $1",
        "delete from data_keys where tenant_id = $1",
        "delete from tenants where id = $1",
    ];
    for text in left {
        tx.execute_raw(sql(tx, text, [id.clone()])).await?;
    }
    Ok(gone.rows_affected())
}

/// What [`member_from`] reads of `members m`, by name: a statement that runs must not change when a
/// newer version adds a column.
pub(super) const MEMBER: &str = "m.id, m.tenant_id, m.email, m.name, m.role, m.password_hash,
    m.created_at, m.confirmed_at, m.language, m.disabled_at, m.totp_secret, m.totp_pending, m.totp_step";

pub(crate) fn member_from(row: members::Model) -> Result<Member, StoreError> {
    Ok(Member {
        id: MemberId(row.id),
        tenant: TenantId(row.tenant_id),
        email: row.email,
        name: row.name,
        role: Role::from_name(&row.role)
            .ok_or_else(|| StoreError::corrupt("members.role", row.role))?,
        language: Language::from_code(&row.language)
            .ok_or_else(|| StoreError::corrupt("members.language", &row.language))?,
    })
}

pub(crate) fn role_name(role: Role) -> &'static str {
    role.name()
}

/// Lower-case letters, digits and single hyphens, at most 40.
fn slug(company: &str) -> String {
    let mut slug = String::new();
    for c in company.chars().flat_map(char::to_lowercase) {
        let c = match c {
            'á' | 'à' | 'ã' | 'â' => 'a',
            'é' | 'ê' => 'e',
            'í' => 'i',
            'ó' | 'õ' | 'ô' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            c if c.is_ascii_alphanumeric() => c,
            _ => '-',
        };
        if slug.len() < 40 && !(c == '-' && slug.ends_with('-')) {
            slug.push(c);
        }
    }
    slug.trim_matches('-').to_owned()
}
