//! Notes: words between members. They stand in a table of their own, which nothing that goes out
//! ever reads.

use super::command::{CommandOutcome, standing};
use super::unit::Unit;
use crate::store::StoreError;
use domain::audit::By;
use domain::ids::{ConversationId, MemberId, TenantId};
use uuid::Uuid;

/// A note that a member writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    /// Owner.
    pub tenant: TenantId,
    /// The thread.
    pub conversation: ConversationId,
    /// Made with the form: the same form sent twice is one note.
    pub id: Uuid,
    /// Who writes it.
    pub member: MemberId,
    /// Their name, as it is now.
    pub name: String,
    /// Who, for the log.
    pub by: By,
    /// The words.
    pub text: String,
}

impl Unit<'_> {
    /// Keeps a note after the newest message.
    pub(super) async fn note(&mut self, note: &NewNote) -> Result<CommandOutcome, StoreError> {
        let mut thread = self
            .thread(note.tenant, note.conversation)
            .await?
            .ok_or(StoreError::NotFound)?;
        let text =
            "insert into notes (tenant_id, conversation_id, id, after_seq, member_id, member_name,
                text, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (tenant_id, conversation_id, id) do nothing";
        let values = [
            note.tenant.0.into(),
            note.conversation.0.into(),
            note.id.into(),
            thread.conversation.last_seq.into(),
            note.member.0.into(),
            note.name.clone().into(),
            note.text.clone().into(),
            self.now.0.into(),
        ];
        if self.run(text, values).await?.rows_affected() > 0 {
            let text =
                "update conversations set notes = notes + 1 where tenant_id = $1 and id = $2";
            self.run(text, [note.tenant.0.into(), note.conversation.0.into()])
                .await?;
            thread.touch();
            self.record_note(&thread, &note.by).await?;
        }
        let standing = standing(&thread);
        self.save(thread).await?;
        Ok(standing)
    }
}
