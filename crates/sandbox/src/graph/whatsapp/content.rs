//! From a WhatsApp send request to what the phone shows, refusing what WhatsApp refuses.

use serde_json::Value;

use super::limits::{invalid, missing, optional, reply_id, text, unique};
use crate::graph::Graph;
use crate::graph::errors::GraphError;
use crate::graph::media::Stored;
use crate::phone::shown::{Button, ButtonAction, Card, Content, ContentKind, Media, Place};

/// A checked message: what it shows, and what still has to be found out about its file.
pub(crate) struct Checked {
    /// What the phone shows.
    pub content: Content,
    /// The uploaded file, checked for its kind after the send was accepted.
    pub file: Option<(String, Stored)>,
    /// A link to fetch, with the message type it must fit.
    pub link: Option<(String, String)>,
    /// Whether it may go out after the window has closed.
    pub template: bool,
}

impl From<Content> for Checked {
    fn from(content: Content) -> Self {
        Checked {
            content,
            file: None,
            link: None,
            template: false,
        }
    }
}

/// Checks a message of the given type.
pub(crate) fn check(graph: &Graph, kind: &str, body: &Value) -> Result<Checked, GraphError> {
    let part = &body[kind];
    if !part.is_object() && kind != "contacts" {
        return Err(missing(kind));
    }
    match kind {
        "text" => Ok(Content::text(text(&part["body"], "text['body']", 4096)?).into()),
        "image" | "video" | "audio" | "document" | "sticker" => media(graph, kind, part),
        "location" => location(part).map(Into::into),
        "contacts" => contacts(part).map(Into::into),
        "interactive" => interactive(part).map(Into::into),
        "template" => template(part),
        _ => Err(GraphError::whatsapp(
            131051,
            "Unsupported message type",
            format!("Message type '{kind}' is not supported."),
        )),
    }
}

fn media(graph: &Graph, kind: &str, part: &Value) -> Result<Checked, GraphError> {
    let caption = optional(&part["caption"], &format!("{kind}['caption']"), 1024)?;
    if caption.is_some() && matches!(kind, "audio" | "sticker") {
        return Err(GraphError::parameter(format!(
            "Unexpected key \"caption\" on param \"{kind}\"."
        )));
    }
    let shown = match kind {
        "image" => ContentKind::Image,
        "video" => ContentKind::Video,
        "audio" if part["voice"] == Value::Bool(true) => ContentKind::Voice,
        "audio" => ContentKind::Audio,
        "sticker" => ContentKind::Sticker,
        _ => ContentKind::Document,
    };
    let filename = optional(&part["filename"], "document['filename']", 240)?;
    match (part["id"].as_str(), part["link"].as_str()) {
        (Some(id), _) => {
            let stored = graph
                .media
                .find(id)
                .ok_or_else(|| invalid(&format!("{kind}['id']"), "no such uploaded media"))?;
            let mut media = stored.shown(&graph.core.urls.graph);
            media.name = filename.or(media.name);
            Ok(Checked {
                content: Content::media(shown, media, caption),
                file: Some((kind.to_owned(), stored)),
                link: None,
                template: false,
            })
        }
        (None, Some(link)) => {
            if !(link.starts_with("http://") || link.starts_with("https://")) {
                return Err(GraphError::parameter(format!(
                    "Param {kind}['link'] is not a valid URI."
                )));
            }
            let media = Media {
                url: link.to_owned(),
                name: filename,
                ..Media::default()
            };
            Ok(Checked {
                content: Content::media(shown, media, caption),
                file: None,
                link: Some((kind.to_owned(), link.to_owned())),
                template: false,
            })
        }
        (None, None) => Err(missing(&format!("{kind}['id'] or {kind}['link']"))),
    }
}

/// Coordinates come as strings or numbers.
fn degrees(value: &Value, parameter: &str) -> Result<f64, GraphError> {
    value
        .as_f64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
        .ok_or_else(|| missing(parameter))
}

fn location(part: &Value) -> Result<Content, GraphError> {
    Ok(Content {
        kind: ContentKind::Location,
        place: Some(Place {
            latitude: degrees(&part["latitude"], "location['latitude']")?,
            longitude: degrees(&part["longitude"], "location['longitude']")?,
            name: optional(&part["name"], "location['name']", 1000)?,
            address: optional(&part["address"], "location['address']", 1000)?,
        }),
        ..Content::default()
    })
}

