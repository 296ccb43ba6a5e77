//! WhatsApp as a business sees it.

use reqwest::StatusCode;
use sandbox::Sandbox;
use sandbox::ledger::Service;
use sandbox::phone::{Action, Kind};
use serde_json::{Value, json};

use crate::receiver::{Receiver, connected};
use crate::support::{PATIENCE, ask, http, start};

const ANA: &str = "5491155501234";

struct Line {
    sandbox: Sandbox,
    account: Value,
    receiver: Receiver,
}

impl Line {
    async fn new(extra: Value) -> Self {
        let sandbox = start().await;
        let (account, receiver) = connected(&sandbox, Kind::Whatsapp, extra).await;
        Line {
            sandbox,
            account,
            receiver,
        }
    }

    fn id(&self) -> &str {
        self.account["id"].as_str().unwrap()
    }

    fn token(&self) -> &str {
        self.account["access_token"].as_str().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v25.0/{path}", self.sandbox.urls.graph)
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        ask(http().get(self.url(path)).bearer_auth(self.token())).await
    }

    async fn send(&self, more: Value) -> (StatusCode, Value) {
        let mut body = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual",
            "to": format!("+{ANA}"), "type": "text",
        });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let url = self.url(&format!("{}/messages", self.id()));
        ask(http().post(url).bearer_auth(self.token()).json(&body)).await
    }

    fn say(&self, text: &str) -> String {
        self.sandbox
            .services
            .phone
            .say(Kind::Whatsapp, self.id(), ANA, text)
            .unwrap()
    }
}

#[actix_web::test]
async fn a_webhook_is_escaped_and_signed_over_its_exact_bytes() {
    let line = Line::new(json!({})).await;
    let wamid = line.say("¿Está abierto? 😀");
    let hooks = line.receiver.until(|hooks| !hooks.is_empty()).await;
    assert!(hooks[0].signed_with(line.account["app_secret"].as_str().unwrap()));
    assert!(!hooks[0].signed_with("wrong"));
    let raw = String::from_utf8(hooks[0].raw.to_vec()).unwrap();
    assert!(
        raw.contains("\\u00bfEst\\u00e1 abierto? \\ud83d\\ude00"),
        "{raw}"
    );
    let message = &hooks[0].items()[0];
    assert_eq!(message["id"], wamid.as_str());
    assert_eq!(message["from"], ANA);
    assert_eq!(message["text"]["body"], "¿Está abierto? 😀");
    let value = &hooks[0].body["entry"][0]["changes"][0]["value"];
    assert_eq!(value["metadata"]["phone_number_id"], line.id());
    assert_eq!(value["contacts"][0]["wa_id"], ANA);
}

#[actix_web::test]
async fn nothing_arrives_until_the_app_is_installed_on_the_business_account() {
    let line = Line::new(json!({"subscribed": false})).await;
    line.say("uno");
    let row = line
        .sandbox
        .core
        .ledger
        .wait_for(Service::Webhook, 0, PATIENCE, |row| {
            row.kind == "webhook_without_subscriber"
        })
        .await;
    assert!(row.is_some());
    let waba = line.account["waba_id"].as_str().unwrap();
    let url = line.url(&format!("{waba}/subscribed_apps"));
    let (status, _) = ask(http().post(&url).bearer_auth(line.token())).await;
    assert_eq!(status, 200);
    let (_, listed) = ask(http().get(&url).bearer_auth(line.token())).await;
    assert_eq!(
        listed["data"][0]["whatsapp_business_api_data"]["id"],
        line.account["app_id"]
    );
    line.say("dos");
    let item = line.receiver.item(|item| item["type"] == "text").await;
    assert_eq!(item["text"]["body"], "dos");
}

#[actix_web::test]
async fn a_callback_is_kept_only_when_the_challenge_comes_back_verbatim() {
    let line = Line::new(json!({})).await;
    let url = format!(
        "{}/accounts/whatsapp/{}/webhook",
        line.sandbox.urls.console,
        line.id()
    );
    for (token, expected) in [("right", 200), ("wrong", 400), ("quoted", 400)] {
        let body = json!({"callback_url": line.receiver.url, "verify_token": token});
        let (status, answer) = ask(http().post(&url).json(&body)).await;
        assert_eq!(status, expected, "{token}: {answer}");
    }
}

