//! What a call says, for the transcript.

use super::super::params::{Params, Upload, plain};
use super::{keyboard, markup};
use domain::message::{
    Attachment, ContactCard, Content, Location, MediaKind, OptionAction, OptionItem, OptionList,
};
use serde_json::Value;

/// Methods that send a file, with the field that holds it.
const FILES: [(&str, &str, MediaKind); 9] = [
    ("sendphoto", "photo", MediaKind::Image),
    ("sendvideo", "video", MediaKind::Video),
    ("sendanimation", "animation", MediaKind::Video),
    ("sendvideonote", "video_note", MediaKind::Video),
    ("sendaudio", "audio", MediaKind::Audio),
    ("sendvoice", "voice", MediaKind::Voice),
    ("senddocument", "document", MediaKind::File),
    ("sendsticker", "sticker", MediaKind::Sticker),
    ("sendlivephoto", "photo", MediaKind::Image),
];

/// What a call says; `method` in lower case.
pub(super) fn of(method: &str, params: &Params) -> Content {
    if let Some((_, field, kind)) = FILES.iter().find(|(name, ..)| *name == method) {
        let given = params.text(field);
        return Content::Media {
            attachment: file(*kind, given.as_deref(), upload(params, field)),
            caption: words(params, "caption"),
        };
    }
    let unsupported = || Content::Unsupported {
        what: method.chars().take(64).collect(),
    };
    match method {
        "sendmessage" => with_buttons(params, words(params, "text").unwrap_or_default()),
        "sendmediagroup" => album(params).unwrap_or_else(unsupported),
        "sendlocation" | "sendvenue" => location(params).unwrap_or_else(unsupported),
        "sendcontact" => Content::Contacts {
            cards: vec![card(params)],
        },
        "sendpoll" => poll(params),
        "senddice" => Content::text(params.text("emoji").unwrap_or_else(|| "🎲".to_owned())),
        "sendinvoice" => Content::Order {
            summary: [params.text("title"), params.text("description")]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("\n"),
        },
        _ => match words(params, "caption").or_else(|| words(params, "text")) {
            Some(text) => Content::text(text),
            None => unsupported(),
        },
    }
}

fn words(params: &Params, field: &str) -> Option<String> {
    let mode = params.text("parse_mode");
    params
        .text(field)
        .map(|text| markup::read(&text, mode.as_deref()))
}

fn with_buttons(params: &Params, title: String) -> Content {
    let items = params
        .node("reply_markup")
        .map(|markup| keyboard::items(&markup))
        .unwrap_or_default();
    if items.is_empty() {
        Content::Text { text: title }
    } else {
        Content::Options(OptionList { title, items })
    }
}

/// A file is given as an upload, as an address or as the id of one that Telegram has already.
fn file(kind: MediaKind, given: Option<&str>, upload: Option<&Upload>) -> Attachment {
    let mut attachment = Attachment::of(kind);
    attachment.name = upload
        .and_then(|u| u.name.clone())
        .or_else(|| given.and_then(last_segment))
        .map(|name| clean(&name));
    attachment.mime = upload.and_then(|u| u.mime.clone());
    attachment
}

fn upload<'a>(params: &'a Params, field: &str) -> Option<&'a Upload> {
    let attached = params
        .text(field)
        .and_then(|v| v.strip_prefix("attach://").map(str::to_owned));
    params
        .uploads
        .iter()
        .find(|u| u.field == field || Some(&u.field) == attached.as_ref())
}

/// The name at the end of an address; nothing for an id.
fn last_segment(given: &str) -> Option<String> {
    let url = url::Url::parse(given).ok().filter(url::Url::has_host)?;
    let name = url.path_segments()?.next_back().unwrap_or_default();
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    Some(name.into_owned()).filter(|n| !n.is_empty())
}

fn clean(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control() && !matches!(c, '/' | '\\'))
        .take(200)
        .collect()
}

/// Several files in one call: the first stands for all, the caption names the others.
fn album(params: &Params) -> Option<Content> {
    let media = params.node("media")?;
    let list = media.as_array()?;
    let named = |item: &Value| {
        let given = item
            .get("media")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let upload = given
            .strip_prefix("attach://")
            .and_then(|field| params.uploads.iter().find(|u| u.field == field));
        let kind = match item.get("type").and_then(Value::as_str) {
            Some("video" | "animation") => MediaKind::Video,
            Some("audio") => MediaKind::Audio,
            Some("document") => MediaKind::File,
            _ => MediaKind::Image,
        };
        file(kind, Some(given), upload)
    };
    let mut lines: Vec<String> = list
        .iter()
        .filter_map(|item| {
            let mode = item.get("parse_mode").and_then(Value::as_str);
            let caption = item.get("caption")?.as_str()?;
            Some(markup::read(caption, mode))
        })
        .collect();
    let first = named(list.first()?);
    if list.len() > 1 {
        let others: Vec<String> = list
            .iter()
            .skip(1)
            .map(|item| {
                let file = named(item);
                file.name.unwrap_or_else(|| file.kind.name().to_owned())
            })
            .collect();
        lines.push(format!("+{}: {}", others.len(), others.join(", ")));
    }
    Some(Content::Media {
        attachment: first,
        caption: Some(lines.join("\n")).filter(|c| !c.is_empty()),
    })
}

fn location(params: &Params) -> Option<Content> {
    let degrees = |field: &str| {
        params
            .text(field)?
            .parse::<f64>()
            .ok()
            .filter(|d| d.is_finite())
    };
    Some(Content::Location(Location {
        latitude: degrees("latitude")?,
        longitude: degrees("longitude")?,
        name: params.text("title"),
        address: params.text("address"),
    }))
}

fn card(params: &Params) -> ContactCard {
    let name = [params.text("first_name"), params.text("last_name")];
    ContactCard {
        name: name.into_iter().flatten().collect::<Vec<_>>().join(" "),
        phones: params.text("phone_number").into_iter().collect(),
        ..ContactCard::default()
    }
}

fn poll(params: &Params) -> Content {
    let options = params.node("options").unwrap_or_default();
    let label = |option: &Value| option.get("text").and_then(plain).or_else(|| plain(option));
    let items = options
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(label)
        .map(|label| OptionItem {
            action: OptionAction::Reply {
                message: label.clone(),
            },
            label,
        })
        .collect();
    Content::Options(OptionList {
        title: params.text("question").unwrap_or_default(),
        items,
    })
}
