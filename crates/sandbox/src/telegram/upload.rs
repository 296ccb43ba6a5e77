//! The file of a send: known by id, fetched from a URL, or uploaded with the call.

use std::sync::Arc;
use std::time::Duration;

use super::Telegram;
use super::bot::BotAccount;
use super::errors::BotApiError;
use super::files::{BotFile, UPLOAD_MAX};
use super::params::Params;
use crate::phone::locked::lock;

/// Gets the file for a content field, refusing what Telegram refuses.
pub(super) async fn get(
    telegram: &Arc<Telegram>,
    bot: &BotAccount,
    params: &Params,
    field: &str,
    value: Option<&str>,
) -> Result<BotFile, BotApiError> {
    let attached = value.and_then(|value| value.strip_prefix("attach://"));
    if let Some(part) = params.file(attached.unwrap_or(field)) {
        let mime = part
            .mime
            .clone()
            .unwrap_or_else(|| "application/octet-stream".to_owned());
        let file = BotFile::new(
            folder(field),
            part.bytes.clone(),
            &mime,
            part.filename.clone(),
        );
        check(field, &file)?;
        return Ok(telegram.keep(bot, file));
    }
    let value = value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| BotApiError::bad(format!("there is no {field} in the request")))?;
    if value.starts_with("http://") || value.starts_with("https://") {
        return fetch(telegram, bot, field, value).await;
    }
    lock(&bot.state)
        .files
        .get(value)
        .cloned()
        .ok_or_else(|| BotApiError::bad("wrong file_id or the file is temporarily unavailable"))
}

/// The folder in which files of a content field lie.
pub(super) fn folder(field: &str) -> &'static str {
    match field {
        "photo" => "photos",
        "voice" => "voice",
        "audio" => "music",
        "video" => "videos",
        "video_note" => "video_notes",
        "animation" => "animations",
        "sticker" => "stickers",
        _ => "documents",
    }
}

async fn fetch(
    telegram: &Arc<Telegram>,
    bot: &BotAccount,
    field: &str,
    url: &str,
) -> Result<BotFile, BotApiError> {
    if matches!(field, "video_note") {
        return Err(BotApiError::bad("can't upload file by URL"));
    }
    let failed = || BotApiError::bad("failed to get HTTP URL content");
    let response = telegram
        .core
        .http
        .get(url)
        .timeout(Duration::from_secs(20))
        .send()
        .await
        .map_err(|_| failed())?;
    if !response.status().is_success() {
        return Err(failed());
    }
    let mime = response
        .headers()
        .get("Content-Type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("application/octet-stream")
        .to_owned();
    if field == "photo" && !mime.starts_with("image/") {
        return Err(BotApiError::bad("wrong type of the web page content"));
    }
    let name = url
        .split(['?', '#'])
        .next()
        .and_then(|path| path.rsplit('/').next())
        .map(str::to_owned);
    let bytes = response.bytes().await.map_err(|_| failed())?;
    let most = if field == "photo" { 5 << 20 } else { 20 << 20 };
    if bytes.len() > most {
        return Err(failed());
    }
    let file = BotFile::new(folder(field), bytes, &mime, name);
    check(field, &file)?;
    Ok(telegram.keep(bot, file))
}

fn check(field: &str, file: &BotFile) -> Result<(), BotApiError> {
    if file.bytes.len() > UPLOAD_MAX {
        return Err(BotApiError::too_large());
    }
    if file.bytes.is_empty() {
        return Err(BotApiError::bad("file must be non-empty"));
    }
    if field == "photo" {
        if file.bytes.len() > 10 << 20 {
            return Err(BotApiError::bad("file is too big for a photo"));
        }
        let head = file.bytes.get(..12).unwrap_or(&file.bytes);
        let image = head.starts_with(&[0xff, 0xd8])
            || head.starts_with(b"\x89PNG")
            || head.starts_with(b"GIF8")
            || head.starts_with(b"RIFF");
        if !image {
            return Err(BotApiError::bad("IMAGE_PROCESS_FAILED"));
        }
    }
    Ok(())
}
