//! A member's authenticator and recovery codes.

use super::account_log::about;
use super::{Store, StoreError, sql};
use domain::audit::{Action, By};
use domain::secret::{SealContext, Sealed};
use domain::tenant::Member;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// A member's authenticator as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredFactor {
    /// In use: asked for at every login.
    pub active: Option<Sealed>,
    /// Offered on the page that turns it on.
    pub offered: Option<Sealed>,
    /// Recovery codes that are still good.
    pub codes_left: u64,
}

/// What an authenticator's secret is sealed for.
#[must_use]
pub fn factor_context(member: &Member) -> SealContext<'static> {
    SealContext {
        tenant: member.tenant,
        column: "members.totp_secret",
        row: member.id.0,
    }
}

fn own(member: &Member) -> [Value; 2] {
    [member.tenant.0.into(), member.id.0.into()]
}

impl Store {
    /// The member's authenticator.
    ///
    /// # Errors
    /// `NotFound` without such a member.
    pub async fn factor(&self, member: &Member) -> Result<StoredFactor, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            totp_secret: Option<Vec<u8>>,
            totp_pending: Option<Vec<u8>>,
            codes: i64,
        }
        let text = "select totp_secret, totp_pending, (select count(*) from recovery_codes c
                where c.tenant_id = members.tenant_id and c.member_id = members.id
                and c.used_at is null) as codes
            from members where tenant_id = $1 and id = $2";
        let statement = sql(&self.read, text, own(member));
        let row = Row::find_by_statement(statement).one(&self.read).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        Ok(StoredFactor {
            active: row.totp_secret.map(Sealed),
            offered: row.totp_pending.map(Sealed),
            codes_left: u64::try_from(row.codes).unwrap_or(0),
        })
    }

    /// Keeps a new secret until a code proves that an authenticator has it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn factor_offer(&self, member: &Member, secret: &Sealed) -> Result<(), StoreError> {
        let text = "update members set totp_pending = $3 where tenant_id = $1 and id = $2";
        let [tenant, id] = own(member);
        self.one(text, [tenant, id, secret.0.clone().into()]).await
    }

    /// Turns the offered authenticator on, with its first code used up and these recovery codes.
    ///
    /// # Errors
    /// `Stale` when nothing is offered any more.
    pub async fn factor_on(
        &self,
        member: &Member,
        by: &By,
        step: u64,
        codes: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let text = "update members set totp_secret = totp_pending, totp_pending = null,
            totp_step = $3 where tenant_id = $1 and id = $2 and totp_pending is not null";
        let [tenant, id] = own(member);
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let done = tx
            .execute_raw(sql(&tx, text, [tenant, id, step.into()]))
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        write_codes(&tx, member, codes).await?;
        let change = about(Action::MemberSecondFactorOn, member);
        self.record_account(&tx, member, by, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Turns the second factor off and forgets secret and codes. One that was off already stays
    /// so.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn factor_off(&self, member: &Member, by: &By) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let text = "update members set totp_secret = null, totp_pending = null
            where tenant_id = $1 and id = $2 and totp_secret is not null";
        let done = tx.execute_raw(sql(&tx, text, own(member))).await?;
        write_codes(&tx, member, &[]).await?;
        if done.rows_affected() > 0 {
            let change = about(Action::MemberSecondFactorOff, member);
            self.record_account(&tx, member, by, change).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Uses a code's step up; `false` if this or a later one was used before. Of two that come at
    /// once, one gets in.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn factor_step(&self, member: &Member, step: u64) -> Result<bool, StoreError> {
        let text = "update members set totp_step = $3
            where tenant_id = $1 and id = $2 and totp_step < $3";
        let [tenant, id] = own(member);
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let done = self
            .write
            .execute_raw(sql(&self.write, text, [tenant, id, step.into()]))
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Puts new recovery codes (hashes) in the place of all earlier ones.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn recovery_replace(
        &self,
        member: &Member,
        by: &By,
        codes: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        write_codes(&tx, member, codes).await?;
        let change = about(Action::MemberCodesRenewed, member);
        self.record_account(&tx, member, by, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Uses a recovery code up; `false` if there is no such code or it was used before.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn recovery_use(&self, member: &Member, hash: &[u8]) -> Result<bool, StoreError> {
        let text = "update recovery_codes set used_at = $4
            where tenant_id = $1 and member_id = $2 and hash = $3 and used_at is null";
        let [tenant, id] = own(member);
        let now = self.clock.now().0;
        let values = [tenant, id, hash.to_vec().into(), now.into()];
        let done = self
            .write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn one(
        &self,
        text: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), StoreError> {
        let done = self
            .write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(())
    }
}

async fn write_codes(
    db: &impl ConnectionTrait,
    member: &Member,
    codes: &[Vec<u8>],
) -> Result<(), StoreError> {
    let text = "delete from recovery_codes where tenant_id = $1 and member_id = $2";
    db.execute_raw(sql(db, text, own(member))).await?;
    for code in codes {
        let text = "insert into recovery_codes (tenant_id, member_id, hash) values ($1, $2, $3)";
        let [tenant, id] = own(member);
        db.execute_raw(sql(db, text, [tenant, id, code.clone().into()]))
            .await?;
    }
    Ok(())
}
