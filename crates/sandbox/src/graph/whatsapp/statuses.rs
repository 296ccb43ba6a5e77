//! The receipts of a sent WhatsApp message, and their times.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::events;
use crate::graph::Graph;
use crate::graph::errors::GraphError;
use crate::graph::line::Line;
use crate::graph::outgoing::Sent;
use crate::phone::kind::Kind;
use crate::phone::shown::{Author, Tick};
use crate::phone::threads::Key;
use crate::webhook::Outcome;

fn object(graph: &Graph, contact: &str, sent: &Sent, status: &str) -> Value {
    let mut value = json!({
        "id": sent.id,
        "status": status,
        "timestamp": (graph.now_ms() / 1000).to_string(),
        "recipient_id": contact,
        "pricing": {
            "billable": false, "pricing_model": "PMP", "type": "free_customer_service",
            "category": "service",
        },
    });
    if let Some(correlation) = &sent.correlation {
        value["biz_opaque_callback_data"] = correlation.as_str().into();
    }
    value
}

/// Tells a receipt and moves the phone's tick.
pub(crate) fn tell(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    sent: &Sent,
    tick: Tick,
) -> Vec<JoinHandle<Outcome>> {
    let name = match tick {
        Tick::Sent => "sent",
        Tick::Delivered => "delivered",
        Tick::Read => "read",
    };
    let key = Key::new(Kind::Whatsapp, &line.id, contact);
    graph.threads.edit(&key, &sent.id, |shown| {
        shown.tick = shown.tick.max(tick);
    });
    let value = object(graph, contact, sent, name);
    events::status(graph, line, contact, &sent.id, value)
}

/// Runs through the receipts of one message; waits only when the line's manners put the first
/// status before the answer.
pub(crate) async fn run(
    graph: &Arc<Graph>,
    line: &Line,
    contact: &str,
    sent: &Sent,
    failure: Option<GraphError>,
) {
    let manners = line.manners.clone();
    if manners.status_before_answer && failure.is_none() {
        for running in tell(graph, line, contact, sent, Tick::Sent) {
            // The receiver may hold its answer back: two seconds are enough to overtake ours.
            let _ = tokio::time::timeout(Duration::from_secs(2), running).await;
        }
    }
    let (graph, line, contact, sent) = (
        graph.clone(),
        line.clone(),
        contact.to_owned(),
        sent.clone(),
    );
    let runtime = graph.core.runtime.clone();
    runtime.spawn(async move {
        if let Some(error) = failure {
            let after = manners.fail.as_ref().map_or(0, |fail| fail.after_ms);
            tokio::time::sleep(Duration::from_millis(after)).await;
            let mut value = object(&graph, &contact, &sent, "failed");
            value["errors"] = json!([error.status_entry()]);
            events::status(&graph, &line, &contact, &sent.id, value);
            return;
        }
        if !manners.status_before_answer {
            tokio::time::sleep(Duration::from_millis(manners.sent_ms)).await;
            tell(&graph, &line, &contact, &sent, Tick::Sent);
        }
        let mut steps = vec![
            (manners.delivered_ms, Tick::Delivered),
            (manners.read_ms, Tick::Read),
        ];
        if manners.read_first {
            steps.reverse();
        }
        for (after, tick) in steps {
            if let Some(ms) = after {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                tell(&graph, &line, &contact, &sent, tick);
            }
        }
    });
}

/// The contact opens the chat: everything the business sent is read.
pub(crate) fn read_all(graph: &Arc<Graph>, line: &Line, contact: &str) -> usize {
    let key = Key::new(Kind::Whatsapp, &line.id, contact);
    let moved = graph
        .threads
        .tick_up_to(&key, Author::Business, i64::MAX, Tick::Read);
    for id in &moved {
        let correlation = graph
            .threads
            .read(&key, |thread| {
                thread.find(id).and_then(|shown| shown.correlation.clone())
            })
            .flatten();
        let sent = Sent {
            id: id.clone(),
            correlation,
            ..Sent::default()
        };
        tell(graph, line, contact, &sent, Tick::Read);
    }
    moved.len()
}
