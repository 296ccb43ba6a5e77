//! What every test needs: running simulators and an HTTP client that trusts nothing of ours.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use sandbox::letstalk::{AccountRequest, AccountView};
use sandbox::{Sandbox, SandboxPorts};
use serde_json::{Value, json};

/// Longest wait for anything in a test.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Simulators on free ports.
pub async fn start() -> Sandbox {
    Sandbox::start(SandboxPorts::default()).await.unwrap()
}

/// A client without proxies, as our own is in tests.
pub fn http() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .unwrap()
}

/// Sends and answers status and JSON.
pub async fn ask(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// An organization with settings.
pub fn organization(sandbox: &Sandbox, settings: Value) -> AccountView {
    sandbox
        .services
        .letstalk
        .create_account(AccountRequest {
            settings: settings.as_object().cloned().unwrap_or_default(),
            ..AccountRequest::default()
        })
        .unwrap()
}

/// Let's Talk's REST API with one key.
pub struct Desk {
    pub http: Client,
    pub base: String,
    pub key: String,
}

impl Desk {
    pub fn new(account: &AccountView, key: &str) -> Self {
        Self {
            http: http(),
            base: format!("{}/api/v1", account.api_base),
            key: key.to_owned(),
        }
    }

    /// A client of the organization, made by the API.
    pub async fn client(account: &AccountView, email: &str) -> Self {
        let (status, answer) = introduce(account, email).await;
        assert_eq!(status, 200, "{answer}");
        Self::new(account, answer["token"].as_str().unwrap())
    }

    /// The integration's own agent.
    pub fn agent(account: &AccountView) -> Self {
        Self::new(account, account.auth_key.as_deref().unwrap())
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.base);
        ask(self
            .http
            .post(url)
            .basic_auth(&self.key, Some("X"))
            .json(&body))
        .await
    }

    pub async fn put(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.base);
        ask(self
            .http
            .put(url)
            .basic_auth(&self.key, Some("X"))
            .json(&body))
        .await
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.base);
        ask(self.http.get(url).basic_auth(&self.key, Some("X"))).await
    }

    /// Opens a conversation and answers its id.
    pub async fn open(&self, account: &AccountView, text: &str) -> i64 {
        let (status, answer) = self
            .post(
                "/conversations",
                json!({
                    "message": {"content": text, "content_type": "text/plain", "remote_id": guid()},
                    "organization_id": account.organization_id,
                }),
            )
            .await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_i64().unwrap()
    }

    /// Sends a text and answers the message.
    pub async fn say(&self, conversation: i64, text: &str) -> Value {
        let (status, answer) = self
            .post(
                "/messages",
                json!({
                    "content": text,
                    "content_type": "text/plain",
                    "remote_id": guid(),
                    "conversation_id": conversation,
                }),
            )
            .await;
        assert_eq!(status, 201, "{answer}");
        answer
    }
}

/// Create/get client.
pub async fn introduce(account: &AccountView, email: &str) -> (StatusCode, Value) {
    ask(http()
        .post(format!(
            "{}/api/v1/integration/auth/token",
            account.api_base
        ))
        .json(&json!({
            "email": email,
            "name": "Ana Pérez",
            "consumer": {"key": account.consumer_key, "token": account.consumer_token},
            "organization_id": account.organization_id,
        })))
    .await
}

pub fn guid() -> String {
    sandbox::ids::guid()
}

/// A subscriber that follows its cursor.
pub struct Subscriber {
    pub http: Client,
    pub url: String,
    pub query: Vec<(String, String)>,
    pub tt: String,
    pub tr: String,
}

impl Subscriber {
    /// Subscribes from now on.
    pub async fn new(origin: &str, key: &str, channels: &str, query: &[(&str, &str)]) -> Self {
        let mut it = Self {
            http: http(),
            url: format!("{origin}/v2/subscribe/{key}/{channels}/0"),
            query: query
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            tt: "0".to_owned(),
            tr: String::new(),
        };
        assert_eq!(it.poll().await.unwrap().len(), 0);
        it
    }

    /// The integration's subscription: both channels and the group.
    pub async fn of(account: &AccountView) -> Self {
        let id = account.user_id;
        let group = format!("user-{id}-channel");
        let uuid = format!("user-{id}");
        Self::new(
            &account.pubnub_origin,
            &account.subscribe_key,
            &format!("{group},presence.user-{id}"),
            &[
                ("channel-group", &group),
                ("uuid", &uuid),
                ("auth", account.auth_key.as_deref().unwrap()),
            ],
        )
        .await
    }

    /// One poll; `Err` with the status when it is refused.
    pub async fn poll(&mut self) -> Result<Vec<Value>, StatusCode> {
        let request = self
            .http
            .get(&self.url)
            .query(&self.query)
            .query(&[("tt", &self.tt), ("tr", &self.tr)]);
        let (status, answer) = ask(request).await;
        if status != 200 {
            return Err(status);
        }
        self.tt = answer["t"]["t"].as_str().unwrap().to_owned();
        self.tr = answer["t"]["r"].to_string();
        Ok(answer["m"].as_array().unwrap().clone())
    }

    /// Polls until `count` messages have come.
    pub async fn take(&mut self, count: usize) -> Vec<Value> {
        let mut all = Vec::new();
        while all.len() < count {
            all.extend(self.poll().await.unwrap());
        }
        all
    }

    /// Polls until an event satisfies `wanted`; answers all events up to it.
    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut all = Vec::new();
        let look = async {
            loop {
                for entry in self.poll().await.unwrap() {
                    let event = entry["d"].clone();
                    let found = wanted(&event);
                    all.push(event);
                    if found {
                        return;
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, look)
            .await
            .expect("the event never came");
        all
    }
}
