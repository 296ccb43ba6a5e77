//! The calls themselves.

use super::LetsTalk;
use super::failure::{Effect, of_unreadable};
use crate::desk::decode::message;
use crate::desk::decode::value::{at, first_int, first_text};
use async_trait::async_trait;
use bytes::Bytes;
use domain::desk::{DeskAccount, DeskMessage};
use domain::message::{MediaSource, StoredFile};
use domain::outbound::{Failure, SendError};
use domain::ports::{
    ClientRequest, Desk, DeskClient, MediaStream, NewDeskConversation, PostedMessage,
};
use domain::secret::Secret;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use uuid::Uuid;

#[async_trait]
impl Desk for LetsTalk {
    async fn client(
        &self,
        account: &DeskAccount,
        who: &ClientRequest,
    ) -> Result<DeskClient, SendError> {
        let keys = &account.credentials;
        let body = json!({
            "email": who.email,
            "name": who.name,
            "consumer": {
                "key": keys.consumer_key.expose(),
                "token": keys.consumer_token.expose(),
            },
            "organization_id": account.settings.organization_id,
        });
        // The same address gets the same client: repeating does no harm.
        let effect = Effect::Repeatable;
        let mut call = self.call(
            account,
            Method::POST,
            "/integration/auth/token",
            None,
            effect,
        )?;
        call.request = call.request.json(&body);
        call.secrets = vec![keys.consumer_key.expose(), keys.consumer_token.expose()];
        let answer = self.answer(call).await?;
        let token = first_text(&answer, &[&["token"]])
            .ok_or_else(|| of_unreadable("la respuesta no trae el token", effect))?;
        Ok(DeskClient {
            id: first_int(&answer, &[&["person", "id"]]).unwrap_or_default(),
            token: Secret::new(token),
        })
    }

    async fn open(
        &self,
        account: &DeskAccount,
        key: &Secret,
        new: &NewDeskConversation,
    ) -> Result<i64, SendError> {
        let mut body = json!({
            "message": {
                "content": new.content,
                "content_type": "text/plain",
                "remote_id": new.remote_id,
            },
            "organization_id": account.settings.organization_id,
        });
        if let Some(fields) = body.as_object_mut() {
            let optional = [
                ("issue", new.issue.clone().map(Value::from)),
                ("inquiry_id", new.inquiry_id.map(Value::from)),
                ("metadata", new.metadata.clone().map(Value::Object)),
            ];
            for (name, value) in optional {
                if let Some(value) = value {
                    fields.insert(name.to_owned(), value);
                }
            }
        }
        let effect = Effect::Creates;
        let mut call = self.call(account, Method::POST, "/conversations", Some(key), effect)?;
        call.request = call.request.json(&body);
        let answer = self.answer(call).await?;
        first_int(&answer, &[&["id"], &["conversation", "id"]])
            .ok_or_else(|| of_unreadable("la respuesta no trae la conversación", effect))
    }

    async fn post_text(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        text: &str,
        remote_id: Uuid,
    ) -> Result<PostedMessage, SendError> {
        let mut call = self.call(
            account,
            Method::POST,
            "/messages",
            Some(key),
            Effect::Creates,
        )?;
        call.request = call.request.json(&json!({
            "content": text,
            "content_type": "text/plain",
            "remote_id": remote_id,
            "conversation_id": conversation,
        }));
        self.answer(call).await.map(|answer| posted(&answer))
    }

    async fn post_file(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        file: &StoredFile,
        mime: &str,
        bytes: Bytes,
        remote_id: Uuid,
    ) -> Result<PostedMessage, SendError> {
        let size = bytes.len() as u64;
        let media = Part::stream_with_length(bytes, size)
            .file_name(file.name.clone())
            .mime_str(mime)
            .map_err(|_| {
                SendError::clear(Failure::Payload, "el tipo del archivo está mal formado")
            })?;
        let form = Form::new()
            .text("content", "attachment")
            .text("content_type", mime.to_owned())
            .text("conversation_id", conversation.to_string())
            .text("remote_id", remote_id.to_string())
            .part("media", media);
        let mut call = self.call(
            account,
            Method::POST,
            "/messages",
            Some(key),
            Effect::Creates,
        )?;
        call.request = call.request.multipart(form);
        self.answer(call).await.map(|answer| posted(&answer))
    }

    async fn messages(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        after: Option<i64>,
        amount: u32,
    ) -> Result<Vec<DeskMessage>, SendError> {
        let rows = self
            .rows_after(account, key, conversation, after, amount)
            .await?;
        let own = account.settings.agent_user_id;
        let mut read: Vec<DeskMessage> = rows
            .values()
            .filter_map(|row| match message(row, own, Some(conversation)) {
                Ok(message) => Some(message),
                Err(unreadable) => {
                    metrics::counter!("relevo_desk_rows_unreadable_total").increment(1);
                    tracing::warn!(tenant = %account.tenant, conversation, %unreadable,
                        "a listed message cannot be read");
                    None
                }
            })
            .collect();
        let surplus = match after {
            None => read.len().saturating_sub(amount as usize),
            Some(_) => 0,
        };
        Ok(read.split_off(surplus))
    }

    async fn close(&self, account: &DeskAccount, conversation: i64) -> Result<(), SendError> {
        let key = &account.credentials.agent_key;
        let path = format!("/conversations/{conversation}");
        let mut call = self.call(account, Method::PUT, &path, Some(key), Effect::Repeatable)?;
        call.request = call.request.json(&json!({ "status": "Closed" }));
        self.done(call).await
    }

    async fn assign_group(
        &self,
        account: &DeskAccount,
        conversation: i64,
        group: i64,
    ) -> Result<(), SendError> {
        let key = &account.credentials.agent_key;
        let path = format!("/conversations/{conversation}/conversation_groups");
        let mut call = self.call(account, Method::POST, &path, Some(key), Effect::Creates)?;
        call.request = call.request.json(&json!({
            "group_id": group,
            "conversation_id": conversation,
            // A transfer would take our own agent out, and with it the events we live on.
            "transfer": false,
        }));
        self.done(call).await
    }

    async fn set_metadata(
        &self,
        account: &DeskAccount,
        key: &Secret,
        conversation: i64,
        metadata: &serde_json::Map<String, Value>,
    ) -> Result<(), SendError> {
        let path = format!("/conversations/{conversation}/metadata");
        // The text says PUT, its example POST: the other one is tried where the first is unknown.
        let mut refused = None;
        for method in [Method::PUT, Method::POST] {
            let mut call = self.call(account, method, &path, Some(key), Effect::Repeatable)?;
            call.request = call.request.json(metadata);
            match self.done(call).await {
                Err(error) if matches!(error.code.as_deref(), Some("404" | "405")) => {
                    refused.get_or_insert(error);
                }
                other => return other,
            }
        }
        refused.map_or(Ok(()), Err)
    }

    async fn open_media(
        &self,
        account: &DeskAccount,
        source: &MediaSource,
    ) -> Result<MediaStream, SendError> {
        self.media(account, source).await
    }
}

/// A message that was taken; zero where the answer does not tell its id.
pub(super) fn posted(answer: &Value) -> PostedMessage {
    let answer = at(answer, &["message"])
        .filter(|m| m.is_object())
        .unwrap_or(answer);
    PostedMessage {
        id: first_int(answer, &[&["id"]]).unwrap_or_default(),
    }
}
