//! The send proxy towards Telegram.

use crate::edge::{Edge, ask, http, simulators};
use crate::house::PATIENCE;
use crate::recorder::{Recorder, Told};
use domain::channel::Channel;
use domain::conversation::Control;
use domain::message::{Content, DeliveryStatus, MediaKind};
use reqwest::StatusCode;
use sandbox::Sandbox;
use sandbox::phone::Kind;
use serde_json::{Value, json};

const ANA: &str = "6000000001";
const TOKEN: &str = "7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

struct Bot {
    sandbox: Sandbox,
    edge: Edge,
    line: Channel,
    id: String,
    token: String,
}

impl Bot {
    async fn new() -> Self {
        let sandbox = simulators().await;
        let edge = Edge::on(&sandbox).await;
        let account = sandbox.services.telegram.create(Default::default());
        sandbox.services.telegram.hooks.set_retry_scale(0.001);
        let line = edge.line(&account).await;
        let bot = Bot {
            id: account["id"].as_str().unwrap().to_owned(),
            token: account["token"].as_str().unwrap().to_owned(),
            sandbox,
            edge,
            line,
        };
        bot.say("/start");
        bot
    }

    fn say(&self, text: &str) {
        let phone = &self.sandbox.services.phone;
        phone.say(Kind::Telegram, &self.id, ANA, text).unwrap();
    }

    async fn call(&self, method: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}/bot{}/{method}", self.edge.proxy(&self.line), self.token);
        ask(http().post(url).json(&body)).await
    }

    /// What the company's side has said, as the phone shows it.
    fn shown(&self) -> usize {
        let phone = &self.sandbox.services.phone;
        let all = phone.messages(Kind::Telegram, &self.id, ANA);
        all.iter()
            .filter(|m| m.from == sandbox::phone::shown::Author::Business)
            .count()
    }

    async fn hand_off(&self) {
        let row = self.edge.conversations().await.remove(0);
        self.edge.hand_off(row.conversation.id).await;
    }
}

async fn recorded(told: Told) -> (Edge, Channel, Recorder) {
    let recorder = Recorder::start(told).await;
    let edge = Edge::at(&recorder.url, &recorder.url).await;
    let account = json!({"kind": "telegram", "id": "7000000001", "token": TOKEN});
    let line = edge.line(&account).await;
    (edge, line, recorder)
}

#[actix_web::test]
async fn a_call_and_its_answer_pass_byte_for_byte() {
    let odd_answer = b"{ \"ok\":true,\n \"result\": {\"message_id\" :61, \"x\":\"\\u00e4\"} }";
    let (edge, line, recorder) = recorded(Told {
        status: 200,
        headers: vec![
            ("content-type", "application/json; charset=weird"),
            ("retry-after", "3"),
        ],
        body: odd_answer,
    })
    .await;
    let odd_body =
        "{ \"text\" : \"\\u00e4 \\ud83d\\ude00\",\n\"chat_id\":  6000000001 , \"unknown\":[1e2] }";
    let url = format!(
        "{}/bot{TOKEN}/sendMessage?disable_notification=true&a=%20b",
        edge.proxy(&line)
    );
    let answer = http()
        .post(url)
        .header("content-type", "application/json;charset=UTF-8")
        .header("user-agent", "bot-library/7")
        .header("cookie", "relevo=secret")
        .header("x-forwarded-for", "10.0.0.1")
        .body(odd_body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["content-type"],
        "application/json; charset=weird"
    );
    assert_eq!(answer.headers()["retry-after"], "3");
    assert_eq!(answer.bytes().await.unwrap().as_ref(), odd_answer);
    let seen = recorder.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "POST");
    assert_eq!(
        seen[0].uri,
        format!("/bot{TOKEN}/sendMessage?disable_notification=true&a=%20b")
    );
    assert_eq!(seen[0].body.as_ref(), odd_body.as_bytes());
    assert_eq!(
        seen[0].header("content-type"),
        Some("application/json;charset=UTF-8")
    );
    assert_eq!(seen[0].header("user-agent"), Some("bot-library/7"));
    assert_eq!(seen[0].header("cookie"), None);
    assert_eq!(seen[0].header("x-forwarded-for"), None);
}

#[actix_web::test]
async fn a_redirect_is_handed_on_and_not_followed() {
    let (edge, line, recorder) = recorded(Told {
        status: 302,
        headers: vec![("location", "http://169.254.169.254/")],
        body: b"",
    })
    .await;
    let url = format!("{}/bot{TOKEN}/getMe", edge.proxy(&line));
    assert_eq!(http().get(url).send().await.unwrap().status(), 302);
    assert_eq!(recorder.seen().len(), 1);
}

