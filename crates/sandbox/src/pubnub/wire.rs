//! What travels: a published message, and the short-named form in which a poll shows it.

use serde::Serialize;
use serde_json::Value;

/// The type of an entry, `e` on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// An ordinary message; `e` is left out.
    #[default]
    Message,
    /// A signal, `e = 1`.
    Signal,
}

/// What a publisher hands over.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// The channel.
    pub channel: String,
    /// Any JSON value.
    pub payload: Value,
    /// The publisher's uuid, empty when it gave none.
    pub uuid: String,
    /// Metadata for filters.
    pub meta: Option<Value>,
    /// Message or signal.
    pub kind: Kind,
    /// The custom message type.
    pub custom_type: Option<String>,
    /// The publisher's running number.
    pub sequence: Option<u64>,
    /// Kept out of history.
    pub not_stored: bool,
}

/// A message with its times.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Its place in the queue: the cursor `t.t` of an answer that ends with it.
    pub queued: u64,
    /// The publish timetoken, `p.t`.
    pub published: u64,
    /// What was published.
    pub publication: Publication,
}

/// A region and a timetoken.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Stamp {
    /// 17 digits, ticks of 100 ns, as text.
    pub t: String,
    /// The data centre.
    pub r: u32,
}

/// The answer to a poll.
#[derive(Debug, Serialize)]
pub(crate) struct Answer<'a> {
    /// The next cursor.
    pub t: Stamp,
    /// The messages.
    pub m: Vec<Entry<'a>>,
}

/// One message of an answer.
#[derive(Debug, Serialize)]
pub(crate) struct Entry<'a> {
    /// Shard.
    pub a: &'static str,
    /// Flags.
    pub f: u32,
    /// Issuing client.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub i: &'a str,
    /// Sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s: Option<u64>,
    /// Origination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub o: Option<Stamp>,
    /// Publish time.
    pub p: Stamp,
    /// Subscribe key.
    pub k: &'a str,
    /// Channel.
    pub c: &'a str,
    /// Payload.
    pub d: &'a Value,
    /// Metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub u: Option<&'a Value>,
    /// Type; none for messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<u8>,
    /// Custom message type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmt: Option<&'a str>,
    /// The subscription it matched: the channel, or the group that holds it.
    pub b: &'a str,
}

impl Stored {
    /// As a poll shows it.
    pub(crate) fn entry<'a>(
        &'a self,
        subscription: &'a str,
        subscribe_key: &'a str,
        region: u32,
    ) -> Entry<'a> {
        let stamp = Stamp {
            t: self.published.to_string(),
            r: region,
        };
        let signal = self.publication.kind == Kind::Signal;
        Entry {
            a: "2",
            f: if signal { 0 } else { 514 },
            i: &self.publication.uuid,
            s: self.publication.sequence,
            o: self.publication.sequence.map(|_| stamp.clone()),
            p: stamp,
            k: subscribe_key,
            c: &self.publication.channel,
            d: &self.publication.payload,
            u: self.publication.meta.as_ref(),
            e: signal.then_some(1),
            cmt: self.publication.custom_type.as_deref(),
            b: subscription,
        }
    }
}
