//! `POST /{page}/messages`, `/me/messages` and `/{ig}/messages`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::content::{self, check};
use super::{control, events, files};
use crate::form::Part;
use crate::graph::Graph;
use crate::graph::errors::GraphError;
use crate::graph::line::{Echo, Line};
use crate::graph::outgoing::Sent;
use crate::phone::ids;
use crate::phone::kind::Kind;
use crate::phone::shown::{Author, Content, Tick};
use crate::phone::threads::{Key, Person};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Carries out a send or a sender action.
pub(crate) async fn send(
    graph: &Arc<Graph>,
    line: &Line,
    app_id: &str,
    body: Value,
    upload: Option<Part>,
) -> Result<Value, GraphError> {
    let contact = match &body["recipient"]["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err(GraphError::parameter("The parameter recipient is required")),
    };
    let key = Key::new(line.kind, &line.id, &contact);
    let person = graph
        .threads
        .read(&key, |thread| thread.person.clone())
        .ok_or_else(|| no_such_user(line.kind))?;
    control::may_speak(graph, line, &contact, app_id)?;
    if let Some(action) = body["sender_action"].as_str() {
        return act(graph, line, &key, action, &body);
    }
    reachable(line, &person)?;
    within_window(graph, line, &person, &body)?;
    let message = &body["message"];
    if !message.is_object() {
        return Err(GraphError::parameter("The parameter message is required"));
    }
    let checked = check(line.kind, message, upload.is_some())?;
    let mut content = checked.content;
    let mut echoed = message.clone();
    let mut attachments = Vec::new();
    for wanted in &checked.files {
        let stored = files::get(graph, line, wanted, upload.as_ref()).await?;
        let media = stored.shown(&graph.core.urls.graph);
        attachments.push(json!({"type": wanted.kind, "payload": {"url": media.url}}));
        match content.media {
            None => content.media = Some(media),
            Some(_) => content.more_media.push(media),
        }
    }
    if attachments.is_empty() && message["attachment"]["type"] == "template" {
        attachments.push(json!({"type": "template", "payload": message["attachment"]["payload"]}));
    }
    if !attachments.is_empty() {
        echoed["attachments"] = attachments.into();
    }
    let sent = Sent {
        id: if line.kind == Kind::Instagram {
            ids::instagram_mid()
        } else {
            ids::mid()
        },
        reply_to: body["reply_to"]["mid"].as_str().map(str::to_owned),
        correlation: message["metadata"].as_str().map(str::to_owned),
        app_id: Some(app_id.to_owned()),
    };
    publish(graph, line, &contact, content, &sent, &echoed).await;
    Ok(json!({"recipient_id": contact, "message_id": sent.id}))
}

/// Shows the message, echoes it, and lets the receipts follow.
async fn publish(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    content: Content,
    sent: &Sent,
    echoed: &Value,
) {
    graph.show_on_phone(line, contact, content, sent);
    match line.manners.echo {
        Echo::Before => {
            for running in events::echo(graph, line, contact, sent, echoed) {
                // The receiver may be waiting for our answer first.
                let _ = tokio::time::timeout(Duration::from_secs(2), running).await;
            }
        }
        Echo::After => {
            events::echo(graph, line, contact, sent, echoed);
        }
        Echo::Off => {}
    }
    let (graph, line) = (graph.clone(), line.clone());
    let (contact, mid) = (contact.to_owned(), sent.id.clone());
    let runtime = graph.core.runtime.clone();
    runtime.spawn(async move {
        let key = Key::new(line.kind, &line.id, &contact);
        if let Some(ms) = line.manners.delivered_ms {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            graph.threads.edit(&key, &mid, |shown| {
                shown.tick = shown.tick.max(Tick::Delivered);
            });
            if line.kind == Kind::Messenger {
                events::delivery(&graph, &line, &contact, &mid);
            }
        }
        if let Some(ms) = line.manners.read_ms {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            read_all(&graph, &line, &contact);
        }
    });
}

/// A person answers from the platform's own inbox, or another app speaks.
pub(crate) fn from_elsewhere(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    text: &str,
    app_id: Option<String>,
) -> String {
    let sent = Sent {
        id: if line.kind == Kind::Instagram {
            ids::instagram_mid()
        } else {
            ids::mid()
        },
        app_id,
        ..Sent::default()
    };
    graph.show_on_phone(line, contact, Content::text(text), &sent);
    events::echo(graph, line, contact, &sent, &json!({"text": text}));
    sent.id
}

