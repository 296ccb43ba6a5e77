//! Telegram as a bot sees it.

use reqwest::StatusCode;
use sandbox::Sandbox;
use sandbox::fault::{Action as Fault, FaultRule, FaultService};
use sandbox::phone::{Action, Kind};
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::support::{ask, http, start};

const ANA: &str = "6000000001";

struct Bot {
    sandbox: Sandbox,
    id: String,
    token: String,
    receiver: Receiver,
}

impl Bot {
    async fn new() -> Self {
        let sandbox = start().await;
        let account = sandbox.services.telegram.create(Default::default());
        sandbox.services.telegram.hooks.set_retry_scale(0.001);
        Bot {
            id: account["id"].as_str().unwrap().to_owned(),
            token: account["token"].as_str().unwrap().to_owned(),
            sandbox,
            receiver: Receiver::start().await,
        }
    }

    async fn call(&self, method: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}/bot{}/{method}", self.sandbox.urls.telegram, self.token);
        ask(http().post(url).json(&body)).await
    }

    async fn hooked(&self) {
        let url = format!("{}/tg", self.receiver.url);
        let (_, answer) = self
            .call("setWebhook", json!({"url": url, "secret_token": "s3"}))
            .await;
        assert_eq!(answer["description"], "Webhook was set");
    }

    fn say(&self, text: &str) -> String {
        self.sandbox
            .services
            .phone
            .say(Kind::Telegram, &self.id, ANA, text)
            .unwrap()
    }

    fn act(&self, action: Value) -> sandbox::phone::Done {
        let action: Action = serde_json::from_value(action).unwrap();
        self.sandbox
            .services
            .phone
            .act(Kind::Telegram, &self.id, ANA, action)
            .unwrap()
    }
}

