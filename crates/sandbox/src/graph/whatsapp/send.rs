//! `POST /{phone_number_id}/messages`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::content::{Checked, check};
use super::events::{business_scoped_id, number_of};
use super::files::{fetch, fits};
use super::limits::{invalid, missing, optional};
use super::statuses;
use crate::graph::Graph;
use crate::graph::errors::GraphError;
use crate::graph::line::Line;
use crate::graph::outgoing::Sent;
use crate::phone::ids;
use crate::phone::kind::Kind;
use crate::phone::shown::{Author, ContentKind, Tick};
use crate::phone::threads::Key;

/// How long the service window stays open after the contact's last message.
const WINDOW_MS: i64 = 24 * 3600 * 1000;

/// Carries out a send, a reaction or a read mark.
pub(crate) async fn send(
    graph: &Arc<Graph>,
    line: &Line,
    app_id: &str,
    body: Value,
) -> Result<Value, GraphError> {
    if body["messaging_product"] != "whatsapp" {
        return Err(GraphError::parameter(
            "The parameter messaging_product is required.",
        ));
    }
    if !body["status"].is_null() {
        return read_mark(graph, line, &body);
    }
    if !line.registered {
        return Err(GraphError::whatsapp(
            133010,
            "Account not registered",
            "Account does not exist in Cloud API, please use /register API to create an account first",
        ));
    }
    let to = recipient(line, &body)?;
    let kind = body["type"].as_str().unwrap_or("text").to_owned();
    let correlation = optional(
        &body["biz_opaque_callback_data"],
        "biz_opaque_callback_data",
        512,
    )?;
    if kind == "reaction" {
        return react(graph, line, &to, &body, correlation);
    }
    let checked = check(graph, &kind, &body)?;
    if let Some(name) = checked.content.header.as_ref().filter(|_| checked.template)
        && !line.templates.contains(name)
    {
        return Err(GraphError::whatsapp(
            132001,
            "Template name does not exist in the translation",
            format!("template name ({name}) does not exist in the given language"),
        ));
    }
    let sent = Sent {
        id: ids::wamid(),
        reply_to: body["context"]["message_id"].as_str().map(str::to_owned),
        correlation,
        app_id: Some(app_id.to_owned()),
    };
    let answer = answer(&to, &sent.id);
    carry_out(graph, line, to, checked, sent).await;
    Ok(answer)
}

/// Whom the message really goes to.
struct Recipient {
    /// What the request said.
    input: String,
    /// Digits of the number that gets it.
    wa_id: String,
    /// Whether the missing plus sent it to a stranger.
    stranger: bool,
    /// Whether it was addressed by business-scoped id only.
    by_user_id: bool,
}

fn recipient(line: &Line, body: &Value) -> Result<Recipient, GraphError> {
    if let Some(to) = body["to"].as_str().filter(|to| !to.is_empty()) {
        let digits: String = to.chars().filter(char::is_ascii_digit).collect();
        if digits.len() < 7 {
            return Err(invalid("to", "not a phone number"));
        }
        // Without a plus the number is read as a local one of the business's own country.
        let stranger = !to.trim_start().starts_with('+');
        let wa_id = if stranger {
            format!("{}{digits}", country_code(&line.number))
        } else {
            digits
        };
        return Ok(Recipient {
            input: to.to_owned(),
            wa_id,
            stranger,
            by_user_id: false,
        });
    }
    let id = body["recipient"]
        .as_str()
        .ok_or_else(|| GraphError::parameter("The parameter to is required."))?;
    Ok(Recipient {
        input: id.to_owned(),
        wa_id: number_of(id).ok_or_else(|| invalid("recipient", "unknown user id"))?,
        stranger: false,
        by_user_id: true,
    })
}

/// The country code at the head of a number: 1 and 7 stand alone, some have three digits.
fn country_code(number: &str) -> &str {
    let three = ["21", "35", "37", "38", "42", "50", "59", "96", "97"];
    let length = match number.get(..2) {
        Some(head) if head.starts_with('1') || head.starts_with('7') => 1,
        Some(head) if three.contains(&head) => 3,
        _ => 2,
    };
    number.get(..length).unwrap_or_default()
}

fn answer(to: &Recipient, id: &str) -> Value {
    let contact = if to.by_user_id {
        json!({"input": to.input, "user_id": business_scoped_id(&to.wa_id)})
    } else {
        json!({"input": to.input, "wa_id": to.wa_id})
    };
    json!({
        "messaging_product": "whatsapp",
        "contacts": [contact],
        "messages": [{"id": id}],
    })
}

async fn carry_out(
    graph: &Arc<Graph>,
    line: &Line,
    to: Recipient,
    mut checked: Checked,
    sent: Sent,
) {
    if to.stranger {
        graph.note_unsent(
            "misdelivered",
            line,
            &to.wa_id,
            &sent,
            &checked.content,
            json!({"input": to.input}),
        );
        statuses::run(graph, line, &to.wa_id, &sent, None).await;
        return;
    }
    if let Some((kind, link)) = checked.link.take() {
        // The answer does not wait for the file; what is wrong with it comes as a status.
        let (graph, line) = (graph.clone(), line.clone());
        let runtime = graph.core.runtime.clone();
        runtime.spawn(async move {
            match fetch(&graph, &line, &link).await {
                Ok(stored) => {
                    let name = checked.content.media.take().and_then(|media| media.name);
                    let mut media = stored.shown(&graph.core.urls.graph);
                    media.name = name.or(media.name);
                    checked.content.media = Some(media);
                    checked.file = Some((kind, stored));
                    finish(&graph, &line, &to, checked, sent).await;
                }
                Err(error) => refuse_later(&graph, &line, &to, &checked, &sent, error).await,
            }
        });
        return;
    }
    finish(graph, line, &to, checked, sent).await;
}

