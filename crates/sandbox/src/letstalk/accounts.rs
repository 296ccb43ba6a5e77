//! Organizations and their agents: what the platform's support staff sets up.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LetsTalk;
use super::errors::Refusal;
use super::model::{Group, Inquiry, Organization, Person, PersonKind};
use super::settings::{OrgSettings, SettingsPatch};
use super::store::Store;
use crate::ids::{guid, hex_token};
use crate::pubnub::{Grant, KeysetRequest};

/// The keyset that all organizations share unless they ask for one of their own: channel names
/// hold platform-wide ids, and the auth key decides who may read them.
const PLATFORM_SUBSCRIBE_KEY: &str = "sub-c-1e757a1c-0000-4000-8000-5a11e57a1c00";
const PLATFORM_PUBLISH_KEY: &str = "pub-c-1e757a1c-0000-4000-8000-5a11e57a1c00";

/// Who to create; what is missing is made up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PersonRequest {
    /// The name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The API key.
    pub auth_key: Option<String>,
}

/// An organization to create; what is missing is made up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AccountRequest {
    /// The company's name.
    pub name: Option<String>,
    /// The first part of its address.
    pub subdomain: Option<String>,
    /// For create/get client.
    pub consumer_key: Option<String>,
    /// For create/get client.
    pub consumer_token: Option<String>,
    /// A keyset of its own; without it the platform's.
    pub subscribe_key: Option<String>,
    /// With `subscribe_key`.
    pub publish_key: Option<String>,
    /// The agents; the first is the integration's. Without any: the integration and two people.
    pub agents: Vec<PersonRequest>,
    /// Names of groups; all agents but the integration's are in each. Default: two.
    pub groups: Option<Vec<String>>,
    /// Names of inquiries, each leading to the group at the same place. Default: two.
    pub inquiries: Option<Vec<String>>,
    /// Deviations from the default settings.
    pub settings: SettingsPatch,
}

/// An agent with its key.
#[derive(Clone, Debug, Serialize)]
pub struct AgentView {
    /// The `user-id`.
    pub user_id: i64,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The API key; `None` after it was revoked.
    pub auth_key: Option<String>,
    /// Whether somebody is connected to `presence.user-<id>` with this agent's uuid.
    pub online: bool,
}

/// Everything a tenant pastes, and what a test wants to know besides.
#[derive(Clone, Debug, Serialize)]
pub struct AccountView {
    /// The API base URL.
    pub api_base: String,
    /// PubNub's origin.
    pub pubnub_origin: String,
    /// The organization's id.
    pub organization_id: i64,
    /// Its name.
    pub name: String,
    /// The first part of its address.
    pub subdomain: String,
    /// For create/get client.
    pub consumer_key: String,
    /// For create/get client.
    pub consumer_token: String,
    /// The integration's own agent.
    pub user_id: i64,
    /// That agent's API key: PubNub's `auth` as well.
    pub auth_key: Option<String>,
    /// PubNub.
    pub subscribe_key: String,
    /// PubNub.
    pub publish_key: String,
    /// All agents, the integration's first.
    pub agents: Vec<AgentView>,
    /// Groups of agents.
    pub groups: Vec<Group>,
    /// Inquiries.
    pub inquiries: Vec<Inquiry>,
    /// What is in force.
    pub settings: OrgSettings,
}

impl LetsTalk {
    /// Creates an organization with agents, groups and inquiries.
    ///
    /// # Errors
    /// `Malformed` for an unknown setting.
    pub fn create_account(&self, request: AccountRequest) -> Result<AccountView, Refusal> {
        let settings = OrgSettings::default()
            .patched(&request.settings)
            .map_err(Refusal::Malformed)?;
        let keyset = self.keyset(request.subscribe_key, request.publish_key);
        let mut store = self.lock();
        let id = store.next_id();
        let name = request.name.unwrap_or_else(|| format!("Empresa {id}"));
        store.organizations.insert(
            id,
            Organization {
                id,
                subdomain: request.subdomain.unwrap_or_else(|| format!("empresa-{id}")),
                name,
                consumer_key: request.consumer_key.unwrap_or_else(|| hex_token(10)),
                consumer_token: request.consumer_token.unwrap_or_else(|| hex_token(20)),
                subscribe_key: keyset.0,
                publish_key: keyset.1,
                settings,
                agents: Vec::new(),
                groups: Vec::new(),
                inquiries: Vec::new(),
                clients_by_email: std::collections::HashMap::new(),
                conversations: Vec::new(),
            },
        );
        let agents = if request.agents.is_empty() {
            ["Relevo", "Lucía Fernández", "Martín Sosa"]
                .map(|name| PersonRequest {
                    name: Some(name.to_owned()),
                    ..PersonRequest::default()
                })
                .to_vec()
        } else {
            request.agents
        };
        for agent in agents {
            self.add_agent(&mut store, id, agent)?;
        }
        let people: Vec<i64> = store
            .organization(id)?
            .agents
            .iter()
            .skip(1)
            .copied()
            .collect();
        let group_names = request
            .groups
            .unwrap_or_else(|| vec!["Ventas".to_owned(), "Soporte".to_owned()]);
        let mut groups = Vec::new();
        for name in group_names {
            groups.push(Group {
                id: store.next_id(),
                name,
                auto_join: false,
                agents: people.clone(),
            });
        }
        let inquiry_names = request
            .inquiries
            .unwrap_or_else(|| vec!["Quiero comprar".to_owned(), "Necesito ayuda".to_owned()]);
        let mut inquiries = Vec::new();
        for (place, name) in inquiry_names.into_iter().enumerate() {
            inquiries.push(Inquiry {
                id: store.next_id(),
                name,
                group_id: groups.get(place).map(|group: &Group| group.id),
            });
        }
        let organization = store.organization_mut(id)?;
        organization.groups = groups;
        organization.inquiries = inquiries;
        drop(store);
        self.changed();
        self.account(id).ok_or(Refusal::NotFound)
    }