#[actix_web::test]
async fn a_sent_text_is_shown_and_every_status_carries_our_id() {
    let line = Line::new(json!({"manners": {"read_ms": 0}})).await;
    line.say("hola");
    let (status, answer) = line
        .send(json!({"text": {"body": "Buenas"}, "biz_opaque_callback_data": "ours-1"}))
        .await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["contacts"][0]["wa_id"], ANA);
    for name in ["sent", "delivered", "read"] {
        let item = line.receiver.item(|item| item["status"] == name).await;
        assert_eq!(item["id"], answer["messages"][0]["id"]);
        assert_eq!(item["biz_opaque_callback_data"], "ours-1");
    }
    let shown = line
        .sandbox
        .services
        .phone
        .messages(Kind::Whatsapp, line.id(), ANA);
    assert_eq!(shown[1].content.text.as_deref(), Some("Buenas"));
    assert_eq!(shown[1].correlation.as_deref(), Some("ours-1"));
}

#[actix_web::test]
async fn a_number_without_plus_reaches_a_stranger() {
    let line = Line::new(json!({"display_phone_number": "+1 555 010 0999"})).await;
    line.say("hola");
    let (status, answer) = line
        .send(json!({"to": ANA, "text": {"body": "secreto"}}))
        .await;
    assert_eq!(status, 200);
    assert_eq!(answer["contacts"][0]["wa_id"], format!("1{ANA}"));
    assert_eq!(
        line.sandbox
            .core
            .ledger
            .count(Service::Graph, "misdelivered"),
        1
    );
    let phone = &line.sandbox.services.phone;
    assert_eq!(phone.messages(Kind::Whatsapp, line.id(), ANA).len(), 1);
}

#[actix_web::test]
async fn what_whatsapp_refuses_is_refused_with_its_code() {
    let line = Line::new(json!({})).await;
    line.say("hola");
    let button =
        |id: &str, title: &str| json!({"type": "reply", "reply": {"id": id, "title": title}});
    let interactive = |buttons: Vec<Value>| {
        json!({"type": "interactive", "interactive": {
            "type": "button", "body": {"text": "¿Qué?"}, "action": {"buttons": buttons}}})
    };
    let rows: Vec<Value> = (0..11)
        .map(|n| json!({"id": format!("r{n}"), "title": format!("Fila {n}")}))
        .collect();
    let list = |rows: &[Value]| {
        json!({"type": "interactive", "interactive": {
            "type": "list", "body": {"text": "¿Qué?"},
            "action": {"button": "Ver", "sections": [{"title": "A", "rows": rows}]}}})
    };
    let cases = [
        (json!({"text": {"body": "x".repeat(4097)}}), 100),
        (json!({"text": {"body": "  "}}), 131008),
        (json!({"text": {}}), 131008),
        (json!({"type": "poll", "poll": {}}), 131051),
        (json!({"type": "image", "image": {"id": "404"}}), 131009),
        (json!({"type": "image", "image": {}}), 131008),
        (
            json!({"type": "audio", "audio": {"link": "https://e.org/a", "caption": "x"}}),
            100,
        ),
        (interactive(vec![]), 131009),
        (
            interactive(vec![
                button("1", "a"),
                button("2", "b"),
                button("3", "c"),
                button("4", "d"),
            ]),
            131009,
        ),
        (
            interactive(vec![button("1", "igual"), button("2", "igual")]),
            131009,
        ),
        (interactive(vec![button("1", &"x".repeat(21))]), 100),
        (interactive(vec![button(" 1", "a")]), 131009),
        (list(&rows), 131009),
        (list(&[json!({"id": "1", "title": "x".repeat(25)})]), 100),
        (
            json!({"type": "template", "template": {"name": "none", "language": {"code": "es"}}}),
            132001,
        ),
        (
            json!({"messaging_product": "telegram", "text": {"body": "x"}}),
            100,
        ),
        (json!({"to": "abc", "text": {"body": "x"}}), 131009),
    ];
    for (body, code) in cases {
        let (status, answer) = line.send(body.clone()).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(answer["error"]["code"], code, "{body}: {answer}");
    }
    for fine in [
        json!({"text": {"body": "x".repeat(4096)}}),
        interactive(vec![button("1", "a"), button("2", "b"), button("3", "c")]),
        list(&rows[..10]),
    ] {
        let (status, answer) = line.send(fine).await;
        assert_eq!(status, 200, "{answer}");
    }
}

