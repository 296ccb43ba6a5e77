//! Traces: one per message, over all processes.
//!
//! The trace's id is the message's own, so no context travels through database, queue or platform:
//! whoever knows the message adds its hops to the same trace (ADR 10). Where no collector is set,
//! [`of`] and [`now`] answer `None` after one look, and nothing else happens.

mod export;
mod hop;
mod sample;
pub mod upstream;

pub use export::{Collector, Exporting, TraceError, start};
pub use hop::{Hop, Kind, Span};
pub use sample::Sample;

use domain::ids::MessageId;
use domain::ports::{Clock, IdSource};
use domain::time::Timestamp;
use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{SpanContext, SpanId, Status, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc;

/// One per process, like the metrics.
static TRACES: OnceLock<Traces> = OnceLock::new();

/// What hops are made with and where they go.
struct Traces {
    sample: Sample,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    queue: mpsc::Sender<SpanData>,
    scope: InstrumentationScope,
}

/// What time it is, if this process keeps traces.
#[must_use]
pub fn now() -> Option<Timestamp> {
    TRACES.get().map(|traces| traces.clock.now())
}

/// The trace of a message, if this process keeps traces and the message is in the sample.
#[must_use]
pub fn of(message: MessageId) -> Option<Trace> {
    let traces = TRACES.get()?;
    traces
        .sample
        .takes(message)
        .then_some(Trace { traces, message })
}

/// The trace of one message.
#[derive(Clone, Copy)]
pub struct Trace {
    traces: &'static Traces,
    message: MessageId,
}

impl Trace {
    /// Tells of the first hop, from which all others hang: how the message came to be stored. Its
    /// id is the second half of the message's, so that every process knows it.
    pub fn root(self, hop: Hop) {
        self.tell(root_of(self.message), SpanId::INVALID, hop);
    }

    /// Tells of a hop.
    pub fn hop(self, hop: Hop) -> Span {
        self.under(Span(root_of(self.message)), hop)
    }

    /// Tells of a hop within another.
    pub fn under(self, parent: Span, hop: Hop) -> Span {
        let id = SpanId::from_bytes(second_half(self.traces.ids.next()));
        self.tell(id, parent.0, hop);
        Span(id)
    }

    /// Never waits: what has no room is counted and gone.
    fn tell(self, id: SpanId, parent: SpanId, hop: Hop) {
        let trace = TraceId::from_bytes(*self.message.0.as_bytes());
        let data = SpanData {
            span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
            parent_span_id: parent,
            parent_span_is_remote: false,
            span_kind: hop.kind,
            name: hop.name,
            start_time: hop::instant(hop.began),
            end_time: hop::instant(hop.ended),
            attributes: hop.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: hop.failed.map_or(Status::Unset, Status::error),
            instrumentation_scope: self.traces.scope.clone(),
        };
        if self.traces.queue.try_send(data).is_err() {
            export::count("dropped", 1);
        }
    }
}

/// The id of a message's first hop.
fn root_of(message: MessageId) -> SpanId {
    SpanId::from_bytes(second_half(message.0))
}

/// Never zero, which OpenTelemetry does not allow: the variant's bits stand there.
fn second_half(id: uuid::Uuid) -> [u8; 8] {
    let (_, half) = id.as_u64_pair();
    half.to_be_bytes()
}
