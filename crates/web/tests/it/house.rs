//! The web half of Relevo, served on a free port, with a Telegram that says what a test wants.

use crate::browser::Browser;
use ::web::edges::{EdgeParts, EdgeState};
use ::web::mail::MailMode;
use ::web::security::session_store::SessionBackend;
use ::web::security::throttle::Throttle;
use ::web::state::{DeskProbe, EventSecrets, ProbeOutcome, ProbeStep};
use actix_web::{App, HttpResponse, HttpServer, web as http};
use adapters::accounts::Accounts;
use adapters::botcalls::{BotCalls, BotParts, PlatformBases};
use adapters::channels::Channels;
use adapters::channels::telegram::Telegram;
use adapters::channels::test_chat::TestChat;
use adapters::files::LocalFiles;
use adapters::ingest::{Command, CommandOutcome, Ingest, Outcome, Submission};
use adapters::links::Links;
use adapters::net::{Http, NetPolicy};
use adapters::password::Passwords;
use adapters::queue::MemoryQueue;
use adapters::signed_link::SignedLinks;
use adapters::store::{DatabaseSettings, Store, mail_context};
use adapters::vault::{EnvelopeVault, MasterKeys, MemoryDataKeys};
use async_trait::async_trait;
use domain::channel::ChannelKind;
use domain::contact::{ContactAddress, ContactProfile};
use domain::desk::DeskAccount;
use domain::ids::{ChannelId, ConversationId, TenantId};
use domain::message::Content;
use domain::ports::{Channel, Clock, FileStore, IdSource, Mail, Queue, Vault};
use domain::secret::Secret;
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::{CountingIds, FakeClock};
use tokio_util::sync::CancellationToken;

struct Steps;

#[async_trait]
impl DeskProbe for Steps {
    async fn probe(&self, account: &DeskAccount) -> Vec<(ProbeStep, ProbeOutcome)> {
        let key = account.credentials.agent_key.expose();
        let agent = match key {
            "good" => ProbeOutcome::Ok,
            _ => ProbeOutcome::Failed("401 Unauthorized".to_owned()),
        };
        vec![
            (ProbeStep::Reach, ProbeOutcome::Ok),
            (ProbeStep::AgentKey, agent),
        ]
    }
}

struct NoSecrets;

#[async_trait]
impl EventSecrets for NoSecrets {
    async fn of(&self, _: TenantId) -> Result<Secret, String> {
        Ok(Secret::new("whsec_dGVzdA=="))
    }
}

