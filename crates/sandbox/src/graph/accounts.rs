//! The console's side: making lines, the App Dashboard, tokens; and the media nodes.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::{Data, Json, Path, ServiceConfig, post, put, resource};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Graph;
use super::app::{Object, Writing};
use super::errors::GraphError;
use super::line::{Line, Manners, NewLine};
use super::media::Stored;
use super::routes::Call;
use super::token::{Token, TokenState};
use crate::phone::kind::Kind;

impl Graph {
    /// Makes a line and answers all its credentials, as the platform would hand them out.
    pub fn create(&self, kind: Kind, new: NewLine) -> Value {
        let line = self.registry.create(kind, new, self.now_ms() / 1000);
        self.credentials(&line)
    }

    fn credentials(&self, line: &Line) -> Value {
        let secret = self.registry.app(&line.app_id).map(|app| app.secret);
        let mut value = line.credentials(secret.as_deref().unwrap_or_default());
        value["api_base"] = self.core.urls.graph.as_str().into();
        value
    }

    /// Its accounts, for `GET /accounts`.
    #[must_use]
    pub fn accounts(&self) -> Vec<Value> {
        self.registry
            .lines()
            .iter()
            .map(|line| self.credentials(line))
            .collect()
    }
}

/// Its routes on the console.
pub fn console(cfg: &mut ServiceConfig) {
    cfg.service(resource("/accounts/{kind:whatsapp|messenger|instagram}").route(post().to(create)))
        .service(
            resource("/accounts/{kind:whatsapp|messenger|instagram}/{id}/webhook")
                .route(post().to(dashboard)),
        )
        .service(
            resource("/accounts/{kind:whatsapp|messenger|instagram}/{id}/token")
                .route(post().to(token)),
        )
        .service(
            resource("/accounts/{kind:whatsapp|messenger|instagram}/{id}/settings")
                .route(put().to(settings)),
        )
        .service(
            resource("/accounts/{kind:whatsapp|messenger|instagram}/{id}/raw")
                .route(post().to(raw)),
        )
        .service(resource("/media/expire").route(post().to(expire)));
}

async fn create(graph: Data<Graph>, kind: Path<Kind>, new: Json<NewLine>) -> HttpResponse {
    HttpResponse::Created().json(graph.create(*kind, new.into_inner()))
}

fn find(graph: &Graph, path: &(Kind, String)) -> Result<Arc<Line>, GraphError> {
    graph
        .registry
        .line(path.0, &path.1)
        .ok_or_else(|| GraphError::missing_object("POST", &path.1))
}

#[derive(Deserialize)]
struct Dashboard {
    callback_url: String,
    verify_token: String,
    #[serde(default)]
    fields: BTreeSet<String>,
}

