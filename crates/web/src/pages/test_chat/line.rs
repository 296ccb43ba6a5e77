//! The tenant's test chat: made on the first visit.

use crate::extract::Member;
use crate::pages::error::PageError;
use crate::security::sealed;
use adapters::accounts::OpenChannel;
use adapters::channels::test_chat::line_of;
use adapters::store::{ConversationRow, NewChannel, StoreError};
use domain::channel::{ChannelCredentials, ChannelKind, ChannelSettings};
use domain::ids::ChannelId;
use domain::secret::Secret;

/// The tenant's line of kind [`ChannelKind::Test`], open.
pub(super) async fn of(member: &Member) -> Result<OpenChannel, PageError> {
    let id = match known(member).await? {
        Some(id) => id,
        None => match made(member).await {
            Ok(id) => id,
            // Somebody else's first visit was quicker.
            Err(PageError::Unavailable(_)) => {
                known(member).await?.ok_or_else(|| gone("test chat"))?
            }
            Err(error) => return Err(error),
        },
    };
    let accounts = &member.visitor.app.accounts;
    let open = accounts.channel(member.who.tenant, id).await;
    open.map_err(|error| gone(&error.to_string()))
}

/// The member's own thread, once they have said something.
pub(super) async fn thread(
    member: &Member,
    channel: ChannelId,
) -> Result<Option<ConversationRow>, PageError> {
    let talks = member.store.conversations();
    match talks.by_contact(channel, &contact(member)).await {
        Ok(row) => Ok(Some(row)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whom the member plays: each their own contact.
pub(super) fn contact(member: &Member) -> String {
    member.who.id.to_string()
}

async fn known(member: &Member) -> Result<Option<ChannelId>, PageError> {
    let lines = member.store.channels().list().await?;
    let found = lines.into_iter().find(|c| c.kind == ChannelKind::Test);
    Ok(found.map(|c| c.id))
}

async fn made(member: &Member) -> Result<ChannelId, PageError> {
    let app = &member.visitor.app;
    let tenant = member.who.tenant;
    let id = ChannelId(app.ids.next());
    let open = ChannelCredentials::Test {
        secret: Secret::new(sealed::random_token()?),
    };
    let new = NewChannel {
        id,
        kind: ChannelKind::Test,
        name: member.visitor.lang.t("test-chat-title"),
        external_id: line_of(tenant),
        public_key: sealed::random_token()?,
        settings: ChannelSettings::default(),
        credentials: sealed::seal_channel(app, tenant, id, &open).await?,
    };
    match member.store.channels().insert(new).await {
        Ok(_) => Ok(id),
        Err(StoreError::Conflict(_)) => Err(gone("made meanwhile")),
        Err(error) => Err(error.into()),
    }
}

fn gone(why: &str) -> PageError {
    PageError::Unavailable(why.to_owned())
}
