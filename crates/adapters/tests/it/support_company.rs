//! A company with a line, and what its contacts and its bot do.

use crate::support::House;
use adapters::ingest::{ChannelWebhook, Command, Excerpt};
use adapters::store::{HandoffRow, TenantStore};
use domain::channel::Channel;
use domain::contact::{ContactAddress, ContactProfile};
use domain::handoff::{HandoffOptions, HandoffReason, Phase};
use domain::ids::{ConversationId, HandoffId, TenantId};
use domain::message::{Content, Message};
use domain::outbound::{Lane, Task};
use domain::ports::{ChannelEvent, Inbound, RawWebhook};
use domain::tenant::TenantSettings;
use domain::time::Timestamp;
use std::sync::Arc;

/// A company with a line.
#[derive(Clone)]
pub struct Company {
    pub tenant: TenantStore,
    pub channel: Arc<Channel>,
}

impl Company {
    pub fn id(&self) -> TenantId {
        self.tenant.id()
    }

    pub async fn tune(&self, change: impl FnOnce(&mut TenantSettings)) {
        let mut settings = self.tenant.tenant().await.unwrap().settings;
        change(&mut settings);
        self.tenant.save_settings(&settings).await.unwrap();
    }

    pub async fn conversation(&self, key: &str) -> ConversationId {
        let conversations = self.tenant.conversations();
        let row = conversations.by_contact(self.channel.id, key).await;
        row.unwrap().conversation.id
    }

    pub async fn phase(&self, id: ConversationId) -> Phase {
        let row = self.tenant.conversations().get(id).await.unwrap();
        row.conversation.state.phase
    }

    pub async fn messages(&self, id: ConversationId) -> Vec<Message> {
        let conversations = self.tenant.conversations();
        conversations.messages_after(id, 0, 10_000).await.unwrap()
    }

    /// What was said, oldest first: `author: words`.
    pub async fn said(&self, id: ConversationId) -> Vec<String> {
        let messages = self.messages(id).await;
        let line = |m: &Message| {
            let author = format!("{:?}", m.author).to_lowercase();
            format!("{author}: {}", m.content.words().unwrap_or("-"))
        };
        messages.iter().map(line).collect()
    }

    pub async fn handoff(&self, id: HandoffId) -> HandoffRow {
        self.tenant.handoffs().get(id).await.unwrap()
    }

    pub fn wants_human(&self, conversation: ConversationId) -> Command {
        Command::HandOff {
            tenant: self.id(),
            conversation,
            reason: HandoffReason::BotApi,
            options: HandoffOptions::default(),
            close: None,
        }
    }

    pub fn event(&self, address: ContactAddress, key: &str, event: ChannelEvent) -> Inbound {
        Inbound {
            account: self.channel.external_id.clone(),
            contact: Some(address),
            profile: ContactProfile::default(),
            dedupe_key: key.to_owned(),
            at: Timestamp(1_767_614_000_000),
            pointer: format!("/{key}"),
            event,
        }
    }

    pub fn message(&self, address: ContactAddress, mid: &str, content: Content) -> Inbound {
        let event = ChannelEvent::Message {
            external_id: Some(mid.to_owned()),
            content,
            reply_to: None,
            tap: None,
            standby: false,
        };
        self.event(address, mid, event)
    }

    pub fn text(&self, key: &str, mid: &str, words: &str) -> Inbound {
        self.message(ContactAddress::of(key), mid, Content::text(words))
    }

    /// A webhook with these events; its body is their pointers.
    pub fn hook(&self, events: Vec<Inbound>) -> ChannelWebhook {
        let pointers: Vec<&str> = events.iter().map(|e| e.pointer.as_str()).collect();
        let raw = RawWebhook {
            headers: vec![("x-hub-signature-256".into(), "sha256=as-it-came".into())],
            body: format!("whole {}", pointers.join(" ")).into(),
        };
        let excerpt: Excerpt = Arc::new(|pointers: &[String]| {
            Some(RawWebhook {
                headers: vec![("x-hub-signature-256".into(), "sha256=anew".into())],
                body: format!("part {}", pointers.join(" ")).into(),
            })
        });
        ChannelWebhook {
            channel: self.channel.clone(),
            raw,
            events,
            undecodable: Vec::new(),
            excerpt,
        }
    }

    /// The bodies that the bot would get, in order.
    pub async fn for_bot(&self, house: &House, id: ConversationId) -> Vec<String> {
        let mut bodies = Vec::new();
        for task in house.waiting(self, id, Lane::Bot).await {
            bodies.push(match task {
                Task::ForwardWebhook { webhook, .. } => {
                    let raw = self.tenant.webhook(webhook).await.unwrap();
                    String::from_utf8(raw.body.to_vec()).unwrap()
                }
                Task::SyntheticToBot { text } => format!("synthetic {text}"),
                other => panic!("not the bot's: {other:?}"),
            });
        }
        bodies
    }
}