#[actix_web::test]
async fn only_the_line_s_own_token_opens_its_address() {
    let (edge, line, recorder) = recorded(Told {
        status: 200,
        headers: vec![],
        body: b"{\"ok\":true,\"result\":true}",
    })
    .await;
    let base = edge.proxy(&line);
    let unknown = format!(
        "{}/proxy/telegram/key_00000000000000000000000000000000",
        edge.url
    );
    for (url, status) in [
        (
            format!("{base}/bot7000000001:wrongwrongwrongwrongwrongwrongwro/sendMessage"),
            401,
        ),
        (format!("{base}/bot{TOKEN}x/sendMessage"), 401),
        (format!("{base}/bot/sendMessage"), 401),
        (format!("{base}/{TOKEN}/sendMessage"), 404),
        (format!("{base}/bot{TOKEN}"), 404),
        (format!("{base}/bot{TOKEN}/test/sendMessage"), 404),
        (format!("{base}/bot{TOKEN}/send%2fMessage"), 404),
        (format!("{base}/file/bot{TOKEN}x/photos/1.jpg"), 401),
        (format!("{unknown}/bot{TOKEN}/sendMessage"), 404),
        (base.clone(), 404),
    ] {
        let (told, body) = ask(http().post(&url).json(&json!({"chat_id": 1, "text": "x"}))).await;
        assert_eq!(told, status, "{url}");
        assert_eq!(body["ok"], false, "{url}");
        assert_eq!(body["error_code"], status, "{url}");
    }
    assert!(recorder.seen().is_empty());
    let file = http()
        .get(format!("{base}/file/bot{TOKEN}/photos/1.jpg"))
        .send()
        .await
        .unwrap();
    assert_eq!(file.status(), 200);
    assert_eq!(
        recorder.seen()[0].uri,
        format!("/file/bot{TOKEN}/photos/1.jpg")
    );
}

#[actix_web::test]
async fn a_path_that_climbs_out_of_its_address_goes_nowhere() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (edge, line, recorder) = recorded(Told {
        status: 200,
        headers: vec![],
        body: b"{\"ok\":true,\"result\":true}",
    })
    .await;
    let host = edge.url.strip_prefix("http://").unwrap();
    let base = format!("/proxy/telegram/{}", line.public_key);
    for climb in ["a/../..", "a/%2e%2e/%2e%2e", "..%2f..%2f", "%5c..", "a%00b"] {
        let path = format!("{base}/file/bot{TOKEN}/{climb}/bot{TOKEN}/logOut");
        let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{climb}: {answer}");
    }
    assert!(recorder.seen().is_empty());
}

#[actix_web::test]
async fn what_the_bot_says_arrives_and_is_recorded() {
    let bot = Bot::new().await;
    let (status, answer) = bot
        .call(
            "sendMessage",
            json!({"chat_id": 6_000_000_001_i64, "text": "Hola"}),
        )
        .await;
    assert_eq!(status, 200);
    assert_eq!(bot.shown(), 1);
    let row = bot.edge.conversations().await.remove(0);
    assert_eq!(row.contact.address.key, ANA);
    let said = bot.edge.messages(row.conversation.id).await.remove(0);
    assert_eq!(said.content, Content::text("Hola"));
    assert_eq!(said.status, DeliveryStatus::Sent);
    assert!(answer["result"]["message_id"].is_i64());
}

#[actix_web::test]
async fn telegram_s_own_refusal_is_handed_on_and_recorded() {
    let bot = Bot::new().await;
    let (status, answer) = bot
        .call(
            "sendMessage",
            json!({"chat_id": 6_000_000_099_i64, "text": "Hola"}),
        )
        .await;
    assert!(status.is_client_error(), "{answer}");
    assert_eq!(answer["ok"], false);
    let row = bot.edge.conversations().await.remove(0);
    let said = bot.edge.messages(row.conversation.id).await.remove(0);
    assert_eq!(said.status, DeliveryStatus::Failed);
    assert!(
        said.failure
            .unwrap()
            .contains(answer["description"].as_str().unwrap())
    );
}

