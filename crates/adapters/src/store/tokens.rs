//! One-time links. The link carries 256 random bits, the database only their hash: a copy of the
//! database opens nothing.

use super::account_log::about;
use super::mails::{NewMail, post};
use super::{Store, StoreError, sql};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::audit::{Action, By};
use domain::ids::{MemberId, TenantId};
use domain::secret::Secret;
use domain::tenant::Member;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a link is good for. A link of one purpose opens nothing of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Proves the address of a company that signs up.
    Confirm,
    /// Sets a new password.
    Reset,
    /// Proves a member's new address; `data` holds it as `{"email": …}`.
    Email,
    /// Lets an invited person join; `data` belongs to the inviting page.
    Invite,
}

impl Purpose {
    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reset => "reset",
            Self::Email => "email",
            Self::Invite => "invite",
        }
    }
}

/// SHA-256 of what a link carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHash(Vec<u8>);

impl TokenHash {
    /// Of what came with a link.
    #[must_use]
    pub fn of(raw: &str) -> Self {
        Self(Sha256::digest(raw.as_bytes()).to_vec())
    }

    /// A new one: what the link carries (43 letters, digits, `-`, `_`), and its hash.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn fresh() -> Result<(Secret, Self), StoreError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| StoreError::Unavailable(e.to_string()))?;
        let raw = URL_SAFE_NO_PAD.encode(bytes);
        let hash = Self::of(&raw);
        Ok((Secret::new(raw), hash))
    }
}

/// A link to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// From [`TokenHash::fresh`].
    pub hash: TokenHash,
    /// Owner.
    pub tenant: TenantId,
    /// Whom it is about; `None` for somebody who is no member yet.
    pub member: Option<MemberId>,
    /// What it is good for.
    pub purpose: Purpose,
    /// What its use needs to know.
    pub data: serde_json::Value,
    /// Until when, exclusively.
    pub expires_at: Timestamp,
}

/// A link that is good, or was until it was used just now.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Owner.
    pub tenant: TenantId,
    /// Whom it is about.
    pub member: Option<MemberId>,
    /// What its use needs to know.
    pub data: serde_json::Value,
}

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    member_id: Option<Uuid>,
    data: String,
}

impl Row {
    fn token(self) -> Result<Token, StoreError> {
        Ok(Token {
            tenant: TenantId(self.tenant_id),
            member: self.member_id.map(MemberId),
            data: serde_json::from_str(&self.data)
                .map_err(|e| StoreError::corrupt("tokens.data", e))?,
        })
    }
}

impl Store {
    /// Makes a link, and in the same transaction posts the mail that carries it. Earlier links of
    /// the same purpose for the same member end.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn token_issue(
        &self,
        new: &NewToken,
        mail: Option<&NewMail>,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        self.insert_token(&tx, new).await?;
        if let Some(mail) = mail {
            post(self, &tx, mail).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn insert_token(
        &self,
        tx: &DatabaseTransaction,
        new: &NewToken,
    ) -> Result<(), StoreError> {
        if let Some(member) = new.member {
            revoke(tx, new.tenant, member, Some(new.purpose)).await?;
        }
        let text = "insert into tokens
            (tenant_id, hash, purpose, member_id, data, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7)";
        let values = [
            new.tenant.0.into(),
            new.hash.0.clone().into(),
            new.purpose.name().into(),
            new.member.map(|m| m.0).into(),
            new.data.to_string().into(),
            self.clock.now().0.into(),
            new.expires_at.0.into(),
        ];
        tx.execute_raw(sql(tx, text, values)).await?;
        Ok(())
    }

    /// Makes a link that resets the password of whoever logs in with this address, for a house that
    /// sends no mail; the tenant's log says so. `None` where nobody may log in with it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn reset_link(
        &self,
        email: &str,
        expires_at: Timestamp,
    ) -> Result<Option<(Member, Secret)>, StoreError> {
        let found = self.credentials(email).await?.filter(|c| !c.disabled);
        let Some(member) = found.map(|c| c.member) else {
            return Ok(None);
        };
        let (raw, hash) = TokenHash::fresh()?;
        let new = NewToken {
            hash,
            tenant: member.tenant,
            member: Some(member.id),
            purpose: Purpose::Reset,
            data: serde_json::json!({}),
            expires_at,
        };
        let tx = self.begin().await?;
        self.insert_token(&tx, &new).await?;
        let change = about(Action::MemberResetLink, &member);
        self.record_account(&tx, &member, &By::default(), change)
            .await?;
        tx.commit().await?;
        Ok(Some((member, raw)))
    }

    /// What a link is about, if it is good; it stays so. For the page that asks before it is used,
    /// since mail scanners open links too.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn token_peek(
        &self,
        purpose: Purpose,
        hash: &TokenHash,
    ) -> Result<Option<Token>, StoreError> {
        let text = "select tenant_id, member_id, data from tokens
            where hash = $1 and purpose = $2 and used_at is null and expires_at > $3";
        let values = [
            hash.0.clone().into(),
            purpose.name().into(),
            self.clock.now().0.into(),
        ];
        let statement = sql(&self.read, text, values);
        let row = Row::find_by_statement(statement).one(&self.read).await?;
        row.map(Row::token).transpose()
    }

    /// Uses a link up. `None`: unknown, used or expired. Of two that come at once, one gets it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn token_use(
        &self,
        purpose: Purpose,
        hash: &TokenHash,
    ) -> Result<Option<Token>, StoreError> {
        take(&self.write, purpose, hash, self.clock.now()).await
    }
}

/// Uses a link up inside a transaction.
pub(crate) async fn take(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<Option<Token>, StoreError> {
    let text = "update tokens set used_at = $3
        where hash = $1 and purpose = $2 and used_at is null and expires_at > $3
        returning tenant_id, member_id, data";
    let values = [hash.0.clone().into(), purpose.name().into(), now.0.into()];
    let row = Row::find_by_statement(sql(db, text, values))
        .one(db)
        .await?;
    row.map(Row::token).transpose()
}

/// Ends a member's unused links: of one purpose, or all.
pub(crate) async fn revoke(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    member: MemberId,
    purpose: Option<Purpose>,
) -> Result<(), StoreError> {
    let text = "delete from tokens where tenant_id = $1 and member_id = $2 and used_at is null
        and ($3 = '' or purpose = $3)";
    let values = [
        tenant.0.into(),
        member.0.into(),
        purpose.map_or("", Purpose::name).into(),
    ];
    db.execute_raw(sql(db, text, values)).await?;
    Ok(())
}
