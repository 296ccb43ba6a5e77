//! Simulators of the platforms that Relevo stands between: the channels (WhatsApp, Messenger,
//! Instagram, Telegram), Let's Talk and PubNub, with a page to be the user and one to be the agent.
//!
//! Nothing here uses the types of our own clients: the wire formats are written a second time from
//! the platforms' descriptions, so that a misreading on one side cannot agree with itself. All
//! state is in memory, all listeners are on loopback.
//!
//! ```no_run
//! # async fn demo() -> std::io::Result<()> {
//! let sandbox = sandbox::Sandbox::start(sandbox::SandboxPorts::default()).await?;
//! println!("the agent page: {}/agent", sandbox.urls.console);
//! sandbox.stop().await;
//! # Ok(()) }
//! ```

pub mod agent;
pub mod bot;
pub mod clock;
pub mod console;
pub mod fault;
mod form;
pub mod graph;
pub mod ids;
pub mod ledger;
pub mod letstalk;
pub mod phone;
pub mod pubnub;
pub mod server;
pub mod services;
pub mod telegram;
pub mod webhook;

use std::io;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::fault::{FaultService, Faults};
use crate::ledger::{Ledger, Service};
use crate::server::Listener;
use crate::services::Services;

/// The port of each listener; 0 takes a free one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SandboxPorts {
    /// `graph.facebook.com`, `graph.instagram.com` and their media host.
    pub graph: u16,
    /// `api.telegram.org`: methods and files.
    pub telegram: u16,
    /// Let's Talk's REST API and its media.
    pub letstalk: u16,
    /// PubNub.
    pub pubnub: u16,
    /// Accounts, faults, ledger, the phone page and the agent page.
    pub console: u16,
    /// The example bot.
    pub bot: u16,
}

/// The origin of each listener, such as `http://127.0.0.1:41234`, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// See [`SandboxPorts::graph`].
    pub graph: String,
    /// See [`SandboxPorts::telegram`].
    pub telegram: String,
    /// See [`SandboxPorts::letstalk`].
    pub letstalk: String,
    /// See [`SandboxPorts::pubnub`].
    pub pubnub: String,
    /// See [`SandboxPorts::console`].
    pub console: String,
    /// See [`SandboxPorts::bot`].
    pub bot: String,
}

/// What every simulator needs; clones share everything.
#[derive(Clone, Debug)]
pub struct Core {
    /// Where the time comes from.
    pub clock: Clock,
    /// The fault plan.
    pub faults: Arc<Faults>,
    /// What was received and sent.
    pub ledger: Arc<Ledger>,
    /// The client for outgoing webhooks.
    pub http: reqwest::Client,
    /// The origins of all listeners.
    pub urls: Arc<Urls>,
    /// For tasks started outside of a request.
    pub runtime: tokio::runtime::Handle,
}

/// All simulators, running. Dropping it leaves them running until the runtime ends; use
/// [`Sandbox::stop`].
pub struct Sandbox {
    /// Where the listeners are.
    pub urls: Urls,
    /// Clock, faults and ledger.
    pub core: Core,
    /// The simulators themselves, for tests in the same process.
    pub services: Services,
    servers: Vec<ServerHandle>,
}

impl Sandbox {
    /// Binds all ports and starts all simulators. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When a port is taken or the outgoing HTTP client cannot be built.
    pub async fn start(ports: SandboxPorts) -> io::Result<Self> {
        let (graph, graph_url) = server::bind(ports.graph)?;
        let (telegram, telegram_url) = server::bind(ports.telegram)?;
        let (letstalk, letstalk_url) = server::bind(ports.letstalk)?;
        let (pubnub, pubnub_url) = server::bind(ports.pubnub)?;
        let (console, console_url) = server::bind(ports.console)?;
        let (bot, bot_url) = server::bind(ports.bot)?;
        let urls = Urls {
            graph: graph_url,
            telegram: telegram_url,
            letstalk: letstalk_url,
            pubnub: pubnub_url,
            console: console_url,
            bot: bot_url,
        };
        let clock = Clock::default();
        let core = Core {
            clock: clock.clone(),
            faults: Arc::default(),
            ledger: Arc::new(Ledger::new(clock)),
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .map_err(io::Error::other)?,
            urls: Arc::new(urls.clone()),
            runtime: tokio::runtime::Handle::current(),
        };
        let services = Services::new(core.clone());
        let listeners = [
            (graph, listeners::GRAPH),
            (telegram, listeners::TELEGRAM),
            (letstalk, listeners::LETSTALK),
            (pubnub, listeners::PUBNUB),
            (console, listeners::CONSOLE),
            (bot, listeners::BOT),
        ];
        let mut servers = Vec::with_capacity(listeners.len());
        for (socket, listener) in listeners {
            servers.push(server::serve(socket, listener, services.clone())?);
        }
        Ok(Self {
            urls,
            core,
            services,
            servers,
        })
    }

    /// Closes all listeners without waiting for open polls.
    pub async fn stop(self) {
        for server in &self.servers {
            server.stop(false).await;
        }
    }
}

/// The table of listeners.
mod listeners {
    use super::{FaultService, Listener, Service};

    pub(crate) const GRAPH: Listener = Listener {
        name: "graph",
        faults: Some(FaultService::Graph),
        ledger: Some(Service::Graph),
        routes: crate::graph::service,
    };
    pub(crate) const TELEGRAM: Listener = Listener {
        name: "telegram",
        faults: Some(FaultService::Telegram),
        ledger: Some(Service::Telegram),
        routes: crate::telegram::service,
    };
    pub(crate) const LETSTALK: Listener = Listener {
        name: "letstalk",
        faults: Some(FaultService::LetsTalk),
        ledger: Some(Service::LetsTalk),
        routes: crate::letstalk::service,
    };
    pub(crate) const PUBNUB: Listener = Listener {
        name: "pubnub",
        faults: Some(FaultService::PubNub),
        // Thousands of polls say nothing; what is published is written down by the simulator.
        ledger: None,
        routes: crate::pubnub::service,
    };
    pub(crate) const CONSOLE: Listener = Listener {
        name: "console",
        faults: None,
        ledger: None,
        routes: crate::console::service,
    };
    pub(crate) const BOT: Listener = Listener {
        name: "bot",
        faults: None,
        ledger: None,
        routes: crate::bot::service,
    };
}
