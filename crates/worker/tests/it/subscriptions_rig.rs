//! A simulated Let's Talk with PubNub, and workers that can be started, stopped and killed.

use crate::subscriptions_inbox::MemoryInbox;
use adapters::clock::SystemClock;
use adapters::desk::LetsTalk;
use adapters::desk::realtime::Realtime;
use adapters::net::{Http, NetPolicy};
use adapters::queue::MemoryQueue;
use domain::desk::{DeskAccount, DeskCredentials, DeskSettings};
use domain::ids::TenantId;
use domain::ports::{ClientRequest, DesiredSubscription, Desk, NewDeskConversation};
use domain::ports::{SubscriptionHealth, SubscriptionState};
use domain::secret::Secret;
use sandbox::letstalk::{AccountRequest, AccountView};
use sandbox::pubnub::{Keyset, KeysetRequest, SettingsPatch};
use sandbox::{Sandbox, SandboxPorts};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use testkit::until;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use worker::crew::{Crew, Pulse};
use worker::subscriptions::{Parts, Settings, Supervisor};

pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Rig {
    pub sandbox: Sandbox,
    pub view: AccountView,
    pub tenant: TenantId,
    pub inbox: Arc<MemoryInbox>,
    pub queue: Arc<MemoryQueue>,
    pub settings: Settings,
    pub pulse: Pulse,
    pub parts: Parts,
    desk: LetsTalk,
}

/// A running worker.
pub struct Worker {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Worker {
    /// Lets it finish.
    pub async fn stop(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }

    /// As `kill -9`: nothing is given back.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

impl Rig {
    pub async fn new(organization: Value, network: SettingsPatch) -> Self {
        let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
        let key = format!("sub-c-{}", Uuid::new_v4());
        let view = sandbox
            .services
            .letstalk
            .create_account(AccountRequest {
                subscribe_key: Some(key.clone()),
                settings: organization.as_object().cloned().unwrap_or_default(),
                ..AccountRequest::default()
            })
            .unwrap();
        sandbox.services.pubnub.create_keyset(KeysetRequest {
            subscribe_key: Some(key),
            settings: network,
            ..KeysetRequest::default()
        });
        let http = Http::new(NetPolicy {
            allow_private_network: true,
        })
        .unwrap();
        let clock = Arc::new(SystemClock);
        let desk = LetsTalk::new(http.guarded, clock.clone());
        let inbox = Arc::new(MemoryInbox::default());
        let queue = Arc::new(MemoryQueue::new(clock.clone()));
        let tenant = TenantId(Uuid::from_u128(7));
        {
            let mut stored = inbox.lock();
            stored.accounts.insert(tenant, account(&view, tenant));
            stored
                .desired
                .push(DesiredSubscription { tenant, version: 1 });
        }
        Self {
            parts: Parts {
                inbox: inbox.clone(),
                events: Arc::new(Realtime::new(&view.pubnub_origin).unwrap()),
                history: Arc::new(desk.clone()),
                clock,
            },
            pulse: Pulse {
                every: Duration::from_millis(50),
                ttl: Duration::from_millis(1500),
            },
            sandbox,
            view,
            tenant,
            inbox,
            queue,
            settings: brisk(),
            desk,
        }
    }

    /// Starts a worker.
    pub fn worker(&self, name: &str) -> Worker {
        let crew = Crew::new(self.queue.clone(), name, self.pulse);
        let supervisor = Supervisor::new(self.parts.clone(), self.settings.clone(), crew.clone());
        let cancel = CancellationToken::new();
        let told = cancel.clone();
        let task = tokio::spawn(async move {
            let done = CancellationToken::new();
            let works = async {
                supervisor.run(told).await;
                done.cancel();
            };
            tokio::join!(works, crew.run(done.clone()));
        });
        Worker { cancel, task }
    }

    /// Another tenant on the same desk.
    pub fn another_tenant(&self, id: u128) -> TenantId {
        let tenant = TenantId(Uuid::from_u128(id));
        let mut stored = self.inbox.lock();
        stored.accounts.insert(tenant, account(&self.view, tenant));
        let wanted = DesiredSubscription { tenant, version: 1 };
        stored.desired.push(wanted);
        tenant
    }

    /// A worker that has had its first answer or waits for it.
    pub async fn listening(&self, owner: &str) -> Worker {
        let worker = self.worker(owner);
        until(PATIENCE, || async { self.polls() == 1 }).await;
        worker
    }

    /// Opens `count` conversations as clients.
    pub async fn open(&self, count: u128) -> Vec<i64> {
        let account = account(&self.view, self.tenant);
        let mut opened = Vec::new();
        for n in 0..count {
            let who = ClientRequest {
                email: format!("telegram-{n}@acme.relevo.invalid"),
                name: format!("Ana {n}"),
            };
            let client = self.desk.client(&account, &who).await.unwrap();
            let new = NewDeskConversation {
                issue: None,
                content: "hola".into(),
                remote_id: Uuid::from_u128(n + 1),
                inquiry_id: None,
                metadata: None,
            };
            opened.push(self.desk.open(&account, &client.token, &new).await.unwrap());
        }
        opened
    }

    /// An agent says something.
    pub fn say(&self, conversation: i64, text: &str) -> i64 {
        let human = self.view.agents[1].user_id;
        self.sandbox
            .services
            .letstalk
            .agent_says(human, conversation, text)
            .unwrap()
    }

    pub fn keyset(&self) -> Arc<Keyset> {
        self.sandbox
            .services
            .pubnub
            .keyset(&self.view.subscribe_key)
            .unwrap()
    }

    /// Long polls open at this moment.
    pub fn polls(&self) -> usize {
        self.keyset().open_polls()
    }

    pub fn health(&self) -> SubscriptionHealth {
        self.inbox.health(self.tenant)
    }

    pub async fn until_state(&self, state: SubscriptionState) {
        until(PATIENCE, || async { self.health().state == state }).await;
    }

    pub async fn until_heard(&self, conversation: i64, expected: &[i64]) {
        let enough = || async { self.inbox.heard(conversation).len() >= expected.len() };
        until(PATIENCE, enough).await;
        assert_eq!(self.inbox.heard(conversation), expected);
    }
}

pub fn account(view: &AccountView, tenant: TenantId) -> DeskAccount {
    DeskAccount {
        tenant,
        settings: DeskSettings {
            base_url: view.api_base.clone(),
            organization_id: view.organization_id,
            agent_user_id: view.user_id,
            inquiry_id: None,
            group_id: None,
            extra_channels: Vec::new(),
            extra_groups: Vec::new(),
        },
        credentials: DeskCredentials {
            consumer_key: Secret::new(&*view.consumer_key),
            consumer_token: Secret::new(&*view.consumer_token),
            agent_key: Secret::new(view.auth_key.clone().unwrap()),
            subscribe_key: Secret::new(&*view.subscribe_key),
            publish_key: Secret::new(&*view.publish_key),
        },
    }
}

/// Settings for impatient tests.
fn brisk() -> Settings {
    let ms = Duration::from_millis;
    Settings {
        reconcile: ms(30),
        reclaim: ms(100),
        starts_per_second: 1000,
        retry: (ms(4), ms(40)),
        parked: (ms(20), ms(60)),
        watchdog: Duration::from_secs(20),
        groups_again: ms(300),
        stale: Duration::from_secs(240),
        check_every: Duration::from_secs(3600),
        repair_tries: 3,
        let_through: ms(200),
        report_every: ms(0),
        stop_within: Duration::from_secs(5),
    }
}
