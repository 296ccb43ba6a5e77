//! Files that a business sends on WhatsApp: fetched by link, checked for what they are.

use std::time::Duration;

use bytes::Bytes;

use crate::graph::Graph;
use crate::graph::errors::GraphError;
use crate::graph::line::Line;
use crate::graph::media::Stored;
use crate::phone::kind::Kind;

/// Whether a file is what the message type says, by its MIME type, size and first bytes.
pub(super) fn fits(kind: &str, stored: &Stored) -> Result<(), GraphError> {
    let refuse = |why: String| Err(GraphError::whatsapp(131053, "Media upload error", why));
    let mime = stored.mime.split(';').next().unwrap_or_default().trim();
    let (allowed, max): (&[&str], usize) = match kind {
        "image" => (&["image/jpeg", "image/png"], 5 << 20),
        "video" => (&["video/mp4", "video/3gpp"], 16 << 20),
        "audio" => (
            &[
                "audio/aac",
                "audio/amr",
                "audio/mpeg",
                "audio/mp4",
                "audio/ogg",
            ],
            16 << 20,
        ),
        "sticker" => (&["image/webp"], 500 << 10),
        _ => (&[], 100 << 20),
    };
    if !allowed.is_empty() && !allowed.contains(&mime) {
        return refuse(format!("Unsupported {kind} mime type {mime}."));
    }
    if stored.bytes.len() > max {
        return refuse(format!("{kind} file is larger than {max} bytes."));
    }
    let head = stored.bytes.get(..12).unwrap_or_default();
    let honest = match mime {
        "image/jpeg" => head.starts_with(&[0xff, 0xd8]),
        "image/png" => head.starts_with(b"\x89PNG"),
        "image/webp" => head.starts_with(b"RIFF"),
        "audio/ogg" => head.starts_with(b"OggS") && opus_channels(&stored.bytes) == Some(1),
        _ => true,
    };
    if !honest {
        return refuse(format!(
            "The file is not really {mime} (ogg must be mono opus)."
        ));
    }
    Ok(())
}

/// The channel count in the Opus header, the byte after its version.
fn opus_channels(bytes: &Bytes) -> Option<u8> {
    let head = bytes.get(..bytes.len().min(200))?;
    let at = head.windows(8).position(|window| window == b"OpusHead")?;
    head.get(at + 9).copied()
}

/// Fetches a linked file, as WhatsApp does after it has accepted the message.
pub(super) async fn fetch(graph: &Graph, line: &Line, link: &str) -> Result<Stored, GraphError> {
    let refuse =
        |why: String| GraphError::whatsapp(131053, "Media upload error", format!("Link: {why}"));
    let response = graph
        .core
        .http
        .get(link)
        .timeout(Duration::from_secs(20))
        .send()
        .await
        .map_err(|error| refuse(error.without_url().to_string()))?;
    if !response.status().is_success() {
        return Err(refuse(format!("HTTP {}", response.status().as_u16())));
    }
    let mime = response
        .headers()
        .get("Content-Type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("application/octet-stream")
        .to_owned();
    let bytes = response
        .bytes()
        .await
        .map_err(|error| refuse(error.without_url().to_string()))?;
    Ok(graph
        .media
        .keep(Kind::Whatsapp, &line.id, bytes, &mime, None))
}
