//! Clients: made once per e-mail, with a token that can be revoked.

use serde_json::{Value, json};

use super::LetsTalk;
use super::errors::Refusal;
use super::model::{Person, PersonKind};
use super::shapes;
use crate::ids::hex_token;
use crate::ledger::{Entry, Service};

/// What create/get client needs.
#[derive(Clone, Debug)]
pub(super) struct Introduction {
    pub email: String,
    pub name: String,
    pub consumer_key: String,
    pub consumer_token: String,
    pub organization_id: i64,
}

impl LetsTalk {
    /// Answers the client of this e-mail with its token, made if it is not there yet.
    pub(super) fn introduce(&self, who: &Introduction) -> Result<Value, Refusal> {
        let mut store = self.lock();
        let organization = store.organization(who.organization_id)?;
        if organization.consumer_key != who.consumer_key
            || organization.consumer_token != who.consumer_token
        {
            return Err(Refusal::Unauthorized);
        }
        if organization.settings.blocked {
            return Err(Refusal::Forbidden("blocked"));
        }
        if !who.email.contains('@') {
            return Err(Refusal::Invalid {
                field: "email",
                problem: "is invalid",
            });
        }
        let address = who.email.trim().to_lowercase();
        let known = organization.clients_by_email.get(&address).copied();
        let id = known.unwrap_or_else(|| store.next_id());
        let person = store.people.entry(id).or_insert_with(|| Person {
            id,
            organization: who.organization_id,
            kind: PersonKind::Client,
            name: who.name.clone(),
            email: who.email.clone(),
            key: None,
            created_ms: self.core.clock.now_ms(),
        });
        let token = person.key.get_or_insert_with(|| hex_token(20)).clone();
        let person = person.clone();
        store.keys.insert(token.clone(), id);
        let organization = store.organization_mut(who.organization_id)?;
        organization.clients_by_email.insert(address, id);
        let (subdomain, offset) = (
            organization.subdomain.clone(),
            organization.settings.timezone_offset,
        );
        if known.is_none() {
            self.core.ledger.append(
                Service::LetsTalk,
                Entry {
                    kind: "client_created",
                    account: who.organization_id.to_string(),
                    id: id.to_string(),
                    raw: json!({ "email": who.email, "name": who.name }),
                    ..Entry::default()
                },
            );
        }
        Ok(json!({
            "token": token,
            "person": shapes::client(&store, &person),
            "subdomain": subdomain,
            "environment": "sandbox",
            "organization_timezone_offset": offset,
        }))
    }

    /// Takes away the key of a person; the next create/get client makes a new one. Answers whether
    /// there was one.
    pub fn revoke_key(&self, person: i64) -> bool {
        let mut store = self.lock();
        let key = store
            .people
            .get_mut(&person)
            .and_then(|person| person.key.take());
        key.is_some_and(|key| store.keys.remove(&key).is_some())
    }

    /// Takes away the keys of all clients of an organization; answers how many.
    pub fn revoke_clients(&self, organization: i64) -> usize {
        let clients: Vec<i64> = self
            .lock()
            .organizations
            .get(&organization)
            .map_or_else(Vec::new, |it| {
                it.clients_by_email.values().copied().collect()
            });
        clients
            .into_iter()
            .filter(|id| self.revoke_key(*id))
            .count()
    }

    /// The id of the client with this e-mail.
    #[must_use]
    pub fn client_by_email(&self, organization: i64, email: &str) -> Option<i64> {
        self.lock()
            .organizations
            .get(&organization)?
            .clients_by_email
            .get(&email.to_lowercase())
            .copied()
    }
}
