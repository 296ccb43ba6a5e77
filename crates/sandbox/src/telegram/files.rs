//! Files on Telegram's side.

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::phone::ids;
use crate::phone::shown::Media;

/// Largest file that `getFile` gives out.
pub const GET_FILE_MAX: usize = 20 * 1024 * 1024;
/// Largest upload.
pub const UPLOAD_MAX: usize = 50 * 1024 * 1024;

/// One file as one bot knows it.
#[derive(Debug, Clone)]
pub struct BotFile {
    /// The bot's own id of it.
    pub file_id: String,
    /// Same for all bots.
    pub unique_id: String,
    /// Path below `/file/bot<token>/`.
    pub path: String,
    /// The bytes.
    pub bytes: Bytes,
    /// MIME type as sent; downloads do not carry it.
    pub mime: String,
    /// File name.
    pub name: Option<String>,
}

impl BotFile {
    /// Files bytes under a folder such as `photos` or `voice`.
    pub fn new(folder: &str, bytes: Bytes, mime: &str, name: Option<String>) -> Self {
        let extension = match mime.split(';').next().unwrap_or_default() {
            "image/jpeg" => "jpg",
            "image/png" => "png",
            "image/webp" => "webp",
            "audio/ogg" => "oga",
            "audio/mpeg" => "mp3",
            "video/mp4" => "mp4",
            "application/pdf" => "pdf",
            _ => "bin",
        };
        BotFile {
            file_id: format!("AgAC{}", ids::token(60)),
            unique_id: format!("AQAD{}", ids::token(12)),
            path: format!("{folder}/file_{}.{extension}", ids::next()),
            bytes,
            mime: mime.to_owned(),
            name,
        }
    }

    /// As the phone shows it.
    pub fn shown(&self, origin: &str) -> Media {
        Media {
            url: format!("{origin}/cdn/{}", self.unique_id),
            mime: self.mime.clone(),
            name: self.name.clone(),
            size: self.bytes.len() as u64,
            sha256: hex::encode(Sha256::digest(&self.bytes)),
            id: self.file_id.clone(),
        }
    }

    /// The object inside a message, for a content field.
    pub fn object(&self, field: &str) -> Value {
        let mut value = json!({
            "file_id": self.file_id, "file_unique_id": self.unique_id,
            "file_size": self.bytes.len(),
        });
        let more = match field {
            "photo" => {
                let small = json!({
                    "file_id": self.file_id, "file_unique_id": format!("{}s", self.unique_id),
                    "file_size": self.bytes.len().min(1200), "width": 90, "height": 67,
                });
                value["width"] = 1280.into();
                value["height"] = 960.into();
                return json!([small, value]);
            }
            "voice" => json!({"duration": 2, "mime_type": self.mime}),
            "audio" => json!({"duration": 2, "mime_type": self.mime, "file_name": self.name}),
            "video" | "animation" => json!({
                "width": 320, "height": 240, "duration": 2, "mime_type": self.mime,
                "file_name": self.name,
            }),
            "video_note" => json!({"length": 240, "duration": 2}),
            "sticker" => json!({
                "type": "regular", "width": 512, "height": 512, "emoji": "😀",
                "is_animated": false, "is_video": false,
            }),
            _ => json!({"file_name": self.name, "mime_type": self.mime}),
        };
        if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
            value.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        }
        value
    }
}
