//! Let's Talk's knobs on the console: organizations, agents, settings, revoked keys.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig, resource};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{AccountRequest, LetsTalk, PersonRequest, Refusal, SettingsPatch};

/// `POST /accounts/letstalk`, `GET|PATCH /accounts/letstalk/{org}`,
/// `POST /accounts/letstalk/{org}/agents|revoke`,
/// `POST /letstalk/conversations/{id}/{client-message|repeat|raw-event}`,
/// `DELETE /letstalk/conversations/{id}`.
pub fn console(cfg: &mut ServiceConfig) {
    cfg.service(resource("/accounts/letstalk").route(web::post().to(create)))
        .service(
            resource("/accounts/letstalk/{org}")
                .route(web::get().to(show))
                .route(web::patch().to(change)),
        )
        .service(resource("/accounts/letstalk/{org}/agents").route(web::post().to(add_agent)))
        .service(resource("/accounts/letstalk/{org}/revoke").route(web::post().to(revoke)))
        .service(resource("/letstalk/conversations/{id}").route(web::delete().to(delete)))
        .service(
            resource("/letstalk/conversations/{id}/client-message")
                .route(web::post().to(client_message)),
        )
        .service(resource("/letstalk/conversations/{id}/repeat").route(web::post().to(repeat)))
        .service(
            resource("/letstalk/conversations/{id}/raw-event").route(web::post().to(raw_event)),
        );
}

type Answer = Result<HttpResponse, Refusal>;

async fn create(platform: Data<LetsTalk>, request: Json<AccountRequest>) -> Answer {
    let view = platform.create_account(request.into_inner())?;
    Ok(HttpResponse::Created().json(view))
}

async fn show(platform: Data<LetsTalk>, org: Path<i64>) -> Answer {
    let view = platform.account(*org).ok_or(Refusal::NotFound)?;
    Ok(HttpResponse::Ok().json(view))
}

async fn change(platform: Data<LetsTalk>, org: Path<i64>, patch: Json<SettingsPatch>) -> Answer {
    platform.change_settings(*org, &patch)?;
    show(platform, org).await
}

async fn add_agent(platform: Data<LetsTalk>, org: Path<i64>, who: Json<PersonRequest>) -> Answer {
    let id = platform.create_agent(*org, who.into_inner())?;
    let view = platform.account(*org).ok_or(Refusal::NotFound)?;
    let agent = view.agents.into_iter().find(|agent| agent.user_id == id);
    Ok(HttpResponse::Created().json(agent))
}

/// Whose key is taken away: one person by id, one client by e-mail, or every client.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Revocation {
    person_id: Option<i64>,
    email: Option<String>,
}

async fn revoke(platform: Data<LetsTalk>, org: Path<i64>, whom: Json<Revocation>) -> Answer {
    let revoked = match (whom.person_id, whom.email.as_deref()) {
        (Some(id), _) => usize::from(platform.revoke_key(id)),
        (None, Some(email)) => platform
            .client_by_email(*org, email)
            .map_or(0, |id| usize::from(platform.revoke_key(id))),
        (None, None) => platform.revoke_clients(*org),
    };
    Ok(HttpResponse::Ok().json(json!({ "revoked": revoked })))
}

async fn delete(platform: Data<LetsTalk>, id: Path<i64>) -> Answer {
    platform.delete_conversation(*id)?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

async fn client_message(platform: Data<LetsTalk>, id: Path<i64>, body: Json<Text>) -> Answer {
    let message = platform.client_says(*id, &body.text)?;
    Ok(HttpResponse::Created().json(json!({ "id": message })))
}

#[derive(Deserialize)]
struct Repeat {
    message_id: i64,
}

async fn repeat(platform: Data<LetsTalk>, id: Path<i64>, body: Json<Repeat>) -> Answer {
    platform.repeat_event(*id, body.message_id)?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
struct RawEvent {
    namespace: String,
    #[serde(default)]
    data: Value,
}

async fn raw_event(platform: Data<LetsTalk>, id: Path<i64>, body: Json<RawEvent>) -> Answer {
    let body = body.into_inner();
    platform.publish_raw(*id, &body.namespace, body.data)?;
    Ok(HttpResponse::NoContent().finish())
}
