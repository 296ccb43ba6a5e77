//! All state of the platform, and the few ways to look things up.

use std::collections::HashMap;
use std::sync::Arc;

use super::errors::Refusal;
use super::media::File;
use super::model::{Conversation, Organization, Person, PersonKind};

/// Ids begin here, so that they look like those of a platform in use and no two kinds agree.
const FIRST_ID: i64 = 5_200;
const FIRST_CONVERSATION: i64 = 686_900;
const FIRST_MESSAGE: i64 = 9_100_000;

/// The platform's state.
#[derive(Debug, Default)]
pub(crate) struct Store {
    ids: i64,
    conversation_ids: i64,
    message_ids: i64,
    pub organizations: HashMap<i64, Organization>,
    pub people: HashMap<i64, Person>,
    pub keys: HashMap<String, i64>,
    pub conversations: HashMap<i64, Conversation>,
    pub files: HashMap<String, Arc<File>>,
    /// Conversations registered in each agent's channel group, oldest first.
    pub registered: HashMap<i64, std::collections::VecDeque<i64>>,
}

impl Store {
    /// A new id of an organization, person, group, inquiry or membership.
    pub(crate) fn next_id(&mut self) -> i64 {
        self.ids += 1;
        FIRST_ID + self.ids
    }

    /// A new conversation id.
    pub(crate) fn next_conversation_id(&mut self) -> i64 {
        self.conversation_ids += 1;
        FIRST_CONVERSATION + self.conversation_ids
    }

    /// A new message id.
    pub(crate) fn next_message_id(&mut self) -> i64 {
        self.message_ids += 1;
        FIRST_MESSAGE + self.message_ids
    }

    /// Whose key this is; `401` if nobody's, `403` if the organization is blocked.
    pub(crate) fn owner(&self, key: &str) -> Result<Person, Refusal> {
        let person = self
            .keys
            .get(key)
            .and_then(|id| self.people.get(id))
            .ok_or(Refusal::Unauthorized)?;
        if self.organization(person.organization)?.settings.blocked {
            return Err(Refusal::Forbidden("blocked"));
        }
        Ok(person.clone())
    }

    /// The organization of this id.
    pub(crate) fn organization(&self, id: i64) -> Result<&Organization, Refusal> {
        self.organizations.get(&id).ok_or(Refusal::NotFound)
    }

    /// The organization of this id, to change it.
    pub(crate) fn organization_mut(&mut self, id: i64) -> Result<&mut Organization, Refusal> {
        self.organizations.get_mut(&id).ok_or(Refusal::NotFound)
    }

    /// The conversation of this id, to change it.
    pub(crate) fn conversation_mut(&mut self, id: i64) -> Result<&mut Conversation, Refusal> {
        self.conversations.get_mut(&id).ok_or(Refusal::NotFound)
    }

    /// The person of this id.
    pub(crate) fn person(&self, id: i64) -> Result<&Person, Refusal> {
        self.people.get(&id).ok_or(Refusal::NotFound)
    }

    /// The conversation, if `person` may see it: clients their own, agents their organization's.
    pub(crate) fn visible(&self, person: &Person, id: i64) -> Result<&Conversation, Refusal> {
        let conversation = self.conversations.get(&id).ok_or(Refusal::NotFound)?;
        let theirs = match person.kind {
            PersonKind::Client => conversation.client == person.id,
            PersonKind::User => conversation.organization == person.organization,
        };
        theirs.then_some(conversation).ok_or(Refusal::NotFound)
    }
}
