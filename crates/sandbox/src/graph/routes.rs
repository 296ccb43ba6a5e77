//! From a path to a node and an edge. Graph's paths are `/{version?}/{node}/{edge?}`, and what a
//! node is can only be told by looking it up.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::auth::token_of;
use super::errors::GraphError;
use super::line::{Flavour, Line};
use super::messenger::{control, send as messenger_send};
use super::whatsapp::{nodes, send as whatsapp_send};
use super::{Graph, whatsapp};
use crate::form::{self, Part};
use crate::phone::kind::Kind;
use crate::phone::threads::Key;

/// What a request carries, however it was encoded.
pub(super) struct Call {
    pub method: Method,
    pub query: Value,
    pub body: Value,
    pub file: Option<Part>,
    pub token: Option<String>,
}

impl Call {
    /// Query and body together, the body winning.
    fn parameters(&self) -> Value {
        let mut all = self.query.as_object().cloned().unwrap_or_default();
        if let Value::Object(body) = &self.body {
            all.extend(body.clone());
        }
        Value::Object(all)
    }

    fn fields(&self) -> Option<&str> {
        self.query["fields"].as_str()
    }
}

fn pairs(text: &[u8]) -> Value {
    let map: Map<String, Value> = url::form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), structured(value.into_owned())))
        .collect();
    Value::Object(map)
}

/// Form values may hold JSON, as in `message={"attachment":…}`.
fn structured(text: String) -> Value {
    if text.starts_with('{') || text.starts_with('[') {
        return serde_json::from_str(&text).unwrap_or(Value::String(text));
    }
    Value::String(text)
}

async fn read(request: &HttpRequest, bytes: Bytes) -> Result<Call, GraphError> {
    let query = pairs(request.query_string().as_bytes());
    let mime = request
        .headers()
        .get("Content-Type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut file = None;
    let body = if form::is_multipart(request) {
        let parts = form::parts(request, bytes)
            .await
            .map_err(|why| GraphError::parameter(format!("Malformed form: {why}")))?;
        let mut map = Map::new();
        for part in parts {
            if matches!(part.name.as_str(), "file" | "filedata") {
                file = Some(part);
            } else {
                map.insert(part.name.clone(), structured(part.text()));
            }
        }
        Value::Object(map)
    } else if mime.starts_with("application/x-www-form-urlencoded") {
        pairs(&bytes)
    } else if bytes.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(&bytes)
            .map_err(|_| GraphError::parameter("The request body is not valid JSON"))?
    };
    let token = token_of(request, &query, &body);
    Ok(Call {
        method: request.method().clone(),
        query,
        body,
        file,
        token,
    })
}

/// Answers every request of the Graph listener.
pub(super) async fn dispatch(
    request: HttpRequest,
    bytes: Bytes,
    graph: Data<Graph>,
) -> Result<HttpResponse, GraphError> {
    let graph = graph.into_inner();
    let path = request.path().to_owned();
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match segments.as_slice() {
        ["cdn", key, ..] => return Ok(super::accounts::cdn(&graph, key)),
        ["whatsapp_business", "attachments", ..] => {
            return super::accounts::lookaside(&graph, &request);
        }
        _ => {}
    }
    let call = read(&request, bytes).await?;
    let segments = match segments.split_first() {
        Some((version, rest)) if is_version(version) => rest,
        _ => &segments,
    };
    let answer = match segments {
        ["debug_token"] => debug_token(&graph, &call),
        ["oauth", "access_token"] => app_token(&graph, &call),
        ["refresh_access_token"] => refresh(&graph, &call),
        [app, "subscriptions"] => {
            let parameters = call.parameters();
            graph
                .app_subscriptions(&call.method, app, call.token.as_deref(), &parameters)
                .await
        }
        [node] => one_node(&graph, &call, node).await,
        [node, edge] => edge_of(&graph, &call, node, edge).await,
        _ => Err(unknown_path(&call.method, &path)),
    }?;
    Ok(HttpResponse::Ok()
        .insert_header(("facebook-api-version", "v25.0"))
        .json(answer))
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|rest| rest.split('.').all(|part| part.parse::<u32>().is_ok()))
}

fn unknown_path(method: &Method, path: &str) -> GraphError {
    GraphError::new(
        400,
        2500,
        format!("Unknown path components: {method} {path}"),
    )
}

