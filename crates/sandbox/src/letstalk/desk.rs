//! What agents do in the platform's own screens; used by the agent page and by tests.

use bytes::Bytes;
use serde_json::{Value, json};

use super::LetsTalk;
use super::errors::Refusal;
use super::messages::Draft;
use super::model::{Content, MemberRole, Person, PersonKind};
use super::store::Store;

impl LetsTalk {
    /// The agent becomes a member (or viewer) of the conversation; answers whether it was none.
    ///
    /// # Errors
    /// `NotFound` when agent or conversation do not exist or belong to different organizations.
    pub fn join(&self, agent: i64, conversation: i64, role: MemberRole) -> Result<bool, Refusal> {
        let mut store = self.lock();
        let agent = agent_of(&store, agent)?;
        self.enter(&mut store, &agent, conversation, role)
    }

    /// The agent answers; it joins first if the organization has `auto_join`. Answers the
    /// message's id.
    ///
    /// # Errors
    /// See [`LetsTalk::join`]; `Invalid` for an empty text.
    pub fn agent_says(&self, agent: i64, conversation: i64, text: &str) -> Result<i64, Refusal> {
        self.agent_sends(agent, conversation, Draft::text(text))
    }

    /// The agent sends a file.
    ///
    /// # Errors
    /// See [`LetsTalk::join`]; `Invalid` for a MIME type that is not accepted.
    pub fn agent_attaches(
        &self,
        agent: i64,
        conversation: i64,
        name: &str,
        mime: &str,
        bytes: Bytes,
    ) -> Result<i64, Refusal> {
        let file = self.keep_file(&mut self.lock(), name, mime, bytes);
        let draft = Draft {
            content: Content::File(file),
            remote_id: None,
            internal: false,
        };
        self.agent_sends(agent, conversation, draft)
    }

    /// The agent sends a list of links and quick replies (`actionable/list`).
    ///
    /// # Errors
    /// See [`LetsTalk::join`]; `Invalid` for a list without title or with incomplete items.
    pub fn agent_offers(&self, agent: i64, conversation: i64, list: Value) -> Result<i64, Refusal> {
        let draft = Draft {
            content: Content::Actions(list),
            remote_id: None,
            internal: false,
        };
        self.agent_sends(agent, conversation, draft)
    }

    /// The agent writes a note that only agents may see.
    ///
    /// # Errors
    /// See [`LetsTalk::join`].
    pub fn agent_notes(&self, agent: i64, conversation: i64, text: &str) -> Result<i64, Refusal> {
        let mut store = self.lock();
        let agent = agent_of(&store, agent)?;
        let draft = Draft {
            internal: true,
            ..Draft::text(text)
        };
        self.say(&mut store, &agent, conversation, draft)
            .map(|(message, _)| message.id)
    }

    fn agent_sends(&self, agent: i64, conversation: i64, draft: Draft) -> Result<i64, Refusal> {
        let mut store = self.lock();
        let agent = agent_of(&store, agent)?;
        if store.organization(agent.organization)?.settings.auto_join {
            self.enter(&mut store, &agent, conversation, MemberRole::Member)?;
        }
        self.say(&mut store, &agent, conversation, draft)
            .map(|(message, _)| message.id)
    }

    /// The agent is typing.
    ///
    /// # Errors
    /// See [`LetsTalk::join`].
    pub fn agent_types(&self, agent: i64, conversation: i64) -> Result<(), Refusal> {
        let store = self.lock();
        let agent = agent_of(&store, agent)?;
        let thread = store.visible(&agent, conversation)?;
        let data = json!({
            "conversation_id": conversation,
            "person_id": agent.id,
            "person_type": agent.kind.name(),
            "person_name": agent.name,
        });
        self.tell(&store, thread, "typing.now", data);
        Ok(())
    }

    /// The agent gives the conversation to a group; with `leave` it leaves it at the same time.
    ///
    /// # Errors
    /// See [`LetsTalk::join`]; `NotFound` for a group of another organization.
    pub fn transfer(
        &self,
        agent: i64,
        conversation: i64,
        group: i64,
        leave: bool,
    ) -> Result<(), Refusal> {
        let mut store = self.lock();
        let agent = agent_of(&store, agent)?;
        self.assign(&mut store, &agent, conversation, group, leave)
            .map(|_| ())
    }

    /// The agent closes the conversation.
    ///
    /// # Errors
    /// See [`LetsTalk::join`].
    pub fn close(&self, agent: i64, conversation: i64) -> Result<(), Refusal> {
        let mut store = self.lock();
        let agent = agent_of(&store, agent)?;
        self.close_by(&mut store, &agent, conversation)
    }

    /// The client writes from another place than the integration, such as the platform's widget.
    ///
    /// # Errors
    /// `NotFound` when the conversation does not exist.
    pub fn client_says(&self, conversation: i64, text: &str) -> Result<i64, Refusal> {
        let mut store = self.lock();
        let client = store.conversation_mut(conversation)?.client;
        let client = store.person(client)?.clone();
        self.say(&mut store, &client, conversation, Draft::text(text))
            .map(|(message, _)| message.id)
    }

    /// The agent has looked at everything that is there.
    ///
    /// # Errors
    /// See [`LetsTalk::join`].
    pub fn mark_read(&self, agent: i64, conversation: i64) -> Result<(), Refusal> {
        let mut store = self.lock();
        let agent = agent_of(&store, agent)?;
        store.visible(&agent, conversation)?;
        let thread = store.conversation_mut(conversation)?;
        let newest = thread.messages.last().map_or(0, |message| message.id);
        if thread.read_up_to < newest {
            thread.read_up_to = newest;
            let data = json!({"notifiable_type": "Conversation", "notifiable_id": conversation, "read": true});
            self.tell_noise(
                &store,
                agent.organization,
                &[agent.id],
                "notifications.update",
                &data,
            );
            self.changed();
        }
        Ok(())
    }

    /// Tells an event of a message once more, late.
    ///
    /// # Errors
    /// `NotFound` when there is no such message.
    pub fn repeat_event(&self, conversation: i64, message: i64) -> Result<(), Refusal> {
        let store = self.lock();
        let thread = store
            .conversations
            .get(&conversation)
            .ok_or(Refusal::NotFound)?;
        let message = thread.messages.iter().find(|it| it.id == message);
        self.tell_message(&store, thread, message.ok_or(Refusal::NotFound)?);
        Ok(())
    }

    /// Publishes any event in a conversation's name, for namespaces that the platform may add.
    ///
    /// # Errors
    /// `NotFound` when the conversation does not exist.
    pub fn publish_raw(
        &self,
        conversation: i64,
        namespace: &str,
        data: Value,
    ) -> Result<(), Refusal> {
        let store = self.lock();
        let thread = store
            .conversations
            .get(&conversation)
            .ok_or(Refusal::NotFound)?;
        self.tell(&store, thread, namespace, data);
        Ok(())
    }

    /// Removes a conversation; every request for it answers `404` from now on.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn delete_conversation(&self, conversation: i64) -> Result<(), Refusal> {
        let mut store = self.lock();
        let gone = store
            .conversations
            .remove(&conversation)
            .ok_or(Refusal::NotFound)?;
        store
            .organization_mut(gone.organization)?
            .conversations
            .retain(|id| *id != conversation);
        self.changed();
        Ok(())
    }
}

fn agent_of(store: &Store, id: i64) -> Result<Person, Refusal> {
    let person = store.person(id)?;
    (person.kind == PersonKind::User)
        .then(|| person.clone())
        .ok_or(Refusal::NotFound)
}
