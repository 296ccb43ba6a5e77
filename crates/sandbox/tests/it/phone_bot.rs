//! The phone over HTTP and the example bot, together: a user talks and the bot answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sandbox::Sandbox;
use sandbox::ledger::Service;
use sandbox::phone::Kind;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{PATIENCE, ask, http, start};

/// Connects the example bot directly to a line, as before Relevo comes in between.
async fn served(sandbox: &Sandbox, kind: Kind) -> Value {
    let console = &sandbox.urls.console;
    let (status, account) = ask(http()
        .post(format!("{console}/accounts/{kind}"))
        .json(&json!({"subscribed": true})))
    .await;
    assert_eq!(status, 201);
    let id = account["id"].as_str().unwrap();
    let token = account.get("access_token").or(account.get("token"));
    let sender = (kind == Kind::Instagram).then(|| account["page_id"].clone());
    let config = json!({
        "kind": kind, "account": id, "api_base": account["api_base"], "token": token,
        "app_secret": account["app_secret"], "secret_token": "s3", "sender": sender,
        "events_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    });
    let (_, hooks) = ask(http()
        .post(format!("{console}/bot/configure"))
        .json(&config))
    .await;
    let url = &hooks["webhook_url"];
    if kind == Kind::Telegram {
        let set = format!(
            "{}/bot{}/setWebhook",
            sandbox.urls.telegram,
            account["token"].as_str().unwrap()
        );
        let (_, answer) = ask(http()
            .post(set)
            .json(&json!({"url": url, "secret_token": "s3"})))
        .await;
        assert_eq!(answer["ok"], true, "{answer}");
    } else {
        let dashboard = format!("{console}/accounts/{kind}/{id}/webhook");
        let body = json!({"callback_url": url, "verify_token": "any"});
        let (status, answer) = ask(http().post(dashboard).json(&body)).await;
        assert_eq!(status, 200, "{answer}");
    }
    account
}

#[actix_web::test]
async fn the_bot_greets_offers_options_and_does_not_understand_agente_on_every_channel() {
    let sandbox = start().await;
    for kind in Kind::ALL {
        let account = served(&sandbox, kind).await;
        let base = format!(
            "{}/phone/{kind}/{}/6000000042",
            sandbox.urls.console,
            account["id"].as_str().unwrap()
        );
        let send = async |action: Value| {
            let (status, answer) = ask(http().post(format!("{base}/send")).json(&action)).await;
            assert_eq!(status, 200, "{kind}: {answer}");
        };
        let from_bot = async |count: usize| {
            let look = async {
                let mut revision = 0;
                loop {
                    let (_, thread) =
                        ask(http().get(format!("{base}/wait?revision={revision}"))).await;
                    let said: Vec<Value> = thread["messages"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter(|shown| shown["from"] == "business")
                        .cloned()
                        .collect();
                    if said.len() >= count {
                        return said;
                    }
                    revision = thread["revision"].as_u64().unwrap();
                }
            };
            tokio::time::timeout(PATIENCE, look).await.unwrap()
        };
        send(json!({"type": "text", "text": "hola"})).await;
        let greeting = &from_bot(1).await[0];
        let text = greeting["content"]["text"].as_str().unwrap();
        assert!(text.starts_with("¡Hola!"), "{kind}: {text}");
        assert_eq!(greeting["content"]["buttons"].as_array().unwrap().len(), 3);
        send(json!({"type": "tap", "message_id": greeting["id"], "button_id": "horario"})).await;
        let hours = from_bot(2).await;
        assert!(
            hours[1]["content"]["text"]
                .as_str()
                .unwrap()
                .contains("9:00")
        );
        send(json!({"type": "text", "text": "agente"})).await;
        let lost = from_bot(3).await;
        assert!(
            lost[2]["content"]["text"]
                .as_str()
                .unwrap()
                .contains("no te entendí")
        );
    }
    let refused = sandbox.core.ledger.count(Service::Bot, "webhook_refused");
    assert_eq!(refused, 0, "the bot checks every signature itself");
}

#[actix_web::test]
async fn the_bot_takes_events_of_relevo_only_when_they_are_signed() {
    let sandbox = start().await;
    served(&sandbox, Kind::Telegram).await;
    let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let body = json!({"type": "handoff.ended", "data": {"reason": "agent_closed"}}).to_string();
    let at = (sandbox.core.clock.now_ms() / 1000).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("msg_1.{at}.{body}").as_bytes());
    let right = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    for (signature, status) in [(right.as_str(), 204), ("v1,AAAA", 401)] {
        let answer = http()
            .post(format!("{}/relevo", sandbox.urls.bot))
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", &at)
            .header("webhook-signature", signature)
            .body(body.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status);
    }
    let (_, events) = ask(http().get(format!("{}/events", sandbox.urls.bot))).await;
    assert_eq!(events[0]["body"]["type"], "handoff.ended");
    assert_eq!(events[1]["kind"], "relevo_refused");
}

#[actix_web::test]
async fn every_kind_of_message_can_be_sent_where_the_platform_has_it() {
    let sandbox = start().await;
    let missing = [
        (Kind::Messenger, "contact"),
        (Kind::Instagram, "location"),
        (Kind::Instagram, "contact"),
        (Kind::Whatsapp, "start"),
        (Kind::Telegram, "external"),
    ];
    for kind in Kind::ALL {
        let account = served(&sandbox, kind).await;
        let base = format!(
            "{}/phone/{kind}/{}/6000000043",
            sandbox.urls.console,
            account["id"].as_str().unwrap()
        );
        let card = json!({"type": "contact", "name": "Bo", "phone": "+34 600"});
        let place = json!({"type": "location", "latitude": 1.0, "longitude": 2.0});
        let mut actions: Vec<Value> = [
            "image", "video", "audio", "voice", "document", "sticker", "start", "read", "block",
            "unblock",
        ]
        .iter()
        .map(|name| json!({"type": name}))
        .collect();
        actions.extend([
            card,
            place,
            json!({"type": "album", "files": [{}, {}]}),
            json!({"type": "external", "text": "yo"}),
            json!({"type": "referral", "text": "hola", "reference": "promo"}),
        ]);
        for action in actions {
            let name = action["type"].as_str().unwrap().to_owned();
            let (status, answer) = ask(http().post(format!("{base}/send")).json(&action)).await;
            let expected = if missing.contains(&(kind, name.as_str())) {
                422
            } else {
                200
            };
            assert_eq!(status, expected, "{kind} {name}: {answer}");
        }
        let (_, thread) = ask(http().get(format!("{base}/messages"))).await;
        let photo = &thread["messages"][0]["content"]["media"];
        let bytes = http()
            .get(photo["url"].as_str().unwrap())
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        assert_eq!(
            sandbox::ledger::hash_hex(&bytes),
            photo["sha256"].as_str().unwrap()
        );
    }
    let page = http()
        .get(format!("{}/phone", sandbox.urls.console))
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
}
