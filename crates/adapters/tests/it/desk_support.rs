//! A simulated Let's Talk with PubNub, and our account there.

use adapters::desk::LetsTalk;
use adapters::net::{Http, NetPolicy};
use domain::desk::{DeskAccount, DeskCredentials, DeskSettings};
use domain::ids::TenantId;
use domain::ports::{ClientRequest, Desk, NewDeskConversation};
use domain::secret::Secret;
use sandbox::letstalk::{AccountRequest, AccountView};
use sandbox::{Sandbox, SandboxPorts};
use serde_json::Value;
use std::sync::Arc;
use testkit::FakeClock;
use uuid::Uuid;

/// The platform, our connection to it, and one client's key.
pub struct World {
    pub sandbox: Sandbox,
    pub view: AccountView,
    pub account: DeskAccount,
    pub desk: LetsTalk,
}

impl World {
    pub async fn new(settings: Value) -> Self {
        let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
        let view = sandbox
            .services
            .letstalk
            .create_account(AccountRequest {
                subscribe_key: Some(format!("sub-c-{}", Uuid::new_v4())),
                settings: settings.as_object().cloned().unwrap_or_default(),
                ..AccountRequest::default()
            })
            .unwrap();
        let http = Http::new(NetPolicy {
            allow_private_network: true,
        })
        .unwrap();
        Self {
            account: account(&view),
            desk: LetsTalk::new(http.guarded, Arc::new(FakeClock::default())),
            sandbox,
            view,
        }
    }

    /// The key of a client.
    pub async fn key(&self) -> Secret {
        let who = ClientRequest {
            email: "whatsapp-1@acme.relevo.invalid".into(),
            name: "Ana".into(),
        };
        self.desk.client(&self.account, &who).await.unwrap().token
    }

    /// Opens a conversation.
    pub async fn open(&self, key: &Secret, remote_id: Uuid) -> i64 {
        self.desk
            .open(&self.account, key, &opening(remote_id))
            .await
            .unwrap()
    }

    /// A human agent.
    pub fn human(&self) -> i64 {
        self.view.agents[1].user_id
    }
}

pub fn opening(remote_id: Uuid) -> NewDeskConversation {
    NewDeskConversation {
        issue: Some("Reembolso".into()),
        content: "[12:00] Ana: hola".into(),
        remote_id,
        inquiry_id: None,
        metadata: Some(
            [("canal".to_owned(), Value::from("whatsapp"))]
                .into_iter()
                .collect(),
        ),
    }
}

pub fn account(view: &AccountView) -> DeskAccount {
    DeskAccount {
        tenant: TenantId(Uuid::from_u128(7)),
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
