//! From which line a call to the Graph API speaks. Bots with one Page token for Messenger and
//! Instagram, or one token for several WhatsApp numbers, use one base address for all of them; the
//! gate must be that of the conversation that the words arrive in.

use crate::accounts::{AccountError, Accounts, OpenChannel};
use crate::store::Store;
use domain::channel::{ChannelCredentials, ChannelKind, InstagramLogin};
use domain::contact::ContactAddress;
use domain::secret::Secret;

/// The token of a line.
pub(super) fn token(credentials: &ChannelCredentials) -> Option<&Secret> {
    match credentials {
        ChannelCredentials::WhatsApp { access_token, .. } => Some(access_token),
        ChannelCredentials::Telegram { token, .. }
        | ChannelCredentials::Instagram { token, .. } => Some(token),
        ChannelCredentials::Messenger { page_token, .. } => Some(page_token),
        ChannelCredentials::Api {} | ChannelCredentials::Test { .. } => None,
    }
    .filter(|token| !token.is_empty())
}

/// Whether a node of the Graph API stands for this line.
fn is_named(credentials: &ChannelCredentials, node: &str) -> bool {
    match credentials {
        ChannelCredentials::WhatsApp {
            phone_number_id, ..
        } => node == phone_number_id,
        ChannelCredentials::Messenger { page_id, .. } => node == "me" || node == page_id,
        ChannelCredentials::Instagram {
            account_id,
            page_id,
            login,
            ..
        } => {
            let by_page = *login == InstagramLogin::Facebook && page_id.as_deref() == Some(node);
            node == "me" || node == account_id || by_page
        }
        ChannelCredentials::Telegram { .. }
        | ChannelCredentials::Api {}
        | ChannelCredentials::Test { .. } => false,
    }
}

/// The line that a message on `node` towards `to` goes out from: the one of the address, or
/// another one of the tenant with the same token. `None` where there is no such line.
pub(super) async fn speaking(
    store: &Store,
    accounts: &Accounts,
    own: &OpenChannel,
    node: Option<&str>,
    to: Option<&ContactAddress>,
) -> Result<Option<OpenChannel>, AccountError> {
    let Some(node) = node else {
        return Ok(Some(own.clone()));
    };
    let whatsapp = own.channel.kind == ChannelKind::WhatsApp;
    let named = is_named(&own.credentials, node);
    if named && whatsapp {
        return Ok(Some(own.clone()));
    }
    let tenant = store.tenant(own.channel.tenant);
    let mut lines = Vec::new();
    for channel in tenant.channels().list().await? {
        let family = match channel.kind {
            ChannelKind::WhatsApp => whatsapp,
            ChannelKind::Messenger | ChannelKind::Instagram => !whatsapp,
            ChannelKind::Telegram | ChannelKind::Api | ChannelKind::Test => false,
        };
        if !family || channel.id == own.channel.id {
            continue;
        }
        let open = match accounts.channel(channel.tenant, channel.id).await {
            Ok(open) => open,
            // Disconnected a moment ago, or unusable: not a line that could speak.
            Err(AccountError::Missing | AccountError::Sealed(_)) => continue,
            Err(error) => return Err(error),
        };
        let same = match (token(&own.credentials), token(&open.credentials)) {
            (Some(own), Some(other)) => own.matches(other.expose().as_bytes()),
            _ => false,
        };
        if same && is_named(&open.credentials, node) {
            lines.push(open);
        }
    }
    if named {
        lines.insert(0, own.clone());
    }
    if let (Some(to), true) = (to, lines.len() > 1) {
        // Ids of contacts are one line's own, so at most one of them knows this one.
        let ids: Vec<_> = lines.iter().map(|line| line.channel.id).collect();
        if let Some(known) = tenant.conversations().line_knowing(&ids, &to.key).await? {
            return Ok(lines.into_iter().find(|line| line.channel.id == known));
        }
    }
    Ok(lines.into_iter().next())
}
