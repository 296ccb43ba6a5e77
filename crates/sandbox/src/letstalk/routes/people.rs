//! `POST /integration/auth/token` and `GET /clients/{id}`.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;

use super::super::clients::Introduction;
use super::super::errors::Refusal;
use super::super::{LetsTalk, shapes};
use super::auth::Key;

#[derive(Deserialize)]
pub(super) struct Body {
    email: Option<String>,
    name: Option<String>,
    consumer: Option<Consumer>,
    organization_id: Option<i64>,
}

#[derive(Deserialize)]
struct Consumer {
    key: Option<String>,
    token: Option<String>,
}

/// Creates or gets a client. The consumer is the credential; there is no Authorization header.
pub(super) async fn introduce(
    platform: Data<LetsTalk>,
    body: Json<Body>,
) -> Result<HttpResponse, Refusal> {
    let body = body.into_inner();
    let consumer = body.consumer.ok_or(Refusal::Unauthorized)?;
    let filled = |text: Option<String>, field| {
        text.filter(|text| !text.trim().is_empty())
            .ok_or(Refusal::missing(field))
    };
    let answer = platform.introduce(&Introduction {
        email: filled(body.email, "email")?,
        name: filled(body.name, "name")?,
        consumer_key: consumer.key.ok_or(Refusal::Unauthorized)?,
        consumer_token: consumer.token.ok_or(Refusal::Unauthorized)?,
        organization_id: body
            .organization_id
            .ok_or(Refusal::missing("organization_id"))?,
    })?;
    Ok(HttpResponse::Ok().json(answer))
}

/// A client reads its own data.
pub(super) async fn client(
    platform: Data<LetsTalk>,
    key: Key,
    id: Path<i64>,
) -> Result<HttpResponse, Refusal> {
    let store = platform.lock();
    let reader = store.owner(&key.0)?;
    if reader.id != *id {
        return Err(Refusal::Forbidden("own data only"));
    }
    Ok(HttpResponse::Ok().json(shapes::client(&store, &reader)))
}
