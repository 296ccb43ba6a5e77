//! From a Messenger or Instagram `message` object to what the phone shows.

use serde_json::Value;

use crate::graph::errors::GraphError;
use crate::phone::kind::Kind;
use crate::phone::shown::{Button, ButtonAction, Content, ContentKind, Element};

/// A file that a message names.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// image, audio, video or file.
    pub kind: String,
    /// Where to fetch it.
    pub url: Option<String>,
    /// The id of one that was uploaded before.
    pub attachment_id: Option<String>,
}

/// A checked message and the files it names.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What the phone shows, without files.
    pub content: Content,
    /// Files, at most ten (several only on Instagram).
    pub files: Vec<Wanted>,
}

fn refuse(kind: Kind, message: &str) -> GraphError {
    let error = GraphError::parameter(message);
    if kind == Kind::Instagram {
        error.with_subcode(2534015)
    } else {
        error
    }
}

/// Checks a message object. `upload` says that a file came with the form itself.
pub(crate) fn check(kind: Kind, message: &Value, upload: bool) -> Result<Checked, GraphError> {
    let text = text(kind, message)?;
    let attachment = &message["attachment"];
    let several = &message["attachments"];
    if text.is_some() && (attachment.is_object() || !several.is_null()) {
        return Err(refuse(
            kind,
            "Cannot send both text and attachment in one message",
        ));
    }
    let mut checked = if attachment.is_object() {
        attached(kind, attachment, upload)?
    } else if !several.is_null() && kind == Kind::Instagram {
        images(several)?
    } else if let Some(text) = text {
        Checked {
            content: Content::text(text),
            files: Vec::new(),
        }
    } else {
        return Err(GraphError::parameter("Empty message").with_subcode(2018034));
    };
    checked
        .content
        .buttons
        .extend(quick_replies(kind, &message["quick_replies"])?);
    Ok(checked)
}

/// Messenger counts characters (2000), Instagram UTF-8 bytes (1000).
fn text(kind: Kind, message: &Value) -> Result<Option<String>, GraphError> {
    let Some(text) = message["text"].as_str() else {
        return Ok(None);
    };
    if text.trim().is_empty() {
        return Err(GraphError::parameter("Empty text").with_subcode(2018034));
    }
    let (length, max) = match kind {
        Kind::Instagram => (text.len(), 1000),
        _ => (text.chars().count(), 2000),
    };
    if length > max {
        return Err(refuse(
            kind,
            &format!("Length of param message[text] must be less than or equal to {max}"),
        ));
    }
    Ok(Some(text.to_owned()))
}

fn attached(kind: Kind, attachment: &Value, upload: bool) -> Result<Checked, GraphError> {
    let payload = &attachment["payload"];
    match attachment["type"].as_str() {
        Some("template") => template(kind, payload).map(|content| Checked {
            content,
            files: Vec::new(),
        }),
        Some("like_heart") if kind == Kind::Instagram => Ok(Checked {
            content: Content {
                kind: ContentKind::Sticker,
                text: Some("❤️".to_owned()),
                ..Content::default()
            },
            files: Vec::new(),
        }),
        Some(file @ ("image" | "audio" | "video" | "file")) => Ok(Checked {
            content: Content {
                kind: content_kind(file),
                ..Content::default()
            },
            files: vec![wanted(file, payload, upload)?],
        }),
        _ => Err(refuse(
            kind,
            "Param message[attachment][type] must be one of {AUDIO, FILE, IMAGE, TEMPLATE, VIDEO}",
        )),
    }
}

pub(crate) fn content_kind(file: &str) -> ContentKind {
    match file {
        "image" => ContentKind::Image,
        "audio" => ContentKind::Audio,
        "video" => ContentKind::Video,
        _ => ContentKind::Document,
    }
}

pub(crate) fn wanted(kind: &str, payload: &Value, upload: bool) -> Result<Wanted, GraphError> {
    // Ids must come as strings: a number is refused.
    if payload["attachment_id"].is_number() {
        return Err(GraphError::parameter(
            "Param message[attachment][payload][attachment_id] must be a string",
        ));
    }
    let wanted = Wanted {
        kind: kind.to_owned(),
        url: payload["url"].as_str().map(str::to_owned),
        attachment_id: payload["attachment_id"].as_str().map(str::to_owned),
    };
    if wanted.url.is_none() && wanted.attachment_id.is_none() && !upload {
        return Err(GraphError::parameter(
            "Param message[attachment][payload] must contain url or attachment_id",
        ));
    }
    Ok(wanted)
}

