//! The house put together: what every command that serves needs, built once from the settings.

use crate::settings::{DatabaseKind, QueueSettings, Settings};
use adapters::accounts::Accounts;
use adapters::botcalls::{BotCalls, BotParts, PlatformBases};
use adapters::channels::Channels;
use adapters::channels::api::ApiLine;
use adapters::channels::instagram::Instagram;
use adapters::channels::messenger::Messenger;
use adapters::channels::meta::MetaHttp;
use adapters::channels::telegram::Telegram;
use adapters::channels::test_chat::TestChat;
use adapters::channels::whatsapp::WhatsApp;
use adapters::clock::{SystemClock, UuidV7};
use adapters::desk::LetsTalk;
use adapters::files::{LocalFiles, S3Files};
use adapters::ingest::Ingest;
use adapters::links::Links;
use adapters::net::{Http, NetPolicy};
use adapters::queue::{MemoryQueue, RedisQueue, RedisQueueOptions};
use adapters::signed_link::SignedLinks;
use adapters::store::{DatabaseSettings, Store};
use adapters::vault::{EnvelopeVault, MasterKeys};
use anyhow::Context as _;
use domain::channel::ChannelKind;
use domain::ports::{Clock, FileStore, IdSource, Queue, Vault};
use std::sync::Arc;

/// What every command that serves needs.
#[derive(Clone)]
pub struct Parts {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub ids: Arc<dyn IdSource>,
    /// The database.
    pub store: Store,
    /// Wake-ups, leases, live updates.
    pub queue: Arc<dyn Queue>,
    /// Seals and opens.
    pub vault: Arc<dyn Vault>,
    /// Lines and desks, opened.
    pub accounts: Accounts,
    /// The one way into conversations.
    pub ingest: Ingest,
    /// HTTP clients.
    pub http: Http,
    /// Files of messages.
    pub files: Arc<dyn FileStore>,
    /// The platforms.
    pub channels: Channels,
    /// Let's Talk.
    pub desk: Arc<LetsTalk>,
    /// Carries out what bots call.
    pub bots: BotCalls,
    /// Signs addresses.
    pub signer: Arc<SignedLinks>,
    /// Signed addresses for agents.
    pub links: Links,
}

/// Opens the database alone, for commands that need nothing else.
///
/// # Errors
/// It cannot be reached.
pub async fn open_store(settings: &Settings) -> anyhow::Result<Store> {
    if settings.database.kind == DatabaseKind::Sqlite {
        std::fs::create_dir_all(&settings.data_dir)
            .with_context(|| format!("cannot make the folder {}", settings.data_dir.display()))?;
    }
    let database = DatabaseSettings::at(settings.database.url.expose());
    Store::connect(&database, Arc::new(SystemClock), Arc::new(UuidV7))
        .await
        .context("the database cannot be opened")
}

/// The master keys; without them nothing sealed can be opened.
///
/// # Errors
/// There are none.
pub fn master_keys(settings: &Settings) -> anyhow::Result<Arc<MasterKeys>> {
    settings
        .master_keys
        .clone()
        .context("RELEVO_MASTER_KEY is not set")
}

impl Parts {
    /// Puts the house together. Must be called on the runtime that will serve.
    ///
    /// # Errors
    /// The database cannot be opened, or a setting does not fit.
    pub async fn build(settings: &Settings) -> anyhow::Result<Self> {
        let store = open_store(settings).await?;
        Self::with_store(settings, store)
    }

    /// The same around a store that is open.
    ///
    /// # Errors
    /// A setting does not fit.
    pub(crate) fn with_store(settings: &Settings, store: Store) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let masters = master_keys(settings)?;
        let queue: Arc<dyn Queue> = match &settings.queue {
            QueueSettings::Memory => Arc::new(MemoryQueue::new(clock.clone())),
            QueueSettings::Redis { url } => {
                let options = RedisQueueOptions::default();
                Arc::new(RedisQueue::open(url.expose(), &options, clock.clone())?)
            }
        };
        let vault: Arc<dyn Vault> =
            Arc::new(EnvelopeVault::new(masters.clone(), Arc::new(store.clone())));
        let accounts = Accounts::new(store.clone(), vault.clone());
        let ingest = Ingest::start(store.clone(), queue.clone());
        let policy = NetPolicy {
            allow_private_network: settings.allow_private_network,
        };
        let http = Http::new(policy).context("HTTP clients")?;
        let files = files(settings, &http, &clock);
        let signer = Arc::new(SignedLinks::new(&masters));
        let links = Links::new(signer.clone(), settings.public_url.as_str());
        let channels = channels(settings, &http, &files);
        let bots = BotCalls::new(BotParts {
            store: store.clone(),
            ingest: ingest.clone(),
            accounts: accounts.clone(),
            channels: channels.clone(),
            vault: vault.clone(),
            http: http.clone(),
            bases: bases(settings),
            public_url: settings.public_url.clone(),
        });
        Ok(Self {
            bots,
            channels,
            desk: Arc::new(LetsTalk::new(http.guarded.clone(), clock.clone())),
            ids: Arc::new(UuidV7),
            clock,
            store,
            queue,
            vault,
            accounts,
            ingest,
            http,
            files,
            signer,
            links,
        })
    }
}

/// Where files of messages are kept.
pub(crate) fn files(
    settings: &Settings,
    http: &Http,
    clock: &Arc<dyn Clock>,
) -> Arc<dyn FileStore> {
    let folder = &settings.data_dir;
    match settings.files.clone() {
        None => Arc::new(LocalFiles::new(folder)),
        Some(bucket) => {
            let http = http.platform.clone();
            Arc::new(S3Files::new(bucket, http, clock.clone(), folder))
        }
    }
}

/// The platforms, at the addresses of the settings.
fn channels(settings: &Settings, http: &Http, files: &Arc<dyn FileStore>) -> Channels {
    let bases = &settings.platforms;
    let base = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
    let meta = || MetaHttp {
        platform: http.platform.clone(),
        media: http.platform.clone(),
    };
    Channels::default()
        .with(ChannelKind::Api, Arc::new(ApiLine::new(http.clone())))
        .with(ChannelKind::Test, Arc::new(TestChat))
        .with(
            ChannelKind::Telegram,
            Arc::new(Telegram::new(
                http.clone(),
                &base(&bases.telegram),
                files.clone(),
            )),
        )
        .with(
            ChannelKind::WhatsApp,
            Arc::new(WhatsApp::new(meta(), &base(&bases.whatsapp), files.clone())),
        )
        .with(
            ChannelKind::Messenger,
            Arc::new(Messenger::new(
                meta(),
                &base(&bases.messenger),
                files.clone(),
            )),
        )
        .with(
            ChannelKind::Instagram,
            Arc::new(Instagram::new(
                meta(),
                &base(&bases.messenger),
                &base(&bases.instagram),
                files.clone(),
            )),
        )
}

/// Where the platforms are, for the bot's own calls.
fn bases(settings: &Settings) -> PlatformBases {
    let base = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
    PlatformBases {
        telegram: base(&settings.platforms.telegram),
        graph: base(&settings.platforms.whatsapp),
        instagram: base(&settings.platforms.instagram),
    }
}
