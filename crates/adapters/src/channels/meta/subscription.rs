//! Installing our app on a Page, an Instagram account or a WhatsApp Business Account
//! (`channels.md` §1.3): without it no webhook arrives.

use super::graph::{Graph, GraphError};
use super::json::Lenient;
use domain::outbound::SendError;
use domain::secret::Secret;

/// Field names that Meta's own pages spell in two ways.
const SPELLINGS: [(&str, &str); 4] = [
    ("messaging_handovers", "messaging_handover"),
    ("messaging_referrals", "messaging_referral"),
    ("messaging_referral", "messaging_referrals"),
    ("message_reactions", "messaging_reactions"),
];

/// Subscribes to the fields. A name that this app or version does not know is tried in its
/// other spelling, then left out. No fields: the asset has none of its own (WhatsApp).
///
/// # Errors
/// As the product judges.
pub async fn subscribe(
    graph: &Graph,
    token: &Secret,
    owner: &str,
    fields: &[&str],
) -> Result<(), SendError> {
    let path = format!("{owner}/subscribed_apps");
    let mut wanted: Vec<&str> = fields.to_vec();
    let mut respelled = Vec::new();
    loop {
        let joined = wanted.join(",");
        let query = [("subscribed_fields", joined.as_str())];
        let query = if fields.is_empty() {
            &[][..]
        } else {
            &query[..]
        };
        let answer = graph.order(token, &path, query).await?;
        let refused = answer
            .error()
            .filter(|e| e.code == Some(100))
            .and_then(|e| offender(&e, &wanted));
        let Some(at) = refused.filter(|_| wanted.len() > 1) else {
            return answer
                .judged(graph.judge, super::graph::Effect::Repeatable)
                .map(|_| ());
        };
        let name = wanted.remove(at);
        let other = SPELLINGS
            .iter()
            .find(|(one, _)| *one == name)
            .map(|(_, other)| *other);
        if let Some(other) = other.filter(|_| !respelled.contains(&name)) {
            respelled.extend([name, other]);
            wanted.push(other);
        }
    }
}

/// Which of the wanted fields the complaint names.
fn offender(error: &GraphError, wanted: &[&str]) -> Option<usize> {
    let words = format!(
        "{} {}",
        error.message,
        error.details.as_deref().unwrap_or_default()
    );
    let named = |name: &str| {
        words
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .any(|word| word == name)
    };
    wanted.iter().position(|name| named(name))
}

/// The ids of the apps installed on the asset.
///
/// # Errors
/// As the product judges.
pub async fn installed(
    graph: &Graph,
    token: &Secret,
    owner: &str,
) -> Result<Vec<String>, SendError> {
    let answer = graph
        .get(token, &format!("{owner}/subscribed_apps"), &[])
        .await?;
    let id = |app: &serde_json::Value| {
        app.child("whatsapp_business_api_data")
            .and_then(|a| a.id("id"))
            .or_else(|| app.id("id"))
    };
    Ok(answer.items("data").iter().filter_map(id).collect())
}