async fn dashboard(
    graph: Data<Graph>,
    path: Path<(Kind, String)>,
    form: Json<Dashboard>,
) -> Result<HttpResponse, GraphError> {
    let line = find(&graph, &path)?;
    let object =
        Object::of(line.kind).ok_or_else(|| GraphError::missing_object("POST", &line.id))?;
    graph
        .set_callback(
            &line.app_id,
            object,
            &form.callback_url,
            &form.verify_token,
            form.fields.clone(),
        )
        .await?;
    Ok(HttpResponse::Ok().json(json!({"success": true})))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct TokenChange {
    state: Option<TokenState>,
    scopes: Option<Vec<String>>,
    rotate: bool,
}

async fn token(
    graph: Data<Graph>,
    path: Path<(Kind, String)>,
    form: Json<TokenChange>,
) -> Result<HttpResponse, GraphError> {
    let line = find(&graph, &path)?;
    graph.registry.change_token(&line.token, |token| {
        if let Some(state) = form.state {
            token.state = state;
        }
        if let Some(scopes) = &form.scopes {
            token.scopes = scopes.clone();
        }
    });
    if form.rotate {
        graph
            .registry
            .renew_token(&line.token, graph.now_ms() / 1000);
    }
    let line = find(&graph, &path)?;
    Ok(HttpResponse::Ok().json(graph.credentials(&line)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Settings {
    manners: Option<Manners>,
    writing: Option<Writing>,
    human_agent: Option<bool>,
    registered: Option<bool>,
    default_app: Option<Option<String>>,
}

async fn settings(
    graph: Data<Graph>,
    path: Path<(Kind, String)>,
    form: Json<Settings>,
) -> Result<HttpResponse, GraphError> {
    let form = form.into_inner();
    let line = find(&graph, &path)?;
    if let Some(writing) = form.writing {
        graph
            .registry
            .change_app(&line.app_id, |app| app.writing = writing);
    }
    let line = graph.registry.change(line.kind, &line.id, |line| {
        if let Some(manners) = form.manners {
            line.manners = manners;
        }
        if let Some(human_agent) = form.human_agent {
            line.human_agent = human_agent;
        }
        if let Some(registered) = form.registered {
            line.registered = registered;
        }
        if let Some(default_app) = form.default_app {
            line.default_app = default_app;
        }
    });
    Ok(HttpResponse::Ok().json(line.map(|line| graph.credentials(&line))))
}

async fn raw(
    graph: Data<Graph>,
    path: Path<(Kind, String)>,
    entries: Json<Vec<Value>>,
) -> Result<HttpResponse, GraphError> {
    let graph = graph.into_inner();
    let line = find(&graph, &path)?;
    graph
        .emit_raw(&line, entries.into_inner())
        .await
        .map_err(GraphError::parameter)?;
    Ok(HttpResponse::Ok().json(json!({"success": true})))
}

async fn expire(graph: Data<Graph>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"expired": graph.media.expire_addresses()}))
}

/// `POST /{phone}/media`: types WhatsApp does not take are refused at once.
pub(super) fn upload(graph: &Graph, call: &Call, line: &Line) -> Result<Value, GraphError> {
    if call.body["messaging_product"] != "whatsapp" {
        return Err(GraphError::parameter(
            "The parameter messaging_product is required.",
        ));
    }
    let file = call
        .file
        .as_ref()
        .ok_or_else(|| GraphError::parameter("The parameter file is required."))?;
    let mime = call.body["type"]
        .as_str()
        .or(file.mime.as_deref())
        .unwrap_or("application/octet-stream")
        .to_owned();
    let bare = mime.split(';').next().unwrap_or_default().trim();
    const TAKEN: &[&str] = &[
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "video/3gpp",
        "audio/aac",
        "audio/amr",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/opus",
        "application/pdf",
        "text/plain",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ];
    if !TAKEN.contains(&bare) {
        return Err(GraphError::parameter(format!(
            "Param file must be a file with one of the following types: {}. Received file of type '{bare}'.",
            TAKEN.join(", ")
        )));
    }
    let stored = graph.media.keep(
        Kind::Whatsapp,
        &line.id,
        file.bytes.clone(),
        &mime,
        file.filename.clone(),
    );
    Ok(json!({"id": stored.id}))
}

/// `GET` or `DELETE /{media_id}`.
pub(super) fn media_node(
    graph: &Graph,
    call: &Call,
    token: &Token,
    stored: &Stored,
) -> Result<Value, GraphError> {
    if stored.kind != Kind::Whatsapp || !token.covers(Kind::Whatsapp, &stored.account) {
        return Err(GraphError::missing_object(call.method.as_str(), &stored.id));
    }
    if call.method == Method::DELETE {
        return Ok(json!({"success": graph.media.delete(&stored.id)}));
    }
    let key = graph.media.address(&stored.id, graph.now_ms());
    Ok(json!({
        "url": format!(
            "{}/whatsapp_business/attachments/?mid={}&hash={key}",
            graph.core.urls.graph, stored.id
        ),
        "mime_type": stored.mime,
        "sha256": stored.sha256_base64(),
        "file_size": stored.bytes.len(),
        "id": stored.id,
        "messaging_product": "whatsapp",
    }))
}

/// The download host: needs the Bearer token and a User-Agent, and addresses expire.
pub(super) fn lookaside(graph: &Graph, request: &HttpRequest) -> Result<HttpResponse, GraphError> {
    if !request.headers().contains_key("User-Agent") {
        return Ok(HttpResponse::Forbidden()
            .content_type("text/html; charset=utf-8")
            .body("<!DOCTYPE html><html><title>Error</title><body>Sorry, something went wrong.</body></html>"));
    }
    let bearer = request
        .headers()
        .get("Authorization")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let token = graph.authenticate(bearer)?;
    let key = url::form_urlencoded::parse(request.query_string().as_bytes())
        .find_map(|(name, value)| (name == "hash").then(|| value.into_owned()))
        .unwrap_or_default();
    let found = graph
        .media
        .by_address(&key, graph.now_ms())
        .filter(|stored| token.covers(Kind::Whatsapp, &stored.account));
    Ok(match found {
        Some(stored) => HttpResponse::Ok()
            .content_type(stored.mime.clone())
            .body(stored.bytes),
        None => HttpResponse::NotFound()
            .content_type("text/html; charset=utf-8")
            .body("<!DOCTYPE html><html><title>Not found</title></html>"),
    })
}

/// The CDN: no credentials.
pub(super) fn cdn(graph: &Graph, key: &str) -> HttpResponse {
    match graph.media.by_cdn_key(key) {
        Some(stored) => HttpResponse::Ok()
            .content_type(stored.mime.clone())
            .insert_header(("Cache-Control", "private, max-age=3600"))
            .body(stored.bytes),
        None => HttpResponse::NotFound().body("Bad URL hash"),
    }
}
