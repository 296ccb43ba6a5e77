//! The files and shares of a message; every field may be missing (`channels.md` §4.3, §5.2).

use crate::channels::meta::json::Lenient;
use crate::channels::meta::media::MediaHosts;
use crate::channels::meta::words;
use domain::message::{Attachment, Content, Location, MediaKind, MediaSource, Referral};
use serde_json::Value;

/// All attachments with their place in the list. A sticker that comes a second time as a
/// picture is left out (2026: both were sent while the platform changed over).
pub(super) fn read_all(
    hosts: &MediaHosts,
    message: &Value,
    text: Option<&str>,
) -> Vec<(String, Content)> {
    let list = message.items("attachments");
    let stickers: Vec<&Value> = list.iter().filter(|a| kind(a) == "sticker").collect();
    let twin = |a: &Value| {
        kind(a) == "image"
            && stickers.iter().any(|sticker| {
                list.len() == 2
                    || (sticker_id(a).is_some() && sticker_id(a) == sticker_id(sticker))
                    || (bare_url(a).is_some() && bare_url(a) == bare_url(sticker))
            })
    };
    let mut contents = Vec::new();
    for (index, attachment) in list.iter().enumerate().filter(|(_, a)| !twin(a)) {
        for (part, content) in of(hosts, attachment, text).into_iter().enumerate() {
            let suffix = if part == 0 {
                index.to_string()
            } else {
                format!("{index}.{part}")
            };
            contents.push((suffix, content));
        }
    }
    contents
}

fn kind(attachment: &Value) -> &str {
    attachment.text("type").unwrap_or("unknown")
}

fn sticker_id(attachment: &Value) -> Option<String> {
    attachment.child("payload")?.id("sticker_id")
}

fn url(attachment: &Value) -> Option<&str> {
    attachment
        .child("payload")
        .and_then(|p| p.text("url"))
        .or_else(|| attachment.text("url"))
}

fn bare_url(attachment: &Value) -> Option<&str> {
    url(attachment)?.split('?').next()
}

fn title(attachment: &Value) -> Option<&str> {
    attachment
        .child("payload")
        .and_then(|p| p.text("title"))
        .or_else(|| attachment.text("title"))
}

fn of(hosts: &MediaHosts, attachment: &Value, text: Option<&str>) -> Vec<Content> {
    let kind = kind(attachment);
    let media = |kind: MediaKind, caption: Option<&str>| {
        url(attachment)
            .filter(|url| hosts.allows(url))
            .map(|url| file(kind, url, caption))
    };
    let shared = || media(MediaKind::File, title(attachment)).or_else(|| share(attachment, text));
    let content = match kind {
        "image" if sticker_id(attachment).is_some() => media(MediaKind::Sticker, None),
        "image" => media(MediaKind::Image, None),
        "video" => media(MediaKind::Video, None),
        "audio" => media(MediaKind::Audio, None),
        "file" => media(MediaKind::File, None),
        "sticker" => media(MediaKind::Sticker, None),
        "like_heart" => Some(Content::text("❤️")),
        "reel" | "ig_reel" => media(MediaKind::Video, title(attachment)).or_else(shared),
        "story_mention" => return mention(media(MediaKind::Image, None)),
        "post" | "ig_post" | "share" | "story" | "ig_story" | "media" => shared(),
        // The shared link also stands in the message's text.
        "fallback" => match share(attachment, text) {
            None if text.is_some() => return Vec::new(),
            found => found,
        },
        "location" => location(attachment),
        "template" | "appointment_booking" => template(attachment),
        _ => media(MediaKind::File, None),
    };
    let content = content
        .or_else(|| link_only(attachment))
        .unwrap_or_else(|| Content::Unsupported {
            what: kind.chars().take(60).collect(),
        });
    vec![content]
}

fn file(kind: MediaKind, url: &str, caption: Option<&str>) -> Content {
    let name = url::Url::parse(url).ok().and_then(|u| {
        let last = u.path_segments()?.next_back()?;
        let plain = percent_encoding::percent_decode_str(last).decode_utf8_lossy();
        words::file_name(&plain).filter(|n| n.contains('.'))
    });
    Content::Media {
        attachment: Attachment {
            source: Some(MediaSource::Url {
                url: url.to_owned(),
            }),
            name,
            ..Attachment::of(kind)
        },
        caption: caption.map(str::to_owned),
    }
}

/// The account was named in somebody's story: what happened, and the story while it exists.
fn mention(story: Option<Content>) -> Vec<Content> {
    let referral = Content::Referral(Referral {
        source: Some("story_mention".to_owned()),
        ..Referral::default()
    });
    std::iter::once(referral).chain(story).collect()
}

/// A shared link as title and address; nothing of it twice if the words hold it already.
fn share(attachment: &Value, text: Option<&str>) -> Option<Content> {
    let said = |part: &str| text.is_some_and(|t| t.contains(part));
    let parts: Vec<&str> = [title(attachment), url(attachment)]
        .into_iter()
        .flatten()
        .filter(|part| !said(part))
        .collect();
    (!parts.is_empty()).then(|| Content::text(parts.join("\n")))
}

/// An address outside the platform's file hosts is shown, never fetched.
fn link_only(attachment: &Value) -> Option<Content> {
    let url = url(attachment)?;
    let web = url.starts_with("https://") || url.starts_with("http://");
    web.then(|| Content::text(url))
}

fn location(attachment: &Value) -> Option<Content> {
    let place = attachment.child("payload")?.child("coordinates")?;
    Some(Content::Location(Location {
        latitude: place.decimal("lat").filter(|d| d.abs() <= 90.0)?,
        longitude: place
            .decimal("long")
            .or_else(|| place.decimal("lng"))
            .filter(|d| d.abs() <= 180.0)?,
        name: title(attachment).map(str::to_owned),
        address: None,
    }))
}

/// Products and other cards: their titles, subtitles and texts, one line each.
fn template(attachment: &Value) -> Option<Content> {
    let payload = attachment.child("payload")?;
    let holders = [
        Some(payload),
        payload.child("product"),
        payload.child("generic"),
    ];
    let mut lines: Vec<String> = payload
        .text("text")
        .map(str::to_owned)
        .into_iter()
        .collect();
    for element in holders
        .into_iter()
        .flatten()
        .flat_map(|h| h.items("elements"))
    {
        let parts = ["title", "subtitle"];
        let parts: Vec<&str> = parts.iter().filter_map(|f| element.text(f)).collect();
        if !parts.is_empty() {
            lines.push(parts.join(" – "));
        }
    }
    lines.extend(
        title(attachment)
            .map(str::to_owned)
            .filter(|_| lines.is_empty()),
    );
    (!lines.is_empty()).then(|| Content::Order {
        summary: lines.join("\n"),
    })
}
