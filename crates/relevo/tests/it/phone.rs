//! The contact.

use crate::wait::soon;
use crate::world::World;
use relevo::demo::Line;
use sandbox::ledger::{Row, Service};
use sandbox::phone::Action;
use sandbox::phone::samples::FileSpec;
use sandbox::phone::shown::{Author, Shown};
use serde_json::{Value, json};
use std::future::Future;

/// A contact on a line.
#[derive(Clone)]
pub struct Phone<'w> {
    world: &'w World,
    pub line: Line,
    pub contact: String,
}

impl<'w> Phone<'w> {
    pub fn new(world: &'w World, line: &Line, contact: &str) -> Self {
        Self {
            world,
            line: line.clone(),
            contact: contact.to_owned(),
        }
    }

    /// Writes; answers the message's id.
    #[track_caller]
    pub fn says(&self, text: &str) -> String {
        let phone = &self.world.sandbox.services.phone;
        let kind = self.line.sandbox_kind();
        phone
            .say(kind, &self.line.account, &self.contact, text)
            .unwrap()
    }

    /// Does anything else.
    #[track_caller]
    pub fn does(&self, action: Action) -> String {
        let phone = &self.world.sandbox.services.phone;
        let kind = self.line.sandbox_kind();
        let done = phone.act(kind, &self.line.account, &self.contact, action);
        done.unwrap().id
    }

    /// Waits until Relevo has taken the webhook about an own message. Only Meta's platforms send
    /// webhooks side by side, so that one may overtake another; Telegram's come one by one.
    #[track_caller]
    pub fn taken(&self, id: &str) -> impl Future<Output = ()> {
        let ledger = self.world.sandbox.core.ledger.clone();
        let (id, in_turn) = (id.to_owned(), self.line.kind.name() == "telegram");
        let look = move || {
            let taken = |row: &Row| {
                let raw: Value = serde_json::from_str(row.raw.get()).unwrap_or_default();
                row.id == id && raw["status"] == 200
            };
            let rows = || ledger.rows(Service::Webhook, 0, usize::MAX);
            (in_turn || rows().iter().any(taken)).then_some(())
        };
        soon("taken webhook", look, || "none".to_owned())
    }

    /// All that the business has said so far.
    pub fn seen(&self) -> Vec<Shown> {
        let phone = &self.world.sandbox.services.phone;
        let kind = self.line.sandbox_kind();
        let mut all = phone.messages(kind, &self.line.account, &self.contact);
        all.retain(|shown| shown.from == Author::Business);
        all
    }

    /// The words of it.
    pub fn texts(&self) -> Vec<String> {
        let words = |shown: Shown| shown.content.summary();
        self.seen().into_iter().map(words).collect()
    }

    /// Waits until the business has said something with this in it.
    #[track_caller]
    pub fn sees(&self, piece: &str) -> impl Future<Output = Shown> {
        let (here, there) = (self.clone(), self.clone());
        let piece_owned = piece.to_owned();
        let look = move || {
            let mut all = here.seen().into_iter();
            all.find(|shown| shown.content.summary().contains(&piece_owned))
        };
        let what = format!("«{piece}» on the phone ({})", self.line.kind.name());
        soon(what, look, move || format!("{:#?}", there.texts()))
    }

    /// Waits for a file with exactly these bytes (lower-case hex SHA-256).
    #[track_caller]
    pub fn sees_file(&self, sha256: &str) -> impl Future<Output = Shown> {
        let (here, there) = (self.clone(), self.clone());
        let wanted = sha256.to_owned();
        let look = move || {
            let same = |shown: &Shown| {
                let media = shown.content.media.as_ref();
                media.is_some_and(|media| media.sha256 == wanted)
            };
            here.seen().into_iter().find(same)
        };
        soon("file on the phone", look, move || {
            format!("{:#?}", there.texts())
        })
    }

    /// The tenant's bot speaks through the send proxy, by the platform's own request. Answers
    /// the status and the body.
    pub async fn bot_says(&self, text: &str) -> (u16, Value) {
        let url = self.world.house.url();
        let key = &self.line.public_key;
        let token = self.token().await;
        let http = self.world.http();
        let request = match self.line.kind.name() {
            "telegram" => http
                .post(format!("{url}/proxy/telegram/{key}/bot{token}/sendMessage"))
                .json(&json!({"chat_id": self.contact, "text": text})),
            "whatsapp" => http
                .post(format!(
                    "{url}/proxy/graph/{key}/v25.0/{}/messages",
                    self.line.account
                ))
                .bearer_auth(&token)
                .json(
                    &json!({"messaging_product": "whatsapp", "to": format!("+{}", self.contact),
                    "type": "text", "text": {"body": text}}),
                ),
            _ => http
                .post(format!("{url}/proxy/graph/{key}/v25.0/me/messages"))
                .bearer_auth(&token)
                .json(
                    &json!({"recipient": {"id": self.contact}, "messaging_type": "RESPONSE",
                    "message": {"text": text}}),
                ),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    pub async fn token(&self) -> String {
        use domain::channel::ChannelCredentials as C;
        let opened = self
            .world
            .parts
            .accounts
            .channel(self.world.company.tenant, self.line.channel)
            .await
            .unwrap();
        let token = match opened.credentials.as_ref() {
            C::Telegram { token, .. } | C::Instagram { token, .. } => token,
            C::WhatsApp { access_token, .. } => access_token,
            C::Messenger { page_token, .. } => page_token,
            C::Api {} | C::Test { .. } => panic!("a line without a platform"),
        };
        token.expose().to_owned()
    }
}

/// A sample file of the sandbox.
pub fn sample(name: &str) -> FileSpec {
    FileSpec::sample(name)
}

/// The SHA-256 of a sample in lower-case hex.
pub fn sample_hash(name: &str) -> String {
    let file = sample(name).load(name).unwrap();
    sandbox::ledger::hash_hex(&file.bytes)
}
