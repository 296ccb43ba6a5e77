//! Really deleting a tenant: every row of every table, in bounded batches, so that it can be cut
//! off and taken up again.

use super::{Store, StoreError, TenantStore, sql};
use domain::ids::{FileId, TenantId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

/// Rows removed by one statement.
const BATCH: i64 = 1000;

/// These go first: without its data key what is left of the tenant's secrets, also in backups, can
/// never be read again, and without lines and desk nothing new comes in. The rest follows in any
/// order, `terms` last, because it says that there is something left to do.
const FIRST: [&str; 7] = [
    "data_keys",
    "api_keys",
    "desks",
    "channels",
    "members",
    "invitations",
    "rules",
];

impl Store {
    /// Tenants whose grace has ended.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn leavers(&self) -> Result<Vec<TenantId>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: Uuid,
        }
        let text = "select tenant_id from terms where leaving_at is not null and leaving_at <= $1";
        let now = self.clock.now().0;
        let rows = Row::find_by_statement(sql(&self.read, text, [now.into()]))
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(|r| TenantId(r.tenant_id)).collect())
    }

    /// The tables that hold tenants' rows, as the database knows them: a table that is added later
    /// is not forgotten.
    pub(crate) async fn tenant_tables(
        &self,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            name: String,
        }
        let text = if self.is_postgres() {
            "select c.table_name::text as name from information_schema.columns c
                join information_schema.tables t using (table_schema, table_name)
                where c.table_schema = current_schema() and c.column_name = 'tenant_id'
                  and t.table_type = 'BASE TABLE'"
        } else {
            "select m.name as name from sqlite_master m join pragma_table_info(m.name) c
                where m.type = 'table' and c.name = 'tenant_id'"
        };
        let rows = Row::find_by_statement(sql(db, text, [])).all(db).await?;
        let plain = |name: &String| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        Ok(rows.into_iter().map(|r| r.name).filter(plain).collect())
    }
}

impl TenantStore {
    /// Files of the tenant, at most `most`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn some_files(&self, most: u64) -> Result<Vec<FileId>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
        }
        let db = &self.store.read;
        let text = "select id from files where tenant_id = $1
            union select id from removed_files where tenant_id = $1 limit $2";
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = Row::find_by_statement(sql(db, text, [self.id.0.into(), limit.into()]))
            .all(db)
            .await?;
        Ok(rows.into_iter().map(|r| FileId(r.id)).collect())
    }

    /// Shreds the tenant's secrets and closes its doors: what is left is dead matter.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn shred(&self) -> Result<(), StoreError> {
        let tx = self.store.begin().await?;
        let text = "delete from operators where member_id in (select id from members where tenant_id = $1)";
        tx.execute_raw(sql(&tx, text, [self.id.0.into()])).await?;
        for table in FIRST {
            let text = format!("delete from {table} where tenant_id = $1");
            tx.execute_raw(sql(&tx, &text, [self.id.0.into()])).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Removes one batch of rows; `false` when nothing of the tenant is left. The files must be
    /// gone from the file store before, or nobody knows of them any more.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn purge(&self) -> Result<bool, StoreError> {
        let db = &self.store.write;
        let tables = self.store.tenant_tables(&self.store.read).await?;
        let row = if self.store.is_postgres() {
            "ctid"
        } else {
            "rowid"
        };
        for table in tables.iter().filter(|t| *t != "terms") {
            let text = format!(
                "delete from {table} where {row} in
                    (select {row} from {table} where tenant_id = $1 limit $2)"
            );
            let done = db
                .execute_raw(sql(db, &text, [self.id.0.into(), BATCH.into()]))
                .await?;
            if done.rows_affected() > 0 {
                return Ok(true);
            }
        }
        let tx = self.store.begin().await?;
        for text in [
            "delete from terms where tenant_id = $1",
            "delete from tenants where id = $1",
        ] {
            tx.execute_raw(sql(&tx, text, [self.id.0.into()])).await?;
        }
        tx.commit().await?;
        Ok(false)
    }
}
