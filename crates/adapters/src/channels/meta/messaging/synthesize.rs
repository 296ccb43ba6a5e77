//! A webhook as the platform would send it, to wake a bot's flow after a handoff.

use crate::channels::meta::{json, signature};
use domain::ports::RawWebhook;
use domain::secret::Secret;
use domain::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// The webhook of a contact who typed `text`. Its `mid` begins with `m_relevo_`, so that it is
/// told from a real one.
#[must_use]
pub fn synthesize(
    secrets: &[Secret],
    object: &str,
    account: &str,
    contact: &str,
    text: &str,
    identity: Uuid,
    now: Timestamp,
) -> RawWebhook {
    let body = json!({
        "object": object,
        "entry": [{
            "id": account,
            "time": now.0,
            "messaging": [{
                "sender": {"id": contact},
                "recipient": {"id": account},
                "timestamp": now.0,
                "message": {"mid": format!("m_relevo_{}", identity.simple()), "text": text},
            }],
        }],
    });
    signature::signed(secrets, json::to_escaped_bytes(&body))
}
