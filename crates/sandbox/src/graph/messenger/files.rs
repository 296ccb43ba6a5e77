//! Files that a business sends on Messenger and Instagram: fetched, found by id, or uploaded.

use std::time::Duration;

use super::content::Wanted;
use crate::form::Part;
use crate::graph::Graph;
use crate::graph::errors::GraphError;
use crate::graph::line::Line;
use crate::graph::media::Stored;
use crate::phone::kind::Kind;

/// Most bytes of any file.
const MAX: usize = 25 << 20;

/// Gets the file, refusing what the platform refuses.
pub(crate) async fn get(
    graph: &Graph,
    line: &Line,
    wanted: &Wanted,
    upload: Option<&Part>,
) -> Result<Stored, GraphError> {
    let stored = if let Some(id) = &wanted.attachment_id {
        graph
            .media
            .find(id)
            .filter(|stored| stored.kind == line.kind && stored.account == line.id)
            .ok_or_else(|| GraphError::parameter("Invalid attachment id").with_subcode(2018074))?
    } else if let Some(url) = &wanted.url {
        fetch(graph, line, url).await?
    } else if let Some(part) = upload {
        let mime = part.mime.as_deref().unwrap_or("application/octet-stream");
        graph.media.keep(
            line.kind,
            &line.id,
            part.bytes.clone(),
            mime,
            part.filename.clone(),
        )
    } else {
        return Err(GraphError::parameter("No file given").with_subcode(2018047));
    };
    fits(line.kind, &wanted.kind, &stored)?;
    Ok(stored)
}

async fn fetch(graph: &Graph, line: &Line, url: &str) -> Result<Stored, GraphError> {
    let failed =
        || GraphError::parameter("Failed to fetch the file from the url").with_subcode(2018008);
    let response = graph
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
    let name = url
        .split(['?', '#'])
        .next()
        .and_then(|path| path.rsplit('/').next())
        .filter(|name| name.contains('.'))
        .map(str::to_owned);
    let bytes = response.bytes().await.map_err(|_| failed())?;
    Ok(graph.media.keep(line.kind, &line.id, bytes, &mime, name))
}

fn fits(channel: Kind, kind: &str, stored: &Stored) -> Result<(), GraphError> {
    let mime = stored.mime.split(';').next().unwrap_or_default().trim();
    let instagram = channel == Kind::Instagram;
    let max = if kind == "image" { 8 << 20 } else { MAX };
    if stored.bytes.len() > max {
        return Err(GraphError::parameter("The file is too big").with_subcode(2018109));
    }
    let fits = match (kind, instagram) {
        ("image", true) => matches!(mime, "image/png" | "image/jpeg" | "image/gif"),
        ("image", false) => mime.starts_with("image/"),
        // Neither ogg nor mp3 is on Instagram's list.
        ("audio", true) => matches!(
            mime,
            "audio/aac"
                | "audio/m4a"
                | "audio/x-m4a"
                | "audio/mp4"
                | "audio/wav"
                | "audio/x-wav"
                | "video/mp4"
        ),
        ("audio", false) => mime.starts_with("audio/"),
        ("video", _) => mime.starts_with("video/"),
        (_, true) => mime == "application/pdf",
        (_, false) => true,
    };
    if !fits {
        return Err(GraphError::parameter(format!(
            "File type {mime} does not fit attachment type {kind}"
        ))
        .with_subcode(2018047));
    }
    Ok(())
}
