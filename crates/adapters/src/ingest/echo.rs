//! Whose words an echo repeats. Meta echoes what is sent over its lines, often before it answers the
//! request that sent it (`channels.md` §8); Instagram's echoes carry no mark of ours.

use super::thread::Thread;
use super::unit::Unit;
use crate::store::StoreError;
use domain::ids::MessageId;
use domain::message::Content;
use domain::outbound::Lane;
use domain::ports::EchoOrigin;
use sea_orm::FromQueryResult;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Part {
    message_id: Uuid,
    part: i64,
    identity: Uuid,
    /// Whether nothing was known of what became of it.
    fresh: bool,
}

/// A part of the row that a worker has in hand, or had when its request broke off.
#[derive(FromQueryResult)]
struct InHand {
    message_id: Uuid,
    part: i64,
    identity: Uuid,
    content: String,
}

impl Unit<'_> {
    /// Whether an echo repeats something we have; then it counts as delivered.
    pub(crate) async fn echo(
        &mut self,
        thread: &Thread,
        external_id: &str,
        identity: Option<Uuid>,
        origin: EchoOrigin,
        content: &Content,
    ) -> Result<bool, StoreError> {
        let conversation = &thread.conversation;
        let tenant = conversation.tenant.0;
        let known = "select message_id, part, identity, external_id is null as fresh from deliveries where tenant_id = $1 and channel_id = $2
            and (external_id = $3 or identity = $4) limit 1";
        let none = identity.unwrap_or_default();
        let values = [
            tenant.into(),
            conversation.channel.0.into(),
            external_id.into(),
            none.into(),
        ];
        let mut found: Option<Part> = self.one(known, values).await?;
        if found.is_none() && identity.is_none() && origin == EchoOrigin::Ours {
            found = match self.in_hand(thread, content).await? {
                Some(part) => Some(part),
                None => self.of_the_bot(thread).await?,
            };
        }
        let Some(part) = found else { return Ok(false) };
        let (message, identity) = (MessageId(part.message_id), part.identity);
        let number = u16::try_from(part.part).unwrap_or(0);
        self.delivered(thread.into(), (message, number), identity, external_id)
            .await?;
        if part.fresh {
            self.doubt_ends(conversation.tenant, conversation.id, message)
                .await?;
        }
        Ok(true)
    }

    /// The same words in a row of ours that is being sent, or may have been. One that only waits
    /// would count as sent, and never be.
    async fn in_hand(
        &mut self,
        thread: &Thread,
        echoed: &Content,
    ) -> Result<Option<Part>, StoreError> {
        let text = "select d.message_id, d.part, d.identity, m.content from outbox o
            join messages m on m.tenant_id = o.tenant_id and m.id = o.message_id
            join deliveries d on d.tenant_id = o.tenant_id and d.message_id = o.message_id
            where o.tenant_id = $1 and o.conversation_id = $2 and o.lane = $3 and o.state = 'pending'
              and (o.claimed_until is not null or o.ambiguous) and d.external_id is null
            order by o.id, d.part limit 10";
        let conversation = &thread.conversation;
        let values = [
            conversation.tenant.0.into(),
            conversation.id.0.into(),
            Lane::Channel.number().into(),
        ];
        let rows: Vec<InHand> = self.all(text, values).await?;
        for row in rows {
            let content: Content = serde_json::from_str(&row.content)
                .map_err(|e| StoreError::corrupt("messages.content", e))?;
            if repeats(echoed, &content) {
                return Ok(Some(Part {
                    message_id: row.message_id,
                    part: row.part,
                    identity: row.identity,
                    fresh: true,
                }));
            }
        }
        Ok(None)
    }

    /// The bot's own message through the send proxy, seen before the platform's answer.
    async fn of_the_bot(&mut self, thread: &Thread) -> Result<Option<Part>, StoreError> {
        let text = "select d.message_id, d.part, d.identity, false as fresh from deliveries d
            join messages m on m.tenant_id = d.tenant_id and m.id = d.message_id
            where d.tenant_id = $1 and d.conversation_id = $2 and d.external_id is null
              and d.status = 'accepted' and m.author = 'bot' and m.status = 'accepted'
            order by m.seq limit 1";
        let conversation = &thread.conversation;
        let values = [conversation.tenant.0.into(), conversation.id.0.into()];
        self.one(text, values).await
    }
}

/// Longer words may go in pieces; the shortest limit of Meta's platforms, in bytes.
const ONE_PIECE: usize = 640;

/// Whether an echo may be a part of `ours` as it was rendered: with the agent's name before it, its
/// options numbered, in pieces if it is long; a file as a file or as a link. Strict, since what
/// counts as delivered is not sent again.
fn repeats(echoed: &Content, ours: &Content) -> bool {
    let words = |content: &Content| {
        let words = content.words().unwrap_or_default().split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    };
    let (theirs, own) = (words(echoed), words(ours));
    if ours.attachment().is_some() && (echoed.attachment().is_some() || theirs.contains("://")) {
        return true;
    }
    let whole = !own.is_empty() && theirs.contains(&own);
    whole || (own.len() > ONE_PIECE && !theirs.is_empty() && own.contains(&theirs))
}
