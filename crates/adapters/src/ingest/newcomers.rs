//! People who come for the first time: a contact and a conversation for each, all of them together.

use super::unit::Unit;
use crate::store::{StoreError, many, without_nul};
use domain::contact::{ContactAddress, ContactProfile};
use domain::handoff::HandoffState;
use domain::ids::{ChannelId, TenantId};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::HashSet;
use uuid::Uuid;

/// Somebody who is to have a conversation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Newcomer<'a> {
    pub(super) tenant: TenantId,
    pub(super) line: ChannelId,
    pub(super) address: &'a ContactAddress,
    /// What was told about them.
    pub(super) profile: Option<&'a ContactProfile>,
}

/// By what somebody is known: the line, the topic, one of their ids.
pub(super) type Name = (Uuid, String, String);

/// Somebody who has one.
#[derive(FromQueryResult)]
pub(super) struct Person {
    tenant_id: Uuid,
    /// Of the conversation.
    id: Uuid,
    channel_id: Uuid,
    key: String,
    alias: Option<String>,
    thread: String,
}

impl Person {
    /// Beginning of a statement that reads them; the contact is `c`.
    pub(super) const SELECT: &'static str =
        "select v.tenant_id, v.id, c.channel_id, c.key, c.alias, c.thread
        from contacts c join conversations v on v.tenant_id = c.tenant_id and v.contact_id = c.id
        where ";

    /// Their conversation, with its tenant.
    pub(super) fn conversation(&self) -> (Uuid, Uuid) {
        (self.tenant_id, self.id)
    }

    /// By what they are known.
    pub(super) fn names(&self) -> impl Iterator<Item = Name> {
        let ids = [Some(&self.key), self.alias.as_ref()];
        let named = |id: &String| (self.channel_id, self.thread.clone(), id.clone());
        ids.into_iter().flatten().map(named)
    }
}

/// Who came for the first time.
pub(super) struct Welcomed {
    /// Their conversations.
    pub(super) made: Vec<(Uuid, Uuid)>,
    /// Some of them were made by somebody else at the same moment.
    pub(super) others_did: bool,
}

#[derive(FromQueryResult)]
struct Made {
    tenant_id: Uuid,
    id: Uuid,
}

impl Unit<'_> {
    /// Makes those who have none of the names that are taken. Left out are those who may be somebody known
    /// by then: they are met when it comes to them.
    pub(super) async fn welcome(
        &self,
        newcomers: &[Newcomer<'_>],
        mut taken: HashSet<Name>,
    ) -> Result<Welcomed, StoreError> {
        let mut fresh = Vec::with_capacity(newcomers.len());
        for newcomer in newcomers {
            let names = names(newcomer.line, newcomer.address);
            if !names.iter().any(|name| taken.contains(name)) {
                fresh.push(*newcomer);
            }
            // Two of them may be one person, and a third tell so.
            taken.extend(names);
        }
        let made = self.make(&fresh).await?;
        Ok(Welcomed {
            others_did: made.len() < fresh.len(),
            made,
        })
    }

    /// Makes a contact and a conversation for each who has none, and answers the conversations. In one
    /// order: two transactions may make the same ones.
    pub(super) async fn make(
        &self,
        newcomers: &[Newcomer<'_>],
    ) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let mut newcomers = newcomers.to_vec();
        newcomers.sort_by(|a, b| a.place().cmp(&b.place()));
        let mut rows = Vec::with_capacity(newcomers.len());
        for newcomer in &newcomers {
            rows.push(newcomer.row(self.store.ids().next(), self.store.ids().next())?);
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let state = serde_json::to_string(&HandoffState::default())
            .map_err(|e| StoreError::corrupt("conversations.state", e))?;
        let (tx, postgres) = (self.tx()?, self.store.is_postgres());
        let (listed, mut values) = many::list(postgres, &rows);
        values.extend([state.into(), self.now.0.into()]);
        let (now, state) = (values.len(), values.len() - 1);
        let come = format!(
            "with come(tenant, contact, conversation, line, key, topic, alias, profile) as ({listed})"
        );
        let contacts = format!(
            "insert into contacts
                (tenant_id, id, channel_id, key, thread, alias, profile, created_at)
            select tenant, contact, line, key, topic, alias, profile, ${now} from come
            where true order by tenant, line, key, topic
            on conflict (tenant_id, channel_id, key, thread) do nothing"
        );
        let conversations = |who: &str| {
            format!(
                "insert into conversations (tenant_id, id, channel_id, contact_id, phase, state,
                    progress, last_seq, last_message_at, created_at)
                select n.tenant, n.conversation, n.line, n.contact, 'bot', ${state}, '{{}}', 0,
                    ${now}, ${now}
                from come n join {who} k on k.tenant_id = n.tenant and k.id = n.contact
                where true on conflict (tenant_id, contact_id) do nothing returning tenant_id, id"
            )
        };
        let text = if postgres {
            let conversations = conversations("made");
            format!("{come}, made as ({contacts} returning tenant_id, id) {conversations}")
        } else {
            let text = format!("{come} {contacts}");
            tx.execute_raw(self.store.timed(tx, &text, values.clone()))
                .await?;
            format!("{come} {}", conversations("contacts"))
        };
        let statement = self.store.timed(tx, &text, values);
        let made = Made::find_by_statement(statement).all(tx).await?;
        Ok(made.iter().map(|it| (it.tenant_id, it.id)).collect())
    }
}

/// By what somebody with this address is known on a line.
pub(super) fn names(line: ChannelId, address: &ContactAddress) -> Vec<Name> {
    let ids = [Some(&address.key), address.alias.as_ref()];
    let topic = without_nul(address.thread.as_deref().unwrap_or_default());
    let named = |id: &String| (line.0, topic.clone(), without_nul(id));
    ids.into_iter().flatten().map(named).collect()
}

impl Newcomer<'_> {
    fn topic(&self) -> &str {
        self.address.thread.as_deref().unwrap_or_default()
    }

    fn place(&self) -> (Uuid, Uuid, &str, &str) {
        let address = self.address;
        (self.tenant.0, self.line.0, &address.key, self.topic())
    }

    fn row(&self, contact: Uuid, conversation: Uuid) -> Result<Vec<Value>, StoreError> {
        let told = self.profile.map(|told| ContactProfile {
            // The index of tags hears of changes only.
            tags: Vec::new(),
            ..ContactProfile::default().merged(told)
        });
        let profile = serde_json::to_string(&told.unwrap_or_default())
            .map_err(|e| StoreError::corrupt("contacts.profile", e))?;
        Ok(vec![
            self.tenant.0.into(),
            contact.into(),
            conversation.into(),
            self.line.0.into(),
            self.address.key.clone().into(),
            self.topic().into(),
            self.address.alias.clone().into(),
            profile.into(),
        ])
    }
}