#[actix_web::test]
async fn a_file_is_carried_and_recorded_by_its_name() {
    let bot = Bot::new().await;
    let url = format!(
        "{}/bot{}/sendDocument",
        bot.edge.proxy(&bot.line),
        bot.token
    );
    let file = reqwest::multipart::Part::bytes(vec![7; 3 << 20])
        .file_name("factura.pdf")
        .mime_str("application/pdf")
        .unwrap();
    let form = reqwest::multipart::Form::new()
        .text("chat_id", ANA)
        .text("caption", "Aquí está")
        .part("document", file);
    let (status, answer) = ask(http().post(url).multipart(form)).await;
    assert_eq!(status, 200, "{answer}");
    let row = bot.edge.conversations().await.remove(0);
    let said = bot.edge.messages(row.conversation.id).await.remove(0);
    let Content::Media {
        attachment,
        caption,
    } = said.content
    else {
        panic!()
    };
    assert_eq!(attachment.kind, MediaKind::File);
    assert_eq!(attachment.name.as_deref(), Some("factura.pdf"));
    assert_eq!(caption.as_deref(), Some("Aquí está"));
}

#[actix_web::test]
async fn while_a_human_has_control_nothing_of_the_bot_reaches_the_contact() {
    let bot = Bot::new().await;
    bot.call("sendMessage", json!({"chat_id": ANA, "text": "antes"}))
        .await;
    bot.hand_off().await;
    let before = bot.shown();
    let words = "Forbidden: a human agent has control of this conversation";
    for (method, body) in [
        ("sendMessage", json!({"chat_id": ANA, "text": "durante"})),
        (
            "SendMessage",
            json!({"chat_id": 6_000_000_001_i64, "text": "durante"}),
        ),
        (
            "sendPhoto",
            json!({"chat_id": ANA, "photo": "https://example.org/a.jpg"}),
        ),
        (
            "copyMessage",
            json!({"chat_id": ANA, "from_chat_id": ANA, "message_id": 2}),
        ),
        (
            "sendChatAction",
            json!({"chat_id": ANA, "action": "typing"}),
        ),
        (
            "editMessageText",
            json!({"chat_id": ANA, "message_id": 2, "text": "otro"}),
        ),
        ("deleteMessage", json!({"chat_id": ANA, "message_id": 2})),
    ] {
        let (status, answer) = bot.call(method, body).await;
        assert_eq!(status, 403, "{method}");
        assert_eq!(
            answer,
            json!({"ok": false, "error_code": 403, "description": words})
        );
    }
    let url = format!(
        "{}/bot{}/sendMessage?chat_id={ANA}&text=x",
        bot.edge.proxy(&bot.line),
        bot.token
    );
    assert_eq!(ask(http().get(url)).await.0, 403);
    assert_eq!(bot.shown(), before);
    assert_eq!(bot.call("getMe", json!({})).await.0, 200);
    let row = bot.edge.conversations().await.remove(0);
    assert_eq!(row.conversation.state.control(), Control::Human);
    let muted = bot.edge.messages(row.conversation.id).await;
    let muted = muted
        .iter()
        .filter(|m| m.status == DeliveryStatus::Muted)
        .count();
    assert_eq!(muted, 5);
}

#[actix_web::test]
async fn an_answer_to_a_tap_stops_the_spinner_but_says_nothing_during_human_control() {
    let (edge, line, recorder) = recorded(Told {
        status: 200,
        headers: vec![],
        body: b"{\"ok\":true,\"result\":true}",
    })
    .await;
    let tap = json!({"update_id": 900_003, "callback_query": {"id": "4382", "data": "y",
        "from": {"id": 6_000_000_001_i64, "first_name": "Ana"},
        "message": {"message_id": 60, "date": 1_790_000_000,
            "chat": {"id": 6_000_000_001_i64, "type": "private"}}}});
    let hook = http().post(edge.hook(&line)).json(&tap);
    let hook = hook.header(
        "x-telegram-bot-api-secret-token",
        crate::edge::WEBHOOK_SECRET,
    );
    assert_eq!(hook.send().await.unwrap().status(), 200);
    let conversation = edge.conversations().await.remove(0).conversation.id;
    edge.hand_off(conversation).await;
    let url = format!("{}/bot{TOKEN}/answerCallbackQuery", edge.proxy(&line));
    let spoken = json!({"callback_query_id": "4382", "text": "¡Listo!"});
    assert_eq!(ask(http().post(&url).json(&spoken)).await.0, 403);
    assert!(recorder.seen().is_empty());
    let silent = json!({"callback_query_id": "4382"});
    assert_eq!(ask(http().post(&url).json(&silent)).await.0, 200);
    assert_eq!(recorder.seen().len(), 1);
}

#[actix_web::test]
async fn a_call_that_cannot_be_read_is_not_passed() {
    let bot = Bot::new().await;
    let url = format!("{}/bot{}/sendMessage", bot.edge.proxy(&bot.line), bot.token);
    for body in [
        r#"{"chat_id":6000000001,"text":"x""#,
        r#"{"chat_id":6000000001,"chat_id":6000000002,"text":"x"}"#,
        r#"{"chat_id":{"a":1},"text":"x"}"#,
    ] {
        let call = http()
            .post(&url)
            .header("content-type", "application/json")
            .body(body);
        let (status, answer) = ask(call).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(answer["ok"], false);
    }
    let packed = http()
        .post(&url)
        .header("content-encoding", "gzip")
        .body("x");
    assert_eq!(ask(packed).await.0, 415);
    assert_eq!(bot.shown(), 0);
}

