//! One HTTP listener per simulated service, with the fault plan in front of its routes.

use std::future::ready;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Bytes, BytesMut, Data, ServiceConfig};
use actix_web::{App, Error, HttpMessage as _, HttpResponse, HttpServer};
use futures::StreamExt;

use crate::Core;
use crate::fault::{Action, Direction, FaultService, RequestFacts};
use crate::ledger::{Entry, Service};
use crate::services::Services;

/// Largest request body that any simulator reads: more than the biggest file of any platform.
const MAX_BODY: usize = 120 * 1024 * 1024;

/// Binds a loopback port; 0 takes a free one.
pub(crate) fn bind(port: u16) -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// What distinguishes one listener from another.
#[derive(Clone, Copy)]
pub(crate) struct Listener {
    /// Name of the listener's thread.
    pub name: &'static str,
    /// Whose fault rules apply, if any.
    pub faults: Option<FaultService>,
    /// Where each request is written down, if anywhere.
    pub ledger: Option<Service>,
    /// The routes.
    pub routes: fn(&mut ServiceConfig),
}

/// Serves `listener` until the answered handle is stopped.
pub(crate) fn serve(
    socket: TcpListener,
    listener: Listener,
    services: Services,
) -> io::Result<ServerHandle> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .app_data(web::JsonConfig::default().limit(MAX_BODY))
            .app_data(Data::new(services.core.clone()))
            .app_data(Data::new(listener))
            .configure(|cfg| services.share(cfg))
            .wrap(from_fn(faulty))
            .configure(listener.routes)
    })
    .workers(1)
    // A poll whose caller has gone must end at once, and free its place.
    .h1_allow_half_closed(false)
    // Idle long polls of thousands of tenants.
    .max_connections(100_000)
    .backlog(4096)
    .keep_alive(Duration::from_secs(300))
    .client_request_timeout(Duration::ZERO)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(socket)?
    .run();
    let handle = server.handle();
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(listener = listener.name, %error, "a simulator stopped");
        }
    });
    Ok(handle)
}

type Answer = ServiceResponse<BoxBody>;

/// The middleware: asks the plan, then lets the request through, spoils it or its answer.
async fn faulty(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<Answer, Error> {
    let (Some(core), Some(listener)) = (
        req.app_data::<Data<Core>>().cloned(),
        req.app_data::<Data<Listener>>().cloned(),
    ) else {
        return pass(req, &next).await;
    };
    let started = core.clock.now_ms();
    let method = req.method().to_string();
    let path = req
        .uri()
        .path_and_query()
        .map_or_else(String::new, ToString::to_string);
    let action = match listener.faults {
        Some(service) if !core.faults.is_empty() => {
            let body = if core.faults.reads_bodies() {
                take_body(&mut req).await?
            } else {
                Bytes::new()
            };
            core.faults.decide(
                service,
                &RequestFacts {
                    direction: Direction::Incoming,
                    method: &method,
                    path: &path,
                    body: &body,
                },
            )
        }
        _ => None,
    };
    let fault = action.as_ref().map(fault_name);
    let answer = carry_out(req, &next, action).await;
    if let Some(service) = listener.ledger {
        core.ledger.append(
            service,
            Entry {
                kind: "request",
                raw: serde_json::json!({
                    "method": method,
                    "path": path,
                    "status": answer.as_ref().map_or(0, |answer| answer.status().as_u16()),
                    "started_ms": started,
                    "fault": fault,
                }),
                ..Entry::default()
            },
        );
    }
    answer
}

fn fault_name(action: &Action) -> serde_json::Value {
    serde_json::to_value(action)
        .ok()
        .and_then(|value| value.get("kind").cloned())
        .unwrap_or_default()
}

async fn carry_out(
    req: ServiceRequest,
    next: &Next<impl MessageBody + 'static>,
    action: Option<Action>,
) -> Result<Answer, Error> {
    let Some(action) = action else {
        return pass(req, next).await;
    };
    match action {
        Action::Delay { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            pass(req, next).await
        }
        Action::Status {
            status,
            headers,
            body,
            pad_to,
            after,
        } => {
            let mut answer = HttpResponse::build(
                StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY),
            );
            for (name, value) in headers {
                answer.insert_header((name, value));
            }
            replace(req, next, after, answer.streaming(padded(body, pad_to))).await
        }
        Action::Garbage { after } => {
            let answer = HttpResponse::Ok()
                .content_type("application/json")
                .body(&b"{\"t\":\xff\xfe<html>\x00 not json"[..]);
            replace(req, next, after, answer).await
        }
        Action::ResetBefore => Ok(spoiled(req, cut())),
        Action::ResetAfter => replace(req, next, true, cut()).await,
        Action::Hang { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Ok(spoiled(req, cut()))
        }
        Action::Slow { ms_per_byte } => {
            let answer = pass(req, next).await?;
            trickle(answer, ms_per_byte).await
        }
        // These concern what a platform sends; the plan never answers them for a request.
        Action::Duplicate { .. } | Action::Reorder { .. } | Action::Drop => pass(req, next).await,
    }
}

