//! The subscription: the crate's raw pull stream over our transport.
//!
//! One client of the crate serves all tenants: each of its clients keeps room for a hundred events that
//! a raw stream never uses, 31 KB. Which tenant polls is known to the task that does ([`whose`]).

use super::transport::{Polls, TenantTransport, down, fetch, whose};
use super::wire::Wire;
use anyhow::Context;
use async_trait::async_trait;
use domain::desk::DeskAccount;
use domain::ports::{Batch, Cursor, DeskEvents, PollError, Subscription};
use futures::StreamExt;
use futures::stream::BoxStream;
use pubnub::core::{PubNubError, RequestRetryConfiguration};
use pubnub::providers::deserialization_serde::DeserializerSerde;
use pubnub::subscribe::Update;
use pubnub::{Keyset, PubNubClientBuilder, PubNubGenericClient};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Subscribes tenants to PubNub; one for the whole process.
#[derive(Clone)]
pub struct Realtime {
    wire: Arc<Wire>,
    client: PubNubGenericClient<Polls, DeserializerSerde>,
}

impl std::fmt::Debug for Realtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Realtime")
            .field("wire", &self.wire)
            .finish_non_exhaustive()
    }
}

impl Realtime {
    /// `origin` is [`super::DEFAULT_ORIGIN`], or a local address in tests and demo.
    ///
    /// # Errors
    /// When it is no web address, or this machine's certificates cannot be read.
    pub fn new(origin: &str) -> anyhow::Result<Self> {
        // Whose keys and name they are is put in where a poll leaves ([`TenantTransport`]). Retries are
        // ours: the crate's own go silent for a minute and then stop for ever.
        let client = PubNubClientBuilder::with_transport(Polls)
            .with_keyset(Keyset {
                subscribe_key: "whose",
                publish_key: None,
                secret_key: None,
            })
            .with_user_id("whose")
            .with_retry_configuration(RequestRetryConfiguration::None)
            .build();
        Ok(Self {
            wire: Arc::new(Wire::to(origin)?),
            client: client.context("the client of the subscriptions")?,
        })
    }
}

#[async_trait]
impl DeskEvents for Realtime {
    async fn now(&self, account: &DeskAccount) -> Result<Cursor, PollError> {
        let mut url = url::Url::parse(&format!("{}/time/0", self.wire.origin()))
            .map_err(|_| down("el origen no es una dirección web"))?;
        url.query_pairs_mut()
            .append_pair("uuid", &user(account.settings.agent_user_id));
        let body = fetch(&self.wire, &mut None, &url, Duration::from_secs(10)).await?;
        // `[17839264839264837]`
        let timetoken = serde_json::from_slice::<Value>(&body)
            .ok()
            .and_then(|v| v.get(0)?.as_u64())
            .ok_or_else(|| down("la hora no es de PubNub"))?;
        Ok(Cursor {
            timetoken,
            region: None,
        })
    }

    fn subscribe(
        &self,
        account: &DeskAccount,
        from: Cursor,
        groups: bool,
    ) -> Result<Box<dyn Subscription>, PollError> {
        let own_user = account.settings.agent_user_id;
        let transport = TenantTransport::new(
            Arc::clone(&self.wire),
            from,
            &account.credentials,
            user(own_user),
        );
        let subscription = self
            .client
            .subscribe_raw()
            .channels(channels(account))
            .channel_groups(if groups {
                group_names(account)
            } else {
                Vec::new()
            })
            .cursor(from.timetoken)
            .execute()
            .map_err(|_| down("no se puede armar la suscripción"))?;
        Ok(Box::new(RawSubscription {
            stream: subscription.stream().boxed(),
            transport,
            own_user,
        }))
    }
}

/// The crate's stream yields one item per answer, see [`TenantTransport`].
struct RawSubscription {
    stream: BoxStream<'static, Result<Update, PubNubError>>,
    transport: TenantTransport,
    own_user: i64,
}

#[async_trait]
impl Subscription for RawSubscription {
    async fn next(&mut self) -> Result<Batch, PollError> {
        // The item says only that the poll is over.
        let item = whose(&self.transport, self.stream.next()).await;
        match (self.transport.take(), item) {
            (Some(Ok(answer)), Some(Ok(_))) => Ok(answer.into_batch(self.own_user)),
            (Some(Err(error)), _) => Err(error),
            _ => Err(down("la suscripción se cortó")),
        }
    }
}

/// Let's Talk's name for an agent on PubNub.
fn user(id: i64) -> String {
    format!("user-{id}")
}

/// The agent's own channel and the one that shows the agent as online.
fn channels(account: &DeskAccount) -> Vec<String> {
    let user = user(account.settings.agent_user_id);
    let mut names = vec![format!("{user}-channel"), format!("presence.{user}")];
    names.extend(account.settings.extra_channels.iter().cloned());
    names
}

/// Events come with the agent's channel as `subscription`, which only a group of that name makes.
fn group_names(account: &DeskAccount) -> Vec<String> {
    let mut names = vec![format!("{}-channel", user(account.settings.agent_user_id))];
    names.extend(account.settings.extra_groups.iter().cloned());
    names
}
