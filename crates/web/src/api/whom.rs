//! Whom a call is about: a conversation, or a channel and a contact on it.

use super::auth::Caller;
use super::problem::Problem;
use crate::edges::EdgeState;
use adapters::channels::whatsapp::number;
use adapters::ingest::{BotMessage, BotVerdict, Outcome, Submission};
use adapters::store::{ConversationRow, StoreError};
use domain::channel::{Channel, ChannelKind};
use domain::contact::ContactAddress;
use domain::ids::{ChannelId, ConversationId};

/// How a call names whom it is about.
#[derive(Default)]
pub(super) struct Named<'a> {
    pub conversation: Option<&'a str>,
    pub channel: Option<&'a str>,
    pub contact: Option<&'a str>,
}

/// Whom a call is about.
pub(super) struct Whom {
    pub channel: Channel,
    pub address: ContactAddress,
    /// `None` for a contact whom nobody has heard of.
    pub row: Option<ConversationRow>,
}

/// Looks up whom a call is about. Ids of other tenants are as unknown as made-up ones.
pub(super) async fn find(caller: &Caller, named: Named<'_>) -> Result<Whom, Problem> {
    const EITHER: &str = "name a conversation, or a channel and a contact";
    match (named.conversation, named.channel, named.contact) {
        (Some(id), None, None) => {
            let id: ConversationId = id.parse().map_err(|_| Problem::NotFound)?;
            let row = caller.store.conversations().get(id).await?;
            let line = row.conversation.channel;
            caller.reach(line)?;
            Ok(Whom {
                channel: caller.store.channels().get(line).await?,
                address: row.contact.address.clone(),
                row: Some(row),
            })
        }
        (None, Some(channel), Some(contact)) => on_channel(caller, channel, contact).await,
        _ => Err(Problem::body(EITHER)),
    }
}

/// A contact on a channel.
pub(super) async fn on_channel(
    caller: &Caller,
    channel: &str,
    contact: &str,
) -> Result<Whom, Problem> {
    let id: ChannelId = channel.parse().map_err(|_| Problem::NotFound)?;
    caller.reach(id)?;
    let channel = caller.store.channels().get(id).await?;
    let key = contact.trim();
    if key.is_empty() || key.len() > 256 || key.contains(char::is_control) {
        return Err(Problem::body(
            "contact: 1 to 256 bytes without control characters",
        ));
    }
    let keys = match channel.kind {
        ChannelKind::WhatsApp => number::variants(key),
        _ => vec![key.to_owned()],
    };
    let conversations = caller.store.conversations();
    let known = conversations.known_address(id, &keys).await?;
    let row = match &known {
        Some(address) => match conversations.by_contact(id, &address.key).await {
            Ok(row) => Some(row),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let written = keys.into_iter().next().unwrap_or_default();
    Ok(Whom {
        channel,
        address: known.unwrap_or_else(|| ContactAddress::of(written)),
        row,
    })
}

impl Whom {
    /// The conversation, made if there is none.
    pub(super) async fn conversation(
        &self,
        state: &EdgeState,
        caller: &Caller,
    ) -> Result<ConversationId, Problem> {
        if let Some(row) = &self.row {
            return Ok(row.conversation.id);
        }
        // Saying nothing makes the conversation and leaves it as it is.
        let nothing = BotMessage {
            tenant: caller.tenant,
            channel: self.channel.id,
            to: self.address.clone(),
            content: None,
            already_said: true,
        };
        match state.ingest.submit(Submission::BotSays(nothing)).await? {
            Outcome::Bot(
                BotVerdict::Pass { conversation, .. } | BotVerdict::Muted { conversation },
            ) => Ok(conversation),
            _ => Err(Problem::Unavailable),
        }
    }
}
