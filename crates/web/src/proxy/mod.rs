//! The send proxy: the tenant swaps the base address of its bot's library, nothing else.
//!
//! | the library calls | here |
//! |---|---|
//! | `https://api.telegram.org/bot<token>/sendMessage` | `/proxy/telegram/<key>/bot<token>/sendMessage` |
//! | `https://api.telegram.org/file/bot<token>/…` | `/proxy/telegram/<key>/file/bot<token>/…` |
//! | `https://graph.facebook.com/v25.0/…` | `/proxy/graph/<key>/v25.0/…` |
//!
//! What a call is, and what happens to it, is [`adapters::botcalls`]' to know; here HTTP comes in
//! and goes out. Paths and queries hold tokens: they are never logged.

mod answer;
mod lines;

use crate::edges::body::{self, BodyError, Limits};
use crate::edges::{EdgeState, head};
use actix_web::{HttpRequest, HttpResponse, web};
use adapters::accounts::AccountError;
use adapters::botcalls::{BotRequest, Family};
use std::time::Duration;

/// The largest file that Telegram takes is 50 MB; the form around it is small.
const CAP: usize = 55 << 20;
/// The longest an upload may take to arrive.
const TIME: Duration = Duration::from_secs(300);

/// The routes; needs a `web::Data<EdgeState>`.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/proxy/telegram/{key}{tail:(/.*)?}").to(telegram))
        .service(web::resource("/proxy/graph/{key}{tail:(/.*)?}").to(graph));
}

async fn telegram(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<EdgeState>,
) -> HttpResponse {
    carry(Family::Telegram, &request, payload, state).await
}

async fn graph(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<EdgeState>,
) -> HttpResponse {
    carry(Family::Graph, &request, payload, state).await
}

async fn carry(
    family: Family,
    request: &HttpRequest,
    payload: web::Payload,
    state: web::Data<EdgeState>,
) -> HttpResponse {
    let bots = state.bots.clone();
    let (key, mut call) = split(request);
    let line = match lines::find(&state.accounts, family, &key).await {
        Ok(line) => line,
        Err(AccountError::Missing) => return answer::written(bots.unknown_line(family)),
        Err(error) => {
            tracing::warn!(%error, "a line could not be opened for a bot call");
            return answer::written(bots.busy(family));
        }
    };
    match state.suspended.of(&state.store, line.channel.tenant).await {
        Ok(false) => {}
        Ok(true) => {
            let why = "The Relevo account is suspended";
            return answer::written(bots.refusal(family, 403, why));
        }
        Err(error) => {
            tracing::warn!(%error, "a bot call could not be judged");
            return answer::written(bots.busy(family));
        }
    }
    if let Some(refusal) = bots.refuses(family, &line, &call) {
        metrics::counter!("relevo_bot_calls", "channel" => line.channel.kind.name(), "result" => "refused")
            .increment(1);
        return answer::written(refusal);
    }
    let share = state.room.of(line.channel.tenant);
    let limits = Limits {
        cap: CAP,
        time: TIME,
        room: Some(&share),
    };
    let body = match body::read(payload, head::told_size(request), limits).await {
        Ok(body) => body,
        Err(BodyError::NoRoom) => return answer::written(bots.busy(family)),
        Err(error) => {
            let why = format!("Request body {error}");
            return answer::written(bots.refusal(family, error.status(), &why));
        }
    };
    call.body = body.bytes;
    let room = body.room;
    // A bot that hangs up does not undo what was let through: the platform is called and its
    // answer recorded all the same.
    let carried = tokio::spawn(async move {
        let answer = match family {
            Family::Telegram => bots.telegram(&line, &call).await,
            Family::Graph => bots.graph(&line, &call).await,
        };
        drop(room);
        answer
    });
    match carried.await {
        Ok(done) => answer::written(done),
        Err(error) => {
            tracing::error!(%error, "a bot call broke off");
            answer::written(state.bots.busy(family))
        }
    }
}

/// The line's key and the call below it, with path and query exactly as they were sent.
fn split(request: &HttpRequest) -> (String, BotRequest) {
    let mut parts = request.uri().path().splitn(5, '/').skip(3);
    let key = parts.next().unwrap_or_default().to_owned();
    let call = BotRequest {
        method: request.method().as_str().to_owned(),
        path: format!("/{}", parts.next().unwrap_or_default()),
        query: request.query_string().to_owned(),
        headers: head::headers(request.headers()),
        body: web::Bytes::new(),
    };
    (key, call)
}
