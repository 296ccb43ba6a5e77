//! Inbound Messenger and Instagram webhooks: the items of `messaging[]`.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::graph::Graph;
use crate::graph::emit::Event;
use crate::graph::line::Line;
use crate::graph::outgoing::Sent;
use crate::phone::kind::Kind;
use crate::webhook::Outcome;

/// Something the user did; `part` is the name of the item's own object (`message`, `postback` …).
pub(crate) fn from_user(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    id: &str,
    part: &'static str,
    value: Value,
) -> Vec<JoinHandle<Outcome>> {
    let mut item = json!({
        "sender": {"id": contact},
        "recipient": {"id": line.id},
        "timestamp": graph.now_ms(),
    });
    item[part] = value;
    emit(graph, line, contact, id, field(line.kind, part), item, None)
}

/// The field under which an item is subscribed.
fn field(kind: Kind, part: &str) -> &'static str {
    match (part, kind) {
        ("postback", _) => "messaging_postbacks",
        ("referral", Kind::Instagram) => "messaging_referral",
        ("referral", _) => "messaging_referrals",
        ("reaction", _) => "message_reactions",
        ("message_edit", _) => "message_edits",
        ("read", Kind::Instagram) => "messaging_seen",
        ("read", _) => "message_reads",
        ("delivery", _) => "message_deliveries",
        ("pass_thread_control" | "take_thread_control" | "request_thread_control", _) => {
            "messaging_handovers"
        }
        _ => "messages",
    }
}

fn emit(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    id: &str,
    field: &'static str,
    item: Value,
    only_app: Option<String>,
) -> Vec<JoinHandle<Outcome>> {
    graph.emit(
        line,
        Event {
            field,
            item,
            contact: contact.to_owned(),
            id: id.to_owned(),
            only_app,
        },
    )
}

/// The business's own message coming back: sender and recipient are swapped.
pub(crate) fn echo(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    sent: &Sent,
    message: &Value,
) -> Vec<JoinHandle<Outcome>> {
    let mut echoed = json!({"mid": sent.id, "is_echo": true});
    if let Some(app_id) = &sent.app_id {
        // Messenger gives the app id as a number, and large ids stay exact in JSON integers.
        echoed["app_id"] = app_id
            .parse::<u64>()
            .map_or_else(|_| json!(app_id), |number| json!(number));
    }
    if line.kind == Kind::Messenger
        && let Some(metadata) = &sent.correlation
    {
        echoed["metadata"] = metadata.as_str().into();
    }
    for part in ["text", "attachments", "quick_reply"] {
        if !message[part].is_null() {
            echoed[part] = message[part].clone();
        }
    }
    if let Some(mid) = &sent.reply_to {
        echoed["reply_to"] = json!({"mid": mid});
    }
    let item = json!({
        "sender": {"id": line.id},
        "recipient": {"id": contact},
        "timestamp": graph.now_ms(),
        "message": echoed,
    });
    // Instagram has no separate field for echoes.
    let field = if line.kind == Kind::Instagram {
        "messages"
    } else {
        "message_echoes"
    };
    emit(graph, line, contact, &sent.id, field, item, None)
}

/// Messenger's delivery receipt.
pub(crate) fn delivery(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    mid: &str,
) -> Vec<JoinHandle<Outcome>> {
    let value = json!({"mids": [mid], "watermark": graph.now_ms()});
    from_user(graph, line, contact, mid, "delivery", value)
}

/// The user has seen the conversation: a watermark on Messenger, the last message on Instagram.
pub(crate) fn read(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    last_mid: &str,
) -> Vec<JoinHandle<Outcome>> {
    let value = match line.kind {
        Kind::Instagram => json!({"mid": last_mid}),
        _ => json!({"watermark": graph.now_ms()}),
    };
    from_user(graph, line, contact, last_mid, "read", value)
}

/// A thread control event for one app (or for all).
pub(crate) fn control(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    part: &'static str,
    value: Value,
    only_app: Option<String>,
) -> Vec<JoinHandle<Outcome>> {
    let mut item = json!({
        "sender": {"id": contact},
        "recipient": {"id": line.id},
        "timestamp": graph.now_ms(),
    });
    item[part] = value;
    emit(
        graph,
        line,
        contact,
        "",
        "messaging_handovers",
        item,
        only_app,
    )
}
