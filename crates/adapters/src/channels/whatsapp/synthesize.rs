//! A webhook as WhatsApp would send it, to wake a bot's flow after a handoff.

use super::number;
use crate::channels::meta::{json, signature};
use domain::contact::ContactAddress;
use domain::ports::RawWebhook;
use domain::secret::Secret;
use domain::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// The webhook of a contact who typed `text`. Its id begins with `wamid.relevo.`, so that it
/// is told from a real one.
pub(super) fn synthesize(
    secrets: &[Secret],
    line: (&str, &str),
    to: &ContactAddress,
    text: &str,
    identity: Uuid,
    now: Timestamp,
) -> RawWebhook {
    let (phone_number_id, waba_id) = line;
    let ids = [Some(to.key.as_str()), to.alias.as_deref()];
    let number = ids.into_iter().flatten().find_map(number::digits);
    let user = number::digits(&to.key).is_none().then_some(&to.key);
    let mut contact = json!({"profile": {}});
    let mut message = json!({
        "id": format!("wamid.relevo.{}", identity.simple()),
        "timestamp": now.0.div_euclid(1000).to_string(),
        "type": "text",
        "text": {"body": text},
    });
    if let Some(number) = number {
        contact["wa_id"] = json!(number);
        message["from"] = json!(number);
    }
    if let Some(user) = user {
        contact["user_id"] = json!(user);
        message["from_user_id"] = json!(user);
    }
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": waba_id, "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": phone_number_id},
            "contacts": [contact],
            "messages": [message],
        }}]}],
    });
    signature::signed(secrets, json::to_escaped_bytes(&body))
}
