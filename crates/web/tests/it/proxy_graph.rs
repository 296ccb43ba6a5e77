//! The send proxy towards Meta's Graph API.

use crate::edge::{Edge, ask, http, simulators};
use domain::channel::{Channel, ChannelKind};
use domain::message::{Content, DeliveryStatus};
use reqwest::StatusCode;
use sandbox::Sandbox;
use sandbox::phone::Kind;
use serde_json::{Value, json};

const ANA: &str = "5491155501234";
const PSID: &str = "5000000000000001";

struct Bot {
    sandbox: Sandbox,
    edge: Edge,
    line: Channel,
    account: Value,
    kind: Kind,
    contact: &'static str,
}

impl Bot {
    async fn new(kind: Kind) -> Self {
        let sandbox = simulators().await;
        let edge = Edge::on(&sandbox).await;
        let new = serde_json::from_value(json!({"subscribed": true})).unwrap();
        let account = sandbox.services.graph.create(kind, new);
        let line = edge.line(&account).await;
        let contact = if kind == Kind::Whatsapp { ANA } else { PSID };
        let id = account["id"].as_str().unwrap();
        sandbox
            .services
            .phone
            .say(kind, id, contact, "hola")
            .unwrap();
        Bot {
            sandbox,
            edge,
            line,
            account,
            kind,
            contact,
        }
    }

    fn id(&self) -> &str {
        self.account["id"].as_str().unwrap()
    }

    fn token(&self) -> &str {
        self.account["access_token"].as_str().unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.edge.proxy(&self.line));
        ask(http().post(url).bearer_auth(self.token()).json(body)).await
    }

    async fn send(&self, text: &str) -> (StatusCode, Value) {
        match self.kind {
            Kind::Whatsapp => {
                let body = json!({"messaging_product": "whatsapp", "to": format!("+{ANA}"),
                    "type": "text", "text": {"body": text}});
                self.post(&format!("/v25.0/{}/messages", self.id()), &body)
                    .await
            }
            _ => {
                let body = json!({"recipient": {"id": PSID}, "message": {"text": text}});
                self.post("/v25.0/me/messages", &body).await
            }
        }
    }

    fn shown(&self) -> usize {
        let phone = &self.sandbox.services.phone;
        let all = phone.messages(self.kind, self.id(), self.contact);
        all.iter()
            .filter(|m| m.from == sandbox::phone::shown::Author::Business)
            .count()
    }
}

#[actix_web::test]
async fn what_the_bot_says_arrives_and_is_recorded_on_every_meta_channel() {
    for kind in [Kind::Whatsapp, Kind::Messenger, Kind::Instagram] {
        let bot = Bot::new(kind).await;
        let (status, answer) = bot.send("Hola").await;
        assert_eq!(status, 200, "{kind:?} {answer}");
        assert_eq!(bot.shown(), 1, "{kind:?}");
        let row = bot.edge.conversations().await.remove(0);
        assert_eq!(row.contact.address.key, bot.contact);
        let said = bot.edge.messages(row.conversation.id).await.remove(0);
        assert_eq!(said.content, Content::text("Hola"));
        assert_eq!(said.status, DeliveryStatus::Sent);
    }
}

#[actix_web::test]
async fn while_a_human_has_control_the_refusal_is_the_platform_s_own() {
    for kind in [Kind::Whatsapp, Kind::Messenger, Kind::Instagram] {
        let bot = Bot::new(kind).await;
        bot.send("antes").await;
        let row = bot.edge.conversations().await.remove(0);
        bot.edge.hand_off(row.conversation.id).await;
        let before = bot.shown();
        let (status, answer) = bot.send("durante").await;
        assert_eq!(status, 400);
        let error = &answer["error"];
        assert!(error["fbtrace_id"].is_string());
        if kind == Kind::Whatsapp {
            assert_eq!(error["code"], 131_026);
            assert_eq!(
                error["error_data"]["details"],
                "A human agent has control of this conversation."
            );
        } else {
            assert_eq!(error["code"], 10);
            assert_eq!(error["error_subcode"], 2_018_300);
            let typing = json!({"recipient": {"id": PSID}, "sender_action": "typing_on"});
            assert_eq!(bot.post("/v25.0/me/messages", &typing).await.0, 400);
        }
        assert_eq!(bot.shown(), before);
        let stored = bot.edge.messages(row.conversation.id).await;
        assert_eq!(stored.last().unwrap().status, DeliveryStatus::Muted);
    }
}

#[actix_web::test]
async fn the_silence_has_no_hole_for_another_way_to_write_the_number() {
    let bot = Bot::new(Kind::Whatsapp).await;
    bot.send("antes").await;
    let row = bot.edge.conversations().await.remove(0);
    bot.edge.hand_off(row.conversation.id).await;
    for to in [
        "541155501234",
        "+54 11 5550-1234",
        "5491155501234",
        "+5491155501234",
    ] {
        let body = json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "x"}});
        let (_, answer) = bot.post(&format!("/{}/messages/", bot.id()), &body).await;
        assert_eq!(answer["error"]["code"], 131_026, "{to}");
    }
    assert_eq!(bot.edge.conversations().await.len(), 1);
    assert_eq!(bot.shown(), 1);
}

