//! Sending one part: the file first, then the message that names it (`channels.md` §2.5, §2.6).

use super::number;
use super::render::as_document;
use crate::channels::meta::graph::{Effect, Graph};
use crate::channels::meta::json::Lenient;
use crate::channels::meta::messaging::send::file_part;
use domain::contact::ContactAddress;
use domain::ids::TenantId;
use domain::outbound::{Failure, SendError};
use domain::ports::{FileStore, Part, PartFile, Receipt, Signal};
use domain::secret::Secret;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The code of a file that is not what it says, or not in a form the platform plays.
const BAD_MEDIA: &str = "131053";

/// Where parts go and with what rights.
pub(super) struct Sender<'a> {
    pub(super) graph: &'a Graph,
    pub(super) token: &'a Secret,
    pub(super) phone_number_id: &'a str,
}

impl Sender<'_> {
    /// Sends a part. A file that is refused as what it is goes once more as a document.
    pub(super) async fn send(
        &self,
        files: &dyn FileStore,
        tenant: TenantId,
        to: &ContactAddress,
        part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError> {
        match self.try_send(files, tenant, to, part, identity).await {
            Err(error) if error.code.as_deref() == Some(BAD_MEDIA) && !error.ambiguous => {
                let Some(document) = as_document(part) else {
                    return Err(error);
                };
                self.try_send(files, tenant, to, &document, identity).await
            }
            other => other,
        }
    }

    async fn try_send(
        &self,
        files: &dyn FileStore,
        tenant: TenantId,
        to: &ContactAddress,
        part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError> {
        let Value::Object(mut body) = part.body.clone() else {
            return Err(SendError::clear(Failure::Payload, "a part without a body"));
        };
        if let Some(file) = &part.file {
            let id = self.upload(files, tenant, file).await?;
            if let Some(content) = body.get_mut(&file.field).and_then(Value::as_object_mut) {
                content.insert("id".to_owned(), json!(id));
            }
        }
        address(&mut body, to);
        body.insert("messaging_product".to_owned(), json!("whatsapp"));
        body.insert("recipient_type".to_owned(), json!("individual"));
        let identity = identity.to_string();
        body.insert("biz_opaque_callback_data".to_owned(), json!(identity));
        let path = format!("{}/messages", self.phone_number_id);
        let answer = self
            .graph
            .post(self.token, &path, &Value::Object(body), Effect::Says)
            .await?;
        let message = answer.items("messages").first().and_then(|m| m.id("id"));
        let contact = answer.items("contacts").first();
        let contact = contact.and_then(|c| c.id("wa_id").or_else(|| c.id("user_id")));
        Ok(Receipt {
            // Taken, though not named: the status brings the id together with our identity.
            external_id: message.unwrap_or(identity),
            contact: contact.filter(|id| *id != to.key && Some(id) != to.alias.as_ref()),
        })
    }

    async fn upload(
        &self,
        files: &dyn FileStore,
        tenant: TenantId,
        file: &PartFile,
    ) -> Result<String, SendError> {
        let form = reqwest::multipart::Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", file.file.mime.clone())
            .part("file", file_part(files, tenant, file).await?);
        let path = format!("{}/media", self.phone_number_id);
        let answer = self.graph.upload(self.token, &path, form).await?;
        let missing = || {
            SendError::clear(
                Failure::Transient { retry_after: None },
                "upload without an id",
            )
        };
        answer.id("id").ok_or_else(missing)
    }

    /// Gives a small sign. Typing needs the contact's message and marks it as read.
    pub(super) async fn signal(&self, signal: &Signal) -> Result<(), SendError> {
        let (message, typing) = match signal {
            Signal::Typing { last_message } => match last_message {
                Some(message) => (message, true),
                None => return Ok(()),
            },
            Signal::Read { message } => (message, false),
            Signal::TapTaken { .. } => return Ok(()), // taps need no answer here
        };
        let mut body = json!({
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message,
        });
        if typing {
            body["typing_indicator"] = json!({ "type": "text" });
        }
        let path = format!("{}/messages", self.phone_number_id);
        self.graph
            .post(self.token, &path, &body, Effect::Repeatable)
            .await
            .map(|_| ())
    }
}

/// The recipient exactly as they came in: the number with its plus sign in `to`, or, where no
/// number is known, the user id in `recipient`.
fn address(body: &mut Map<String, Value>, to: &ContactAddress) {
    let ids = [Some(to.key.as_str()), to.alias.as_deref()];
    match ids.into_iter().flatten().find_map(number::with_plus) {
        Some(number) => body.insert("to".to_owned(), json!(number)),
        None => body.insert("recipient".to_owned(), json!(to.key)),
    };
}