fn contacts(part: &Value) -> Result<Content, GraphError> {
    let list = part.as_array().filter(|list| !list.is_empty());
    let mut cards = Vec::new();
    for contact in list.ok_or_else(|| missing("contacts"))? {
        cards.push(Card {
            name: text(
                &contact["name"]["formatted_name"],
                "contacts['name']['formatted_name']",
                1000,
            )?,
            phone: contact["phones"][0]["phone"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        });
    }
    Ok(Content {
        kind: ContentKind::Contact,
        cards,
        ..Content::default()
    })
}

fn interactive(part: &Value) -> Result<Content, GraphError> {
    let kind = part["type"]
        .as_str()
        .ok_or_else(|| missing("interactive['type']"))?;
    let action = &part["action"];
    if !action.is_object() {
        return Err(missing("interactive['action']"));
    }
    let most = if kind == "list" { 4096 } else { 1024 };
    let mut content = Content::text(text(
        &part["body"]["text"],
        "interactive['body']['text']",
        most,
    )?);
    content.footer = optional(&part["footer"]["text"], "interactive['footer']['text']", 60)?;
    content.header = header(&part["header"], kind)?;
    match kind {
        "button" => content.buttons = reply_buttons(&action["buttons"])?,
        "list" => {
            content.list_label = Some(text(
                &action["button"],
                "interactive['action']['button']",
                20,
            )?);
            content.buttons = list_rows(&action["sections"])?;
        }
        "cta_url" => content.buttons = vec![link_button(&action["parameters"])?],
        other => return Err(invalid("interactive['type']", other)),
    }
    Ok(content)
}

fn header(header: &Value, kind: &str) -> Result<Option<String>, GraphError> {
    if header.is_null() {
        return Ok(None);
    }
    match header["type"].as_str() {
        Some("text") => text(&header["text"], "interactive['header']['text']", 60).map(Some),
        Some("image" | "video" | "document") if kind == "button" => Ok(Some("📎".to_owned())),
        other => Err(invalid(
            "interactive['header']['type']",
            other.unwrap_or("missing"),
        )),
    }
}

fn reply_buttons(buttons: &Value) -> Result<Vec<Button>, GraphError> {
    let list = buttons.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > 3 {
        return Err(invalid(
            "interactive['action']['buttons']",
            "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3",
        ));
    }
    let mut made = Vec::new();
    for (row, button) in list.iter().enumerate() {
        if button["type"] != "reply" {
            return Err(invalid(
                "interactive['action']['buttons']['type']",
                "must be 'reply'",
            ));
        }
        made.push(Button {
            id: reply_id(&button["reply"]["id"], "button reply id", 256)?,
            title: text(&button["reply"]["title"], "button reply title", 20)?,
            description: None,
            action: ButtonAction::Reply,
            url: None,
            row,
        });
    }
    unique(
        made.iter().map(|button| button.title.as_str()),
        "button reply title",
    )?;
    unique(
        made.iter().map(|button| button.id.as_str()),
        "button reply id",
    )?;
    Ok(made)
}

fn list_rows(sections: &Value) -> Result<Vec<Button>, GraphError> {
    let sections = sections.as_array().map(Vec::as_slice).unwrap_or_default();
    if sections.is_empty() || sections.len() > 10 {
        return Err(invalid(
            "interactive['action']['sections']",
            "1 to 10 sections are allowed",
        ));
    }
    let mut made = Vec::new();
    for (number, section) in sections.iter().enumerate() {
        let title = optional(&section["title"], "section title", 24)?;
        if sections.len() > 1 && title.is_none_or(|title| title.trim().is_empty()) {
            return Err(missing("section title"));
        }
        for row in section["rows"].as_array().into_iter().flatten() {
            made.push(Button {
                id: reply_id(&row["id"], "row id", 200)?,
                title: text(&row["title"], "row title", 24)?,
                description: optional(&row["description"], "row description", 72)?,
                action: ButtonAction::Row,
                url: None,
                row: number,
            });
        }
    }
    if made.is_empty() || made.len() > 10 {
        return Err(invalid(
            "interactive['action']['sections']",
            "Total row count exceed max allowed count: 10, or there is none",
        ));
    }
    unique(made.iter().map(|row| row.id.as_str()), "row id")?;
    unique(made.iter().map(|row| row.title.as_str()), "row title")?;
    Ok(made)
}

fn link_button(parameters: &Value) -> Result<Button, GraphError> {
    let url = text(&parameters["url"], "cta_url url", 2000)?;
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return Err(invalid("cta_url url", "must be a web address"));
    }
    Ok(Button {
        id: url.clone(),
        title: text(&parameters["display_text"], "cta_url display_text", 20)?,
        description: None,
        action: ButtonAction::Url,
        url: Some(url),
        row: 0,
    })
}

fn template(part: &Value) -> Result<Checked, GraphError> {
    let name = text(&part["name"], "template['name']", 512)?;
    text(
        &part["language"]["code"],
        "template['language']['code']",
        20,
    )?;
    let parameters: Vec<&str> = part["components"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|component| component["parameters"].as_array().into_iter().flatten())
        .filter_map(|parameter| parameter["text"].as_str())
        .collect();
    Ok(Checked {
        content: Content {
            kind: ContentKind::Template,
            text: Some(parameters.join(" ")).filter(|text| !text.is_empty()),
            header: Some(name),
            ..Content::default()
        },
        file: None,
        link: None,
        template: true,
    })
}
