//! Removing what was said once it is older than the tenant wants to keep it. Rows stay, so that
//! figures and the facts of handoffs stay right; words and files go.

use super::{Store, StoreError, TenantStore, sql};
use domain::ids::{FileId, TenantId};
use domain::tenant::Language;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::time::Duration;
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(86_400);

/// A tenant that does not keep everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgetful {
    /// Who.
    pub tenant: TenantId,
    /// What is older than this goes.
    pub before: Timestamp,
    /// Everything received earlier was looked at.
    pub from: Timestamp,
}

/// What a batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Messages whose words are gone.
    pub messages: u64,
    /// Files that nobody can open any more and that are to be removed from the file store; then
    /// [`TenantStore::file_gone`].
    pub files: Vec<FileId>,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

impl Store {
    /// Tenants that do not keep everything.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn forgetful(&self) -> Result<Vec<Forgetful>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: Uuid,
            retention_days: i64,
            swept_until: i64,
        }
        let now = self.clock.now();
        let text = "select tenant_id, retention_days, swept_until from terms
            where retention_days is not null order by tenant_id";
        let rows = Row::find_by_statement(sql(&self.read, text, []))
            .all(&self.read)
            .await?;
        let days = |n: i64| DAY.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX));
        Ok(rows
            .into_iter()
            .map(|row| Forgetful {
                tenant: TenantId(row.tenant_id),
                before: now.before(days(row.retention_days)),
                from: Timestamp(row.swept_until),
            })
            .collect())
    }
}

impl Store {
    /// Tenants with files that are to be removed from the file store: left by whoever was cut off
    /// between the database and the file store.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn tenants_with_removed_files(&self) -> Result<Vec<TenantId>, StoreError> {
        let text = "select distinct tenant_id as id from removed_files";
        let rows = Id::find_by_statement(sql(&self.read, text, []))
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(|row| TenantId(row.id)).collect())
    }
}

impl TenantStore {
    /// Files, at most `most`, that are to be removed from the file store; then
    /// [`TenantStore::file_gone`].
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn removed_files(&self, most: u64) -> Result<Vec<FileId>, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let db = &self.store.read;
        let text = "select id from removed_files where tenant_id = $1 limit $2";
        let rows = Id::find_by_statement(sql(db, text, [self.id.0.into(), limit.into()]))
            .all(db)
            .await?;
        Ok(rows.into_iter().map(|row| FileId(row.id)).collect())
    }
}

/// What stands in the place of words that were removed, in the language of the tenant's texts.
#[must_use]
pub fn instead_of_words(language: Language) -> &'static str {
    match language {
        Language::Es => "Contenido eliminado",
        Language::En => "Content removed",
        Language::Pt => "Conteúdo removido",
    }
}

impl TenantStore {
    /// Removes the words of at most `most` messages that were received from `span.from` and
    /// before `span.before`; `instead` stands in their place. What still has to be sent is left.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn forget(
        &self,
        span: Forgetful,
        instead: &str,
        most: u64,
    ) -> Result<Forgotten, StoreError> {
        let tx = self.store.begin().await?;
        // Two workers that both believe to hold the tenant go one after the other: the second
        // finds, removes and counts nothing.
        let alone = "update terms set swept_until = swept_until where tenant_id = $1";
        tx.execute_raw(sql(&tx, alone, [self.id.0.into()])).await?;
        let text = "select m.id from messages m
            where m.tenant_id = $1 and m.received_at >= $2 and m.received_at < $3
              and m.removed_at is null
              and not exists (select 1 from outbox o where o.tenant_id = m.tenant_id
                and o.conversation_id = m.conversation_id and o.state = 'pending')
            order by m.received_at limit $4";
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let values = [
            self.id.0.into(),
            span.from.0.into(),
            span.before.0.into(),
            limit.into(),
        ];
        let rows = Id::find_by_statement(sql(&tx, text, values))
            .all(&tx)
            .await?;
        let ids: Vec<Uuid> = rows.into_iter().map(|r| r.id).collect();
        let files = self.blank(&tx, &ids, instead).await?;
        if ids.len() as u64 == most {
            tx.commit().await?;
            return Ok(Forgotten {
                messages: most,
                files,
            });
        }
        // Everything that could go is gone: what is left waits to be sent. Next time begins there.
        let text = "update terms set swept_until = coalesce((select min(received_at) from messages
            where tenant_id = $1 and received_at >= $2 and received_at < $3 and removed_at is null), $3)
            where tenant_id = $1";
        let values = [self.id.0.into(), span.from.0.into(), span.before.0.into()];
        tx.execute_raw(sql(&tx, text, values)).await?;
        let around = [
            // The words a handoff was opened with; its facts stay.
            "update handoffs set options = '{}' where tenant_id = $1 and ended_at < $2 and options <> '{}'",
            "update conversations set last_words = '' where tenant_id = $1 and last_message_at < $2 and last_words <> ''",
        ];
        for text in around {
            tx.execute_raw(sql(&tx, text, [self.id.0.into(), span.before.0.into()]))
                .await?;
        }
        tx.commit().await?;
        Ok(Forgotten {
            messages: ids.len() as u64,
            files,
        })
    }

    /// Puts `instead` in the place of what messages said, and gives up sending what failed of
    /// them. Their files.
    pub(crate) async fn blank(
        &self,
        tx: &impl ConnectionTrait,
        ids: &[Uuid],
        instead: &str,
    ) -> Result<Vec<FileId>, StoreError> {
        let now = self.store.clock.now().0;
        let content = serde_json::json!({"kind": "text", "text": instead}).to_string();
        let mut files = Vec::new();
        for id in ids {
            let text = "update messages set content = $3, failure = null, removed_at = $4
                where tenant_id = $1 and id = $2";
            let key = [self.id.0.into(), (*id).into()];
            let values = [content.clone().into(), now.into()];
            tx.execute_raw(sql(tx, text, key.clone().into_iter().chain(values)))
                .await?;
            let text = "update outbox set state = 'discarded', ended_at = $3
                where tenant_id = $1 and message_id = $2 and state = 'dead'";
            let given_up = key.clone().into_iter().chain([now.into()]);
            tx.execute_raw(sql(tx, text, given_up)).await?;
            let text = "insert into removed_files (tenant_id, id)
                select tenant_id, id from files where tenant_id = $1 and message_id = $2";
            tx.execute_raw(sql(tx, text, key.clone())).await?;
            let text = "delete from files where tenant_id = $1 and message_id = $2 returning id";
            let rows = Id::find_by_statement(sql(tx, text, key)).all(tx).await?;
            files.extend(rows.into_iter().map(|r| FileId(r.id)));
        }
        Ok(files)
    }

    /// A file is gone from the file store.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn file_gone(&self, id: FileId) -> Result<(), StoreError> {
        let db = &self.store.write;
        for text in [
            "delete from removed_files where tenant_id = $1 and id = $2",
            "delete from files where tenant_id = $1 and id = $2",
        ] {
            db.execute_raw(sql(db, text, [self.id.0.into(), id.0.into()]))
                .await?;
        }
        Ok(())
    }
}
