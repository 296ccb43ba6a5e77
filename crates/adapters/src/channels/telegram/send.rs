//! Sending a rendered part, and the second tries that Telegram's answers call for.

use super::api::{Api, CallError};
use super::decode::BUSINESS_THREAD;
use super::node::Node;
use super::refusal::Refusal;
use bytes::Bytes;
use domain::contact::ContactAddress;
use domain::ids::TenantId;
use domain::outbound::{Failure, SendError};
use domain::ports::{FileStore, FileStoreError, Part, Receipt, Signal};
use domain::secret::Secret;
use reqwest::multipart;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A part with its recipient and its file, ready to go.
pub(super) struct Outgoing {
    method: String,
    body: Map<String, Value>,
    upload: Option<Upload>,
}

struct Upload {
    field: String,
    name: String,
    mime: String,
    bytes: Bytes,
}

impl Outgoing {
    /// Puts the recipient in and reads the file.
    pub(super) async fn load(
        files: &dyn FileStore,
        tenant: TenantId,
        to: &ContactAddress,
        part: &Part,
    ) -> Result<Self, SendError> {
        let Value::Object(mut body) = part.body.clone() else {
            return Err(SendError::clear(
                Failure::Payload,
                "la petición no es un objeto",
            ));
        };
        address(&mut body, to);
        let upload = match &part.file {
            None => None,
            Some(file) => Some(Upload {
                field: file.field.clone(),
                name: file.file.name.clone(),
                mime: file.file.mime.clone(),
                bytes: files.read(tenant, file.file.id).await.map_err(unreadable)?,
            }),
        };
        Ok(Self {
            method: part.method.clone(),
            body,
            upload,
        })
    }

    async fn post(&self, api: &Api, token: &Secret) -> Result<Value, CallError> {
        match &self.upload {
            None => {
                let body = Value::Object(self.body.clone());
                api.call(token, &self.method, &body).await
            }
            Some(upload) => api.upload(token, &self.method, self.form(upload)?).await,
        }
    }

    fn form(&self, upload: &Upload) -> Result<multipart::Form, CallError> {
        let length = upload.bytes.len() as u64;
        let file = multipart::Part::stream_with_length(upload.bytes.clone(), length)
            .file_name(upload.name.clone())
            .mime_str(&upload.mime)
            .map_err(|e| CallError::Failed(crate::net::send_error(&e)))?;
        let form = self
            .body
            .iter()
            .fold(multipart::Form::new(), |form, (key, value)| {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                form.text(key.clone(), text)
            });
        Ok(form.part(upload.field.clone(), file))
    }

    /// Changes what the refusal complains about; `false` if there is nothing to change. Every
    /// change removes its own reason, so that the tries come to an end.
    fn remedy(&mut self, refusal: &Refusal, moved: &mut Option<String>) -> bool {
        if let Some(chat) = &refusal.migrate_to {
            let first = moved.is_none();
            self.body.insert("chat_id".to_owned(), chat_id(chat));
            *moved = Some(chat.clone());
            return first;
        }
        if refusal.says("message to be replied not found")
            || refusal.says("replied message not found")
        {
            return self.body.remove("reply_parameters").is_some();
        }
        if refusal.says("message thread not found") {
            return self.body.remove("message_thread_id").is_some();
        }
        let as_file = [
            "photo_invalid_dimensions",
            "image_process_failed",
            "photo_ext_invalid",
        ]
        .iter()
        .any(|words| refusal.says(words))
            || refusal.says("voice_messages_forbidden");
        match &mut self.upload {
            Some(upload) if as_file && self.method != "sendDocument" => {
                self.method = "sendDocument".to_owned();
                upload.field = "document".to_owned();
                true
            }
            _ => false,
        }
    }
}

/// Sends it. A refusal has sent nothing, so going again after one cannot double the message.
pub(super) async fn send(
    api: &Api,
    token: &Secret,
    mut outgoing: Outgoing,
    identity: Uuid,
) -> Result<Receipt, SendError> {
    let mut moved = None;
    loop {
        let refusal = match outgoing.post(api, token).await {
            Ok(result) => return Ok(outgoing.receipt(Some(&result), moved, identity)),
            Err(CallError::Failed(error)) => return Err(error),
            Err(CallError::Refused(refusal)) => refusal,
        };
        let already =
            refusal.says("message is not modified") || refusal.says("message to delete not found");
        if already {
            return Ok(outgoing.receipt(None, moved, identity));
        }
        if !outgoing.remedy(&refusal, &mut moved) {
            return Err(refusal.into_error());
        }
    }
}

impl Outgoing {
    /// Methods that change a message answer with `true` or the message changed.
    fn receipt(&self, result: Option<&Value>, moved: Option<String>, identity: Uuid) -> Receipt {
        let result = Node(result);
        let external_id = result
            .get("message_id")
            .id()
            .or_else(|| result.list().find_map(|m| m.get("message_id").id()))
            .or_else(|| Node(self.body.get("message_id")).id())
            .unwrap_or_else(|| identity.to_string());
        Receipt {
            external_id,
            contact: moved,
        }
    }
}

/// Small signs. A tap that is too old to be acknowledged, and «read», which ordinary chats do
/// not know, are no failures.
pub(super) async fn signal(
    api: &Api,
    token: &Secret,
    to: &ContactAddress,
    signal: &Signal,
) -> Result<(), SendError> {
    let (method, body) = match signal {
        Signal::Typing { .. } => {
            let mut body = Map::new();
            body.insert("action".to_owned(), json!("typing"));
            address(&mut body, to);
            ("sendChatAction", Value::Object(body))
        }
        Signal::TapTaken { tap } => ("answerCallbackQuery", json!({"callback_query_id": tap})),
        Signal::Read { .. } => return Ok(()),
    };
    match api.call(token, method, &body).await {
        Err(CallError::Refused(refusal))
            if refusal.says("query is too old") || refusal.says("query id is invalid") =>
        {
            Ok(())
        }
        other => Ok(other.map(drop)?),
    }
}

/// Chat, topic and business connection.
fn address(body: &mut Map<String, Value>, to: &ContactAddress) {
    body.insert("chat_id".to_owned(), chat_id(&to.key));
    let Some(thread) = &to.thread else { return };
    if let Some(connection) = thread.strip_prefix(BUSINESS_THREAD) {
        body.insert("business_connection_id".to_owned(), json!(connection));
    } else if let Ok(topic) = thread.parse::<i64>() {
        body.insert("message_thread_id".to_owned(), json!(topic));
    }
}

/// Ids are numbers of up to 52 bits; `@names` stay texts.
fn chat_id(key: &str) -> Value {
    key.parse::<i64>()
        .map_or_else(|_| json!(key), |id| json!(id))
}

fn unreadable(error: FileStoreError) -> SendError {
    match error {
        FileStoreError::NotFound => {
            SendError::clear(Failure::Payload, "el archivo ya no está guardado")
        }
        other => SendError::clear(Failure::Transient { retry_after: None }, other.to_string()),
    }
}