async fn finish(graph: &Arc<Graph>, line: &Line, to: &Recipient, checked: Checked, sent: Sent) {
    if let Err(error) = deliverable(graph, line, to, &checked) {
        refuse_later(graph, line, to, &checked, &sent, error).await;
        return;
    }
    if let Some(failure) = &line.manners.fail {
        let title = if failure.title.is_empty() {
            "Message failed"
        } else {
            &failure.title
        };
        let error = GraphError::whatsapp(failure.code, title, title);
        graph.note_unsent(
            "failed_later",
            line,
            &to.wa_id,
            &sent,
            &checked.content,
            error.body(),
        );
        statuses::run(graph, line, &to.wa_id, &sent, Some(error)).await;
        return;
    }
    graph.show_on_phone(line, &to.wa_id, checked.content, &sent);
    statuses::run(graph, line, &to.wa_id, &sent, None).await;
}

async fn refuse_later(
    graph: &Arc<Graph>,
    line: &Line,
    to: &Recipient,
    checked: &Checked,
    sent: &Sent,
    error: GraphError,
) {
    graph.note_unsent(
        "failed",
        line,
        &to.wa_id,
        sent,
        &checked.content,
        error.body(),
    );
    statuses::run(graph, line, &to.wa_id, sent, Some(error)).await;
}

/// What WhatsApp finds out only after it has accepted a message.
fn deliverable(
    graph: &Graph,
    line: &Line,
    to: &Recipient,
    checked: &Checked,
) -> Result<(), GraphError> {
    let key = Key::new(Kind::Whatsapp, &line.id, &to.wa_id);
    let undeliverable = || {
        GraphError::whatsapp(
            131026,
            "Message undeliverable",
            "Unable to deliver message: the recipient is not on WhatsApp or cannot be reached.",
        )
    };
    let person = graph
        .threads
        .read(&key, |thread| thread.person.clone())
        .ok_or_else(undeliverable)?;
    if person.blocked {
        return Err(undeliverable());
    }
    let open = person
        .last_wrote_ms
        .is_some_and(|at| graph.now_ms() - at <= WINDOW_MS);
    if !open && !checked.template {
        return Err(GraphError::whatsapp(
            131047,
            "Re-engagement message",
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
        ));
    }
    if let Some((kind, stored)) = &checked.file {
        fits(kind, stored)?;
    }
    Ok(())
}

fn react(
    graph: &Arc<Graph>,
    line: &Line,
    to: &Recipient,
    body: &Value,
    correlation: Option<String>,
) -> Result<Value, GraphError> {
    let target = body["reaction"]["message_id"]
        .as_str()
        .ok_or_else(|| missing("reaction['message_id']"))?;
    let emoji = body["reaction"]["emoji"].as_str().unwrap_or_default();
    let key = Key::new(Kind::Whatsapp, &line.id, &to.wa_id);
    let id = ids::wamid();
    graph.threads.edit(&key, target, |shown| {
        if emoji.is_empty() {
            shown.reactions.remove(&Author::Business);
        } else {
            shown.reactions.insert(Author::Business, emoji.to_owned());
        }
    });
    let sent = Sent {
        id: id.clone(),
        correlation,
        ..Sent::default()
    };
    let content = crate::phone::shown::Content {
        kind: ContentKind::Note,
        text: Some(emoji.to_owned()),
        ..Default::default()
    };
    graph.note_unsent(
        "reaction",
        line,
        &to.wa_id,
        &sent,
        &content,
        json!({"target": target}),
    );
    Ok(answer(to, &id))
}

/// Marks a message of the user, and all before it, as read; may show the typing sign.
fn read_mark(graph: &Arc<Graph>, line: &Line, body: &Value) -> Result<Value, GraphError> {
    if body["status"] != "read" {
        return Err(invalid("status", "must be 'read'"));
    }
    let id = body["message_id"]
        .as_str()
        .ok_or_else(|| missing("message_id"))?;
    let holder = graph
        .threads
        .holder(id)
        .filter(|key| key.account == line.id);
    let found = holder.and_then(|key| {
        let at = graph.threads.read(&key, |thread| {
            thread
                .find(id)
                .filter(|shown| shown.from == Author::Contact)
                .map(|shown| shown.at_ms)
        })??;
        Some((key, at))
    });
    let (key, at_ms) = found.ok_or_else(|| invalid("message_id", "no such received message"))?;
    graph
        .threads
        .tick_up_to(&key, Author::Contact, at_ms, Tick::Read);
    if body["typing_indicator"].is_object() {
        graph.threads.typing(&key, graph.now_ms() + 25_000);
    }
    Ok(json!({"success": true}))
}
