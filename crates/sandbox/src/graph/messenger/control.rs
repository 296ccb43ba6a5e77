//! Thread control: which app may speak.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events;
use crate::graph::Graph;
use crate::graph::errors::GraphError;
use crate::graph::line::Line;
use crate::phone::kind::Kind;
use crate::phone::locked::lock;
use crate::phone::threads::Key;

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Refuses a send while another app owns the thread.
pub(crate) fn may_speak(
    graph: &Graph,
    line: &Line,
    contact: &str,
    app_id: &str,
) -> Result<(), GraphError> {
    match graph.owner(line, contact) {
        Some(owner) if owner != app_id => Err(if line.kind == Kind::Instagram {
            GraphError::parameter("The app is not the owner of the thread").with_subcode(2534037)
        } else {
            GraphError::new(
                400,
                10,
                "(#10) Message failed to send because another app is controlling this thread now.",
            )
            .with_subcode(2018300)
        }),
        _ => Ok(()),
    }
}

/// Carries out `pass_`, `take_`, `release_`, `request_` or `extend_thread_control`.
pub(crate) fn call(
    graph: &Arc<Graph>,
    line: &Line,
    app_id: &str,
    operation: &str,
    body: &Value,
) -> Result<Value, GraphError> {
    let contact = text_of(&body["recipient"]["id"])
        .ok_or_else(|| GraphError::parameter("The parameter recipient is required"))?;
    let key = Key::new(line.kind, &line.id, &contact);
    if graph.threads.read(&key, |_| ()).is_none() {
        return Err(GraphError::parameter("No matching user found").with_subcode(2018001));
    }
    let owner = graph.owner(line, &contact);
    let metadata = body["metadata"].clone();
    match operation {
        "pass_thread_control" => {
            may_speak(graph, line, &contact, app_id)?;
            let target = text_of(&body["target_app_id"])
                .ok_or_else(|| GraphError::parameter("The parameter target_app_id is required"))?;
            set_owner(graph, &key, Some(&target));
            let value = json!({
                "previous_owner_app_id": owner.unwrap_or_else(|| app_id.to_owned()),
                "new_owner_app_id": target, "metadata": metadata,
            });
            events::control(graph, line, &contact, "pass_thread_control", value, None);
        }
        "take_thread_control" => take(graph, line, &contact, app_id, metadata),
        "release_thread_control" => {
            may_speak(graph, line, &contact, app_id)?;
            set_owner(graph, &key, None);
            let value = json!({
                "previous_owner_app_id": app_id,
                "new_owner_app_id": line.default_app, "metadata": metadata,
            });
            events::control(graph, line, &contact, "pass_thread_control", value, None);
        }
        "request_thread_control" => {
            let value = json!({"requested_owner_app_id": app_id, "metadata": metadata});
            events::control(
                graph,
                line,
                &contact,
                "request_thread_control",
                value,
                owner,
            );
        }
        "extend_thread_control" => may_speak(graph, line, &contact, app_id)?,
        _ => return Err(GraphError::missing_object("POST", operation)),
    }
    Ok(json!({"success": true}))
}

/// An app (or the platform's own inbox) takes the thread.
pub(crate) fn take(graph: &Arc<Graph>, line: &Line, contact: &str, app_id: &str, metadata: Value) {
    let key = Key::new(line.kind, &line.id, contact);
    let owner = graph.owner(line, contact);
    set_owner(graph, &key, Some(app_id));
    let value = json!({
        "previous_owner_app_id": owner, "new_owner_app_id": app_id, "metadata": metadata,
    });
    events::control(graph, line, contact, "take_thread_control", value, None);
}

/// Sets or clears who owns a thread, silently.
pub(crate) fn set_owner(graph: &Graph, key: &Key, owner: Option<&str>) {
    let mut owners = lock(&graph.owners);
    match owner {
        Some(owner) => owners.insert(key.clone(), owner.to_owned()),
        None => owners.remove(key),
    };
}
