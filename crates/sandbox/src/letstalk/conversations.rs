//! The life of a conversation: opened, assigned, closed, opened again.

use serde_json::{Value, json};

use super::LetsTalk;
use super::errors::Refusal;
use super::messages::Draft;
use super::model::{Conversation, Member, MemberRole, Person, PersonKind, Status};
use super::settings::CloseEvents;
use super::store::Store;
use crate::ledger::{Entry, Service};

/// What `POST /conversations` carries besides its first message.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    pub issue: Option<String>,
    pub organization_id: i64,
    pub inquiry_id: Option<i64>,
    pub metadata: Option<Value>,
}

impl LetsTalk {
    /// Opens a conversation with its first message; answers its id.
    pub(super) fn open(
        &self,
        store: &mut Store,
        client: &Person,
        opening: Opening,
        first: Draft,
    ) -> Result<i64, Refusal> {
        if client.kind != PersonKind::Client {
            return Err(Refusal::Forbidden("only clients open conversations"));
        }
        if opening.organization_id != client.organization {
            return Err(Refusal::NotFound);
        }
        let group = match opening.inquiry_id {
            None => None,
            Some(id) => {
                let organization = store.organization(client.organization)?;
                let inquiry = organization
                    .inquiries
                    .iter()
                    .find(|inquiry| inquiry.id == id);
                inquiry.ok_or(Refusal::NotFound)?.group_id
            }
        };
        let id = store.next_conversation_id();
        let thread = Conversation {
            id,
            organization: client.organization,
            client: client.id,
            issue: opening
                .issue
                .filter(|issue| !issue.trim().is_empty())
                .unwrap_or_else(|| format!("Conversation [{id}]")),
            status: Status::Open,
            created_ms: self.core.clock.now_ms(),
            closed_ms: None,
            inquiry: opening.inquiry_id,
            groups: Vec::new(),
            members: Vec::new(),
            metadata: opening.metadata.unwrap_or_else(|| json!({})),
            messages: Vec::new(),
            read_up_to: 0,
        };
        store.conversations.insert(id, thread.clone());
        if let Some(group) = group {
            let assignment = store.next_id();
            store.conversation_mut(id)?.groups.push((assignment, group));
        }
        let thread = store.conversation_mut(id)?.clone();
        self.register(store, &thread);
        if let Err(refusal) = self.say(store, client, id, first) {
            store.conversations.remove(&id);
            return Err(refusal);
        }
        store
            .organization_mut(client.organization)?
            .conversations
            .push(id);
        self.write_event("conversation_opened", client, id);
        self.join_by_group(store, id)?;
        Ok(id)
    }

    /// Closes a conversation; closing it again changes nothing.
    pub(super) fn close_by(
        &self,
        store: &mut Store,
        agent: &Person,
        id: i64,
    ) -> Result<(), Refusal> {
        if agent.kind != PersonKind::User {
            return Err(Refusal::Forbidden("only agents close conversations"));
        }
        if store.visible(agent, id)?.status == Status::Closed {
            return Ok(());
        }
        let now = self.core.clock.now_ms();
        let thread = store.conversation_mut(id)?;
        thread.status = Status::Closed;
        thread.closed_ms = Some(now);
        self.write_event("conversation_closed", agent, id);
        self.say_system(store, agent, id, "closed")?;
        let told = store
            .organization(agent.organization)?
            .settings
            .close_events;
        if told != CloseEvents::Message
            && let Some(thread) = store.conversations.get(&id)
        {
            self.tell_conversation(store, thread);
        }
        Ok(())
    }

    /// Opens a closed conversation again because its client wrote.
    pub(super) fn reopen(
        &self,
        store: &mut Store,
        id: i64,
        causer: &Person,
    ) -> Result<(), Refusal> {
        let thread = store.conversation_mut(id)?;
        thread.status = Status::Open;
        thread.closed_ms = None;
        self.write_event("conversation_reopened", causer, id);
        self.say_system(store, causer, id, "reopened")?;
        if let Some(thread) = store.conversations.get(&id) {
            self.tell_conversation(store, thread);
        }
        Ok(())
    }

    /// Gives the conversation to a group; with `transfer` the agent leaves it. Answers the
    /// assignment's id.
    pub(super) fn assign(
        &self,
        store: &mut Store,
        agent: &Person,
        id: i64,
        group: i64,
        transfer: bool,
    ) -> Result<i64, Refusal> {
        if agent.kind != PersonKind::User {
            return Err(Refusal::Forbidden("only agents assign conversations"));
        }
        store.visible(agent, id)?;
        let organization = store.organization(agent.organization)?;
        if !organization.groups.iter().any(|known| known.id == group) {
            return Err(Refusal::NotFound);
        }
        let assignment = store.next_id();
        let thread = store.conversation_mut(id)?;
        thread.groups.push((assignment, group));
        let leaving = thread
            .members
            .iter()
            .copied()
            .find(|member| transfer && member.person == agent.id);
        let thread = thread.clone();
        self.register(store, &thread);
        let content = if transfer {
            "transferred"
        } else {
            "group_assigned"
        };
        self.say_system(store, agent, id, content)?;
        if let Some(member) = leaving {
            if let Some(thread) = store.conversations.get(&id) {
                self.tell_membership(store, thread, &member, "conversation_memberships.update");
            }
            store
                .conversation_mut(id)?
                .members
                .retain(|other| other.id != member.id);
        }
        self.join_by_group(store, id)?;
        Ok(assignment)
    }

    /// Makes an agent a member; answers whether it was none before.
    pub(super) fn enter(
        &self,
        store: &mut Store,
        agent: &Person,
        id: i64,
        role: MemberRole,
    ) -> Result<bool, Refusal> {
        let known = store
            .visible(agent, id)?
            .members
            .iter()
            .find(|member| member.person == agent.id)
            .copied();
        if known.is_some_and(|member| member.role == role) {
            return Ok(false);
        }
        let member = Member {
            id: known.map_or_else(|| store.next_id(), |member| member.id),
            person: agent.id,
            role,
        };
        let thread = store.conversation_mut(id)?;
        thread.members.retain(|other| other.person != agent.id);
        thread.members.push(member);
        let thread = thread.clone();
        self.register(store, &thread);
        let namespace = match known {
            None => "conversation_memberships.create",
            Some(_) => "conversation_memberships.update",
        };
        self.tell_membership(store, &thread, &member, namespace);
        self.write_event("agent_joined", agent, id);
        self.changed();
        Ok(true)
    }

    /// Lets the agents of groups with `auto_join` enter.
    fn join_by_group(&self, store: &mut Store, id: i64) -> Result<(), Refusal> {
        let thread = store.conversation_mut(id)?.clone();
        let joining: Vec<i64> = store
            .organization(thread.organization)?
            .groups
            .iter()
            .filter(|group| group.auto_join && thread.groups.iter().any(|(_, it)| *it == group.id))
            .flat_map(|group| group.agents.clone())
            .collect();
        for agent in joining {
            let agent = store.person(agent)?.clone();
            self.enter(store, &agent, id, MemberRole::Member)?;
        }
        Ok(())
    }

    fn write_event(&self, kind: &'static str, person: &Person, conversation: i64) {
        self.core.ledger.append(
            Service::LetsTalk,
            Entry {
                kind,
                account: person.organization.to_string(),
                conversation: conversation.to_string(),
                id: conversation.to_string(),
                raw: json!({ "person_id": person.id, "person_type": person.kind.name() }),
                ..Entry::default()
            },
        );
    }
}