#[actix_web::test]
async fn updates_come_in_order_per_chat_even_when_one_is_refused() {
    let bot = Bot::new().await;
    bot.hooked().await;
    bot.receiver.answers(&[(500, ""), (500, ""), (500, "")]);
    for text in ["uno", "dos", "tres"] {
        bot.say(text);
    }
    let hooks = bot
        .receiver
        .until(|hooks| {
            hooks
                .iter()
                .any(|hook| hook.body["message"]["text"] == "tres")
        })
        .await;
    let texts: Vec<&str> = hooks
        .iter()
        .map(|hook| hook.body["message"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["uno", "uno", "uno", "uno", "dos", "tres"]);
    assert!(
        hooks
            .iter()
            .all(|hook| hook.secret.as_deref() == Some("s3"))
    );
    let ids: Vec<i64> = hooks[3..]
        .iter()
        .map(|hook| hook.body["update_id"].as_i64().unwrap())
        .collect();
    assert_eq!([ids[0] + 1, ids[1] + 1], [ids[1], ids[2]]);
}

#[actix_web::test]
async fn polling_and_a_webhook_exclude_each_other() {
    let bot = Bot::new().await;
    bot.say("hola");
    let (_, answer) = bot.call("getUpdates", json!({})).await;
    let update = &answer["result"][0];
    assert_eq!(update["message"]["text"], "hola");
    let next = update["update_id"].as_i64().unwrap() + 1;
    let (_, answer) = bot.call("getUpdates", json!({"offset": next})).await;
    assert_eq!(answer["result"], json!([]));
    bot.hooked().await;
    let (status, answer) = bot.call("getUpdates", json!({})).await;
    assert_eq!(status, 409, "{answer}");
    let (_, info) = bot.call("getWebhookInfo", json!({})).await;
    assert_eq!(info["result"]["url"], format!("{}/tg", bot.receiver.url));
    let (_, answer) = bot.call("deleteWebhook", json!({})).await;
    assert_eq!(answer["description"], "Webhook was deleted");
    assert_eq!(
        bot.call("getMe", json!({})).await.1["result"]["is_bot"],
        true
    );
}

#[actix_web::test]
async fn an_answer_that_is_a_call_is_carried_out() {
    let bot = Bot::new().await;
    bot.hooked().await;
    let call =
        json!({"method": "sendMessage", "chat_id": ANA.parse::<i64>().unwrap(), "text": "eco"});
    bot.receiver.answers(&[(200, &call.to_string())]);
    bot.say("hola");
    bot.sandbox
        .core
        .ledger
        .wait_for(
            sandbox::ledger::Service::Telegram,
            0,
            crate::support::PATIENCE,
            |row| row.kind == "delivered",
        )
        .await
        .unwrap();
    let shown = bot
        .sandbox
        .services
        .phone
        .messages(Kind::Telegram, &bot.id, ANA);
    assert_eq!(shown[1].content.text.as_deref(), Some("eco"));
}

#[actix_web::test]
async fn what_telegram_refuses_is_refused_in_its_words() {
    let bot = Bot::new().await;
    let chat = json!(ANA);
    let (status, answer) = bot
        .call("sendMessage", json!({"chat_id": "1", "text": "x"}))
        .await;
    assert_eq!(
        (status.as_u16(), &answer["description"]),
        (400, &json!("Bad Request: chat not found"))
    );
    bot.say("/start");
    let keyboard =
        |data: String| json!({"inline_keyboard": [[{"text": "a", "callback_data": data}]]});
    let cases = [
        (json!({"text": ""}), "message text is empty"),
        (json!({"text": "x".repeat(4097)}), "message is too long"),
        (json!({"text": "x".repeat(32_769)}), "text is too long"),
        (json!({"text": "😀".repeat(2049)}), "message is too long"),
        (
            json!({"text": "<b>x", "parse_mode": "HTML"}),
            "can't parse entities",
        ),
        (
            json!({"text": "x", "reply_markup": keyboard("x".repeat(65))}),
            "BUTTON_DATA_INVALID",
        ),
        (
            json!({"text": "x", "reply_parameters": {"message_id": 999}}),
            "message to be replied not found",
        ),
    ];
    for (mut body, expected) in cases {
        body["chat_id"] = chat.clone();
        let (status, answer) = bot.call("sendMessage", body).await;
        assert_eq!(status, 400);
        assert!(
            answer["description"].as_str().unwrap().contains(expected),
            "{answer}"
        );
    }
    let (status, _) = bot.call("sendMessage", json!({"chat_id": chat, "text": format!("<b>{}</b>", "x".repeat(4096)), "parse_mode": "HTML"})).await;
    assert_eq!(status, 200, "the limit holds after the markup is taken out");
    assert_eq!(bot.call("frobnicate", json!({})).await.0, 404);
    let url = format!("{}/bot{}:wrong/getMe", bot.sandbox.urls.telegram, bot.id);
    assert_eq!(ask(http().get(url)).await.0, 401);
    bot.act(json!({"type": "block"}));
    let (status, answer) = bot
        .call("sendMessage", json!({"chat_id": chat, "text": "x"}))
        .await;
    assert_eq!(status, 403);
    assert_eq!(
        answer["description"],
        "Forbidden: bot was blocked by the user"
    );
}

#[actix_web::test]
async fn all_encodings_mean_the_same_and_files_travel_both_ways() {
    let bot = Bot::new().await;
    bot.hooked().await;
    bot.act(json!({"type": "voice"}));
    let hooks = bot.receiver.until(|hooks| !hooks.is_empty()).await;
    let voice = &hooks[0].body["message"]["voice"];
    let (_, file) = bot
        .call("getFile", json!({"file_id": voice["file_id"]}))
        .await;
    let path = file["result"]["file_path"].as_str().unwrap();
    let url = format!("{}/file/bot{}/{path}", bot.sandbox.urls.telegram, bot.token);
    let bytes = http().get(url).send().await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(b"OggS"));
    let base = format!("{}/bot{}", bot.sandbox.urls.telegram, bot.token);
    let form = [("chat_id", ANA), ("text", "formulario")];
    assert_eq!(
        ask(http().post(format!("{base}/sendMessage")).form(&form))
            .await
            .0,
        200
    );
    assert_eq!(
        ask(http().get(format!("{base}/sendMessage")).query(&form))
            .await
            .0,
        200
    );
    let part = reqwest::multipart::Part::bytes(&b"%PDF-1.4"[..])
        .file_name("a.pdf")
        .mime_str("application/pdf")
        .unwrap();
    let multi = reqwest::multipart::Form::new()
        .text("chat_id", ANA)
        .text("caption", "<i>oferta</i>")
        .text("parse_mode", "HTML")
        .part("document", part);
    let (status, answer) = ask(http().post(format!("{base}/sendDocument")).multipart(multi)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["result"]["document"]["file_name"], "a.pdf");
    assert_eq!(answer["result"]["caption"], "oferta");
    bot.act(
        json!({"type": "document", "size": 21 << 20, "mime": "application/pdf", "name": "g.pdf"}),
    );
    let hooks = bot.receiver.until(|hooks| hooks.len() == 2).await;
    let big = &hooks[1].body["message"]["document"]["file_id"];
    let (_, answer) = bot.call("getFile", json!({"file_id": big})).await;
    assert_eq!(answer["description"], "Bad Request: file is too big");
}

