//! The REST API as a bot beside Relevo uses it.

use crate::edge::{Edge, ask, http};
use domain::channel::Channel;
use domain::ids::RuleId;
use domain::ports::IdSource;
use domain::routing::{Action, Condition, Rule};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

static NEXT: AtomicU64 = AtomicU64::new(1);

pub fn fresh_key() -> String {
    format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub struct Beside {
    pub edge: Edge,
    pub line: Channel,
    pub key: String,
}

impl Beside {
    pub async fn new() -> Self {
        let edge = Edge::at("http://127.0.0.1:9", "http://127.0.0.1:9").await;
        let line = edge.api_line(edge.tenant).await;
        let key = edge.api_key(edge.tenant).await;
        Self { edge, line, key }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.edge.url)
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        ask(http().get(self.url(path)).bearer_auth(&self.key)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.post_as(&fresh_key(), path, body).await
    }

    pub async fn post_as(&self, key: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let request = http()
            .post(self.url(path))
            .bearer_auth(&self.key)
            .header("idempotency-key", key)
            .json(&body);
        ask(request).await
    }

    pub fn on_line(&self, more: Value) -> Value {
        let mut body = json!({"channel": self.line.id, "contact": "visitor-81"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    }

    async fn control(&self) -> Value {
        let path = format!("/control?channel={}&contact=visitor-81", self.line.id);
        let (status, answer) = self.get(&path).await;
        assert_eq!(status, 200);
        answer
    }
}

#[actix_web::test]
async fn a_handoff_is_asked_for_read_and_ended() {
    let bot = Beside::new().await;
    assert_eq!(
        bot.control().await,
        json!({"control": "bot", "phase": "bot", "conversation": null, "handoff": null})
    );
    let wanted = bot.on_line(json!({
        "reason": "user_request", "title": "Factura", "summary": "Dos veces", "inquiry": 12,
        "metadata": {"invoice": "F-1"}, "notice": "", "close": {"goodbye": true},
    }));
    let (status, answer) = bot.post("/handoffs", wanted).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(answer["created"], true);
    let handoff = &answer["handoff"];
    assert_eq!(handoff["status"], "requested");
    assert_eq!(handoff["reason"], "user_request");
    assert_eq!(handoff["metadata"]["invoice"], "F-1");
    let id = handoff["id"].as_str().unwrap();
    let control = bot.control().await;
    assert_eq!(control["control"], "human");
    assert_eq!(control["handoff"], id);
    let (status, again) = bot.post("/handoffs", bot.on_line(json!({}))).await;
    assert_eq!((status.as_u16(), &again["created"]), (200, &json!(false)));
    assert_eq!(again["handoff"]["id"], id);
    let (status, ended) = bot
        .post(
            &format!("/handoffs/{id}/end"),
            json!({"reason": "user_ended"}),
        )
        .await;
    assert_eq!(status, 200, "{ended}");
    assert_eq!(ended["handoff"]["status"], "ended");
    assert_eq!(ended["handoff"]["end_reason"], "user_ended");
    let (status, _) = bot.post(&format!("/handoffs/{id}/end"), json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(
        bot.get(&format!("/handoffs/{id}")).await.1["handoff"]["status"],
        "ended"
    );
    assert_eq!(bot.control().await["control"], "bot");
}

#[actix_web::test]
async fn what_was_said_is_kept_in_order_and_a_known_message_once() {
    let bot = Beside::new().await;
    let hello = bot.on_line(json!({
        "author": "contact", "text": "Hola", "external_id": "web-1", "profile": {"name": "Ana"},
    }));
    let (status, first) = bot.post("/messages", hello.clone()).await;
    assert_eq!(status, 201, "{first}");
    assert_eq!(first["control"], "bot");
    let (_, repeated) = bot.post("/messages", hello).await;
    assert_eq!(repeated["message"], Value::Null);
    let conversation = first["conversation"].as_str().unwrap();
    let answer = json!({"author": "bot", "conversation": conversation, "content": {
        "kind": "options", "title": "¿Cuál?", "items": [
            {"label": "Ventas", "action": {"type": "reply", "message": "ventas"}}]}});
    assert_eq!(bot.post("/messages", answer).await.0, 201);
    let photo = bot.on_line(json!({"author": "contact", "content": {"kind": "media",
        "attachment": {"kind": "image", "url": "https://example.org/a.jpg"}, "caption": "mira"}}));
    assert_eq!(bot.post("/messages", photo).await.0, 201);
    let (_, page) = bot
        .get(&format!("/conversations/{conversation}/messages?limit=2"))
        .await;
    let kinds = |page: &Value| -> Vec<String> {
        let list = page["messages"].as_array().unwrap().iter();
        list.map(|m| {
            format!(
                "{} {}",
                m["author"].as_str().unwrap(),
                m["content"]["kind"].as_str().unwrap()
            )
        })
        .collect()
    };
    assert_eq!(kinds(&page), ["contact text", "bot options"]);
    assert_eq!(page["next_after"], 2);
    assert_eq!(page["messages"][1]["status"], "sent");
    let (_, rest) = bot
        .get(&format!("/conversations/{conversation}/messages?after=2"))
        .await;
    assert_eq!(kinds(&rest), ["contact media"]);
    assert_eq!(rest["next_after"], Value::Null);
    // Where the file lies is not told; our copy is not there yet.
    assert_eq!(
        rest["messages"][0]["content"]["attachment"]["url"],
        Value::Null
    );
    assert!(!rest.to_string().contains("example.org"));
    let (_, shown) = bot.get(&format!("/conversations/{conversation}")).await;
    assert_eq!(shown["conversation"]["contact"]["name"], "Ana");
    assert_eq!(shown["conversation"]["channel"]["kind"], "api");
}

#[actix_web::test]
async fn the_bot_s_doubt_hands_the_contact_over_where_a_rule_says_so() {
    let bot = Beside::new().await;
    let rule = Rule {
        id: RuleId(adapters::clock::UuidV7.next()),
        name: "Duda".to_owned(),
        enabled: true,
        channels: Vec::new(),
        condition: Condition::ConfidenceBelow { limit: 0.4 },
        action: Action::HandOff {
            options: Default::default(),
            close: None,
        },
    };
    bot.edge
        .store
        .tenant(bot.edge.tenant)
        .rules()
        .save(&rule)
        .await
        .unwrap();
    let sure = bot.on_line(json!({"author": "bot", "text": "Son 3", "confidence": 0.9}));
    assert_eq!(bot.post("/messages", sure).await.1["control"], "bot");
    let unsure = bot.on_line(json!({"author": "bot", "confidence": 0.1}));
    let (status, answer) = bot.post("/messages", unsure).await;
    assert_eq!(
        (status.as_u16(), &answer["control"]),
        (201, &json!("human")),
        "{answer}"
    );
    let handoff = answer["handoff"].as_str().unwrap();
    let (_, shown) = bot.get(&format!("/handoffs/{handoff}")).await;
    assert_eq!(shown["handoff"]["reason"], "low_confidence");
}

#[actix_web::test]
async fn what_is_known_of_a_contact_adds_up() {
    let bot = Beside::new().await;
    let first =
        bot.on_line(json!({"name": "Ana", "attributes": {"plan": "gold"}, "tags": ["vip"]}));
    assert_eq!(bot.post("/contacts", first).await.0, 200);
    let more = bot.on_line(
        json!({"email": "ana@example.com", "attributes": {"city": "Lima"}, "tags": ["b2b", "vip"]}),
    );
    let (_, answer) = bot.post("/contacts", more).await;
    let contact = &answer["conversation"]["contact"];
    assert_eq!(contact["name"], "Ana");
    assert_eq!(contact["email"], "ana@example.com");
    assert_eq!(
        contact["attributes"],
        json!({"plan": "gold", "city": "Lima"})
    );
    assert_eq!(contact["tags"], json!(["vip", "b2b"]));
}

#[actix_web::test]
async fn contacts_speak_here_only_on_lines_that_the_bot_keeps() {
    let bot = Beside::new().await;
    let account = json!({"kind": "telegram", "id": "7000000001", "token": "7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"});
    let telegram = bot.edge.line(&account).await;
    let said = json!({"author": "contact", "channel": telegram.id, "contact": "5", "text": "x"});
    assert_eq!(bot.post("/messages", said).await.0, 422);
}

#[actix_web::test]
async fn what_is_not_as_described_is_refused_and_changes_nothing() {
    let bot = Beside::new().await;
    for (path, body) in [
        ("/handoffs", json!({})),
        ("/handoffs", bot.on_line(json!({"tenant_id": "x"}))),
        ("/handoffs", bot.on_line(json!({"reason": "manual"}))),
        ("/handoffs", bot.on_line(json!({"inquiry": -1}))),
        ("/handoffs", bot.on_line(json!({"title": "x".repeat(501)}))),
        ("/handoffs", bot.on_line(json!({"metadata": [1]}))),
        ("/handoffs", json!({"channel": bot.line.id, "contact": ""})),
        ("/handoffs", json!({"channel": bot.line.id, "contact": "a\u{0}b"})),
        ("/messages", bot.on_line(json!({"author": "agent", "text": "x"}))),
        ("/messages", bot.on_line(json!({"author": "contact"}))),
        ("/messages", bot.on_line(json!({"author": "contact", "text": "   "}))),
        ("/messages", bot.on_line(json!({"author": "contact", "text": "a\u{0}"}))),
        ("/messages", bot.on_line(json!({"author": "contact", "text": "x", "content": {"kind": "text", "text": "y"}}))),
        ("/messages", bot.on_line(json!({"author": "contact", "content": {"kind": "notice", "code": "x", "text": "y"}}))),
        ("/messages", bot.on_line(json!({"author": "contact", "content": {"kind": "media", "attachment": {"kind": "image", "url": "file:///etc/passwd"}}}))),
        ("/messages", bot.on_line(json!({"author": "bot", "confidence": 2}))),
        ("/contacts", bot.on_line(json!({"owner": "x"}))),
        ("/contacts", bot.on_line(json!({"tags": [""]}))),
    ] {
        let (status, answer) = bot.post(path, body.clone()).await;
        assert_eq!(status, 422, "{path} {body} {answer}");
        assert_eq!(answer["code"], "invalid_body");
    }
    assert!(bot.edge.conversations().await.is_empty());
    let raw = |kind: &str, body: &str| {
        let request = http().post(bot.url("/handoffs")).bearer_auth(&bot.key);
        let request = request.header("idempotency-key", fresh_key());
        ask(request.header("content-type", kind).body(body.to_owned()))
    };
    assert_eq!(raw("text/plain", "{}").await.0, 415);
    assert_eq!(raw("application/json", "{").await.0, 422);
    let deep = "[".repeat(100_000);
    assert_eq!(raw("application/json", &deep).await.0, 422);
    let large = " ".repeat(256 * 1024 + 1);
    assert_eq!(raw("application/json", &large).await.0, 413);
    for path in ["/control", "/control?channel=x"] {
        assert_eq!(bot.get(path).await.0, 400, "{path}");
    }
}

#[actix_web::test]
async fn without_a_living_key_there_is_nothing() {
    let bot = Beside::new().await;
    let path = bot.url("/control?channel=x&contact=y");
    let keys = bot.edge.store.tenant(bot.edge.tenant).api_keys();
    let revoked = bot.edge.api_key(bot.edge.tenant).await;
    let id = keys.list().await.unwrap().last().unwrap().id;
    keys.revoke(id).await.unwrap();
    for header in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Basic {}", bot.key)),
        Some(format!("Bearer {}x", bot.key)),
        Some(format!("Bearer {revoked}")),
    ] {
        let mut request = http().get(&path);
        if let Some(value) = &header {
            request = request.header("authorization", value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{header:?}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(answer.headers().contains_key("www-authenticate"));
    }
}

#[actix_web::test]
async fn ids_of_another_tenant_are_as_unknown_as_made_up_ones() {
    let bot = Beside::new().await;
    let other = bot.edge.another_tenant().await;
    let stranger = Beside {
        line: bot.edge.api_line(other).await,
        key: bot.edge.api_key(other).await,
        edge: bot.edge,
    };
    let key = stranger.edge.api_key(stranger.edge.tenant).await;
    let line = bot.line.id;
    let made = http()
        .post(stranger.url("/handoffs"))
        .bearer_auth(&key)
        .header("idempotency-key", fresh_key())
        .json(&json!({"channel": line, "contact": "visitor-81"}));
    let (_, made) = ask(made).await;
    let handoff = made["handoff"]["id"].as_str().unwrap().to_owned();
    let conversation = made["handoff"]["conversation"].as_str().unwrap().to_owned();
    let nobody = "0197c0de-7a00-7000-8000-000000000001";
    for (theirs, unknown) in [
        (
            format!("/handoffs/{handoff}"),
            format!("/handoffs/{nobody}"),
        ),
        (
            format!("/conversations/{conversation}"),
            format!("/conversations/{nobody}"),
        ),
        (
            format!("/conversations/{conversation}/messages"),
            format!("/conversations/{nobody}/messages"),
        ),
        (
            format!("/control?channel={line}&contact=visitor-81"),
            format!("/control?channel={nobody}&contact=visitor-81"),
        ),
        (format!("/files/{conversation}"), format!("/files/{nobody}")),
    ] {
        let (status, answer) = stranger.get(&theirs).await;
        assert_eq!(status, 404, "{theirs}");
        assert_eq!(stranger.get(&unknown).await, (status, answer));
    }
    for (path, body) in [
        (
            "/handoffs".to_owned(),
            json!({"conversation": conversation}),
        ),
        (
            "/handoffs".to_owned(),
            json!({"channel": line, "contact": "visitor-81"}),
        ),
        (format!("/handoffs/{handoff}/end"), json!({})),
        (
            "/messages".to_owned(),
            json!({"author": "bot", "conversation": conversation, "text": "x"}),
        ),
        (
            "/messages".to_owned(),
            json!({"author": "contact", "channel": line, "contact": "visitor-81", "text": "x"}),
        ),
        (
            "/contacts".to_owned(),
            json!({"channel": line, "contact": "visitor-81", "name": "x"}),
        ),
    ] {
        let (status, answer) = stranger.post(&path, body).await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(answer["code"], "not_found");
    }
    for (method, path) in [
        (Method::GET, "/nothing"),
        (Method::POST, "/tenants"),
        (Method::DELETE, "/"),
    ] {
        let request = http()
            .request(method, stranger.url(path))
            .bearer_auth(&stranger.key);
        assert_eq!(ask(request).await.0, 404);
    }
}

#[actix_web::test]
async fn too_many_calls_are_told_when_to_come_back() {
    let bot = Beside::new().await;
    let client = http();
    let calls = (0..400).map(|_| {
        client
            .get(bot.url("/handoffs/x"))
            .bearer_auth(&bot.key)
            .send()
    });
    let answers = futures::future::join_all(calls).await;
    let refused: Vec<_> = answers
        .into_iter()
        .map(Result::unwrap)
        .filter(|a| a.status() == 429)
        .collect();
    assert!(!refused.is_empty());
    let wait: u64 = refused[0].headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait));
}
