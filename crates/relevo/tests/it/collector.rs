//! A collector of traces: takes OTLP over HTTP and keeps what it was sent.

use crate::wait::soon;
use actix_web::{App, HttpResponse, HttpServer, web};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// What it was sent, as it came.
type Bodies = Arc<Mutex<Vec<Vec<u8>>>>;

/// A running collector.
pub struct Collector {
    pub url: String,
    bodies: Bodies,
}

/// A span, as far as tests read it.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The service that told of it.
    pub service: String,
    pub name: String,
    pub id: Vec<u8>,
    pub parent: Vec<u8>,
    /// Nanoseconds since 1970.
    pub began: u64,
    pub ended: u64,
    pub attributes: BTreeMap<String, String>,
    pub failed: bool,
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let bodies = Bodies::default();
        let kept = web::Data::new(bodies.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(kept.clone())
                .app_data(web::PayloadConfig::new(64 << 20))
                .route("/v1/traces", web::post().to(take))
        });
        let server = server.workers(1).disable_signals();
        tokio::spawn(server.listen(listener).unwrap().run());
        Self { url, bodies }
    }

    /// Everything that it was sent, in one piece.
    pub fn raw(&self) -> Vec<u8> {
        self.bodies.lock().unwrap().concat()
    }

    /// The hops by the message that they belong to, in the order of their beginnings.
    pub fn traces(&self) -> BTreeMap<Uuid, Vec<Hop>> {
        let mut traces = BTreeMap::<Uuid, Vec<Hop>>::new();
        for body in self.bodies.lock().unwrap().iter() {
            let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
            for resource in request.resource_spans {
                let about = named(&resource.resource.unwrap_or_default().attributes);
                let spans = resource.scope_spans.into_iter().flat_map(|s| s.spans);
                for span in spans {
                    let message = Uuid::from_slice(&span.trace_id).unwrap();
                    let hop = hop(span, about["service.name"].clone());
                    traces.entry(message).or_default().push(hop);
                }
            }
        }
        for hops in traces.values_mut() {
            hops.sort_by_key(|hop| (hop.began, hop.ended));
        }
        traces
    }

    /// Until it has a hop of this name in the trace of a message.
    #[track_caller]
    pub fn hears(&self, message: Uuid, name: &'static str) -> impl Future<Output = Hop> {
        let look = move || {
            let hops = self.traces().remove(&message)?;
            hops.into_iter().find(|hop| hop.name == name)
        };
        soon(format!("«{name}» in a trace"), look, move || {
            format!("{:#?}", self.traces().get(&message))
        })
    }
}

async fn take(body: web::Bytes, kept: web::Data<Bodies>) -> HttpResponse {
    kept.lock().unwrap().push(body.to_vec());
    HttpResponse::Ok()
        .content_type("application/x-protobuf")
        .finish()
}

fn hop(span: Span, service: String) -> Hop {
    Hop {
        service,
        name: span.name,
        id: span.span_id,
        parent: span.parent_span_id,
        began: span.start_time_unix_nano,
        ended: span.end_time_unix_nano,
        attributes: named(&span.attributes),
        failed: span.status.is_some_and(|status| status.code == 2),
    }
}

fn named(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|v| v.value.as_ref()) {
        Some(Any::StringValue(text)) => text.clone(),
        Some(Any::IntValue(number)) => number.to_string(),
        Some(Any::BoolValue(yes)) => yes.to_string(),
        other => format!("{other:?}"),
    };
    let pair = |one: &KeyValue| (one.key.clone(), text(&one.value));
    attributes.iter().map(pair).collect()
}
