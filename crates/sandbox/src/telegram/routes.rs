//! `/bot<token>/<method>` and `/file/bot<token>/<path>`.

use std::sync::Arc;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::errors::BotApiError;
use super::params::Params;
use super::{Telegram, methods};
use crate::phone::locked::lock;

/// Answers every request of the Telegram listener.
pub(super) async fn dispatch(
    request: HttpRequest,
    body: Bytes,
    telegram: Data<Telegram>,
) -> HttpResponse {
    let telegram = telegram.into_inner();
    let path = percent_encoding::percent_decode_str(request.path())
        .decode_utf8_lossy()
        .into_owned();
    match answer(&request, body, &telegram, &path).await {
        Ok(answer) => answer,
        Err(error) => error.answer(),
    }
}

async fn answer(
    request: &HttpRequest,
    body: Bytes,
    telegram: &Arc<Telegram>,
    path: &str,
) -> Result<HttpResponse, BotApiError> {
    let path = path.trim_start_matches('/');
    if let Some(key) = path.strip_prefix("cdn/") {
        let file = telegram.cdn_file(key).ok_or_else(BotApiError::not_found)?;
        return Ok(HttpResponse::Ok()
            .content_type(file.mime.clone())
            .insert_header(("Cache-Control", "private, max-age=3600"))
            .body(file.bytes));
    }
    if let Some(rest) = path.strip_prefix("file/bot") {
        return download(telegram, rest);
    }
    let rest = path
        .strip_prefix("bot")
        .ok_or_else(BotApiError::not_found)?;
    let (token, method) = rest.split_once('/').ok_or_else(BotApiError::not_found)?;
    if !token.contains(':') {
        return Err(BotApiError::not_found());
    }
    let bot = telegram
        .by_token(token)
        .ok_or_else(BotApiError::unauthorized)?;
    let params = Params::read(request, body).await?;
    let done = methods::call(telegram, &bot, method, &params).await?;
    Ok(HttpResponse::Ok().json(done.body()))
}

fn download(telegram: &Telegram, rest: &str) -> Result<HttpResponse, BotApiError> {
    let (token, path) = rest.split_once('/').ok_or_else(BotApiError::not_found)?;
    let bot = telegram
        .by_token(token)
        .ok_or_else(BotApiError::unauthorized)?;
    let state = lock(&bot.state);
    let file = state
        .paths
        .get(path)
        .and_then(|id| state.files.get(id))
        .filter(|file| file.bytes.len() <= super::files::GET_FILE_MAX)
        .ok_or_else(BotApiError::not_found)?;
    // Telegram does not tell the type of a downloaded file.
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .body(file.bytes.clone()))
}