#[actix_web::test]
async fn a_message_has_no_other_way_out() {
    let bot = Bot::new(Kind::Messenger).await;
    bot.send("antes").await;
    let row = bot.edge.conversations().await.remove(0);
    bot.edge.hand_off(row.conversation.id).await;
    let recipient = "%7B%22id%22%3A%225000000000000001%22%7D";
    let message = "%7B%22text%22%3A%22x%22%7D";
    let base = bot.edge.proxy(&bot.line);
    let sly = format!(
        "{base}/me/messages?method=post&recipient={recipient}&message={message}&access_token={}",
        bot.token()
    );
    assert_eq!(ask(http().get(sly)).await.1["error"]["code"], 10);
    let batch = json!({"batch": [{"method": "POST", "relative_url": "me/messages", "body": "x"}]});
    assert_eq!(bot.post("/", &batch).await.1["error"]["code"], 100);
    assert_eq!(bot.post("/v25.0", &batch).await.1["error"]["code"], 100);
    let foreign = json!({"recipient": {"id": PSID}, "message": {"text": "x"}});
    assert_eq!(
        bot.post("/400000000000099/messages", &foreign).await.1["error"]["code"],
        100
    );
    assert_eq!(bot.shown(), 1);
}

#[actix_web::test]
async fn only_the_line_s_own_token_opens_its_address() {
    let bot = Bot::new(Kind::Messenger).await;
    let url = format!("{}/v25.0/me", bot.edge.proxy(&bot.line));
    let wrong = ask(http().get(&url).bearer_auth("EAAwrong")).await;
    let none = ask(http().get(&url)).await;
    let both = ask(http()
        .get(format!("{url}?access_token=x"))
        .bearer_auth(bot.token()))
    .await;
    for (status, answer) in [wrong, none, both] {
        assert_eq!(status, 401);
        assert_eq!(answer["error"]["code"], 190);
        assert_eq!(answer["error"]["type"], "OAuthException");
    }
    let unknown = format!(
        "{}/proxy/graph/key_00000000000000000000000000000000/me",
        bot.edge.url
    );
    assert_eq!(
        ask(http().get(unknown).bearer_auth(bot.token())).await.0,
        404
    );
    let (status, me) = ask(http()
        .get(format!("{url}?fields=id,name"))
        .bearer_auth(bot.token()))
    .await;
    assert_eq!(status, 200);
    assert_eq!(me["id"], bot.id());
    let by_query = ask(http().get(format!("{url}?access_token={}", bot.token()))).await;
    assert_eq!(by_query.0, 200);
}

#[actix_web::test]
async fn one_page_token_speaks_for_messenger_and_instagram_each_behind_its_own_gate() {
    let bot = Bot::new(Kind::Messenger).await;
    let new = serde_json::from_value(json!({
        "subscribed": true, "page_id": bot.id(), "access_token": bot.token(),
        "app_id": bot.account["app_id"],
    }))
    .unwrap();
    let account = bot.sandbox.services.graph.create(Kind::Instagram, new);
    let instagram = bot.edge.line(&account).await;
    assert_eq!(instagram.kind, ChannelKind::Instagram);
    let igsid = "600000000000001";
    let ig = account["id"].as_str().unwrap();
    bot.sandbox
        .services
        .phone
        .say(Kind::Instagram, ig, igsid, "hola")
        .unwrap();
    // The contact writes in, so that the line knows them.
    let hook = json!({"object": "instagram", "entry": [{"id": ig, "time": 1, "messaging": [{
        "sender": {"id": igsid}, "recipient": {"id": ig}, "timestamp": 1_790_000_000_123_i64,
        "message": {"mid": "aWd_1", "text": "hola"}}]}]})
    .to_string();
    let secret = domain::secret::Secret::new(crate::edge::APP_SECRET);
    let signature = adapters::channels::meta::signature::sign(&[secret], hook.as_bytes()).unwrap();
    let post = http()
        .post(bot.edge.hook(&instagram))
        .header("x-hub-signature-256", signature)
        .body(hook);
    assert_eq!(post.send().await.unwrap().status(), 200);
    let row = bot.edge.conversations().await.remove(0);
    assert_eq!(row.channel_kind, ChannelKind::Instagram);
    bot.edge.hand_off(row.conversation.id).await;
    // The bot's one base address is Messenger's.
    let body = json!({"recipient": {"id": igsid}, "message": {"text": "x"}});
    let (status, answer) = bot.post("/me/messages", &body).await;
    assert_eq!(
        (status.as_u16(), &answer["error"]["error_subcode"]),
        (400, &json!(2_018_300))
    );
    assert_eq!(bot.send("hola").await.0, 200);
}
