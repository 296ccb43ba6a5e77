//! The agent, in one conversation at Let's Talk.

use crate::wait::soon;
use crate::world::World;
use sandbox::letstalk::{
    Content, Conversation, MemberRole, Message, MessageKind, PersonKind, Status,
};
use serde_json::Value;
use std::future::Future;

/// An agent in a conversation.
#[derive(Clone)]
pub struct Desk<'w> {
    world: &'w World,
    pub conversation: i64,
}

impl<'w> Desk<'w> {
    pub fn new(world: &'w World, conversation: i64) -> Self {
        Self {
            world,
            conversation,
        }
    }

    /// As it stands.
    pub fn now(&self) -> Conversation {
        let letstalk = &self.world.sandbox.services.letstalk;
        letstalk.conversation(self.conversation).unwrap()
    }

    /// What the client said, oldest first; the first one opened the conversation.
    pub fn heard(&self) -> Vec<Message> {
        let letstalk = &self.world.sandbox.services.letstalk;
        let mut all = self.now().messages;
        all.retain(|message| {
            let author = letstalk.person(message.person);
            message.kind == MessageKind::Normal
                && author.is_some_and(|author| author.kind == PersonKind::Client)
        });
        all
    }

    /// [`Desk::heard`] in words; files by their names.
    pub fn texts(&self) -> Vec<String> {
        self.heard().iter().map(words).collect()
    }

    /// Waits until the client has said something with this in it.
    #[track_caller]
    pub fn hears(&self, piece: &str) -> impl Future<Output = Message> {
        let (here, there) = (self.clone(), self.clone());
        let wanted = piece.to_owned();
        // The first one is the transcript, which holds words of old.
        let look = move || {
            let mut later = here.heard().into_iter().skip(1);
            later.find(|message| words(message).contains(&wanted))
        };
        soon(format!("«{piece}» at the desk"), look, move || {
            format!("{:#?}", there.texts())
        })
    }

    /// Waits until it is open or closed.
    #[track_caller]
    pub fn becomes(&self, status: Status) -> impl Future<Output = ()> {
        let (here, there) = (self.clone(), self.clone());
        let look = move || (here.now().status == status).then_some(());
        soon(format!("{status:?} conversation"), look, move || {
            format!("{:?}", there.now().status)
        })
    }

    #[track_caller]
    pub fn joins(&self) {
        let letstalk = &self.world.sandbox.services.letstalk;
        letstalk
            .join(self.agent(), self.conversation, MemberRole::Member)
            .unwrap();
    }

    #[track_caller]
    pub fn says(&self, text: &str) {
        let letstalk = &self.world.sandbox.services.letstalk;
        letstalk
            .agent_says(self.agent(), self.conversation, text)
            .unwrap();
    }

    #[track_caller]
    pub fn attaches(&self, name: &str, mime: &str, bytes: Vec<u8>) {
        let letstalk = &self.world.sandbox.services.letstalk;
        letstalk
            .agent_attaches(self.agent(), self.conversation, name, mime, bytes.into())
            .unwrap();
    }

    #[track_caller]
    pub fn offers(&self, list: Value) {
        let letstalk = &self.world.sandbox.services.letstalk;
        letstalk
            .agent_offers(self.agent(), self.conversation, list)
            .unwrap();
    }

    #[track_caller]
    pub fn notes(&self, text: &str) {
        let letstalk = &self.world.sandbox.services.letstalk;
        letstalk
            .agent_notes(self.agent(), self.conversation, text)
            .unwrap();
    }

    #[track_caller]
    pub fn closes(&self) {
        let letstalk = &self.world.sandbox.services.letstalk;
        letstalk.close(self.agent(), self.conversation).unwrap();
    }

    fn agent(&self) -> i64 {
        self.world.company.agent
    }
}

/// What a message says, in words.
pub fn words(message: &Message) -> String {
    match &message.content {
        Content::Text(text) => text.clone(),
        Content::File(file) => format!("[{}]", file.name),
        Content::Actions(list) => list.to_string(),
    }
}