/// Answers a request whose connection is to be closed without a single byte.
///
/// The body fails when it is first asked, which ends the connection before the head is flushed.
#[must_use]
pub fn cut() -> HttpResponse {
    HttpResponse::Ok().streaming(futures::stream::once(ready(Err::<Bytes, _>(
        io::Error::new(io::ErrorKind::ConnectionReset, "cut by the fault plan"),
    ))))
}

/// Calls the real route.
async fn pass(
    req: ServiceRequest,
    next: &Next<impl MessageBody + 'static>,
) -> Result<Answer, Error> {
    Ok(next.call(req).await?.map_into_boxed_body())
}

/// The spoiled answer, after the request was carried out when `after`.
async fn replace(
    req: ServiceRequest,
    next: &Next<impl MessageBody + 'static>,
    after: bool,
    answer: HttpResponse,
) -> Result<Answer, Error> {
    if !after {
        return Ok(spoiled(req, answer));
    }
    let done = pass(req, next).await?;
    let (request, _lost) = done.into_parts();
    Ok(ServiceResponse::new(request, answer))
}

fn spoiled(req: ServiceRequest, answer: HttpResponse) -> Answer {
    req.into_response(answer)
}

/// Reads the body and puts it back for the route.
async fn take_body(req: &mut ServiceRequest) -> Result<Bytes, Error> {
    let mut payload = req.take_payload();
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() > MAX_BODY {
            return Err(actix_web::error::ErrorPayloadTooLarge("too large"));
        }
    }
    let body = body.freeze();
    req.set_payload(Payload::from(body.clone()));
    Ok(body)
}

/// `body`, then spaces up to `pad_to` bytes, made while they are sent.
fn padded(body: String, pad_to: u64) -> impl futures::Stream<Item = Result<Bytes, io::Error>> {
    const BLOCK: u64 = 64 * 1024;
    let missing = pad_to.saturating_sub(body.len() as u64);
    let blocks = (0..missing.div_ceil(BLOCK)).map(move |block| {
        let size = (missing - block * BLOCK).min(BLOCK);
        Ok(Bytes::from(vec![b' '; usize::try_from(size).unwrap_or(0)]))
    });
    futures::stream::once(ready(Ok(Bytes::from(body)))).chain(futures::stream::iter(blocks))
}

async fn trickle(answer: Answer, ms_per_byte: u64) -> Result<Answer, Error> {
    let (request, response) = answer.into_parts();
    let (head, body) = response.into_parts();
    let bytes = actix_web::body::to_bytes(body)
        .await
        .map_err(|_| actix_web::error::ErrorInternalServerError("unreadable answer"))?;
    let stream = futures::stream::unfold((bytes, 0_usize), move |(bytes, at)| async move {
        if at >= bytes.len() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(ms_per_byte)).await;
        let byte = bytes.slice(at..=at);
        Some((Ok::<_, io::Error>(byte), (bytes, at + 1)))
    });
    let mut slow = HttpResponse::build(head.status());
    for (name, value) in head.headers() {
        slow.append_header((name.clone(), value.clone()));
    }
    Ok(ServiceResponse::new(request, slow.streaming(stream)))
}