fn debug_token(graph: &Graph, call: &Call) -> Result<Value, GraphError> {
    let app = call
        .token
        .as_deref()
        .ok_or_else(GraphError::no_token)
        .map(|token| graph.registry.app_by_token(token))?;
    let input = call.query["input_token"].as_str().unwrap_or_default();
    let token = graph.registry.token(input);
    let (Some(app), Some(token)) = (app, token) else {
        return Err(GraphError::parameter(
            "You must provide an app access token, or a user access token that is an owner or developer of the app",
        ));
    };
    if token.app_id != app.id {
        return Err(GraphError::parameter(
            "The App_id in the input_token did not match the Viewing App",
        ));
    }
    let targets: Vec<&String> = token.lines.iter().map(|(_, id)| id).collect();
    let granular: Vec<Value> = token
        .scopes
        .iter()
        .map(|scope| json!({"scope": scope, "target_ids": targets}))
        .collect();
    Ok(json!({"data": {
        "app_id": token.app_id, "type": "SYSTEM_USER", "application": "Relevo",
        "is_valid": token.alive().is_ok(), "expires_at": 0, "data_access_expires_at": 0,
        "issued_at": token.issued_at, "scopes": token.scopes, "granular_scopes": granular,
        "user_id": "122000000000001",
    }}))
}

fn app_token(graph: &Graph, call: &Call) -> Result<Value, GraphError> {
    let parameters = call.parameters();
    let text = |name: &str| parameters[name].as_str().unwrap_or_default().to_owned();
    let token = format!("{}|{}", text("client_id"), text("client_secret"));
    if text("grant_type") != "client_credentials" {
        return Err(GraphError::parameter("Param grant_type is not valid"));
    }
    graph
        .registry
        .app_by_token(&token)
        .map(|app| json!({"access_token": app.token(), "token_type": "bearer"}))
        .ok_or_else(|| GraphError::new(400, 101, "Error validating client secret."))
}

/// Instagram Login: a fresh long-lived token for a living one.
fn refresh(graph: &Graph, call: &Call) -> Result<Value, GraphError> {
    graph.authenticate(call.token.as_deref())?;
    if call.query["grant_type"] != "ig_refresh_token" {
        return Err(GraphError::parameter("Param grant_type is not valid"));
    }
    let old = call.token.as_deref().unwrap_or_default();
    graph
        .registry
        .renew_token(old, graph.now_ms() / 1000)
        .map(
            |token| json!({"access_token": token, "token_type": "bearer", "expires_in": 5_184_000}),
        )
        .ok_or_else(GraphError::no_token)
}

/// `/{node}` without an edge.
async fn one_node(graph: &Arc<Graph>, call: &Call, node: &str) -> Result<Value, GraphError> {
    let token = graph.authenticate(call.token.as_deref())?;
    let missing = || GraphError::missing_object(call.method.as_str(), node);
    if let Some(line) = graph.registry.line(Kind::Whatsapp, node) {
        if !token.covers(line.kind, &line.id) {
            return Err(missing());
        }
        token.needs("whatsapp_business_management")?;
        if call.method == Method::POST {
            let callback = graph
                .override_of(&call.body["webhook_configuration"])
                .await?;
            graph.registry.change(line.kind, &line.id, |line| {
                line.override_callback = callback;
            });
            return Ok(json!({"success": true}));
        }
        return Ok(nodes::number(&line, call.fields()));
    }
    if let Some(stored) = graph.media.find(node) {
        return super::accounts::media_node(graph, call, &token, &stored);
    }
    if node == "me" {
        let line = graph.me(&token)?;
        return Ok(nodes::select(&about(&line), call.fields()));
    }
    let covered = graph.covered(&token, node);
    if let Some(line) = covered.first() {
        return Ok(nodes::select(&asset(&covered, line, node), call.fields()));
    }
    // A user's profile: a PSID or IGSID of one of the token's lines.
    for (kind, id) in &token.lines {
        let key = Key::new(*kind, id, node);
        if let Some(person) = graph.threads.read(&key, |thread| thread.person.clone()) {
            let (first, last) = person.name.split_once(' ').unwrap_or((&person.name, ""));
            return Ok(nodes::select(
                &json!({
                    "id": person.id, "name": person.name, "first_name": first, "last_name": last,
                    "username": person.username,
                }),
                call.fields(),
            ));
        }
    }
    Err(missing())
}

