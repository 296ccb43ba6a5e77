//! Messenger and Instagram as a business sees them.

use reqwest::StatusCode;
use sandbox::Sandbox;
use sandbox::phone::{Action, Kind};
use serde_json::{Value, json};

use crate::receiver::{Receiver, connected};
use crate::support::{ask, http, start};

const ANA: &str = "5000000000000001";
const DAY_MS: i64 = 24 * 3600 * 1000;

struct Line {
    sandbox: Sandbox,
    kind: Kind,
    account: Value,
    receiver: Receiver,
}

impl Line {
    async fn new(kind: Kind, extra: Value) -> Self {
        let sandbox = start().await;
        let (account, receiver) = connected(&sandbox, kind, extra).await;
        let line = Line {
            sandbox,
            kind,
            account,
            receiver,
        };
        line.sandbox
            .services
            .phone
            .say(kind, line.id(), ANA, "hola")
            .unwrap();
        line
    }

    fn id(&self) -> &str {
        self.account["id"].as_str().unwrap()
    }

    async fn call(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}/v25.0/{path}", self.sandbox.urls.graph);
        let token = self.account["access_token"].as_str().unwrap();
        ask(http().post(url).bearer_auth(token).json(&body)).await
    }

    async fn send(&self, node: &str, more: Value) -> (StatusCode, Value) {
        let mut body = json!({"recipient": {"id": ANA}});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.call(&format!("{node}/messages"), body).await
    }

    fn shown(&self) -> Vec<sandbox::phone::shown::Shown> {
        self.sandbox
            .services
            .phone
            .messages(self.kind, self.id(), ANA)
    }
}

#[actix_web::test]
async fn a_message_comes_back_as_an_echo_with_our_app_and_metadata() {
    let line = Line::new(Kind::Messenger, json!({})).await;
    let message = json!({"text": "Buenas", "metadata": "ours-1"});
    let (status, answer) = line
        .send(
            line.id(),
            json!({"messaging_type": "RESPONSE", "message": message}),
        )
        .await;
    assert_eq!(status, 200, "{answer}");
    let echo = line
        .receiver
        .item(|item| item["message"]["is_echo"] == true)
        .await;
    assert_eq!(echo["message"]["mid"], answer["message_id"]);
    assert_eq!(echo["message"]["metadata"], "ours-1");
    assert_eq!(
        echo["message"]["app_id"].to_string(),
        line.account["app_id"].as_str().unwrap()
    );
    assert_eq!(echo["recipient"]["id"], ANA);
    assert_eq!(echo["sender"]["id"], line.id());
    let delivery = line
        .receiver
        .item(|item| item["delivery"].is_object())
        .await;
    assert_eq!(delivery["delivery"]["mids"][0], answer["message_id"]);
    let phone = &line.sandbox.services.phone;
    phone
        .act(Kind::Messenger, line.id(), ANA, Action::Read)
        .unwrap();
    line.receiver
        .item(|item| item["read"]["watermark"].is_i64())
        .await;
}

#[actix_web::test]
async fn an_echo_can_overtake_the_answer_of_the_send() {
    let line = Line::new(Kind::Messenger, json!({"manners": {"echo": "before"}})).await;
    let (_, answer) = line
        .send("me", json!({"message": {"text": "Buenas"}}))
        .await;
    let here = line.receiver.all();
    assert!(
        here.iter().flat_map(|hook| hook.items()).any(|item| {
            item["message"]["is_echo"] == true && item["message"]["mid"] == answer["message_id"]
        }),
        "the echo is here before the answer"
    );
}

#[actix_web::test]
async fn a_place_from_messenger_is_an_attachment_with_coordinates() {
    let line = Line::new(Kind::Messenger, json!({})).await;
    let place = Action::Location {
        latitude: -33.44,
        longitude: -70.65,
        name: Some("Plaza de Armas".to_owned()),
        address: None,
    };
    let phone = &line.sandbox.services.phone;
    phone.act(Kind::Messenger, line.id(), ANA, place).unwrap();
    let told = line
        .receiver
        .item(|item| item["message"]["attachments"].is_array())
        .await;
    let attachment = &told["message"]["attachments"][0];
    assert_eq!(attachment["type"], "location");
    assert_eq!(attachment["title"], "Plaza de Armas");
    assert_eq!(
        attachment["payload"]["coordinates"],
        json!({"lat": -33.44, "long": -70.65})
    );
}

