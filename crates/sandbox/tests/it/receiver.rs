//! A webhook receiver: takes what comes, answers as told, lets tests wait for what they expect.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::Notify;

use crate::support::PATIENCE;

#[derive(Clone, Debug)]
pub struct Hook {
    pub signature: Option<String>,
    pub secret: Option<String>,
    pub raw: Bytes,
    pub body: Value,
}

impl Hook {
    /// Whether the body is signed with this app secret.
    pub fn signed_with(&self, secret: &str) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(&self.raw);
        let expected = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        self.signature.as_deref() == Some(&expected)
    }

    /// All messages in a WhatsApp, Messenger or Instagram webhook.
    pub fn items(&self) -> Vec<Value> {
        let mut items = Vec::new();
        for entry in self.body["entry"].as_array().into_iter().flatten() {
            for change in entry["changes"].as_array().into_iter().flatten() {
                for part in ["messages", "statuses", "message_echoes"] {
                    items.extend(
                        change["value"][part]
                            .as_array()
                            .into_iter()
                            .flatten()
                            .cloned(),
                    );
                }
            }
            for part in ["messaging", "standby"] {
                items.extend(entry[part].as_array().into_iter().flatten().cloned());
            }
        }
        items
    }
}

#[derive(Default)]
struct Inbox {
    hooks: Mutex<Vec<Hook>>,
    script: Mutex<VecDeque<(u16, String)>>,
    grown: Notify,
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    inbox: Data<Inbox>,
}

impl Receiver {
    pub async fn start() -> Self {
        let inbox = Data::new(Inbox::default());
        let shared = inbox.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .app_data(web::PayloadConfig::new(64 << 20))
                .default_service(web::to(take))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.run());
        Receiver { url, inbox }
    }

    /// The next answers, in order; afterwards 200 with an empty body.
    pub fn answers(&self, script: &[(u16, &str)]) {
        self.inbox.script.lock().unwrap().extend(
            script
                .iter()
                .map(|(status, body)| (*status, (*body).to_owned())),
        );
    }

    pub fn all(&self) -> Vec<Hook> {
        self.inbox.hooks.lock().unwrap().clone()
    }

    /// Waits until the hooks satisfy the condition.
    pub async fn until(&self, wanted: impl Fn(&[Hook]) -> bool) -> Vec<Hook> {
        let look = async {
            loop {
                let grown = self.inbox.grown.notified();
                tokio::pin!(grown);
                grown.as_mut().enable();
                let all = self.all();
                if wanted(&all) {
                    return all;
                }
                grown.await;
            }
        };
        match tokio::time::timeout(PATIENCE, look).await {
            Ok(all) => all,
            Err(_) => panic!("never came; there were {:#?}", self.all()),
        }
    }

    /// Waits for the first item (message, status, messaging event) that satisfies the condition.
    pub async fn item(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let all = self
            .until(|hooks| hooks.iter().flat_map(Hook::items).any(|item| wanted(&item)))
            .await;
        all.iter().flat_map(Hook::items).find(wanted).unwrap()
    }
}

async fn take(request: HttpRequest, raw: Bytes, inbox: Data<Inbox>) -> HttpResponse {
    if request.method() == "GET" {
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(request.query_string().as_bytes())
                .into_owned()
                .collect();
        let get = |name: &str| {
            query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        return match get("hub.verify_token").as_deref() {
            Some("right") => HttpResponse::Ok().body(get("hub.challenge").unwrap()),
            Some("quoted") => HttpResponse::Ok().json(get("hub.challenge")),
            _ => HttpResponse::Forbidden().finish(),
        };
    }
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let hook = Hook {
        signature: header("X-Hub-Signature-256"),
        secret: header("X-Telegram-Bot-Api-Secret-Token"),
        body: serde_json::from_slice(&raw).unwrap_or(Value::Null),
        raw,
    };
    inbox.hooks.lock().unwrap().push(hook);
    inbox.grown.notify_waiters();
    match inbox.script.lock().unwrap().pop_front() {
        Some((status, body)) => HttpResponse::build(status.try_into().unwrap())
            .content_type("application/json")
            .body(body),
        None => HttpResponse::Ok().finish(),
    }
}

/// A line whose app is connected to the receiver and installed, ready to be written to.
pub async fn connected(
    sandbox: &sandbox::Sandbox,
    kind: sandbox::phone::Kind,
    extra: Value,
) -> (Value, Receiver) {
    let receiver = Receiver::start().await;
    let mut new = serde_json::json!({"subscribed": true});
    new.as_object_mut()
        .unwrap()
        .extend(extra.as_object().cloned().unwrap_or_default());
    let graph: &Arc<sandbox::graph::Graph> = &sandbox.services.graph;
    let account = graph.create(kind, serde_json::from_value(new).unwrap());
    graph
        .set_callback(
            account["app_id"].as_str().unwrap(),
            sandbox::graph::app::Object::of(kind).unwrap(),
            &format!("{}/in", receiver.url),
            "right",
            Default::default(),
        )
        .await
        .unwrap();
    (account, receiver)
}