    /// Adds an agent to an organization; answers its `user-id`.
    ///
    /// # Errors
    /// `NotFound` when the organization does not exist.
    pub fn create_agent(&self, organization: i64, agent: PersonRequest) -> Result<i64, Refusal> {
        self.add_agent(&mut self.lock(), organization, agent)
    }

    fn add_agent(
        &self,
        store: &mut Store,
        organization: i64,
        agent: PersonRequest,
    ) -> Result<i64, Refusal> {
        let id = store.next_id();
        let it = store.organization_mut(organization)?;
        it.agents.push(id);
        let (subscribe_key, seeded) = (it.subscribe_key.clone(), it.settings.seed_group);
        let key = agent.auth_key.unwrap_or_else(|| hex_token(20));
        store.keys.insert(key.clone(), id);
        store.people.insert(
            id,
            Person {
                id,
                organization,
                kind: PersonKind::User,
                name: agent.name.unwrap_or_else(|| format!("Agente {id}")),
                email: agent
                    .email
                    .unwrap_or_else(|| format!("agente-{id}@empresa.example")),
                key: Some(key.clone()),
                created_ms: self.core.clock.now_ms(),
            },
        );
        if let Some(keyset) = self.pubnub.keyset(&subscribe_key) {
            let group = format!("user-{id}-channel");
            let own = format!("organization-{organization}");
            if seeded {
                keyset.add_to_group(&group, std::slice::from_ref(&own));
            }
            keyset.grant(
                &key,
                Grant {
                    channels: [group.clone(), format!("presence.user-{id}"), own].into(),
                    groups: [group].into(),
                },
            );
        }
        Ok(id)
    }

    /// Changes some settings of an organization.
    ///
    /// # Errors
    /// `NotFound`, or `Malformed` for an unknown setting.
    pub fn change_settings(&self, organization: i64, patch: &SettingsPatch) -> Result<(), Refusal> {
        let mut store = self.lock();
        let it = store.organization_mut(organization)?;
        it.settings = it.settings.patched(patch).map_err(Refusal::Malformed)?;
        Ok(())
    }

    /// One organization with its credentials.
    #[must_use]
    pub fn account(&self, organization: i64) -> Option<AccountView> {
        let store = self.lock();
        let it = store.organizations.get(&organization)?;
        let keyset = self.pubnub.keyset(&it.subscribe_key);
        let agents: Vec<AgentView> = it
            .agents
            .iter()
            .filter_map(|id| store.people.get(id))
            .map(|person| AgentView {
                user_id: person.id,
                name: person.name.clone(),
                email: person.email.clone(),
                auth_key: person.key.clone(),
                online: keyset.as_ref().is_some_and(|keyset| {
                    keyset
                        .here(&format!("presence.user-{}", person.id))
                        .contains(&format!("user-{}", person.id))
                }),
            })
            .collect();
        let own = agents.first()?.clone();
        Some(AccountView {
            api_base: self.core.urls.letstalk.clone(),
            pubnub_origin: self.core.urls.pubnub.clone(),
            organization_id: it.id,
            name: it.name.clone(),
            subdomain: it.subdomain.clone(),
            consumer_key: it.consumer_key.clone(),
            consumer_token: it.consumer_token.clone(),
            user_id: own.user_id,
            auth_key: own.auth_key,
            subscribe_key: it.subscribe_key.clone(),
            publish_key: it.publish_key.clone(),
            agents,
            groups: it.groups.clone(),
            inquiries: it.inquiries.clone(),
            settings: it.settings.clone(),
        })
    }

    /// All organizations, oldest first.
    #[must_use]
    pub fn account_views(&self) -> Vec<AccountView> {
        let mut ids: Vec<i64> = self.lock().organizations.keys().copied().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| self.account(id)).collect()
    }

    /// The same as JSON, for `GET /accounts`.
    #[must_use]
    pub fn accounts(&self) -> Vec<Value> {
        self.account_views()
            .iter()
            .filter_map(|view| serde_json::to_value(view).ok())
            .collect()
    }

    fn keyset(
        &self,
        subscribe_key: Option<String>,
        publish_key: Option<String>,
    ) -> (String, String) {
        let (subscribe_key, publish_key) = match subscribe_key {
            None => (
                PLATFORM_SUBSCRIBE_KEY.to_owned(),
                PLATFORM_PUBLISH_KEY.to_owned(),
            ),
            Some(key) => (
                key,
                publish_key.unwrap_or_else(|| format!("pub-c-{}", guid())),
            ),
        };
        if let Some(known) = self.pubnub.keyset(&subscribe_key) {
            return (known.subscribe_key.clone(), known.publish_key.clone());
        }
        let view = self.pubnub.create_keyset(KeysetRequest {
            subscribe_key: Some(subscribe_key),
            publish_key: Some(publish_key),
            settings: crate::pubnub::SettingsPatch {
                access_manager: Some(true),
                ..Default::default()
            },
        });
        (view.subscribe_key, view.publish_key)
    }
}