#[actix_web::test]
async fn after_a_day_only_a_template_gets_through() {
    let line = Line::new(json!({})).await;
    line.say("hola");
    line.sandbox.core.clock.advance_ms(24 * 3600 * 1000 + 1000);
    let (status, answer) = line.send(json!({"text": {"body": "¿sigues ahí?"}})).await;
    assert_eq!(status, 200, "accepted first");
    let failed = line.receiver.item(|item| item["status"] == "failed").await;
    assert_eq!(failed["id"], answer["messages"][0]["id"]);
    assert_eq!(failed["errors"][0]["code"], 131047);
    let template = json!({"name": "follow_up", "language": {"code": "es"}});
    line.send(json!({"type": "template", "template": template}))
        .await;
    line.receiver
        .item(|item| item["status"] == "delivered")
        .await;
}

#[actix_web::test]
async fn media_needs_two_steps_a_token_and_a_user_agent() {
    let line = Line::new(json!({})).await;
    let phone = &line.sandbox.services.phone;
    let photo = serde_json::from_value(json!({"type": "image", "caption": "mira"})).unwrap();
    phone.act(Kind::Whatsapp, line.id(), ANA, photo).unwrap();
    let item = line.receiver.item(|item| item["type"] == "image").await;
    assert_eq!(item["image"]["caption"], "mira");
    let id = item["image"]["id"].as_str().unwrap();
    let (_, node) = line.get(id).await;
    assert_eq!(node["sha256"], item["image"]["sha256"]);
    let url = node["url"].as_str().unwrap();
    let agent = |request: reqwest::RequestBuilder| request.header("User-Agent", "relevo");
    let get = |url: &str| http().get(url).bearer_auth(line.token());
    assert_eq!(
        get(url).send().await.unwrap().status(),
        403,
        "no user agent"
    );
    assert_eq!(agent(http().get(url)).send().await.unwrap().status(), 401);
    let bytes = agent(get(url)).send().await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(&[0xff, 0xd8]));
    assert_eq!(bytes.len() as u64, node["file_size"].as_u64().unwrap());
    line.sandbox.core.clock.advance_ms(6 * 60 * 1000);
    assert_eq!(
        agent(get(url)).send().await.unwrap().status(),
        404,
        "expired"
    );
    let (_, fresh) = line.get(id).await;
    let fresh = agent(get(fresh["url"].as_str().unwrap()))
        .send()
        .await
        .unwrap();
    assert_eq!(fresh.status(), 200);
}

#[actix_web::test]
async fn an_uploaded_file_must_be_what_it_says() {
    let line = Line::new(json!({})).await;
    line.say("hola");
    let url = line.url(&format!("{}/media", line.id()));
    let upload = async |mime: &str, bytes: &'static [u8]| {
        let part = reqwest::multipart::Part::bytes(bytes)
            .file_name("f")
            .mime_str(mime)
            .unwrap();
        let form = reqwest::multipart::Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", mime.to_owned())
            .part("file", part);
        ask(http().post(&url).bearer_auth(line.token()).multipart(form)).await
    };
    assert_eq!(upload("image/gif", b"GIF89a").await.1["error"]["code"], 100);
    let (_, lie) = upload("image/jpeg", b"not a jpeg").await;
    let (status, _) = line
        .send(json!({"type": "image", "image": {"id": lie["id"]}}))
        .await;
    assert_eq!(status, 200);
    let failed = line.receiver.item(|item| item["status"] == "failed").await;
    assert_eq!(failed["errors"][0]["code"], 131053);
    let (_, pdf) = upload("application/pdf", b"%PDF-1.4").await;
    let document = json!({"id": pdf["id"], "filename": "oferta.pdf"});
    line.send(json!({"type": "document", "document": document}))
        .await;
    line.receiver
        .item(|item| item["status"] == "delivered")
        .await;
}

