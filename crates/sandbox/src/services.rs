//! All simulators together: how they are made and how the routes reach them.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

use crate::Core;
use crate::bot::Bot;
use crate::graph::Graph;
use crate::letstalk::LetsTalk;
use crate::phone::Phone;
use crate::pubnub::PubNub;
use crate::telegram::Telegram;

/// The simulators. Every listener's routes can take any of them as `web::Data<…>`.
#[derive(Clone)]
pub struct Services {
    /// Clock, faults, ledger, urls.
    pub core: Core,
    /// The realtime network that Let's Talk publishes to.
    pub pubnub: Arc<PubNub>,
    /// The agent platform.
    pub letstalk: Arc<LetsTalk>,
    /// WhatsApp, Messenger, Instagram.
    pub graph: Arc<Graph>,
    /// Telegram.
    pub telegram: Arc<Telegram>,
    /// The user's phone.
    pub phone: Arc<Phone>,
    /// The example bot.
    pub bot: Arc<Bot>,
}

impl Services {
    /// Makes all simulators, empty.
    #[must_use]
    pub fn new(core: Core) -> Self {
        let pubnub = PubNub::new(core.clone());
        let letstalk = LetsTalk::new(core.clone(), Arc::clone(&pubnub));
        let graph = Graph::new(core.clone());
        let telegram = Telegram::new(core.clone());
        let phone = Phone::new(core.clone(), Arc::clone(&graph), Arc::clone(&telegram));
        let bot = Bot::new(core.clone());
        Self {
            core,
            pubnub,
            letstalk,
            graph,
            telegram,
            phone,
            bot,
        }
    }

    /// Makes all simulators reachable from the routes of one listener.
    pub(crate) fn share(&self, cfg: &mut ServiceConfig) {
        cfg.app_data(Data::new(self.clone()))
            .app_data(Data::from(Arc::clone(&self.pubnub)))
            .app_data(Data::from(Arc::clone(&self.letstalk)))
            .app_data(Data::from(Arc::clone(&self.graph)))
            .app_data(Data::from(Arc::clone(&self.telegram)))
            .app_data(Data::from(Arc::clone(&self.phone)))
            .app_data(Data::from(Arc::clone(&self.bot)));
    }

    /// What `GET /accounts` lists: every account of every service, without secrets left out.
    #[must_use]
    pub fn accounts(&self) -> serde_json::Value {
        serde_json::json!({
            "letstalk": self.letstalk.accounts(),
            "graph": self.graph.accounts(),
            "telegram": self.telegram.accounts(),
        })
    }
}
