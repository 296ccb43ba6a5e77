//! One hop of a message's way: a span.

use domain::ids::{ConversationId, TenantId};
use domain::time::Timestamp;
use opentelemetry::trace::SpanId;
use opentelemetry::{KeyValue, Value};
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use opentelemetry::trace::SpanKind as Kind;

/// A hop that was told, to hang others from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub(super) SpanId);

/// One hop. Its attributes are ids, numbers and words of our own; never what people said, who they
/// are, where they are reached, or what opens anything.
#[derive(Clone, Debug)]
pub struct Hop {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: Kind,
    pub(super) began: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) failed: Option<&'static str>,
}

impl Hop {
    /// Between two instants. They may come from different machines' clocks: an end before the
    /// beginning becomes the beginning.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, began: Timestamp, ended: Timestamp) -> Self {
        Self {
            name: name.into(),
            kind: Kind::Internal,
            began,
            ended: ended.max(began),
            attributes: Vec::new(),
            failed: None,
        }
    }

    /// At one instant.
    #[must_use]
    pub fn at(name: impl Into<Cow<'static, str>>, at: Timestamp) -> Self {
        Self::new(name, at, at)
    }

    /// Towards whom.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Whose it is.
    #[must_use]
    pub fn of(self, tenant: TenantId, conversation: ConversationId) -> Self {
        self.with("relevo.tenant", tenant.to_string())
            .with("relevo.conversation", conversation.to_string())
    }

    /// With an attribute.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push(KeyValue::new(name, value));
        self
    }

    /// It failed; in a word of our own.
    #[must_use]
    pub fn failed(mut self, why: &'static str) -> Self {
        self.failed = Some(why);
        self
    }
}

/// Before 1970 there were no messages.
pub(super) fn instant(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(at.0).unwrap_or(0))
}
