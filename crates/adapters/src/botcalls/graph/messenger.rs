//! Messenger and Instagram messages of the bot.

use super::super::params::{Params, plain};
use super::super::speech::{Speech, Whom, id};
use domain::contact::ContactAddress;
use domain::message::{Attachment, Content, MediaKind, OptionAction, OptionItem, OptionList};
use serde_json::Value;

/// What a call to `messages` says. Parameters may come as JSON inside a text, and the Graph API
/// also takes PHP's way of writing them (`recipient[id]`).
pub(super) fn speech(params: &Params) -> Speech {
    if params.only("recipient").is_err() || params.only("recipient[id]").is_err() {
        return Speech::Unreadable("The recipient is given twice.");
    }
    let recipient = params.node("recipient").unwrap_or_default();
    let told = plain(&recipient["id"]).or_else(|| params.text("recipient[id]"));
    let to = told.as_deref().and_then(id).map(ContactAddress::of);
    if to.is_none() && (told.is_some() || recipient.as_object().is_none_or(|r| r.is_empty())) {
        return Speech::Unreadable("The parameter recipient is required.");
    }
    if params.has("sender_action") {
        return match to {
            Some(to) => Speech::Shows(Whom::Contact(to)),
            None => Speech::Neutral,
        };
    }
    let mut message = params.node("message").unwrap_or_default();
    if message.is_null() {
        message = serde_json::json!({ "text": params.text("message[text]") });
    }
    // A reply to a comment or to a plug-in's reference: only the platform knows who that is.
    Speech::Sends {
        to,
        content: content(&message, params),
    }
}

fn content(message: &Value, params: &Params) -> Content {
    let attachment = Some(&message["attachment"])
        .filter(|a| !a.is_null())
        .or_else(|| match &message["attachments"] {
            Value::Array(list) => list.first(),
            Value::Null => None,
            one => Some(one),
        });
    if let Some(attachment) = attachment {
        return attached(attachment, params);
    }
    let words = message["text"]
        .as_str()
        // A private reply is a bare text.
        .or_else(|| message.as_str())
        .unwrap_or_default()
        .to_owned();
    let items: Vec<OptionItem> = message["quick_replies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|reply| reply["title"].as_str())
        .map(reply)
        .collect();
    if items.is_empty() {
        Content::Text { text: words }
    } else {
        Content::Options(OptionList {
            title: words,
            items,
        })
    }
}

fn attached(attachment: &Value, params: &Params) -> Content {
    let payload = &attachment["payload"];
    let kind = match attachment["type"].as_str().unwrap_or_default() {
        "image" => MediaKind::Image,
        "video" => MediaKind::Video,
        "audio" => MediaKind::Audio,
        "file" => MediaKind::File,
        "like_heart" => return Content::text("❤️"),
        "template" => return template(payload),
        other => {
            return Content::Unsupported {
                what: other.chars().take(64).collect(),
            };
        }
    };
    let mut file = Attachment::of(kind);
    let upload = params.uploads.first();
    file.mime = upload.and_then(|u| u.mime.clone());
    file.name = upload
        .and_then(|u| u.name.clone())
        .or_else(|| {
            let address = payload["url"].as_str()?.split(['?', '#']).next()?;
            address.rsplit('/').next().map(str::to_owned)
        })
        .map(|name| {
            name.chars()
                .filter(|c| !c.is_control() && !matches!(c, '/' | '\\'))
                .take(200)
                .collect::<String>()
        })
        .filter(|name| !name.is_empty());
    Content::Media {
        attachment: file,
        caption: None,
    }
}

fn template(payload: &Value) -> Content {
    let mut lines: Vec<&str> = payload["text"].as_str().into_iter().collect();
    let mut items: Vec<OptionItem> = buttons(payload).collect();
    for element in payload["elements"].as_array().into_iter().flatten() {
        lines.extend(element["title"].as_str());
        lines.extend(element["subtitle"].as_str());
        items.extend(buttons(element));
    }
    if lines.is_empty() && items.is_empty() {
        let kind = payload["template_type"].as_str().unwrap_or("template");
        return Content::Unsupported {
            what: kind.chars().take(64).collect(),
        };
    }
    Content::Options(OptionList {
        title: lines.join("\n"),
        items,
    })
}

fn buttons(holder: &Value) -> impl Iterator<Item = OptionItem> + '_ {
    let list = holder["buttons"].as_array().into_iter().flatten();
    list.filter_map(|button| {
        let label = button["title"].as_str()?;
        Some(match button["url"].as_str() {
            Some(url) => OptionItem {
                label: label.to_owned(),
                action: OptionAction::Link {
                    url: url.to_owned(),
                },
            },
            None => reply(label),
        })
    })
}

fn reply(label: &str) -> OptionItem {
    OptionItem {
        label: label.to_owned(),
        action: OptionAction::Reply {
            message: label.to_owned(),
        },
    }
}