#[actix_web::test]
async fn a_tap_is_a_callback_query_that_must_be_answered() {
    let bot = Bot::new().await;
    bot.hooked().await;
    bot.say("/start");
    let markup = json!({"inline_keyboard": [[{"text": "Horario", "callback_data": "h"}], [{"text": "Web", "url": "https://example.org"}]]});
    let (_, sent) = bot
        .call(
            "sendMessage",
            json!({"chat_id": ANA, "text": "¿Qué?", "reply_markup": markup}),
        )
        .await;
    let id = sent["result"]["message_id"].to_string();
    bot.act(json!({"type": "tap", "message_id": id, "button_id": "h"}));
    let hooks = bot
        .receiver
        .until(|hooks| {
            hooks
                .iter()
                .any(|hook| hook.body["callback_query"].is_object())
        })
        .await;
    let query = hooks
        .iter()
        .find(|hook| hook.body["callback_query"].is_object())
        .unwrap();
    let query = &query.body["callback_query"];
    assert_eq!(query["data"], "h");
    assert_eq!(query["message"]["message_id"], sent["result"]["message_id"]);
    let answer = json!({"callback_query_id": query["id"]});
    assert_eq!(bot.call("answerCallbackQuery", answer.clone()).await.0, 200);
    assert_eq!(bot.call("answerCallbackQuery", answer).await.0, 400);
    let same = json!({"chat_id": ANA, "message_id": sent["result"]["message_id"], "text": "¿Qué?", "reply_markup": markup});
    let (_, refused) = bot.call("editMessageText", same).await;
    assert!(
        refused["description"]
            .as_str()
            .unwrap()
            .contains("message is not modified")
    );
    let gone = json!({"chat_id": ANA, "message_id": sent["result"]["message_id"], "reply_markup": {"inline_keyboard": []}});
    assert_eq!(bot.call("editMessageReplyMarkup", gone).await.0, 200);
    let shown = bot
        .sandbox
        .services
        .phone
        .messages(Kind::Telegram, &bot.id, ANA);
    assert!(shown[1].content.buttons.is_empty());
}

#[actix_web::test]
async fn edits_albums_reactions_and_repeats_arrive() {
    let bot = Bot::new().await;
    let allowed = json!(["message", "edited_message", "message_reaction"]);
    bot.call(
        "setWebhook",
        json!({"url": bot.receiver.url, "allowed_updates": allowed}),
    )
    .await;
    let id = bot.say("hla");
    bot.act(json!({"type": "edit", "message_id": id, "text": "hola"}));
    bot.act(json!({"type": "album", "files": [{"caption": "dos fotos"}, {}]}));
    bot.act(json!({"type": "reaction", "message_id": id, "emoji": "👍"}));
    let hooks = bot.receiver.until(|hooks| hooks.len() == 5).await;
    assert_eq!(hooks[1].body["edited_message"]["text"], "hola");
    assert_eq!(
        hooks[2].body["message"]["media_group_id"],
        hooks[3].body["message"]["media_group_id"]
    );
    assert_eq!(
        hooks[4].body["message_reaction"]["new_reaction"][0]["emoji"],
        "👍"
    );
    let repeat = Fault::Duplicate {
        copies: 3,
        fresh: false,
    };
    bot.sandbox
        .core
        .faults
        .add(FaultRule::new(FaultService::Webhook, repeat).times(1));
    bot.say("tres veces");
    let hooks = bot.receiver.until(|hooks| hooks.len() == 8).await;
    assert!(hooks[5..].iter().all(|hook| hook.raw == hooks[5].raw));
}

#[actix_web::test]
async fn one_chat_is_slowed_down_when_the_bot_enforces_it() {
    let bot = Bot::new().await;
    bot.say("/start");
    let url = format!(
        "{}/accounts/telegram/{}/settings",
        bot.sandbox.urls.console, bot.id
    );
    ask(http().put(url).json(&json!({"rate_limited": true}))).await;
    let body = json!({"chat_id": ANA, "text": "x"});
    assert_eq!(bot.call("sendMessage", body.clone()).await.0, 200);
    let (status, answer) = bot.call("sendMessage", body).await;
    assert_eq!(status, 429);
    assert_eq!(answer["parameters"]["retry_after"], 1);
}