/// Instagram: one object or up to ten, images only.
fn images(several: &Value) -> Result<Checked, GraphError> {
    let list = match several {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    if list.is_empty() || list.len() > 10 || list.iter().any(|item| item["type"] != "image") {
        return Err(refuse(
            Kind::Instagram,
            "message[attachments] takes 1 to 10 images",
        ));
    }
    let files = list
        .iter()
        .map(|item| wanted("image", &item["payload"], false))
        .collect::<Result<_, _>>()?;
    Ok(Checked {
        content: Content {
            kind: ContentKind::Image,
            ..Content::default()
        },
        files,
    })
}

fn label(kind: Kind, value: &Value, what: &str, max: usize) -> Result<String, GraphError> {
    let text = value
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| refuse(kind, &format!("Param {what} is required")))?;
    if text.chars().count() > max {
        return Err(refuse(
            kind,
            &format!("Param {what} must be at most {max} characters long"),
        ));
    }
    Ok(text.to_owned())
}

fn quick_replies(kind: Kind, value: &Value) -> Result<Vec<Button>, GraphError> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.len() > 13 {
        return Err(refuse(
            kind,
            "message[quick_replies] must have at most 13 elements",
        ));
    }
    list.iter()
        .map(|item| {
            let title = if kind == Kind::Instagram {
                // Instagram cuts what is too long instead of refusing it.
                let title = label(kind, &item["title"], "quick_replies[title]", usize::MAX)?;
                title.chars().take(20).collect()
            } else {
                label(kind, &item["title"], "quick_replies[title]", 20)?
            };
            if item["content_type"] != "text" {
                return Err(refuse(
                    kind,
                    "Param quick_replies[content_type] is required",
                ));
            }
            Ok(Button {
                id: label(kind, &item["payload"], "quick_replies[payload]", 1000)?,
                title,
                description: None,
                action: ButtonAction::QuickReply,
                url: None,
                row: 0,
            })
        })
        .collect()
}

fn buttons(kind: Kind, value: &Value, least: usize) -> Result<Vec<Button>, GraphError> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.len() < least || list.len() > 3 {
        return Err(refuse(kind, "A template takes 1 to 3 buttons"));
    }
    list.iter()
        .enumerate()
        .map(|(row, button)| {
            let title = label(kind, &button["title"], "buttons[title]", 20)?;
            match button["type"].as_str() {
                Some("web_url") => {
                    let url = label(kind, &button["url"], "buttons[url]", 2000)?;
                    Ok((ButtonAction::Url, url.clone(), Some(url), title))
                }
                Some("postback") => {
                    let payload = label(kind, &button["payload"], "buttons[payload]", 1000)?;
                    Ok((ButtonAction::Postback, payload, None, title))
                }
                _ => Err(refuse(
                    kind,
                    "Param buttons[type] must be web_url or postback",
                )),
            }
            .map(|(action, id, url, title)| Button {
                id,
                title,
                description: None,
                action,
                url,
                row,
            })
        })
        .collect()
}

fn template(kind: Kind, payload: &Value) -> Result<Content, GraphError> {
    match payload["template_type"].as_str() {
        Some("button") => Ok(Content {
            text: Some(label(kind, &payload["text"], "payload[text]", 640)?),
            buttons: buttons(kind, &payload["buttons"], 1)?,
            ..Content::default()
        }),
        Some("generic") => {
            let list = payload["elements"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            if list.is_empty() || list.len() > 10 {
                return Err(refuse(kind, "A generic template takes 1 to 10 elements"));
            }
            let elements = list
                .iter()
                .map(|item| element(kind, item))
                .collect::<Result<_, _>>()?;
            Ok(Content {
                kind: ContentKind::Carousel,
                elements,
                ..Content::default()
            })
        }
        _ => Err(refuse(kind, "Param payload[template_type] is not valid")),
    }
}

fn element(kind: Kind, item: &Value) -> Result<Element, GraphError> {
    let element = Element {
        title: label(kind, &item["title"], "elements[title]", 80)?,
        subtitle: match &item["subtitle"] {
            Value::Null => None,
            subtitle => Some(label(kind, subtitle, "elements[subtitle]", 80)?),
        },
        image_url: item["image_url"].as_str().map(str::to_owned),
        buttons: buttons(kind, &item["buttons"], 0)?,
    };
    if element.subtitle.is_none() && element.image_url.is_none() && element.buttons.is_empty() {
        return Err(refuse(kind, "An element needs something besides its title"));
    }
    Ok(element)
}
