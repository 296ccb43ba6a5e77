//! Webhooks as WhatsApp signs and sends them (`channels.md` §2).

use super::super::mark::Mark;
use crate::bench::load::house::Line;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// A body with its signature.
pub(super) struct Hook {
    pub path: String,
    pub body: Vec<u8>,
    pub signature: String,
}

/// Signs a body with the line's secret.
pub(super) fn sign(line: &Line, body: Vec<u8>) -> anyhow::Result<Hook> {
    let mut mac = Hmac::<Sha256>::new_from_slice(line.app_secret.as_bytes())?;
    mac.update(&body);
    let digest = mac.finalize().into_bytes();
    Ok(Hook {
        path: format!("/hooks/whatsapp/{}", line.public_key),
        body,
        signature: format!("sha256={}", hex::encode(digest)),
    })
}

/// The contact's number in a talk.
fn contact(talk: u32) -> String {
    format!("569{talk:08}")
}

/// Messages of one talk, in one body.
pub(super) fn messages(line: &Line, texts: &[(Mark, String)]) -> Vec<u8> {
    let talk = texts.first().map_or(0, |(mark, _)| mark.talk);
    let from = contact(talk);
    let all: Vec<Value> = texts
        .iter()
        .map(|(mark, text)| {
            json!({
                "from": from,
                "id": format!("wamid.{}.{}.{}", mark.talk, mark.number, mark.due_us),
                "timestamp": (mark.due_us / 1_000_000).to_string(),
                "type": "text",
                "text": { "body": text },
            })
        })
        .collect();
    value(
        line,
        &json!({
            "contacts": [{ "profile": { "name": "Ana Pérez" }, "wa_id": from }],
            "messages": all,
        }),
    )
}

/// A status of a message that we never sent.
pub(super) fn status(line: &Line, mark: Mark) -> Vec<u8> {
    value(
        line,
        &json!({
            "statuses": [{
                "id": format!("wamid.status.{}.{}", mark.talk, mark.due_us),
                "status": "delivered",
                "timestamp": (mark.due_us / 1_000_000).to_string(),
                "recipient_id": contact(mark.talk),
            }],
        }),
    )
}

fn value(line: &Line, inside: &Value) -> Vec<u8> {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "56900000000", "phone_number_id": line.number },
    });
    if let (Some(value), Some(inside)) = (value.as_object_mut(), inside.as_object()) {
        value.extend(inside.clone());
    }
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "0", "changes": [{ "field": "messages", "value": value }] }],
    });
    body.to_string().into_bytes()
}
