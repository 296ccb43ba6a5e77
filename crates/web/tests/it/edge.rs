//! The edges on a loopback port, with a store of their own.

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use adapters::accounts::{Accounts, channel_context};
use adapters::botcalls::{BotCalls, BotParts, PlatformBases};
use adapters::channels::Channels;
use adapters::channels::api::ApiLine;
use adapters::channels::instagram::Instagram;
use adapters::channels::messenger::Messenger;
use adapters::channels::meta::MetaHttp;
use adapters::channels::telegram::Telegram;
use adapters::channels::whatsapp::WhatsApp;
use adapters::clock::{SystemClock, UuidV7};
use adapters::files::LocalFiles;
use adapters::ingest::{Command, CommandOutcome, Ingest, Outcome, Submission};
use adapters::net::{Http, NetPolicy};
use adapters::queue::MemoryQueue;
use adapters::store::{
    ConversationFilter, ConversationRow, DatabaseSettings, NewApiKey, NewChannel, NewTenant,
    PasswordHash, Store,
};
use adapters::vault::{EnvelopeVault, MasterKeys, MemoryDataKeys};
use domain::channel::{Channel, ChannelCredentials, ChannelKind, ChannelSettings, InstagramLogin};
use domain::handoff::{HandoffOptions, HandoffReason};
use domain::ids::{ChannelId, ConversationId, HandoffId, TenantId};
use domain::message::Message;
use domain::ports::{IdSource, Vault};
use domain::secret::Secret;
use domain::tenant::Language;
use reqwest::{Client, RequestBuilder, StatusCode};
use sandbox::{Sandbox, SandboxPorts};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use web::edges::{EdgeParts, EdgeState};

pub const PATIENCE: Duration = Duration::from_secs(20);
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const VERIFY_TOKEN: &str = "verify-me-please";
pub const WEBHOOK_SECRET: &str = "s3cret_-";
const MASTER: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub struct Edge {
    pub url: String,
    pub store: Store,
    pub ingest: Ingest,
    pub tenant: TenantId,
    vault: Arc<dyn Vault>,
    _folder: TempDir,
}

pub fn http() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

pub async fn simulators() -> Sandbox {
    Sandbox::start(SandboxPorts::default()).await.unwrap()
}

