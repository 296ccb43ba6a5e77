//! What the log says of what members do in a conversation, in the transaction that does it.

use super::thread::Thread;
use super::unit::Unit;
use crate::store::{Change, Object, Recorded, StoreError};
use domain::audit::{Action, By, ObjectKind};
use serde_json::json;

impl Unit<'_> {
    /// That the contact's tags changed; nothing if they are what they were.
    pub(super) async fn record_tags(
        &self,
        thread: &Thread,
        by: &By,
        was: &[String],
    ) -> Result<(), StoreError> {
        let tags = &thread.contact.profile.tags;
        let change = Change::of(Action::ConversationTagged, object(thread))
            .was(Recorded::of(&json!({ "tags": was })))
            .became(Recorded::of(&json!({ "tags": tags })));
        self.log(thread, by, change).await
    }

    /// That a note was written, and not a word of it: what a company writes about a contact is
    /// erased with the contact.
    pub(super) async fn record_note(&self, thread: &Thread, by: &By) -> Result<(), StoreError> {
        let change = Change::of(Action::ConversationNoted, object(thread));
        self.log(thread, by, change).await
    }

    async fn log(&self, thread: &Thread, by: &By, change: Change) -> Result<(), StoreError> {
        let tenant = self.store.tenant(thread.conversation.tenant);
        tenant.by(by.clone()).record(self.tx()?, change).await
    }
}

/// The conversation under its contact's name; without one where they have none, which the page
/// has words for.
fn object(thread: &Thread) -> Object {
    let profile = &thread.contact.profile;
    let handle = profile.username.as_ref().map(|u| format!("@{u}"));
    let name = profile.name.clone().or(handle);
    let name = name.or_else(|| profile.phone.clone());
    let id = thread.conversation.id;
    Object::of(ObjectKind::Conversation, id, name.unwrap_or_default())
}
