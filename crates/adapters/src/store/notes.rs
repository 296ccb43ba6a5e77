//! Notes of a conversation, for members only. Nothing that goes outward reads this table.

use super::{Conversations, StoreError, sql};
use domain::ids::ConversationId;
use domain::time::Timestamp;
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// Words between members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Identity.
    pub id: Uuid,
    /// It stands after this message.
    pub after_seq: i64,
    /// Who wrote it, by the name they had then.
    pub by: String,
    /// The words.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    after_seq: i64,
    member_name: String,
    text: String,
    created_at: i64,
}

impl Conversations {
    /// The newest notes of a conversation, oldest first, at most 200.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn notes(&self, id: ConversationId) -> Result<Vec<Note>, StoreError> {
        let db = &self.tenant.store.read;
        let text = "select id, after_seq, member_name, text, created_at from notes
            where tenant_id = $1 and conversation_id = $2 order by created_at desc, id desc limit 200";
        let values = [self.tenant.id.0.into(), id.0.into()];
        let rows = Row::find_by_statement(sql(db, text, values))
            .all(db)
            .await?;
        let notes = rows.into_iter().rev().map(|row| Note {
            id: row.id,
            after_seq: row.after_seq,
            by: row.member_name,
            text: row.text,
            at: Timestamp(row.created_at),
        });
        Ok(notes.collect())
    }
}
