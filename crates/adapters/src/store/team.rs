//! The members of a tenant and those who are invited.

use super::entity::members;
use super::error::conflict;
use super::identity::{PasswordHash, member_from, role_name};
use super::logins::end_all;
use super::members::row_of;
use super::tokens::revoke;
use super::{Change, Object, Recorded, Store, StoreError, TenantStore, sql};
use domain::audit::{Action, By, ObjectKind};
use domain::ids::{InvitationId, MemberId, TenantId};
use domain::tenant::{Language, Member, Role};
use domain::time::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

/// The members of a tenant.
pub struct Team {
    pub(crate) tenant: TenantStore,
}

/// Somebody who may join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Identity.
    pub id: InvitationId,
    /// Where.
    pub tenant: TenantId,
    /// The address it was sent to, lower-case.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// Who invited them, as they were called then.
    pub invited_by: String,
    /// When it was sent last.
    pub created_at: Timestamp,
    /// From then on its link is worth nothing.
    pub expires_at: Timestamp,
}

/// An invitation to send.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Where to; stored in lower case.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// SHA-256 of the token in the link.
    pub hash: Vec<u8>,
    /// From then on the link is worth nothing.
    pub expires_at: Timestamp,
}

/// An invited person who joins. That they have the link proves their address.
#[derive(Clone, Debug)]
pub struct Joining {
    /// Their name.
    pub name: String,
    /// Their password.
    pub password: PasswordHash,
    /// The language of their mails.
    pub language: Language,
    /// The network address that the request came from.
    pub address: Option<String>,
}

/// What a [`Row`] reads, by name: a statement that runs must not change when a newer version adds a
/// column.
const INVITATION: &str = "tenant_id, id, email, role, invited_by, created_at, expires_at";

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    email: String,
    role: String,
    invited_by: String,
    created_at: i64,
    expires_at: i64,
}

impl Row {
    fn invitation(self) -> Result<Invitation, StoreError> {
        Ok(Invitation {
            id: InvitationId(self.id),
            tenant: TenantId(self.tenant_id),
            email: self.email,
            role: Role::from_name(&self.role)
                .ok_or_else(|| StoreError::corrupt("invitations.role", self.role))?,
            invited_by: self.invited_by,
            created_at: Timestamp(self.created_at),
            expires_at: Timestamp(self.expires_at),
        })
    }
}

/// What the log shows of somebody.
fn seen(role: Role, email: &str) -> Recorded {
    Recorded::of(&serde_json::json!({"role": role_name(role), "email": email}))
}

fn person(member: &Member) -> Object {
    Object::of(ObjectKind::Member, member.id, &member.name)
}

