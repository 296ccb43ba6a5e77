//! Carrying a bot's call out, from reading it to recording what became of it.

use super::answer::BotAnswer;
use super::gate::{self, Admitted};
use super::platform::{self, PlatformBases};
use super::request::BotRequest;
use super::speech::{Family, Whom};
use super::{graph, telegram};
use crate::accounts::{Accounts, OpenChannel};
use crate::channels::Channels;
use crate::channels::whatsapp::number;
use crate::ingest::{Ingest, IngestError};
use crate::net::Http;
use crate::store::Store;
use domain::channel::{Channel, ChannelKind};
use domain::contact::ContactAddress;
use domain::ids::ChannelId;
use domain::message::Content;
use domain::ports::Vault;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Telegram lets a bot answer a tap for about as long.
const TAP_TIME: Duration = Duration::from_secs(600);

/// What [`BotCalls`] needs.
pub struct BotParts {
    /// The database.
    pub store: Store,
    /// The way into conversations.
    pub ingest: Ingest,
    /// Opened lines.
    pub accounts: Accounts,
    /// The platforms, to set their webhooks.
    pub channels: Channels,
    /// Seals a webhook secret that the bot chose.
    pub vault: Arc<dyn Vault>,
    /// The HTTP clients.
    pub http: Http,
    /// Where the platforms are.
    pub bases: PlatformBases,
    /// Where platforms and bots reach us.
    pub public_url: Url,
}

/// Carries out the calls of bots; cheap to clone.
#[derive(Clone)]
pub struct BotCalls {
    pub(super) parts: Arc<BotParts>,
    taps: Cache<(ChannelId, String), ContactAddress>,
}

/// Whether something may go out.
pub(super) enum Gate {
    Open(Option<Admitted>),
    Muted,
    Busy,
}

impl BotCalls {
    /// Over the parts.
    #[must_use]
    pub fn new(mut parts: BotParts) -> Self {
        parts.bases = parts.bases.bare();
        Self {
            parts: Arc::new(parts),
            taps: Cache::builder()
                .max_capacity(100_000)
                .time_to_live(TAP_TIME)
                .build(),
        }
    }

    /// Keeps in mind whose tap it was: an answer to it names nobody.
    pub fn remember_tap(&self, line: ChannelId, tap: &str, from: &ContactAddress) {
        self.taps.insert((line, tap.to_owned()), from.clone());
    }

    /// A refusal that needs nothing but the head of the request: its path, its encoding and the
    /// token in it. `None`: read the body and go on.
    #[must_use]
    pub fn refuses(
        &self,
        family: Family,
        line: &OpenChannel,
        head: &BotRequest,
    ) -> Option<BotAnswer> {
        match family {
            Family::Telegram => self.telegram_refuses(line, head),
            Family::Graph => self.graph_refuses(line, head),
        }
    }

    /// The answer where no line is connected under an address.
    #[must_use]
    pub fn unknown_line(&self, family: Family) -> BotAnswer {
        match family {
            Family::Telegram => telegram::words::refusal(404, "Not Found"),
            Family::Graph => graph::words::unknown(self.trace()),
        }
    }

    /// The answer where we cannot take a call now.
    #[must_use]
    pub fn busy(&self, family: Family) -> BotAnswer {
        match family {
            Family::Telegram => telegram::words::busy(),
            Family::Graph => graph::words::busy(self.trace()),
        }
    }

    /// A refusal with a status of our choice, in the platform's format.
    #[must_use]
    pub fn refusal(&self, family: Family, status: u16, why: &str) -> BotAnswer {
        match family {
            Family::Telegram => telegram::words::refusal(status, why),
            Family::Graph => graph::words::refusal(status, why, self.trace()),
        }
    }

    /// Says something in the bot's name on a line without a platform of its own (the test chat):
    /// past the same gate, recorded as sent.
    ///
    /// # Errors
    /// The gate could not be asked. That a human has control is no error: it is kept as muted.
    pub async fn say(
        &self,
        line: &Channel,
        to: &ContactAddress,
        content: Content,
    ) -> Result<(), IngestError> {
        let ingest = &self.parts.ingest;
        if let Some(admitted) = gate::admit(ingest, line, to, Some(content), false).await? {
            let ids = admitted.identity().into_iter().collect();
            gate::record(ingest, admitted, Ok(ids)).await;
        }
        Ok(())
    }

    pub(super) fn trace(&self) -> uuid::Uuid {
        self.parts.store.ids().next()
    }

    /// Asks the gate. Signs towards people we have no conversation with pass.
    pub(super) async fn gate(&self, line: &Channel, whom: &Whom, content: Option<Content>) -> Gate {
        let to = match self.address(line, whom).await {
            Ok(Some(to)) => to,
            Ok(None) => return Gate::Open(None),
            Err(error) => {
                tracing::warn!(channel = %line.id, %error, "a bot call could not be looked up");
                return Gate::Busy;
            }
        };
        match gate::admit(&self.parts.ingest, line, &to, content, false).await {
            Ok(Some(admitted)) => Gate::Open(Some(admitted)),
            Ok(None) => Gate::Muted,
            Err(error) => {
                tracing::warn!(channel = %line.id, %error, "a bot call could not be taken");
                Gate::Busy
            }
        }
    }

    /// Whose conversation it is. `None`: nobody's that we know of.
    async fn address(
        &self,
        line: &Channel,
        whom: &Whom,
    ) -> Result<Option<ContactAddress>, IngestError> {
        let conversations = self.parts.store.tenant(line.tenant).conversations();
        let address = match whom {
            Whom::Tap(tap) => return Ok(self.taps.get(&(line.id, tap.clone()))),
            Whom::Message(id) => return Ok(conversations.address_of_message(line.id, id).await?),
            Whom::Contact(address) => address,
        };
        match line.kind {
            ChannelKind::WhatsApp => {
                // Meta itself adds and drops digits: the person is looked for by every way to
                // write their number, or their silence would have a hole (`channels.md` §10.3).
                let mut keys = number::variants(&address.key);
                keys.extend(address.alias.clone());
                let known = conversations.known_address(line.id, &keys).await?;
                Ok(known.or_else(|| Some(ContactAddress::of(&address.key))))
            }
            // A group or a broadcast channel is a conversation only if it wrote to us as one.
            ChannelKind::Telegram if address.key.starts_with('-') => {
                let keys = [address.key.clone()];
                let known = conversations.known_address(line.id, &keys).await?;
                Ok(known.map(|_| address.clone()))
            }
            _ => Ok(Some(address.clone())),
        }
    }

    /// Makes a call that reaches nobody and gives the answer on as it comes.
    pub(super) async fn pass(&self, family: Family, base: &str, request: &BotRequest) -> BotAnswer {
        let client = &self.parts.http.platform;
        match platform::stream(client, base, request).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(%error, "the platform did not answer a bot's call");
                match family {
                    Family::Telegram => telegram::words::unanswered(error.ambiguous),
                    Family::Graph => graph::words::unanswered(error.ambiguous, self.trace()),
                }
            }
        }
    }
}
