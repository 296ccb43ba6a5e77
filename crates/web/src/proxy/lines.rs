//! Which line a key stands for.

use crate::edges::head;
use adapters::accounts::{AccountError, Accounts, OpenChannel};
use adapters::botcalls::Family;
use domain::channel::ChannelKind;

/// The line behind a key. A key is unguessable, so its kind needs not be told in the address.
pub(super) async fn find(
    accounts: &Accounts,
    family: Family,
    key: &str,
) -> Result<OpenChannel, AccountError> {
    if !head::is_key(key) {
        return Err(AccountError::Missing);
    }
    let kinds: &[ChannelKind] = match family {
        Family::Telegram => &[ChannelKind::Telegram],
        Family::Graph => &[
            ChannelKind::WhatsApp,
            ChannelKind::Messenger,
            ChannelKind::Instagram,
        ],
    };
    for kind in kinds {
        match accounts.by_key(*kind, key).await {
            Err(AccountError::Missing) => {}
            other => return other,
        }
    }
    Err(AccountError::Missing)
}