#[actix_web::test]
async fn a_person_in_the_page_inbox_is_an_echo_of_another_app() {
    let line = Line::new(Kind::Messenger, json!({})).await;
    let said = Action::External {
        text: "Le atiendo yo".to_owned(),
        app_id: None,
    };
    line.sandbox
        .services
        .phone
        .act(Kind::Messenger, line.id(), ANA, said)
        .unwrap();
    let echo = line
        .receiver
        .item(|item| item["message"]["is_echo"] == true)
        .await;
    assert_ne!(
        echo["message"]["app_id"].to_string(),
        line.account["app_id"].as_str().unwrap()
    );
    assert_eq!(echo["message"]["text"], "Le atiendo yo");
}

#[actix_web::test]
async fn the_window_closes_after_a_day_and_for_people_after_seven() {
    for (kind, subcode) in [(Kind::Messenger, 2018278), (Kind::Instagram, 2534022)] {
        let line = Line::new(kind, json!({})).await;
        let node = match kind {
            Kind::Instagram => line.account["page_id"].as_str().unwrap().to_owned(),
            _ => line.id().to_owned(),
        };
        let plain = json!({"message": {"text": "¿sigues ahí?"}});
        let human = json!({
            "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "message": {"text": "Soy Eva"},
        });
        line.sandbox.core.clock.advance_ms(DAY_MS + 1000);
        let (status, answer) = line.send(&node, plain).await;
        assert_eq!(status, 400);
        assert_eq!(answer["error"]["code"], 10);
        assert_eq!(answer["error"]["error_subcode"], subcode);
        assert_eq!(line.send(&node, human.clone()).await.0, 200);
        let old = json!({
            "messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE", "message": {"text": "x"},
        });
        assert_eq!(line.send(&node, old).await.1["error"]["code"], 100);
        line.sandbox.core.clock.advance_ms(6 * DAY_MS);
        assert_eq!(line.send(&node, human).await.0, 400);
        assert_eq!(line.shown().len(), 2, "hola and the human's words");
    }
}

#[actix_web::test]
async fn limits_are_in_characters_on_messenger_and_in_bytes_on_instagram() {
    let messenger = Line::new(Kind::Messenger, json!({})).await;
    let text = |text: String| json!({"message": {"text": text}});
    assert_eq!(messenger.send("me", text("ñ".repeat(2000))).await.0, 200);
    assert_eq!(messenger.send("me", text("ñ".repeat(2001))).await.0, 400);
    let instagram = Line::new(Kind::Instagram, json!({"flavour": "login"})).await;
    assert_eq!(instagram.send("me", text("ñ".repeat(500))).await.0, 200);
    assert_eq!(
        instagram
            .send(instagram.id(), text("ñ".repeat(501)))
            .await
            .0,
        400
    );
    let quick: Vec<Value> = (0..14)
        .map(|n| json!({"content_type": "text", "title": format!("n{n}"), "payload": "p"}))
        .collect();
    for (line, fine) in [(&messenger, &quick[..13]), (&instagram, &quick[..13])] {
        let with = |list: &[Value]| json!({"message": {"text": "¿?", "quick_replies": list}});
        assert_eq!(line.send("me", with(fine)).await.0, 200);
        assert_eq!(line.send("me", with(&quick)).await.0, 400);
    }
    let template = |buttons: usize| {
        let button = json!({"type": "postback", "title": "Sí", "payload": "p"});
        json!({"message": {"attachment": {"type": "template", "payload": {
            "template_type": "button", "text": "¿?", "buttons": vec![button; buttons]}}}})
    };
    assert_eq!(messenger.send("me", template(3)).await.0, 200);
    assert_eq!(messenger.send("me", template(4)).await.0, 400);
    assert_eq!(messenger.send("me", template(0)).await.0, 400);
}