/// A served Relevo; ends with the test.
pub struct House {
    pub base: String,
    pub store: Store,
    pub ingest: Ingest,
    pub links: Links,
    pub clock: Arc<FakeClock>,
    /// The address that «Telegram» calls.
    pub webhook: Arc<Mutex<String>>,
    pub vault: Arc<dyn Vault>,
    cancel: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for House {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Telegram's Bot API as far as connecting needs it; only the token `1:good` is known.
fn telegram(webhook: Arc<Mutex<String>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || {
        let webhook = webhook.clone();
        let answer = move |path: http::Path<(String, String)>, body: http::Bytes| {
            let webhook = webhook.clone();
            async move {
                let (token, method) = path.into_inner();
                if !token.starts_with("1:good") {
                    let refused = r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#;
                    return HttpResponse::Unauthorized().body(refused);
                }
                let mut at = webhook.lock().unwrap();
                let result = match method.as_str() {
                    "getMe" => r#"{"id":1,"is_bot":true,"first_name":"Norte","username":"norte_bot","can_join_groups":true,"can_read_all_group_messages":false}"#.to_owned(),
                    "getWebhookInfo" => serde_json::json!({"url": *at, "has_custom_certificate": false, "pending_update_count": 0}).to_string(),
                    "setWebhook" => {
                        let wanted: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
                        *at = wanted["url"].as_str().unwrap_or("").to_owned();
                        "true".to_owned()
                    }
                    "deleteWebhook" => {
                        at.clear();
                        "true".to_owned()
                    }
                    _ => "true".to_owned(),
                };
                HttpResponse::Ok()
                    .content_type("application/json")
                    .body(format!(r#"{{"ok":true,"result":{result}}}"#))
            }
        };
        App::new().route("/bot{token}/{method}", http::to(answer))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    tokio::spawn(server);
    base
}

impl House {
    /// Without a mail server and without a proxy in front.
    pub async fn open() -> Self {
        Self::with(MailMode::Off, 0).await
    }

    /// With mails posted (nobody sends them) and so many proxies in front.
    pub async fn with(mail: MailMode, proxies: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::default());
        let ids: Arc<dyn IdSource> = Arc::new(CountingIds::default());
        let file = folder.path().join("relevo.db");
        let settings = DatabaseSettings::at(format!("sqlite://{}", file.display()));
        let as_clock: Arc<dyn Clock> = clock.clone();
        let store = Store::connect(&settings, as_clock.clone(), ids.clone())
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let queue: Arc<dyn Queue> = Arc::new(MemoryQueue::new(as_clock.clone()));
        let masters = Arc::new(MasterKeys::parse(&format!("k1:{}", "A".repeat(43) + "=")).unwrap());
        let vault: Arc<dyn Vault> = Arc::new(EnvelopeVault::new(
            masters.clone(),
            Arc::new(MemoryDataKeys::default()),
        ));
        let files: Arc<dyn FileStore> = Arc::new(LocalFiles::new(folder.path()));
        let policy = NetPolicy {
            allow_private_network: true,
        };
        let client = Http::new(policy).unwrap();
        let guarded = Http::new(NetPolicy::default()).unwrap().guarded;
        let webhook = Arc::new(Mutex::new(String::new()));
        let bot_api = telegram(webhook.clone());
        let platform: Arc<dyn Channel> =
            Arc::new(Telegram::new(client.clone(), &bot_api, files.clone()));
        let signer = Arc::new(SignedLinks::new(&masters));
        let ingest = Ingest::start(store.clone(), queue.clone());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = ::web::AppState {
            store: store.clone(),
            queue,
            vault: vault.clone(),
            files,
            clock: as_clock,
            ids,
            channels: HashMap::from([
                (ChannelKind::Telegram, platform),
                (ChannelKind::Test, Arc::new(TestChat) as Arc<dyn Channel>),
            ]),
            ingest: ingest.clone(),
            accounts: Accounts::new(store.clone(), vault),
            desk_probe: Arc::new(Steps),
            passwords: Passwords::new().await.unwrap(),
            links: signer.clone(),
            guarded,
            event_secrets: Arc::new(NoSecrets),
            sessions: SessionBackend::Sql(store.clone()),
            throttle: Throttle::new(store.clone()),
            figures: Arc::new(|| "relevo_up 1\n".to_owned()),
            public_url: base.parse().unwrap(),
            behind_proxy: proxies,
            mail,
        };
        let channels = Channels::default();
        let accounts = Accounts::new(store.clone(), state.vault.clone());
        let edges = EdgeState::new(EdgeParts {
            store: store.clone(),
            ingest: ingest.clone(),
            accounts: accounts.clone(),
            channels: channels.clone(),
            bots: BotCalls::new(BotParts {
                store: store.clone(),
                ingest: ingest.clone(),
                accounts,
                channels,
                vault: state.vault.clone(),
                http: client,
                bases: PlatformBases {
                    telegram: bot_api.clone(),
                    graph: bot_api.clone(),
                    instagram: bot_api,
                },
                public_url: state.public_url.clone(),
            }),
            files: state.files.clone(),
            public_url: base.clone(),
        });
        let sealed = state.vault.clone();
        let cancel = CancellationToken::new();
        tokio::spawn(::web::serve(
            http::Data::new(state),
            http::Data::new(edges),
            listener,
            cancel.clone(),
        ));
        Self {
            base,
            store,
            ingest,
            links: Links::new(signer, "https://relevo.test"),
            clock,
            webhook,
            vault: sealed,
            cancel,
            _folder: folder,
        }
    }

    /// The mails posted since the last look.
    pub async fn mails(&self) -> Vec<Mail> {
        let mut mails = Vec::new();
        for due in self.store.mails_claim(100, PATIENCE).await.unwrap() {
            let context = mail_context(due.tenant, due.id);
            let plain = self.vault.open(context, &due.body).await.unwrap();
            mails.push(serde_json::from_slice(&plain).unwrap());
            self.store.mail_sent(&due).await.unwrap();
        }
        mails
    }

    /// The address of the database, to put rows into it that would take weeks to come about.
    pub fn database(&self) -> String {
        format!(
            "sqlite://{}",
            self._folder.path().join("relevo.db").display()
        )
    }

    pub fn browser(&self) -> Browser {
        Browser::at(&self.base)
    }

    /// A company that has just signed up, in its owner's browser.
    pub async fn company(&self, email: &str) -> (Browser, TenantId) {
        let browser = self.browser();
        let form = [
            ("company", "Café Norte"),
            ("name", "Camila Rojas"),
            ("email", email),
            ("password", "una clave larga"),
            ("time_zone", "America/Santiago"),
        ];
        let seen = browser.fill("/signup", "/signup", &form).await;
        assert_eq!((seen.status, seen.location()), (303, "/"), "{}", seen.body);
        let (member, _) = self.store.member_by_email(email).await.unwrap().unwrap();
        (browser, member.tenant)
    }

    /// A line that the bot keeps to itself, connected through the form.
    pub async fn api_line(&self, browser: &Browser, tenant: TenantId) -> ChannelId {
        let seen = browser
            .fill(
                "/channels/new/api",
                "/channels/new/api",
                &[("name", "Sitio")],
            )
            .await;
        assert_eq!(seen.status, 303, "{}", seen.body);
        let lines = self.store.tenant(tenant).channels().list().await.unwrap();
        lines.last().unwrap().id
    }

    /// Ana says something on such a line.
    pub async fn said(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        id: &str,
        text: &str,
    ) -> ConversationId {
        self.said_by(tenant, channel, "ana", id, text).await
    }

    /// A contact says something on such a line.
    pub async fn said_by(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        who: &str,
        id: &str,
        text: &str,
    ) -> ConversationId {
        let command = Command::Said {
            tenant,
            channel,
            from: ContactAddress::of(who),
            profile: ContactProfile {
                name: Some("Ana".to_owned()),
                ..ContactProfile::default()
            },
            content: Content::text(text),
            external_id: id.to_owned(),
        };
        match self
            .ingest
            .submit(Submission::Command(command))
            .await
            .unwrap()
        {
            Outcome::Command(
                CommandOutcome::Done { conversation, .. }
                | CommandOutcome::Unchanged { conversation, .. },
            ) => conversation,
            other => panic!("{other:?}"),
        }
    }
}

/// How long a test waits for something to come true.
pub const PATIENCE: Duration = Duration::from_secs(20);
