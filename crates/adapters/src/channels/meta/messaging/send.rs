//! Sending one part: the file first, then the message that names it.

use crate::channels::meta::graph::{Effect, Graph};
use crate::channels::meta::json::Lenient;
use domain::ids::TenantId;
use domain::outbound::{Failure, SendError};
use domain::ports::{FileStore, FileStoreError, Part, PartFile, Receipt, Signal};
use domain::secret::Secret;
use serde_json::{Value, json};
use uuid::Uuid;

/// Where a part goes and with what rights.
pub struct Sender<'a> {
    /// The host.
    pub graph: &'a Graph,
    /// The account's token.
    pub token: &'a Secret,
    /// The Page or account that speaks.
    pub owner: &'a str,
    /// `platform` of an upload, where the product wants it.
    pub platform: Option<&'a str>,
    /// Whether the product quotes.
    pub quotes: bool,
}

impl Sender<'_> {
    /// Sends a part; `identity` travels as `message.metadata` and comes back in the echo.
    ///
    /// # Errors
    /// As the product judges; ambiguous only for the message itself, never for the upload.
    pub async fn send(
        &self,
        files: &dyn FileStore,
        tenant: TenantId,
        to: &str,
        part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError> {
        let mut body = part.body.clone();
        if let Some(file) = &part.file {
            let id = self.upload(files, tenant, &body, file).await?;
            put_attachment(&mut body, &id);
        }
        let Some(fields) = body.as_object_mut() else {
            return Err(SendError::clear(Failure::Payload, "a part without a body"));
        };
        fields.insert("recipient".to_owned(), json!({ "id": to }));
        if !self.quotes {
            fields.remove("reply_to");
        }
        if let Some(message) = fields.get_mut("message").and_then(Value::as_object_mut) {
            message.insert("metadata".to_owned(), json!(identity.to_string()));
        }
        let path = format!("{}/messages", self.owner);
        let answer = self
            .graph
            .post(self.token, &path, &body, Effect::Says)
            .await?;
        Ok(Receipt {
            // Taken, though not named: the echo brings the id together with our identity.
            external_id: answer
                .id("message_id")
                .unwrap_or_else(|| identity.to_string()),
            contact: answer.id("recipient_id").filter(|id| id != to),
        })
    }

    async fn upload(
        &self,
        files: &dyn FileStore,
        tenant: TenantId,
        body: &Value,
        file: &PartFile,
    ) -> Result<String, SendError> {
        let attachment = body
            .pointer("/message/attachment")
            .or_else(|| body.pointer("/message/attachments/0"));
        let kind = attachment.and_then(|a| a.text("type")).unwrap_or("file");
        let message = json!({
            "attachment": {"type": kind, "payload": {"is_reusable": false}},
        });
        let mut form = reqwest::multipart::Form::new().text("message", message.to_string());
        if let Some(platform) = self.platform {
            form = form.text("platform", platform.to_owned());
        }
        let form = form.part(file.field.clone(), file_part(files, tenant, file).await?);
        let path = format!("{}/message_attachments", self.owner);
        let answer = self.graph.upload(self.token, &path, form).await?;
        let missing = || {
            SendError::clear(
                Failure::Transient { retry_after: None },
                "upload without an id",
            )
        };
        answer.id("attachment_id").ok_or_else(missing)
    }

    /// Gives a small sign.
    ///
    /// # Errors
    /// As the product judges.
    pub async fn signal(&self, to: &str, signal: &Signal) -> Result<(), SendError> {
        let action = match signal {
            Signal::Typing { .. } => "typing_on",
            Signal::Read { .. } => "mark_seen",
            Signal::TapTaken { .. } => return Ok(()), // taps need no answer here
        };
        let body = json!({"recipient": {"id": to}, "sender_action": action});
        let path = format!("{}/messages", self.owner);
        self.graph
            .post(self.token, &path, &body, Effect::Repeatable)
            .await
            .map(|_| ())
    }
}

fn put_attachment(body: &mut Value, id: &str) {
    for place in [
        "/message/attachment/payload",
        "/message/attachments/0/payload",
    ] {
        if let Some(payload) = body.pointer_mut(place) {
            *payload = json!({ "attachment_id": id }); // a string, also where it looks like a number
        }
    }
}

/// Our copy of a file as a piece of a form.
pub(crate) async fn file_part(
    files: &dyn FileStore,
    tenant: TenantId,
    file: &PartFile,
) -> Result<reqwest::multipart::Part, SendError> {
    let bytes = files
        .read(tenant, file.file.id)
        .await
        .map_err(|error| match error {
            FileStoreError::Source(error) => error,
            FileStoreError::Io(_) => SendError::clear(
                Failure::Transient { retry_after: None },
                "the file store did not answer",
            ),
            _ => SendError::clear(Failure::Payload, "our copy of the file is gone"),
        })?;
    let name = crate::channels::meta::words::file_name(&file.file.name);
    let length = bytes.len() as u64;
    reqwest::multipart::Part::stream_with_length(bytes, length)
        .file_name(name.unwrap_or_else(|| "file".to_owned()))
        .mime_str(&file.file.mime)
        .map_err(|_| SendError::clear(Failure::Payload, "the file has no proper type"))
}
