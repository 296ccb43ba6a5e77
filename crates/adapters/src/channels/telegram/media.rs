//! Fetching a contact's file: `getFile`, then the download. The address holds the token and is
//! given to nobody.

use super::api::{Api, CallError};
use super::node::Node;
use crate::net::send_error;
use domain::message::{Attachment, MediaSource};
use domain::outbound::{Failure, SendError};
use domain::ports::MediaStream;
use domain::secret::Secret;
use futures::StreamExt;
use serde_json::json;

/// Telegram gives bots no larger files (20 MiB).
const LIMIT: u64 = 20 << 20;

/// Opens the file.
pub(super) async fn open(
    api: &Api,
    token: &Secret,
    source: &MediaSource,
    attachment: &Attachment,
) -> Result<MediaStream, SendError> {
    let MediaSource::Id { id, .. } = source else {
        let why = "Telegram no da archivos por dirección";
        return Err(SendError::clear(Failure::Payload, why));
    };
    if attachment.size.is_some_and(|size| size > LIMIT) {
        return Err(too_big());
    }
    let file = match api.call(token, "getFile", &json!({"file_id": id})).await {
        Err(CallError::Refused(refusal)) if refusal.says("file is too big") => {
            return Err(too_big());
        }
        other => other?,
    };
    let file = Node(Some(&file));
    let Some(path) = file.get("file_path").text() else {
        return Err(passing("Telegram aún no tiene el archivo listo"));
    };
    let response = api.download(token, path).await?;
    match response.status().as_u16() {
        200 => {}
        401 => {
            let why = "Telegram no acepta el token del bot";
            return Err(SendError::clear(Failure::Unauthorized, why));
        }
        // The path has expired; the next try asks for a fresh one.
        status => return Err(passing(&format!("Telegram respondió {status}"))),
    }
    let size = response.content_length().or(file.get("file_size").size());
    if size.is_some_and(|size| size > LIMIT) {
        return Err(too_big());
    }
    Ok(MediaStream {
        // The download always says `application/octet-stream`; the message knew better.
        mime: attachment.mime.clone(),
        size,
        name: attachment.name.clone(),
        bytes: response
            .bytes_stream()
            .map(|piece| piece.map_err(|e| send_error(&e)))
            .boxed(),
    })
}

fn too_big() -> SendError {
    SendError::clear(
        Failure::Payload,
        "pesa más de 20 MB, lo máximo que Telegram entrega a un bot",
    )
}

fn passing(why: &str) -> SendError {
    SendError::clear(Failure::Transient { retry_after: None }, why)
}