#[actix_web::test]
async fn a_bot_that_registers_its_own_webhook_just_works() {
    let bot = Bot::new().await;
    let direct = format!("{}/bot{}", bot.sandbox.urls.telegram, bot.token);
    let hook =
        json!({"url": bot.edge.hook(&bot.line), "secret_token": crate::edge::WEBHOOK_SECRET});
    ask(http().post(format!("{direct}/setWebhook")).json(&hook)).await;
    let (status, answer) = bot
        .call(
            "setWebhook",
            json!({"url": "http://127.0.0.1:9/mi-bot", "secret_token": "bots-own_1"}),
        )
        .await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["description"], "Webhook was set");
    let settings = bot
        .edge
        .store
        .tenant(bot.edge.tenant)
        .channels()
        .get(bot.line.id)
        .await
        .unwrap()
        .settings;
    assert_eq!(
        settings.bot_url.as_deref(),
        Some("http://127.0.0.1:9/mi-bot")
    );
    // Telegram goes on calling us, and proves itself by the secret that the bot knows.
    let (_, info) = ask(http().post(format!("{direct}/getWebhookInfo"))).await;
    assert_eq!(info["result"]["url"], bot.edge.hook(&bot.line));
    bot.say("Hola otra vez");
    testkit::eventually(crate::edge::PATIENCE, || async {
        (!bot.edge.conversations().await.is_empty()).then_some(())
    })
    .await;
    let (_, info) = bot.call("getWebhookInfo", json!({})).await;
    assert_eq!(info["result"]["url"], "http://127.0.0.1:9/mi-bot");
    let (status, _) = bot.call("getUpdates", json!({})).await;
    assert_eq!(status, 409);
    let (status, _) = bot.call("deleteWebhook", json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(bot.call("logOut", json!({})).await.0, 400);
    for url in [
        "ftp://x.example/",
        "http://user:pw@x.example/",
        "no",
        &bot.edge.hook(&bot.line),
    ] {
        let (status, answer) = bot.call("setWebhook", json!({"url": url})).await;
        assert_eq!(status, 400, "{url} {answer}");
    }
}

#[actix_web::test]
async fn a_platform_that_is_away_is_told_as_telegram_would() {
    let edge = Edge::at("http://127.0.0.1:9", "http://127.0.0.1:9").await;
    let line = edge
        .line(&json!({"kind": "telegram", "id": "7000000001", "token": TOKEN}))
        .await;
    let url = format!("{}/bot{TOKEN}/sendMessage", edge.proxy(&line));
    let (status, answer) = ask(http().post(url).json(&json!({"chat_id": 5, "text": "x"}))).await;
    assert_eq!(status, 502);
    assert_eq!(answer["error_code"], 502);
    let row = edge.conversations().await.remove(0);
    let said = edge.messages(row.conversation.id).await.remove(0);
    assert_eq!(said.status, DeliveryStatus::Failed);
    assert!(!said.failure.unwrap().contains(TOKEN));
}

#[actix_web::test]
async fn a_suspended_companys_bot_is_refused_in_telegrams_own_words() {
    let bot = Bot::new().await;
    let words = || json!({"chat_id": ANA, "text": "hola"});
    let (status, answer) = bot.call("sendMessage", words()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let before = bot.shown();
    let store = bot.edge.store.tenant(bot.edge.tenant);
    store.suspend("Falta el pago").await.unwrap();
    // What was known of the company is believed for two seconds.
    let refused = || async { bot.call("getMe", json!({})).await.0 == StatusCode::FORBIDDEN };
    testkit::until(PATIENCE, refused).await;
    let (status, answer) = bot.call("sendMessage", words()).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
    assert_eq!(
        (&answer["ok"], &answer["error_code"]),
        (&json!(false), &json!(403))
    );
    assert_eq!(bot.shown(), before, "nothing reached the contact");
    let row = bot.edge.conversations().await.remove(0);
    let said = bot.edge.messages(row.conversation.id).await;
    let hellos = said.iter().filter(|m| m.content.words() == Some("hola"));
    assert_eq!(hellos.count(), 1, "nor the record");
    store.resume().await.unwrap();
    let back = || async { bot.call("sendMessage", words()).await.0 == StatusCode::OK };
    testkit::until(PATIENCE, back).await;
}
