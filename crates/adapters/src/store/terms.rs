//! What a tenant agreed to with the company that hosts Relevo: limits, retention, suspension, and
//! whether it is leaving.

use super::{Change, Object, Recorded, StoreError, TenantStore, sql};
use domain::audit::{Action, ObjectKind};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::Serialize;
use serde_json::json;

/// The most that a plan allows; nothing where it has no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Messages in a calendar month (UTC). Nothing is lost beyond it: it is shown, not enforced.
    pub messages_a_month: Option<i64>,
    /// Connected channels.
    pub most_channels: Option<i64>,
    /// Members and open invitations together.
    pub most_members: Option<i64>,
}

/// A suspension by the host: what comes in is stored, nothing goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Since when.
    pub since: Timestamp,
    /// The host's words for the tenant.
    pub why: String,
}

/// What a tenant agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What the plan allows.
    pub limits: Limits,
    /// Days after which contents and files are removed; nothing to keep them.
    pub retention_days: Option<i64>,
    /// Whether the host suspended it.
    pub suspended: Option<Suspension>,
    /// From then on it is deleted.
    pub leaving_at: Option<Timestamp>,
}

/// What a tenant uses now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Usage {
    /// Messages of this calendar month (UTC), either way.
    pub messages: i64,
    /// Connected channels.
    pub channels: i64,
    /// Members and open invitations together.
    pub members: i64,
}

#[derive(FromQueryResult)]
pub(crate) struct TermsRow {
    pub suspended_at: Option<i64>,
    pub suspended_why: Option<String>,
    pub leaving_at: Option<i64>,
    pub messages_a_month: Option<i64>,
    pub most_channels: Option<i64>,
    pub most_members: Option<i64>,
    pub retention_days: Option<i64>,
}

impl TermsRow {
    pub(crate) fn terms(self) -> Terms {
        Terms {
            limits: Limits {
                messages_a_month: self.messages_a_month,
                most_channels: self.most_channels,
                most_members: self.most_members,
            },
            retention_days: self.retention_days,
            suspended: self.suspended_at.map(|since| Suspension {
                since: Timestamp(since),
                why: self.suspended_why.unwrap_or_default(),
            }),
            leaving_at: self.leaving_at.map(Timestamp),
        }
    }
}

impl TenantStore {
    /// What the tenant agreed to.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn terms(&self) -> Result<Terms, StoreError> {
        self.terms_in(&self.store.read).await
    }

    async fn terms_in(&self, db: &impl ConnectionTrait) -> Result<Terms, StoreError> {
        let text = "select suspended_at, suspended_why, leaving_at, messages_a_month,
            most_channels, most_members, retention_days from terms where tenant_id = $1";
        let row = TermsRow::find_by_statement(sql(db, text, [self.id.0.into()]))
            .one(db)
            .await?;
        Ok(row.map(TermsRow::terms).unwrap_or_default())
    }

    /// What the tenant uses now; `month` is the instant at which the calendar month began.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn usage(&self, month: Timestamp) -> Result<Usage, StoreError> {
        let db = &self.store.read;
        let text = "select
            (select count(*) from messages
                where tenant_id = $1 and received_at >= $2 and removed_at is null)
            + (select count(*) from messages
                where tenant_id = $1 and received_at >= $2 and removed_at is not null) as messages,
            (select count(*) from channels
                where tenant_id = $1 and removed_at is null and kind <> 'test') as channels,
            (select count(*) from members where tenant_id = $1) + (select count(*) from invitations
                where tenant_id = $1 and ended_at is null and expires_at > $3) as members";
        let values = [
            self.id.0.into(),
            month.0.into(),
            self.store.clock.now().0.into(),
        ];
        let usage = Usage::find_by_statement(sql(db, text, values))
            .one(db)
            .await?;
        Ok(usage.unwrap_or_default())
    }

    /// Keeps contents for so many days; for ever without a number.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn set_retention(&self, days: Option<i64>) -> Result<(), StoreError> {
        let tell = |days: Option<i64>| json!({"retention_days": days});
        self.agree(
            Action::RetentionChanged,
            &["retention_days"],
            [days.into()],
            |t| tell(t.retention_days),
        )
        .await
    }

    /// Sets what the plan allows.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn set_limits(&self, limits: Limits) -> Result<(), StoreError> {
        let columns = ["messages_a_month", "most_channels", "most_members"];
        let values = [
            limits.messages_a_month.into(),
            limits.most_channels.into(),
            limits.most_members.into(),
        ];
        self.agree(Action::LimitsChanged, &columns, values, |t| json!(t.limits))
            .await
    }

    /// Suspends the tenant: what comes in is stored, nothing goes out.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn suspend(&self, why: &str) -> Result<(), StoreError> {
        let now = self.store.clock.now().0;
        let columns = ["suspended_at", "suspended_why"];
        self.agree(
            Action::TenantSuspended,
            &columns,
            [now.into(), why.into()],
            |t| json!({"why": t.suspended.as_ref().map(|s| &s.why)}),
        )
        .await
    }

    /// Lifts the suspension: what waits goes out.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn resume(&self) -> Result<(), StoreError> {
        let values = [None::<i64>.into(), None::<String>.into()];
        let columns = ["suspended_at", "suspended_why"];
        self.agree(
            Action::TenantResumed,
            &columns,
            values,
            |t| json!({"why": t.suspended.as_ref().map(|s| &s.why)}),
        )
        .await
    }

    /// Deletes the tenant from then on.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn leave(&self, at: Timestamp) -> Result<(), StoreError> {
        self.agree(
            Action::DeletionAsked,
            &["leaving_at"],
            [at.0.into()],
            |t| json!({"leaving_at": t.leaving_at.map(Timestamp::to_rfc3339)}),
        )
        .await
    }

    /// The tenant stays after all.
    ///
    /// # Errors
    /// `NotFound` when its deletion has begun.
    pub async fn stay(&self) -> Result<(), StoreError> {
        let now = self.store.clock.now();
        let terms = self.terms().await?;
        if terms.leaving_at.is_some_and(|at| at <= now) {
            return Err(StoreError::NotFound);
        }
        self.agree(
            Action::DeletionWithdrawn,
            &["leaving_at"],
            [None::<i64>.into()],
            |t| json!({"leaving_at": t.leaving_at.map(Timestamp::to_rfc3339)}),
        )
        .await
    }

    async fn agree<const N: usize>(
        &self,
        action: Action,
        columns: &[&str; N],
        values: [Value; N],
        tell: impl Fn(&Terms) -> serde_json::Value,
    ) -> Result<(), StoreError> {
        let tx = self.store.begin().await?;
        let was = self.terms_in(&tx).await?;
        let names = columns.join(", ");
        let places: Vec<String> = (2..N + 2).map(|n| format!("${n}")).collect();
        let sets: Vec<String> = columns
            .iter()
            .map(|c| format!("{c} = excluded.{c}"))
            .collect();
        let text = format!(
            "insert into terms (tenant_id, {names}) values ($1, {}) on conflict (tenant_id) do update set {}",
            places.join(", "),
            sets.join(", ")
        );
        let values = std::iter::once(self.id.0.into()).chain(values);
        tx.execute_raw(sql(&tx, &text, values)).await?;
        let became = self.terms_in(&tx).await?;
        let change = Change::of(action, Object::only(ObjectKind::Tenant))
            .was(Recorded::of(&tell(&was)))
            .became(Recorded::of(&tell(&became)));
        self.record(&tx, change).await?;
        tx.commit().await?;
        Ok(())
    }
}
