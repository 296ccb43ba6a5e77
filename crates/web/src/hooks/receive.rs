//! One webhook: prove, read, store, acknowledge.

use super::{count, refused};
use crate::edges::body::{self, BodyError, Limits};
use crate::edges::{EdgeState, head};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use adapters::accounts::{AccountError, OpenChannel};
use adapters::faults::{Point, point};
use adapters::ingest::{ChannelWebhook, IngestError, Outcome, Submission, Tap, WebhookOutcome};
use adapters::telemetry::traces;
use domain::channel::ChannelKind;
use domain::ports::{Channel, ChannelEvent, Decoded, RawWebhook, Signal, VerifiedWebhook};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// WhatsApp sends up to 3 MB (`channels.md` §1.2).
const CAP: usize = 4 << 20;
/// Platforms send at once what they send.
const TIME: Duration = Duration::from_secs(10);
/// Larger bodies are proven and read off the event loop.
const SMALL: usize = 64 << 10;

/// Takes one webhook in.
pub(super) async fn receive(
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<EdgeState>,
) -> HttpResponse {
    let since = traces::now();
    let (kind, key) = path.into_inner();
    let Some(kind) = ChannelKind::from_name(&kind).filter(|_| head::is_key(&key)) else {
        count("unknown", "unknown_line");
        return HttpResponse::NotFound().finish();
    };
    let line = match state.accounts.by_key(kind, &key).await {
        Ok(line) => line,
        Err(AccountError::Missing) => {
            count(kind.name(), "unknown_line");
            return HttpResponse::NotFound().finish();
        }
        Err(error) => return unavailable(kind, &error.to_string()),
    };
    let Some(platform) = state.channels.get(kind).cloned() else {
        return HttpResponse::NotFound().finish();
    };
    if head::is_encoded(request.headers()) {
        refused(&state, &line.channel, "encoded", "it is compressed");
        return HttpResponse::UnsupportedMediaType().finish();
    }
    let share = state.room.of(line.channel.tenant);
    let limits = Limits {
        cap: CAP,
        time: TIME,
        room: Some(&share),
    };
    let read = body::read(payload, head::told_size(&request), limits).await;
    // Held until the answer: what was read from the body is about as large.
    let (body, _room) = match read {
        Ok(body) => (body.bytes, body.room),
        Err(BodyError::NoRoom) => return unavailable(kind, "no room for its body"),
        Err(error) => {
            refused(&state, &line.channel, "body_refused", &error.to_string());
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            return HttpResponse::build(status).finish();
        }
    };
    let raw = RawWebhook {
        headers: head::headers(request.headers()),
        body,
    };
    let Some(hook) = proven(platform.clone(), line.clone(), raw).await else {
        refused(&state, &line.channel, "forged", "it could not be proven");
        return HttpResponse::Unauthorized().finish();
    };
    for inbound in &hook.events {
        if let (ChannelEvent::Message { tap: Some(tap), .. }, Some(from)) =
            (&inbound.event, &inbound.contact)
        {
            state.bots.remember_tap(line.channel.id, tap, from);
        }
    }
    let undecodable = hook.undecodable.len();
    let submission = Submission::Webhook(hook);
    match state.ingest.submit_since(submission, since).await {
        Ok(Outcome::Webhook(outcome)) => {
            report(&line, &outcome, undecodable);
            acknowledge_taps(platform, line, outcome.taps);
            point(Point::AfterStore);
            HttpResponse::Ok().finish()
        }
        Ok(_) => unavailable(kind, "ingest answered something else"),
        Err(error) => {
            if let IngestError::Store(error) = &error
                && !error.is_transient()
            {
                tracing::error!(channel = %line.channel.id, %error, "a webhook cannot be stored");
            }
            unavailable(kind, &error.to_string())
        }
    }
}

/// We cannot take it now; the platform will come again.
pub(super) fn unavailable(kind: ChannelKind, why: &str) -> HttpResponse {
    count(kind.name(), "unavailable");
    tracing::warn!(channel = kind.name(), why, "a webhook could not be taken");
    HttpResponse::ServiceUnavailable()
        .insert_header(("retry-after", "2"))
        .finish()
}

/// Proves the sender and reads what they sent; `None` if it is not who it says.
async fn proven(
    platform: Arc<dyn Channel>,
    line: OpenChannel,
    raw: RawWebhook,
) -> Option<ChannelWebhook> {
    let large = raw.body.len() > SMALL;
    let work = move || {
        let webhook = platform.verify(&line.credentials, raw).ok()?;
        Some(decoded(&platform, &line, webhook))
    };
    if large {
        web::block(work).await.ok().flatten()
    } else {
        work()
    }
}

/// What a proven webhook holds. Whatever its decoder stumbles over is kept raw: a message that is
/// sent again and again would hold up all that come after it.
fn decoded(
    platform: &Arc<dyn Channel>,
    line: &OpenChannel,
    webhook: VerifiedWebhook,
) -> ChannelWebhook {
    let read = catch_unwind(AssertUnwindSafe(|| {
        platform.decode(&line.credentials, &line.channel.settings, &webhook)
    }));
    let Decoded {
        events,
        undecodable,
    } = read.unwrap_or_else(|_| {
        metrics::counter!("relevo_decoder_panics").increment(1);
        Decoded {
            events: Vec::new(),
            undecodable: vec!["the decoder failed".to_owned()],
        }
    });
    let raw = webhook.raw().clone();
    let (platform, credentials) = (platform.clone(), line.credentials.clone());
    ChannelWebhook {
        channel: line.channel.clone(),
        raw,
        events,
        undecodable,
        excerpt: Arc::new(move |pointers| platform.excerpt(&credentials, &webhook, pointers)),
    }
}

fn report(line: &OpenChannel, outcome: &WebhookOutcome, undecodable: usize) {
    let kind = line.channel.kind.name();
    count(kind, "accepted");
    let figures = [
        ("stored", outcome.stored),
        ("repeated", outcome.repeated),
        ("refused", outcome.refused),
        ("undecodable", undecodable),
    ];
    for (what, number) in figures {
        if number > 0 {
            metrics::counter!("relevo_webhook_events", "channel" => kind, "result" => what)
                .increment(number as u64);
        }
    }
    if outcome.refused > 0 {
        tracing::warn!(channel = %line.channel.id, refused = outcome.refused, "events for another account were refused");
    }
    if undecodable > 0 {
        tracing::warn!(channel = %line.channel.id, undecodable, "parts of a webhook were kept unread");
    }
}

/// Stops the spinner under buttons whose tap the bot will not hear of.
fn acknowledge_taps(platform: Arc<dyn Channel>, line: OpenChannel, taps: Vec<Tap>) {
    if taps.is_empty() {
        return;
    }
    tokio::spawn(async move {
        for Tap { to, tap } in taps {
            let signal = Signal::TapTaken { tap };
            if let Err(error) = platform.signal(&line.credentials, &to, &signal).await {
                tracing::debug!(channel = %line.channel.id, %error, "a tap was not acknowledged");
            }
        }
    });
}