#[actix_web::test]
async fn a_tap_comes_back_with_the_id_and_the_offering_message() {
    let line = Line::new(json!({})).await;
    line.say("hola");
    let (_, answer) = line
        .send(json!({"type": "interactive", "interactive": {
            "type": "button", "body": {"text": "¿Qué necesitas?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "q:1", "title": "Horario"}}]}}}))
        .await;
    let offering = answer["messages"][0]["id"].as_str().unwrap().to_owned();
    let tap = Action::Tap {
        message_id: offering.clone(),
        button_id: "q:1".to_owned(),
    };
    let phone = &line.sandbox.services.phone;
    phone.act(Kind::Whatsapp, line.id(), ANA, tap).unwrap();
    let item = line
        .receiver
        .item(|item| item["type"] == "interactive")
        .await;
    assert_eq!(item["interactive"]["button_reply"]["id"], "q:1");
    assert_eq!(item["context"]["id"], offering.as_str());
}

#[actix_web::test]
async fn a_hidden_number_leaves_only_the_business_scoped_id_which_can_be_answered() {
    let line = Line::new(json!({})).await;
    let phone = &line.sandbox.services.phone;
    let hidden = serde_json::from_value(json!({"id": ANA, "number_hidden": true})).unwrap();
    phone
        .add_contact(Kind::Whatsapp, line.id(), hidden)
        .unwrap();
    line.say("hola");
    let hooks = line.receiver.until(|hooks| !hooks.is_empty()).await;
    let contact = &hooks[0].body["entry"][0]["changes"][0]["value"]["contacts"][0];
    assert!(contact["wa_id"].is_null() && hooks[0].items()[0]["from"].is_null());
    let (status, answer) = line
        .send(json!({"to": null, "recipient": contact["user_id"], "text": {"body": "hola"}}))
        .await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(phone.messages(Kind::Whatsapp, line.id(), ANA).len(), 2);
}

#[actix_web::test]
async fn tokens_die_and_lose_permissions_as_graph_says() {
    let line = Line::new(json!({})).await;
    let (status, number) = line.get(line.id()).await;
    assert_eq!(status, 200);
    assert_eq!(number["verified_name"], "Tienda Sol");
    let waba = line.account["waba_id"].as_str().unwrap();
    let (_, numbers) = line.get(&format!("{waba}/phone_numbers")).await;
    assert_eq!(numbers["data"][0]["id"], line.id());
    assert_eq!(line.get(&format!("{waba}/message_templates")).await.0, 200);
    let (status, answer) = line.get("999").await;
    assert_eq!(
        (status.as_u16(), &answer["error"]["error_subcode"]),
        (400, &json!(33))
    );
    let (status, answer) = ask(http().get(line.url(line.id()))).await;
    assert_eq!(
        (status.as_u16(), &answer["error"]["code"]),
        (401, &json!(104))
    );
    let change = format!(
        "{}/accounts/whatsapp/{}/token",
        line.sandbox.urls.console,
        line.id()
    );
    ask(http()
        .post(&change)
        .json(&json!({"scopes": ["whatsapp_business_messaging"]})))
    .await;
    let (status, answer) = line.get(line.id()).await;
    assert_eq!(
        (status.as_u16(), &answer["error"]["code"]),
        (403, &json!(200))
    );
    ask(http()
        .post(&change)
        .json(&json!({"state": "password_changed"})))
    .await;
    let (status, answer) = line.get(line.id()).await;
    assert_eq!(status, 401);
    assert_eq!(answer["error"]["code"], 190);
    assert_eq!(answer["error"]["error_subcode"], 460);
}
