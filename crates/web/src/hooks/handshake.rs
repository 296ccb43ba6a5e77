//! The handshake of the Meta channels: our verify token against their challenge.

use super::{count, refused};
use crate::edges::{EdgeState, head};
use actix_web::{HttpRequest, HttpResponse, web};
use adapters::accounts::AccountError;
use domain::channel::ChannelKind;

/// A challenge is a short number; nobody gets longer texts repeated from our address.
const LONGEST: usize = 128;

/// Repeats the challenge as plain text, or refuses with 403.
pub(super) async fn answer(
    path: web::Path<(String, String)>,
    request: HttpRequest,
    state: web::Data<EdgeState>,
) -> HttpResponse {
    let (kind, key) = path.into_inner();
    let Some(kind) = ChannelKind::from_name(&kind).filter(|_| head::is_key(&key)) else {
        return HttpResponse::NotFound().finish();
    };
    let line = match state.accounts.by_key(kind, &key).await {
        Ok(line) => line,
        Err(AccountError::Missing) => return HttpResponse::NotFound().finish(),
        Err(error) => return super::receive::unavailable(kind, &error.to_string()),
    };
    let Some(platform) = state.channels.get(kind) else {
        return HttpResponse::NotFound().finish();
    };
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.query_string().as_bytes())
            .into_owned()
            .collect();
    match platform.handshake(&line.credentials, &query) {
        Ok(challenge) if challenge.len() <= LONGEST && !challenge.contains(char::is_control) => {
            count(kind.name(), "handshake");
            HttpResponse::Ok()
                .content_type("text/plain; charset=utf-8")
                .insert_header(("x-content-type-options", "nosniff"))
                .body(challenge)
        }
        _ => {
            refused(
                &state,
                &line.channel,
                "handshake_refused",
                "its token is another",
            );
            HttpResponse::Forbidden().finish()
        }
    }
}
