//! Who a contact is: webhooks of Messenger and Instagram carry an id only (`channels.md` §4.3,
//! §5.2).

use crate::channels::meta::graph::{Graph, is_plain_id};
use crate::channels::meta::json::Lenient;
use domain::contact::ContactProfile;
use domain::message::clean_text;
use domain::outbound::{Failure, SendError};
use domain::secret::Secret;
use serde_json::Value;

/// The longest name kept, in characters.
const LONGEST: usize = 120;

/// Asks for the person behind `id`. A person without a profile is an empty one.
///
/// # Errors
/// As the product judges, when it may be tried again.
pub(crate) async fn profile(
    graph: &Graph,
    token: &Secret,
    id: &str,
    fields: &str,
) -> Result<ContactProfile, SendError> {
    if !is_plain_id(id) {
        return Ok(ContactProfile::default());
    }
    match graph.get(token, id, &[("fields", fields)]).await {
        Ok(person) => Ok(of(&person)),
        // No consent, no profile, or no permission to see it (`10/2018218`, `100/33`).
        Err(error) if matches!(error.failure, Failure::Payload | Failure::Recipient) => {
            Ok(ContactProfile::default())
        }
        Err(error) => Err(error),
    }
}

fn of(person: &Value) -> ContactProfile {
    let parts = [person.text("first_name"), person.text("last_name")];
    let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = person.text("name").unwrap_or(&joined);
    let username = person.text("username").unwrap_or_default();
    ContactProfile {
        name: kept(name),
        username: kept(username.trim_start_matches('@')),
        ..ContactProfile::default()
    }
}

fn kept(text: &str) -> Option<String> {
    let clean = clean_text(text);
    let one_line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = one_line.chars().take(LONGEST).collect();
    Some(short).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_comes_whole_or_in_pieces() {
        let pieces = of(&json!({"first_name": "Ana", "last_name": "Pérez", "id": "1"}));
        assert_eq!(pieces.name.as_deref(), Some("Ana Pérez"));
        let whole = of(&json!({"name": "Ana\n Pérez", "username": "@ana.p"}));
        assert_eq!(whole.name.as_deref(), Some("Ana Pérez"));
        assert_eq!(whole.username.as_deref(), Some("ana.p"));
    }

    #[test]
    fn what_is_no_name_is_none() {
        for odd in [
            json!({}),
            json!({"name": 7}),
            json!({"name": " "}),
            json!([]),
        ] {
            assert_eq!(of(&odd), ContactProfile::default(), "{odd}");
        }
        let long = of(&json!({"name": "ñ".repeat(4000)}));
        assert_eq!(long.name.unwrap().chars().count(), LONGEST);
    }
}
