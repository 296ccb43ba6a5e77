//! Realtime events: who hears of what, and on which channel.

use serde_json::{Value, json};

use super::LetsTalk;
use super::model::{Conversation, Member, Message};
use super::settings::{Delivery, Sight};
use super::shapes::{self, Place};
use super::store::Store;
use crate::ledger::{Entry, Service};
use crate::pubnub::Publication;

/// PubNub's limit of channels in a group.
const CHANNELS_PER_GROUP: usize = 2_000;

impl LetsTalk {
    /// `messages.create`.
    pub(super) fn tell_message(&self, store: &Store, thread: &Conversation, message: &Message) {
        let data = shapes::message(store, message, Place::Event);
        self.tell(store, thread, "messages.create", data);
    }

    /// `conversations.update`.
    pub(super) fn tell_conversation(&self, store: &Store, thread: &Conversation) {
        let data = shapes::conversation(store, thread);
        self.tell(store, thread, "conversations.update", data);
    }

    /// `conversation_memberships.create` or `.update`, unless the organization has them off.
    pub(super) fn tell_membership(
        &self,
        store: &Store,
        thread: &Conversation,
        member: &Member,
        namespace: &str,
    ) {
        let wanted = store
            .organizations
            .get(&thread.organization)
            .is_some_and(|organization| organization.settings.membership_events);
        if wanted {
            let data = shapes::membership(store, thread, member, self.core.clock.now_ms());
            self.tell(store, thread, namespace, data);
        }
    }

    /// Publishes an event about a conversation to everybody who sees it.
    pub(super) fn tell(&self, store: &Store, thread: &Conversation, namespace: &str, data: Value) {
        let recipients = audience(store, thread);
        let Some(organization) = store.organizations.get(&thread.organization) else {
            return;
        };
        match organization.settings.delivery {
            Delivery::Group => {
                let channel = format!("conversation-{}", thread.id);
                self.publish(
                    &organization.subscribe_key,
                    channel,
                    namespace,
                    data,
                    &recipients,
                );
            }
            Delivery::Plain => {
                for agent in &recipients {
                    let channel = format!("user-{agent}-channel");
                    self.publish(
                        &organization.subscribe_key,
                        channel,
                        namespace,
                        data.clone(),
                        &recipients,
                    );
                }
            }
        }
    }

    /// Publishes to the agents' own channels what matters to nobody who routes.
    pub(super) fn tell_noise(
        &self,
        store: &Store,
        organization: i64,
        agents: &[i64],
        namespace: &str,
        data: &Value,
    ) {
        let Some(organization) = store.organizations.get(&organization) else {
            return;
        };
        if !organization.settings.noise {
            return;
        }
        for agent in agents {
            self.publish(
                &organization.subscribe_key,
                format!("user-{agent}-channel"),
                namespace,
                data.clone(),
                &[*agent],
            );
        }
    }

    fn publish(
        &self,
        subscribe_key: &str,
        channel: String,
        namespace: &str,
        data: Value,
        recipients: &[i64],
    ) {
        let Some(keyset) = self.pubnub.keyset(subscribe_key) else {
            return;
        };
        let payload = json!({
            "namespace": namespace,
            "data": data,
            "recipients": recipients,
        });
        // PubNub refuses what is too large, so the platform cannot tell it: only listing shows it.
        let size = payload.to_string().len() + channel.len();
        if size > keyset.settings().message_limit {
            self.core.ledger.append(
                Service::LetsTalk,
                Entry {
                    kind: "event_too_large",
                    conversation: channel,
                    raw: json!({ "namespace": namespace, "bytes": size }),
                    ..Entry::default()
                },
            );
            return;
        }
        self.pubnub.publish(
            &keyset,
            Publication {
                channel,
                payload,
                uuid: "letstalk".to_owned(),
                ..Publication::default()
            },
        );
    }

    /// Puts the conversation's channel into the groups of the agents who see it.
    ///
    /// A full group first loses its oldest closed conversation, else its oldest.
    pub(super) fn register(&self, store: &mut Store, thread: &Conversation) {
        let Some(organization) = store.organizations.get(&thread.organization) else {
            return;
        };
        let Some(keyset) = self.pubnub.keyset(&organization.subscribe_key) else {
            return;
        };
        for agent in audience(store, thread) {
            let group = format!("user-{agent}-channel");
            let held = store.registered.entry(agent).or_default();
            if held.contains(&thread.id) {
                continue;
            }
            held.push_back(thread.id);
            if held.len() >= CHANNELS_PER_GROUP {
                let closed = held.iter().position(|id| {
                    store
                        .conversations
                        .get(id)
                        .is_some_and(|it| it.closed_ms.is_some())
                });
                if let Some(old) = held.remove(closed.unwrap_or(0)) {
                    keyset.remove_from_group(&group, &[format!("conversation-{old}")]);
                }
            }
            keyset.add_to_group(&group, &[format!("conversation-{}", thread.id)]);
        }
    }
}

/// The agents who see a conversation; the integration's own is always among them.
pub(super) fn audience(store: &Store, thread: &Conversation) -> Vec<i64> {
    let Some(organization) = store.organizations.get(&thread.organization) else {
        return Vec::new();
    };
    match organization.settings.agents_see {
        Sight::All => organization.agents.clone(),
        Sight::Assigned => organization
            .agents
            .iter()
            .enumerate()
            .filter(|(place, agent)| {
                let member = thread.members.iter().any(|member| member.person == **agent);
                let grouped = organization.groups.iter().any(|group| {
                    group.agents.contains(agent)
                        && thread.groups.iter().any(|(_, id)| *id == group.id)
                });
                *place == 0 || member || grouped
            })
            .map(|(_, agent)| *agent)
            .collect(),
    }
}