/// Sends and answers status and JSON.
pub async fn ask(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

impl Edge {
    /// With the simulators as platforms.
    pub async fn on(sandbox: &Sandbox) -> Self {
        Self::at(&sandbox.urls.telegram, &sandbox.urls.graph).await
    }

    /// With platforms at these addresses.
    pub async fn at(telegram: &str, graph: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings =
            DatabaseSettings::at(format!("sqlite://{}/relevo.db", folder.path().display()));
        let clock = Arc::new(SystemClock);
        let store = Store::connect(&settings, clock.clone(), Arc::new(UuidV7))
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let masters = Arc::new(MasterKeys::parse(MASTER).unwrap());
        let vault: Arc<dyn Vault> = Arc::new(EnvelopeVault::new(
            masters,
            Arc::new(MemoryDataKeys::default()),
        ));
        let http = Http::new(NetPolicy {
            allow_private_network: true,
        })
        .unwrap();
        let files = Arc::new(LocalFiles::new(folder.path()));
        let meta = || MetaHttp {
            platform: http.platform.clone(),
            media: http.platform.clone(),
        };
        let channels = Channels::default()
            .with(
                ChannelKind::Telegram,
                Arc::new(Telegram::new(http.clone(), telegram, files.clone())),
            )
            .with(
                ChannelKind::WhatsApp,
                Arc::new(WhatsApp::new(meta(), graph, files.clone())),
            )
            .with(
                ChannelKind::Messenger,
                Arc::new(Messenger::new(meta(), graph, files.clone())),
            )
            .with(
                ChannelKind::Instagram,
                Arc::new(Instagram::new(meta(), graph, graph, files.clone())),
            )
            .with(ChannelKind::Api, Arc::new(ApiLine::new(http.clone())));
        let ingest = Ingest::start(store.clone(), Arc::new(MemoryQueue::new(clock)));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let accounts = Accounts::new(store.clone(), vault.clone());
        let bots = BotCalls::new(BotParts {
            store: store.clone(),
            ingest: ingest.clone(),
            accounts: accounts.clone(),
            channels: channels.clone(),
            vault: vault.clone(),
            http,
            bases: PlatformBases {
                telegram: telegram.to_owned(),
                graph: graph.to_owned(),
                instagram: graph.to_owned(),
            },
            public_url: url.parse().unwrap(),
        });
        let state = Data::new(EdgeState::new(EdgeParts {
            store: store.clone(),
            ingest: ingest.clone(),
            accounts,
            channels,
            bots,
            files,
            public_url: url.clone(),
        }));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .configure(web::edges::configure)
        })
        .workers(2)
        .disable_signals()
        .listen(listener)
        .unwrap();
        tokio::spawn(server.run());
        let tenant = signed_up(&store, &vault, "ana@example.com").await;
        Self {
            url,
            store,
            ingest,
            tenant,
            vault,
            _folder: folder,
        }
    }

    pub async fn another_tenant(&self) -> TenantId {
        signed_up(&self.store, &self.vault, "bo@example.com").await
    }

    pub async fn connect(
        &self,
        tenant: TenantId,
        external_id: &str,
        credentials: &ChannelCredentials,
        settings: ChannelSettings,
    ) -> Channel {
        let id = ChannelId(UuidV7.next());
        let context = channel_context(tenant, id);
        let plain = credentials.to_sealable().to_string();
        let sealed = self.vault.seal(context, plain.as_bytes()).await.unwrap();
        let new = NewChannel {
            id,
            kind: credentials.kind(),
            name: "Prueba".to_owned(),
            external_id: external_id.to_owned(),
            public_key: format!("key_{}", id.0.simple()),
            settings,
            credentials: sealed,
        };
        self.store
            .tenant(tenant)
            .channels()
            .insert(new)
            .await
            .unwrap()
    }

    /// A line of the first tenant over a simulated account; webhooks are handed to a bot.
    pub async fn line(&self, account: &Value) -> Channel {
        let text = |name: &str| account[name].as_str().unwrap_or_default().to_owned();
        let secret = |name: &str| Secret::new(text(name));
        let app_secrets = vec![secret("app_secret"), Secret::new(APP_SECRET)];
        let verify_token = Secret::new(VERIFY_TOKEN);
        let credentials = match account["kind"].as_str().unwrap() {
            "telegram" => ChannelCredentials::Telegram {
                token: secret("token"),
                webhook_secret: Secret::new(WEBHOOK_SECRET),
            },
            "whatsapp" => ChannelCredentials::WhatsApp {
                access_token: secret("access_token"),
                phone_number_id: text("phone_number_id"),
                waba_id: text("waba_id"),
                app_secrets,
                verify_token,
            },
            "messenger" => ChannelCredentials::Messenger {
                page_token: secret("access_token"),
                page_id: text("page_id"),
                app_id: text("app_id"),
                app_secrets,
                verify_token,
            },
            "instagram" => ChannelCredentials::Instagram {
                login: InstagramLogin::Facebook,
                token: secret("access_token"),
                account_id: text("ig_id"),
                page_id: Some(text("page_id")),
                app_id: text("app_id"),
                app_secrets,
                verify_token,
            },
            other => panic!("{other}"),
        };
        let settings = ChannelSettings {
            bot_url: Some("http://127.0.0.1:9/bot".to_owned()),
            ..ChannelSettings::default()
        };
        self.connect(self.tenant, &text("id"), &credentials, settings)
            .await
    }

    pub async fn api_line(&self, tenant: TenantId) -> Channel {
        let name = format!("api-{}", UuidV7.next());
        self.connect(
            tenant,
            &name,
            &ChannelCredentials::Api {},
            ChannelSettings::default(),
        )
        .await
    }

    pub async fn api_key(&self, tenant: TenantId) -> String {
        let key = format!("rlv_{}", UuidV7.next().simple());
        let hash = Sha256::digest(key.as_bytes()).to_vec();
        let new = NewApiKey::unlimited("bot", hash, "rlv_");
        self.store
            .tenant(tenant)
            .api_keys()
            .insert(new)
            .await
            .unwrap();
        key
    }

    pub fn hook(&self, line: &Channel) -> String {
        format!(
            "{}/hooks/{}/{}",
            self.url,
            line.kind.name(),
            line.public_key
        )
    }

    pub fn proxy(&self, line: &Channel) -> String {
        let family = match line.kind {
            ChannelKind::Telegram => "telegram",
            _ => "graph",
        };
        format!("{}/proxy/{family}/{}", self.url, line.public_key)
    }

    pub async fn conversations(&self) -> Vec<ConversationRow> {
        let conversations = self.store.tenant(self.tenant).conversations();
        let all = ConversationFilter::default();
        conversations.list(&all, None, 100).await.unwrap()
    }

    pub async fn messages(&self, id: ConversationId) -> Vec<Message> {
        let conversations = self.store.tenant(self.tenant).conversations();
        conversations.messages(id, None, 500).await.unwrap()
    }

    /// Gives control to a human.
    pub async fn hand_off(&self, conversation: ConversationId) -> HandoffId {
        let command = Command::HandOff {
            tenant: self.tenant,
            conversation,
            reason: HandoffReason::Manual,
            options: HandoffOptions::default(),
            close: None,
        };
        match self
            .ingest
            .submit(Submission::Command(command))
            .await
            .unwrap()
        {
            Outcome::Command(CommandOutcome::Done { handoff, .. }) => handoff.unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

async fn signed_up(store: &Store, vault: &Arc<dyn Vault>, email: &str) -> TenantId {
    let owner = store
        .sign_up(NewTenant {
            company: format!("Tienda {email}"),
            name: "Ana".to_owned(),
            email: email.to_owned(),
            password_hash: PasswordHash("x".to_owned()),
            language: Language::Es,
            time_zone: "America/Mexico_City".to_owned(),
        })
        .await
        .unwrap();
    vault.prepare(owner.tenant).await.unwrap();
    owner.tenant
}