/// `/me` for the kind of line that the token belongs to.
fn about(line: &Line) -> Value {
    if line.kind == Kind::Instagram && line.flavour == Flavour::Login {
        return json!({
            "id": line.scoped_id, "user_id": line.id, "username": line.username, "name": line.name,
            "account_type": "BUSINESS",
        });
    }
    json!({"id": line.asset(), "name": line.name})
}

fn asset(covered: &[Arc<Line>], line: &Line, node: &str) -> Value {
    let mut value = about(line);
    value["id"] = node.into();
    if let Some(instagram) = covered.iter().find(|line| line.kind == Kind::Instagram) {
        value["instagram_business_account"] =
            json!({"id": instagram.id, "username": instagram.username});
    }
    value
}

/// `/{node}/{edge}`.
async fn edge_of(
    graph: &Arc<Graph>,
    call: &Call,
    node: &str,
    edge: &str,
) -> Result<Value, GraphError> {
    let token = graph.authenticate(call.token.as_deref())?;
    let missing = || GraphError::missing_object(call.method.as_str(), node);
    let number = graph
        .registry
        .line(Kind::Whatsapp, node)
        .filter(|line| token.covers(line.kind, &line.id));
    let post = call.method == Method::POST;
    if edge == "subscribed_apps" {
        let asset = match node {
            "me" => graph.me(&token)?.asset().to_owned(),
            _ => node.to_owned(),
        };
        let lines = graph.covered(&token, &asset);
        let line = lines.first().ok_or_else(missing)?;
        token.needs(match (line.kind, line.flavour) {
            (Kind::Whatsapp, _) => "whatsapp_business_management",
            (Kind::Instagram, Flavour::Login) => "instagram_business_manage_messages",
            _ => "pages_manage_metadata",
        })?;
        let parameters = call.parameters();
        return graph
            .subscribed_apps(&call.method, &lines, &token.app_id, &parameters)
            .await;
    }
    if let Some(line) = number {
        return match edge {
            "messages" if post => {
                token.needs("whatsapp_business_messaging")?;
                whatsapp_send::send(graph, &line, &token.app_id, call.body.clone()).await
            }
            "media" if post => super::accounts::upload(graph, call, &line),
            "register" | "deregister" if post => {
                token.needs("whatsapp_business_management")?;
                graph.registry.change(line.kind, &line.id, |line| {
                    line.registered = edge == "register";
                });
                Ok(json!({"success": true}))
            }
            _ => Err(missing()),
        };
    }
    match edge {
        "phone_numbers" | "message_templates" => {
            token.needs("whatsapp_business_management")?;
            let lines = graph.covered(&token, node);
            let line = lines
                .first()
                .filter(|line| line.kind == Kind::Whatsapp)
                .ok_or_else(missing)?;
            if edge == "message_templates" {
                return Ok(nodes::templates(line));
            }
            let data: Vec<Value> = lines
                .iter()
                .map(|line| whatsapp::nodes::number(line, call.fields()))
                .collect();
            Ok(json!({ "data": data }))
        }
        "messages" | "message_attachments" if post => {
            let line = sender(graph, &token, node, &call.body)?;
            token.needs(match line.kind {
                Kind::Instagram => "instagram_manage_messages",
                _ => "pages_messaging",
            })?;
            let (body, file) = (call.body.clone(), call.file.clone());
            if edge == "messages" {
                messenger_send::send(graph, &line, &token.app_id, body, file).await
            } else {
                messenger_send::upload(graph, &line, body, file).await
            }
        }
        operation if post && operation.ends_with("_thread_control") => {
            let line = sender(graph, &token, node, &call.body)?;
            control::call(graph, &line, &token.app_id, operation, &call.body)
        }
        _ => Err(missing()),
    }
}

/// Which line a page's send is meant for: the one that knows the recipient, or the one named by
/// `platform`, else the first.
fn sender(
    graph: &Graph,
    token: &super::token::Token,
    node: &str,
    body: &Value,
) -> Result<Arc<Line>, GraphError> {
    let lines = graph.senders(token, node);
    let recipient = match &body["recipient"]["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => String::new(),
    };
    lines
        .iter()
        .find(|line| {
            let key = Key::new(line.kind, &line.id, &recipient);
            graph.threads.read(&key, |_| ()).is_some()
        })
        .or_else(|| {
            let wanted = match body["platform"].as_str() {
                Some("instagram") => Kind::Instagram,
                _ => Kind::Messenger,
            };
            lines.iter().find(|line| line.kind == wanted)
        })
        .or(lines.first())
        .cloned()
        .ok_or_else(|| GraphError::missing_object("POST", node))
}
