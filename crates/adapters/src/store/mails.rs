//! Mails on their way: a row survives the process that wrote it and is tried until it is taken
//! or its link is worth nothing any more. What is read is sealed.

use super::{Store, StoreError, ms, sql};
use domain::ids::{MailId, TenantId};
use domain::secret::{SealContext, Sealed};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::time::Duration;
use uuid::Uuid;

/// A mail to be posted.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// Identity, also its `Message-ID`.
    pub id: MailId,
    /// Owner.
    pub tenant: TenantId,
    /// A [`domain::ports::Mail`] as JSON, sealed for [`mail_context`].
    pub body: Sealed,
    /// Not to be sent but shown in the demo's outbox.
    pub kept: bool,
    /// When its link ends; not tried any more after that.
    pub expires_at: Timestamp,
}

/// A mail that somebody has to send now.
#[derive(Clone, Debug)]
pub struct DueMail {
    /// Identity.
    pub id: MailId,
    /// Owner.
    pub tenant: TenantId,
    /// What is read, sealed.
    pub body: Sealed,
    /// Tries so far, this one included.
    pub attempts: u32,
    /// When its link ends.
    pub expires_at: Timestamp,
}

/// A mail in the demo's outbox.
#[derive(Clone, Debug)]
pub struct KeptMail {
    /// Identity.
    pub id: MailId,
    /// Owner.
    pub tenant: TenantId,
    /// What is read, sealed.
    pub body: Sealed,
    /// When it was posted.
    pub created_at: Timestamp,
}

/// What a mail's content is sealed for.
#[must_use]
pub fn mail_context(tenant: TenantId, id: MailId) -> SealContext<'static> {
    SealContext {
        tenant,
        column: "mails.body",
        row: id.0,
    }
}

/// Posts a mail inside a transaction.
pub(crate) async fn post(
    store: &Store,
    db: &impl ConnectionTrait,
    mail: &NewMail,
) -> Result<(), StoreError> {
    let text = "insert into mails (tenant_id, id, state, body, next_at, created_at, expires_at)
        values ($1, $2, $3, $4, NOW, $5, $6)";
    let state = if mail.kept { "kept" } else { "waiting" };
    let values = [
        mail.tenant.0.into(),
        mail.id.0.into(),
        state.into(),
        mail.body.0.clone().into(),
        store.clock.now().0.into(),
        mail.expires_at.0.into(),
    ];
    db.execute_raw(store.timed(db, text, values)).await?;
    Ok(())
}

impl Store {
    /// Posts a mail on its own.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn mail_post(&self, mail: &NewMail) -> Result<(), StoreError> {
        post(self, &self.write, mail).await
    }

    /// Takes up to `most` due mails for `hold`; nobody else gets them meanwhile.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn mails_claim(&self, most: u64, hold: Duration) -> Result<Vec<DueMail>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: Uuid,
            id: Uuid,
            body: Vec<u8>,
            attempts: i64,
            expires_at: i64,
        }
        let skip = if self.is_postgres() {
            "for update skip locked"
        } else {
            ""
        };
        let text = format!(
            "update mails set claimed_until = NOW + $1, attempts = attempts + 1
            where (tenant_id, id) in (select tenant_id, id from mails
                where state = 'waiting' and next_at <= NOW
                  and (claimed_until is null or claimed_until <= NOW)
                order by next_at limit $2 {skip})
            returning tenant_id, id, body, attempts, expires_at"
        );
        let values = [
            ms(hold).into(),
            i64::try_from(most).unwrap_or(i64::MAX).into(),
        ];
        let statement = self.timed(&self.write, &text, values);
        let rows = Row::find_by_statement(statement).all(&self.write).await?;
        Ok(rows
            .into_iter()
            .map(|row| DueMail {
                id: MailId(row.id),
                tenant: TenantId(row.tenant_id),
                body: Sealed(row.body),
                attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
                expires_at: Timestamp(row.expires_at),
            })
            .collect())
    }

    /// The server took it: its words are forgotten.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn mail_sent(&self, mail: &DueMail) -> Result<(), StoreError> {
        self.mail_end(mail, "sent", None).await
    }

    /// It will never pass: its words are forgotten, the reason stays.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn mail_dead(&self, mail: &DueMail, why: &str) -> Result<(), StoreError> {
        self.mail_end(mail, "dead", Some(why)).await
    }

    async fn mail_end(
        &self,
        mail: &DueMail,
        state: &str,
        why: Option<&str>,
    ) -> Result<(), StoreError> {
        let text = "update mails set state = $3, body = $4, claimed_until = null, error = $5,
            ended_at = $6 where tenant_id = $1 and id = $2 and state = 'waiting'";
        let values = [
            mail.tenant.0.into(),
            mail.id.0.into(),
            state.into(),
            Vec::<u8>::new().into(),
            why.map(str::to_owned).into(),
            self.clock.now().0.into(),
        ];
        self.write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        Ok(())
    }

    /// It is tried again at `at`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn mail_again(
        &self,
        mail: &DueMail,
        at: Timestamp,
        why: &str,
    ) -> Result<(), StoreError> {
        let text = "update mails set next_at = NOW + $3, claimed_until = null, error = $4
            where tenant_id = $1 and id = $2 and state = 'waiting'";
        let values = [
            mail.tenant.0.into(),
            mail.id.0.into(),
            ms(at.since(self.clock.now())).into(),
            why.into(),
        ];
        self.write
            .execute_raw(self.timed(&self.write, text, values))
            .await?;
        Ok(())
    }

    /// The newest mails of the demo's outbox, of all tenants.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn mails_kept(&self, most: u64) -> Result<Vec<KeptMail>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: Uuid,
            id: Uuid,
            body: Vec<u8>,
            created_at: i64,
        }
        let text = "select tenant_id, id, body, created_at from mails
            where state = 'kept' order by created_at desc, id desc limit $1";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let statement = sql(&self.read, text, [most.into()]);
        let rows = Row::find_by_statement(statement).all(&self.read).await?;
        Ok(rows
            .into_iter()
            .map(|row| KeptMail {
                id: MailId(row.id),
                tenant: TenantId(row.tenant_id),
                body: Sealed(row.body),
                created_at: Timestamp(row.created_at),
            })
            .collect())
    }

    /// How many mails wait, and since when the oldest does.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn mails_waiting(&self) -> Result<(u64, Option<Timestamp>), StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            waiting: i64,
            oldest: Option<i64>,
        }
        let text = "select count(*) as waiting, min(created_at) as oldest from mails
            where state = 'waiting'";
        let statement = sql(&self.read, text, []);
        let row = Row::find_by_statement(statement).one(&self.read).await?;
        Ok(row.map_or((0, None), |row| {
            let waiting = u64::try_from(row.waiting).unwrap_or(0);
            (waiting, row.oldest.map(Timestamp))
        }))
    }
}
