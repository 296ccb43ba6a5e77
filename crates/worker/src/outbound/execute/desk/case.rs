//! What every call to the desk needs: the tenant, its account, the conversation, the handoff, and
//! the contact's key.

use super::super::{from_account, from_store};
use crate::Context;
use adapters::accounts::client_context;
use adapters::store::{
    ConversationRow, Errand, HandoffRow, MemorizedClient, StoreError, TenantStore,
};
use domain::desk::DeskAccount;
use domain::ids::HandoffId;
use domain::message::Message;
use domain::outbound::{Claim, Failure, SendError};
use domain::ports::ClientRequest;
use domain::secret::Secret;
use domain::tenant::Tenant;
use std::sync::Arc;

/// What every call to the desk needs.
pub(super) struct Case<'a> {
    pub(super) context: &'a Context,
    pub(super) tenant: TenantStore,
    pub(super) company: Tenant,
    pub(super) account: Arc<DeskAccount>,
    pub(super) row: ConversationRow,
    pub(super) handoff: HandoffRow,
    /// The contact's client, if memorized.
    client: Option<MemorizedClient>,
    /// The message that the work names.
    pub(super) message: Option<Message>,
}

/// `errand`: what the claim brought along. Whoever must know what was stored a moment ago has none, and
/// it is asked for.
pub(super) async fn case<'a>(
    context: &'a Context,
    claim: &Claim,
    handoff: HandoffId,
    errand: Option<Errand>,
) -> Result<Case<'a>, SendError> {
    let tenant = context.store.tenant(claim.wakeup.tenant);
    let account = context
        .accounts
        .desk(claim.wakeup.tenant)
        .await
        .map_err(|e| from_account(&e))?;
    let (conversation, message) = (claim.wakeup.conversation, claim.task.message());
    // What it lacks is for the database to say.
    let is_whole =
        |errand: &Errand| errand.handoff.is_some() && errand.message.is_some() == message.is_some();
    let errand = match errand.filter(is_whole) {
        Some(errand) => errand,
        None => {
            let asked = tenant.errand(conversation, Some(handoff), message).await;
            asked.map_err(|e| from_store(&e))?
        }
    };
    Ok(Case {
        context,
        tenant,
        company: errand.company,
        account,
        row: errand.row,
        handoff: errand
            .handoff
            .ok_or_else(|| from_store(&StoreError::NotFound))?,
        client: errand.client,
        message: errand.message,
    })
}

impl Case<'_> {
    pub(super) fn name(&self) -> String {
        let contact = &self.row.contact;
        contact
            .profile
            .name
            .clone()
            .or_else(|| contact.profile.username.clone())
            .unwrap_or_else(|| contact.address.key.clone())
    }

    /// The contact's key at the desk: the memorized one, or a newly given one.
    pub(super) async fn client_key(&self, anew: bool) -> Result<Secret, SendError> {
        let contact = self.row.contact.id;
        let context = client_context(self.company.id, contact);
        let vault = |e: domain::ports::VaultError| {
            SendError::clear(Failure::Transient { retry_after: None }, e.to_string())
        };
        if let (Some(known), false) = (&self.client, anew) {
            let plain = self
                .context
                .vault
                .open(context, &known.token)
                .await
                .map_err(vault)?;
            return Ok(Secret::new(String::from_utf8_lossy(&plain)));
        }
        let email = self
            .company
            .settings
            .policy
            .client_email
            .replace("{channel}", self.row.channel_kind.name())
            .replace("{contact}", &address_part(&self.row.contact.address.key))
            .replace("{tenant}", &self.company.slug);
        let who = ClientRequest {
            email,
            name: self.name(),
        };
        let client = self.context.desk.client(&self.account, &who).await?;
        let sealed = self
            .context
            .vault
            .seal(context, client.token.expose().as_bytes())
            .await
            .map_err(vault)?;
        let memorized = MemorizedClient {
            id: client.id,
            token: sealed,
        };
        self.tenant
            .save_desk_client(contact, &memorized)
            .await
            .map_err(|e| from_store(&e))?;
        Ok(client.token)
    }

    pub(super) fn desk_conversation(&self) -> Result<i64, SendError> {
        self.handoff
            .desk_conversation
            .ok_or_else(|| SendError::clear(Failure::Payload, "was never opened at the desk"))
    }
}

/// What a local part of an address may hold.
fn address_part(key: &str) -> String {
    key.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
                c
            } else {
                '_'
            }
        })
        .collect()
}