impl Team {
    /// All members with the instant they joined, longest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list(&self) -> Result<Vec<(Member, Timestamp)>, StoreError> {
        let rows = members::Entity::find()
            .filter(members::Column::TenantId.eq(self.tenant.id.0))
            .order_by_asc(members::Column::CreatedAt)
            .all(&self.tenant.store.read)
            .await?;
        rows.into_iter()
            .map(|row| {
                let at = Timestamp(row.created_at);
                Ok((member_from(row)?, at))
            })
            .collect()
    }

    /// A member of this tenant.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn get(&self, id: MemberId) -> Result<Member, StoreError> {
        self.find(&self.tenant.store.read, id).await
    }

    async fn find(&self, db: &impl ConnectionTrait, id: MemberId) -> Result<Member, StoreError> {
        let row = members::Entity::find_by_id(id.0)
            .filter(members::Column::TenantId.eq(self.tenant.id.0))
            .one(db)
            .await?;
        member_from(row.ok_or(StoreError::NotFound)?)
    }

    /// Invitations that nobody has accepted or withdrawn, newest first; also those that ran out.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        let db = &self.tenant.store.read;
        let text = format!(
            "select {INVITATION} from invitations where tenant_id = $1 and ended_at is null
            order by created_at desc, id"
        );
        let rows = Row::find_by_statement(sql(db, &text, [self.tenant.id.0.into()]))
            .all(db)
            .await?;
        rows.into_iter().map(Row::invitation).collect()
    }

    /// Invites somebody. Whoever is invited already gets a new link, and the old one is worth
    /// nothing.
    ///
    /// # Errors
    /// `Conflict("email")` for somebody who is on the team.
    pub async fn invite(&self, new: NewInvitation) -> Result<Invitation, StoreError> {
        let tx = self.tenant.store.begin().await?;
        let email = new.email.trim().to_lowercase();
        let there = members::Entity::find()
            .filter(members::Column::TenantId.eq(self.tenant.id.0))
            .filter(members::Column::Email.eq(email.as_str()))
            .one(&tx)
            .await?;
        if there.is_some() {
            return Err(StoreError::Conflict("email"));
        }
        let now = self.tenant.store.clock.now();
        let text = "update invitations set ended_at = $3
            where tenant_id = $1 and email = $2 and ended_at is null";
        let values = [self.tenant.id.0.into(), email.clone().into(), now.0.into()];
        tx.execute_raw(sql(&tx, text, values)).await?;
        let invitation = Invitation {
            id: InvitationId(self.tenant.store.ids.next()),
            tenant: self.tenant.id,
            email,
            role: new.role,
            invited_by: self.tenant.by.actor.name().to_owned(),
            created_at: now,
            expires_at: new.expires_at,
        };
        let text = "insert into invitations
            (tenant_id, id, email, role, hash, invited_by, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = [
            self.tenant.id.0.into(),
            invitation.id.0.into(),
            invitation.email.clone().into(),
            role_name(new.role).into(),
            new.hash.into(),
            invitation.invited_by.clone().into(),
            now.0.into(),
            new.expires_at.0.into(),
        ];
        tx.execute_raw(sql(&tx, text, values)).await?;
        let object = Object::of(ObjectKind::Member, invitation.id, &invitation.email);
        let change = Change::of(Action::MemberInvited, object)
            .became(seen(invitation.role, &invitation.email));
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    /// Withdraws an invitation: its link is worth nothing.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn withdraw(&self, id: InvitationId) -> Result<Invitation, StoreError> {
        let tx = self.tenant.store.begin().await?;
        let text = format!(
            "update invitations set ended_at = $3
            where tenant_id = $1 and id = $2 and ended_at is null returning {INVITATION}"
        );
        let now = self.tenant.store.clock.now().0;
        let values = [self.tenant.id.0.into(), id.0.into(), now.into()];
        let row = Row::find_by_statement(sql(&tx, &text, values))
            .one(&tx)
            .await?;
        let invitation = row.ok_or(StoreError::NotFound)?.invitation()?;
        let object = Object::of(ObjectKind::Member, id, &invitation.email);
        let change = Change::of(Action::InvitationWithdrawn, object);
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    /// Gives a member another role; it counts from their next click.
    ///
    /// # Errors
    /// `NotFound`; `Conflict("last_owner")` when nobody would own the tenant any more.
    pub async fn set_role(&self, id: MemberId, role: Role) -> Result<Member, StoreError> {
        let tx = self.locked().await?;
        let member = self.find(&tx, id).await?;
        if member.role == role {
            return Ok(member);
        }
        self.keep_an_owner(&tx, &member, role).await?;
        let text = "update members set role = $3 where tenant_id = $1 and id = $2";
        let values = [self.tenant.id.0.into(), id.0.into(), role_name(role).into()];
        tx.execute_raw(sql(&tx, text, values)).await?;
        let change = Change::of(Action::MemberRole, person(&member))
            .was(seen(member.role, &member.email))
            .became(seen(role, &member.email));
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(Member { role, ..member })
    }

    /// Removes a member: their logins end, and so do links on their way.
    ///
    /// # Errors
    /// `NotFound`; `Conflict("last_owner")`.
    pub async fn remove(&self, id: MemberId) -> Result<Member, StoreError> {
        let tx = self.locked().await?;
        let member = self.find(&tx, id).await?;
        self.keep_an_owner(&tx, &member, Role::Analyst).await?;
        members::Entity::delete_by_id(id.0).exec(&tx).await?;
        end_all(&tx, self.tenant.id, id, None).await?;
        revoke(&tx, self.tenant.id, id, None).await?;
        let text = "delete from recovery_codes where tenant_id = $1 and member_id = $2";
        tx.execute_raw(sql(&tx, text, [self.tenant.id.0.into(), id.0.into()]))
            .await?;
        let text = "delete from operators where member_id = $1";
        tx.execute_raw(sql(&tx, text, [id.0.into()])).await?;
        let change = Change::of(Action::MemberRemoved, person(&member))
            .was(seen(member.role, &member.email));
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(member)
    }

    /// A transaction that no other change of this team runs beside: two owners who demote each
    /// other at once would leave nobody.
    async fn locked(&self) -> Result<DatabaseTransaction, StoreError> {
        let tx = self.tenant.store.begin().await?;
        let text = "update tenants set version = version where id = $1";
        tx.execute_raw(sql(&tx, text, [self.tenant.id.0.into()]))
            .await?;
        Ok(tx)
    }

    async fn keep_an_owner(
        &self,
        tx: &DatabaseTransaction,
        member: &Member,
        next: Role,
    ) -> Result<(), StoreError> {
        if member.role != Role::Owner || next == Role::Owner {
            return Ok(());
        }
        let other = members::Entity::find()
            .filter(members::Column::TenantId.eq(self.tenant.id.0))
            .filter(members::Column::Role.eq(role_name(Role::Owner)))
            .filter(members::Column::Id.ne(member.id.0))
            .one(tx)
            .await?;
        if other.is_some() {
            Ok(())
        } else {
            Err(StoreError::Conflict("last_owner"))
        }
    }
}

impl Store {
    /// The invitation behind a link, while it is good; `hash` is the SHA-256 of its token.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn invitation(&self, hash: &[u8]) -> Result<Option<Invitation>, StoreError> {
        let text = format!(
            "select {INVITATION} from invitations
            where hash = $1 and ended_at is null and expires_at > $2"
        );
        let values = [hash.to_vec().into(), self.clock.now().0.into()];
        let row = Row::find_by_statement(sql(&self.read, &text, values))
            .one(&self.read)
            .await?;
        row.map(Row::invitation).transpose()
    }

    /// Uses an invitation up and makes its member with a proven address, both or neither. `None`: the link is no good
    /// any more.
    ///
    /// # Errors
    /// `Conflict("email")` when the address has an account already; the link stays good then.
    pub async fn accept(
        &self,
        hash: &[u8],
        joining: Joining,
    ) -> Result<Option<Member>, StoreError> {
        let tx = self.begin().await?;
        let now = self.clock.now().0;
        let text = format!(
            "update invitations set ended_at = $2
            where hash = $1 and ended_at is null and expires_at > $2 returning {INVITATION}"
        );
        let row = Row::find_by_statement(sql(&tx, &text, [hash.to_vec().into(), now.into()]))
            .one(&tx)
            .await?;
        let Some(invitation) = row.map(Row::invitation).transpose()? else {
            return Ok(None);
        };
        let member = Member {
            id: MemberId(self.ids.next()),
            tenant: invitation.tenant,
            email: invitation.email,
            name: joining.name,
            role: invitation.role,
            language: joining.language,
        };
        row_of(&member, joining.password, now, Some(now))
            .into_active_model()
            .insert(&tx)
            .await
            .map_err(conflict("email"))?;
        let by = By::themselves(&member, joining.address.as_deref());
        let change = Change::of(Action::MemberJoined, person(&member))
            .became(seen(member.role, &member.email));
        self.tenant(member.tenant)
            .by(by)
            .record(&tx, change)
            .await?;
        tx.commit().await?;
        Ok(Some(member))
    }
}