/// The contact opens the chat: everything the business sent is seen.
pub(crate) fn read_all(graph: &Arc<Graph>, line: &Line, contact: &str) -> usize {
    let key = Key::new(line.kind, &line.id, contact);
    let moved = graph
        .threads
        .tick_up_to(&key, Author::Business, i64::MAX, Tick::Read);
    if let Some(last) = moved.last() {
        events::read(graph, line, contact, last);
    }
    moved.len()
}

fn no_such_user(kind: Kind) -> GraphError {
    match kind {
        Kind::Instagram => {
            GraphError::parameter("No matching Instagram user").with_subcode(2534014)
        }
        _ => GraphError::parameter("No matching user found").with_subcode(2018001),
    }
}

fn reachable(line: &Line, person: &Person) -> Result<(), GraphError> {
    if !person.started {
        return Err(no_such_user(line.kind));
    }
    if person.blocked {
        return Err(
            GraphError::new(400, 551, "(#551) This person isn't available right now.")
                .with_subcode(1545041),
        );
    }
    Ok(())
}

/// 24 hours for everybody, seven days for a person with the Human Agent feature.
fn within_window(
    graph: &Graph,
    line: &Line,
    person: &Person,
    body: &Value,
) -> Result<(), GraphError> {
    let closed = || {
        let subcode = if line.kind == Kind::Instagram {
            2534022
        } else {
            2018278
        };
        GraphError::new(
            400,
            10,
            "(#10) This message is sent outside of allowed window.",
        )
        .with_subcode(subcode)
    };
    let age = person
        .last_wrote_ms
        .map(|at| graph.now_ms() - at)
        .ok_or_else(closed)?;
    let window = match (body["messaging_type"].as_str(), body["tag"].as_str()) {
        (Some("MESSAGE_TAG"), Some("HUMAN_AGENT")) if line.human_agent => 7 * DAY_MS,
        (Some("MESSAGE_TAG"), Some("HUMAN_AGENT")) => {
            return Err(GraphError::new(
                403,
                10,
                "(#10) To use the Human Agent tag the app needs the Human Agent feature.",
            ));
        }
        (Some("MESSAGE_TAG"), _) => {
            return Err(GraphError::parameter(
                "Param tag must be one of {HUMAN_AGENT}",
            ));
        }
        (None | Some("RESPONSE" | "UPDATE"), None) => DAY_MS,
        (_, Some(_)) => {
            return Err(GraphError::parameter(
                "A tag needs messaging_type MESSAGE_TAG",
            ));
        }
        (Some(other), None) => {
            return Err(GraphError::parameter(format!(
                "Param messaging_type must be one of {{MESSAGE_TAG, RESPONSE, UPDATE}} - got {other}"
            )));
        }
    };
    if age > window { Err(closed()) } else { Ok(()) }
}

fn act(
    graph: &Arc<Graph>,
    line: &Line,
    key: &Key,
    action: &str,
    body: &Value,
) -> Result<Value, GraphError> {
    if !body["message"].is_null() {
        return Err(GraphError::parameter(
            "sender_action cannot be sent together with a message",
        ));
    }
    match action {
        "typing_on" => graph.threads.typing(key, graph.now_ms() + 20_000),
        "typing_off" => graph.threads.typing(key, 0),
        "mark_seen" => {
            graph
                .threads
                .tick_up_to(key, Author::Contact, i64::MAX, Tick::Read);
        }
        "react" | "unreact" if line.kind == Kind::Instagram => {
            let target = body["payload"]["message_id"]
                .as_str()
                .ok_or_else(|| GraphError::parameter("payload[message_id] is required"))?;
            let emoji = match body["payload"]["reaction"].as_str() {
                Some("love") | None => "❤️",
                Some(other) => other,
            };
            graph.threads.edit(key, target, |shown| {
                if action == "react" {
                    shown.reactions.insert(Author::Business, emoji.to_owned());
                } else {
                    shown.reactions.remove(&Author::Business);
                }
            });
        }
        other => {
            return Err(GraphError::parameter(format!(
                "Param sender_action is not valid: {other}"
            )));
        }
    }
    Ok(json!({"recipient_id": key.contact}))
}

/// `POST /{page}/message_attachments`: stores a reusable file.
pub(crate) async fn upload(
    graph: &Arc<Graph>,
    line: &Line,
    body: Value,
    part: Option<Part>,
) -> Result<Value, GraphError> {
    let attachment = &body["message"]["attachment"];
    let kind = attachment["type"]
        .as_str()
        .filter(|kind| matches!(*kind, "image" | "audio" | "video" | "file"))
        .ok_or_else(|| GraphError::parameter("Param message[attachment][type] is not valid"))?;
    let wanted = content::wanted(kind, &attachment["payload"], part.is_some())?;
    let stored = files::get(graph, line, &wanted, part.as_ref()).await?;
    Ok(json!({"attachment_id": stored.id}))
}