#[actix_web::test]
async fn strangers_and_blockers_cannot_be_reached() {
    let line = Line::new(Kind::Messenger, json!({})).await;
    let body = json!({"recipient": {"id": "42"}, "message": {"text": "x"}});
    let (_, answer) = line.call("me/messages", body).await;
    assert_eq!(answer["error"]["error_subcode"], 2018001);
    let phone = &line.sandbox.services.phone;
    phone
        .act(Kind::Messenger, line.id(), ANA, Action::Block)
        .unwrap();
    let (_, answer) = line.send("me", json!({"message": {"text": "x"}})).await;
    assert_eq!(answer["error"]["code"], 551);
}

#[actix_web::test]
async fn while_another_app_owns_the_thread_we_are_on_standby() {
    let line = Line::new(Kind::Messenger, json!({})).await;
    let app = line.account["app_id"].as_str().unwrap();
    let pass = json!({"recipient": {"id": ANA}, "target_app_id": 77, "metadata": "bye"});
    let path = format!("{}/pass_thread_control", line.id());
    assert_eq!(line.call(&path, pass).await.0, 200);
    let event = line
        .receiver
        .item(|item| item["pass_thread_control"].is_object())
        .await;
    assert_eq!(event["pass_thread_control"]["new_owner_app_id"], "77");
    let (_, answer) = line.send("me", json!({"message": {"text": "x"}})).await;
    assert_eq!(answer["error"]["error_subcode"], 2018300);
    line.sandbox
        .services
        .phone
        .say(Kind::Messenger, line.id(), ANA, "¿hay alguien?")
        .unwrap();
    let hooks = line
        .receiver
        .until(|hooks| {
            hooks
                .iter()
                .any(|hook| hook.body["entry"][0]["standby"].is_array())
        })
        .await;
    assert!(!hooks.is_empty());
    let take = json!({"recipient": {"id": ANA}});
    assert_eq!(
        line.call(&format!("{}/take_thread_control", line.id()), take)
            .await
            .0,
        200
    );
    assert_eq!(
        line.send("me", json!({"message": {"text": "x"}})).await.0,
        200,
        "{app}"
    );
}

#[actix_web::test]
async fn user_media_lies_on_a_cdn_without_credentials_and_instagram_unsend_is_told() {
    let line = Line::new(Kind::Instagram, json!({})).await;
    let phone = &line.sandbox.services.phone;
    let voice = serde_json::from_value(json!({"type": "voice"})).unwrap();
    let sent = phone.act(Kind::Instagram, line.id(), ANA, voice).unwrap();
    let item = line
        .receiver
        .item(|item| item["message"]["attachments"].is_array())
        .await;
    let attachment = &item["message"]["attachments"][0];
    assert_eq!(attachment["type"], "audio");
    let url = attachment["payload"]["url"].as_str().unwrap();
    let file = http().get(url).send().await.unwrap();
    assert_eq!(file.headers()["Content-Type"], "audio/mp4");
    let delete = Action::Delete {
        message_id: sent.id.clone(),
    };
    phone.act(Kind::Instagram, line.id(), ANA, delete).unwrap();
    let gone = line
        .receiver
        .item(|item| item["message"]["is_deleted"] == true)
        .await;
    assert_eq!(gone["message"]["mid"], sent.id.as_str());
    // Our own files: by upload, then by id; an ogg is not audio for Instagram.
    let page = line.account["page_id"].as_str().unwrap();
    let url = format!(
        "{}/v25.0/{page}/message_attachments",
        line.sandbox.urls.graph
    );
    let token = line.account["access_token"].as_str().unwrap();
    for (mime, expected) in [("audio/mp4", 200), ("audio/ogg", 400)] {
        let part = reqwest::multipart::Part::bytes(&b"sound"[..])
            .file_name("a")
            .mime_str(mime)
            .unwrap();
        let form = reqwest::multipart::Form::new()
            .text("platform", "instagram")
            .text(
                "message",
                json!({"attachment": {"type": "audio", "payload": {}}}).to_string(),
            )
            .part("filedata", part);
        let (status, answer) = ask(http().post(&url).bearer_auth(token).multipart(form)).await;
        assert_eq!(status, expected, "{answer}");
        if status == 200 {
            let payload = json!({"attachment_id": answer["attachment_id"]});
            let message = json!({"attachment": {"type": "audio", "payload": payload}});
            let (status, answer) = line.send(page, json!({ "message": message })).await;
            assert_eq!(status, 200, "{answer}");
        }
    }
}
