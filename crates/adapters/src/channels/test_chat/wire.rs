//! What the page of the test chat says, as a webhook:
//!
//! ```json
//! {"line": "test:…", "id": "…", "at": 1795363200000, "contact": "…", "name": "Camila",
//!  "says": {"type": "tap", "id": "rv1:…:0", "label": "Sí"}}
//! ```

use super::secret;
use crate::channels::meta::signature;
use domain::channel::ChannelCredentials;
use domain::contact::{ContactAddress, ContactProfile};
use domain::message::Content;
use domain::ports::{ChannelEvent, Decoded, Inbound, RawWebhook};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Something the member says in the contact's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The platform's id of the line.
    pub line: String,
    /// Unique on the line: the same one twice is one message.
    pub id: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who speaks.
    pub contact: String,
    /// Their name; empty if it is not told.
    pub name: String,
    /// What.
    pub says: Saying,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Saying {
    /// Words.
    Text {
        /// The words, as typed.
        text: String,
    },
    /// A tap on a button.
    Tap {
        /// The button's id.
        id: String,
        /// What the button said.
        label: String,
    },
}

/// Signs what the member says; without a secret nobody will believe it.
#[must_use]
pub fn webhook(credentials: &ChannelCredentials, said: &Said) -> RawWebhook {
    let body = serde_json::to_vec(said).unwrap_or_default();
    let secrets = secret(credentials).map(std::slice::from_ref);
    signature::signed(secrets.unwrap_or_default(), body)
}

/// Reads a proven webhook.
pub(super) fn decode(raw: &RawWebhook) -> Decoded {
    let said: Said = match serde_json::from_slice(&raw.body) {
        Ok(said) => said,
        Err(_) => {
            return Decoded {
                events: Vec::new(),
                undecodable: vec!["not a message of the test chat".to_owned()],
            };
        }
    };
    let content = match said.says {
        Saying::Text { text } => Content::Text { text },
        Saying::Tap { id, label } => Content::Choice {
            label,
            payload: Some(id),
            offered_in: None,
        },
    };
    let event = Inbound {
        account: said.line,
        contact: Some(ContactAddress::of(said.contact)),
        profile: ContactProfile {
            name: Some(said.name).filter(|name| !name.trim().is_empty()),
            ..ContactProfile::default()
        },
        dedupe_key: format!("test:{}", said.id),
        at: Timestamp(said.at),
        pointer: String::new(),
        event: ChannelEvent::Message {
            external_id: Some(said.id),
            content,
            reply_to: None,
            tap: None,
            standby: false,
        },
    };
    Decoded {
        events: vec![event],
        undecodable: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::test_chat::TestChat;
    use domain::channel::ChannelSettings;
    use domain::ports::{Channel, VerifyError};
    use domain::secret::Secret;

    fn keys(secret: &str) -> ChannelCredentials {
        ChannelCredentials::Test {
            secret: Secret::new(secret),
        }
    }

    fn said(says: Saying) -> Said {
        Said {
            line: "test:1".to_owned(),
            id: "7".to_owned(),
            at: 5,
            contact: "m".to_owned(),
            name: "Camila".to_owned(),
            says,
        }
    }

    #[test]
    fn only_what_our_page_signed_is_believed() {
        let text = Saying::Text {
            text: "hola <b>".to_owned(),
        };
        let raw = webhook(&keys("uno"), &said(text));
        assert_eq!(
            TestChat.verify(&keys("dos"), raw.clone()).err(),
            Some(VerifyError::Mismatch)
        );
        let unsigned = RawWebhook {
            headers: Vec::new(),
            body: raw.body.clone(),
        };
        assert_eq!(
            TestChat.verify(&keys("uno"), unsigned).err(),
            Some(VerifyError::Missing)
        );
        let proven = TestChat.verify(&keys("uno"), raw).unwrap();
        let read = TestChat.decode(&keys("uno"), &ChannelSettings::default(), &proven);
        assert_eq!(read.events.len(), 1);
        let ChannelEvent::Message { content, .. } = &read.events[0].event else {
            panic!("a message")
        };
        assert_eq!(content, &Content::text("hola <b>"));
    }

    #[test]
    fn without_a_secret_nothing_is_believed() {
        let tap = Saying::Tap {
            id: "x".to_owned(),
            label: "Sí".to_owned(),
        };
        let raw = webhook(&keys(""), &said(tap));
        assert!(TestChat.verify(&keys(""), raw).is_err());
    }
}
