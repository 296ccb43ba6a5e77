//! Messages, taps, links, reactions and edits.

use super::Reader;
use super::attachment;
use super::decode::Item;
use crate::channels::meta::hash::dedupe_key;
use crate::channels::meta::json::Lenient;
use domain::message::{Attachment, Content, MediaKind, MediaSource, Referral};
use domain::ports::{ChannelEvent, Decoded, EchoOrigin};
use serde_json::Value;
use uuid::Uuid;

/// Reads whatever of these the item holds.
pub(super) fn read(reader: &Reader<'_>, item: &Item<'_>, out: &mut Decoded) {
    let value = item.value;
    if let Some(message) = value.child("message") {
        if item.outgoing {
            echo(reader, item, message, out);
        } else {
            said(reader, item, message, out);
        }
    }
    if item.outgoing {
        return; // the rest is only news when the contact does it
    }
    if let Some(postback) = value.child("postback") {
        tapped(item, postback, out);
    }
    if let Some(referral) = value.child("referral") {
        out.events
            .push(item.said(item.key("ref", referral), None, link(referral)));
        out.events
            .extend(product(item, referral, item.key("ref", referral)));
    }
    if let Some(reaction) = value.child("reaction") {
        out.events.extend(reacted(item, reaction));
    }
    if let Some(edit) = value.child("message_edit") {
        out.events.extend(edited(item, edit));
    }
    if let Some(optin) = value.child("optin") {
        let text = ["title", "ref", "type"].iter().find_map(|f| optin.text(f));
        let content = Content::Notice {
            code: "optin".to_owned(),
            text: text.unwrap_or("optin").to_owned(),
        };
        out.events
            .push(item.said(item.key("o", optin), None, content));
    }
}

fn said(reader: &Reader<'_>, item: &Item<'_>, message: &Value, out: &mut Decoded) {
    let mid = message.id("mid");
    let key = mid
        .as_ref()
        .map_or_else(|| item.key("m", message), |mid| dedupe_key(&["m", mid]));
    if message.flag("is_deleted") {
        let content = mid.map_or_else(
            || Content::Unsupported {
                what: "is_deleted".to_owned(),
            },
            |target| Content::Delete { target },
        );
        out.events
            .push(item.said(format!("{key}#deleted"), None, content));
        return;
    }
    if let Some(referral) = message.child("referral") {
        out.events
            .push(item.said(format!("{key}#referral"), None, link(referral)));
        out.events.extend(product(item, referral, key.clone()));
    }
    let quoted = message.child("reply_to");
    if let Some(story) = quoted.and_then(|q| q.child("story")) {
        story_reply(reader, item, story, &key, out);
    }
    let reply_to = quoted.and_then(|q| q.id("mid"));
    for (index, (suffix, content)) in contents(reader, message).into_iter().enumerate() {
        // Only the first carries the id: one id must not name two of our messages.
        let id = mid.clone().filter(|_| index == 0);
        let quote = reply_to.clone().filter(|_| index == 0);
        out.events
            .push(item.reply(format!("{key}{suffix}"), id, content, quote));
    }
}

/// What a message says: words first, then each file. The suffix tells the pieces apart.
fn contents(reader: &Reader<'_>, message: &Value) -> Vec<(String, Content)> {
    let mut contents = Vec::new();
    let text = message.text("text");
    if let Some(tap) = message.child("quick_reply") {
        let payload = tap.id("payload");
        let label = text.map(str::to_owned).or_else(|| payload.clone());
        contents.push((
            String::new(),
            Content::Choice {
                label: label.unwrap_or_default(),
                payload,
                offered_in: None,
            },
        ));
    } else if let Some(text) = text {
        contents.push((String::new(), Content::text(text)));
    }
    contents.extend(
        attachment::read_all(reader.hosts, message, text)
            .into_iter()
            .map(|(index, content)| (format!("#{index}"), content)),
    );
    if contents.is_empty() {
        let what = if message.flag("is_unsupported") {
            "unsupported"
        } else {
            "empty"
        };
        contents.push((
            String::new(),
            Content::Unsupported {
                what: what.to_owned(),
            },
        ));
    }
    contents
}

/// An answer to one of our stories: which one, and its picture while it exists.
fn story_reply(reader: &Reader<'_>, item: &Item<'_>, story: &Value, key: &str, out: &mut Decoded) {
    let referral = Referral {
        parameter: story.id("id"),
        source: Some("story_reply".to_owned()),
        ..Referral::default()
    };
    out.events
        .push(item.said(format!("{key}#story"), None, Content::Referral(referral)));
    let url = story.text("url").filter(|url| reader.hosts.allows(url));
    if let Some(url) = url {
        let content = Content::Media {
            attachment: Attachment {
                source: Some(MediaSource::Url {
                    url: url.to_owned(),
                }),
                ..Attachment::of(MediaKind::Image)
            },
            caption: None,
        };
        out.events
            .push(item.said(format!("{key}#story-media"), None, content));
    }
}

/// Our side said something: our own app if it names itself so, else a human or another app.
fn echo(reader: &Reader<'_>, item: &Item<'_>, message: &Value, out: &mut Decoded) {
    let mid = message.id("mid");
    let key = mid
        .as_ref()
        .map_or_else(|| item.key("m", message), |mid| dedupe_key(&["m", mid]));
    let app = message.id("app_id");
    let ours = !reader.app_id.is_empty() && app.as_deref() == Some(reader.app_id);
    let origin = if ours {
        EchoOrigin::Ours
    } else {
        EchoOrigin::Foreign
    };
    let identity = message
        .text("metadata")
        .and_then(|text| Uuid::parse_str(text.trim()).ok());
    if message.flag("is_deleted") {
        if let Some(target) = mid {
            let event = ChannelEvent::Echo {
                external_id: format!("{target}#deleted"),
                identity: None,
                origin,
                content: Content::Delete { target },
            };
            out.events
                .push(item.event(format!("{key}#deleted"), item.at, event));
        }
        return;
    }
    for (index, (suffix, content)) in contents(reader, message).into_iter().enumerate() {
        let mid = mid.clone().unwrap_or_else(|| key.clone());
        let event = ChannelEvent::Echo {
            external_id: if index == 0 {
                mid
            } else {
                format!("{mid}{suffix}")
            },
            identity,
            origin,
            content,
        };
        out.events
            .push(item.event(format!("{key}{suffix}"), item.at, event));
    }
}

fn tapped(item: &Item<'_>, postback: &Value, out: &mut Decoded) {
    let mid = postback.id("mid");
    let key = mid
        .as_ref()
        .map_or_else(|| item.key("pb", postback), |mid| dedupe_key(&["m", mid]));
    if let Some(referral) = postback.child("referral") {
        out.events
            .push(item.said(format!("{key}#referral"), None, link(referral)));
        out.events.extend(product(item, referral, key.clone()));
    }
    let payload = postback.id("payload"); // missing in standby
    let label = postback
        .text("title")
        .map(str::to_owned)
        .or_else(|| payload.clone());
    let content = Content::Choice {
        label: label.unwrap_or_default(),
        payload,
        offered_in: None,
    };
    out.events.push(item.said(key, mid, content));
}

/// Where the contact came from: m.me link, advertisement, shop.
fn link(referral: &Value) -> Content {
    let ad = referral.child("ads_context_data");
    Content::Referral(Referral {
        parameter: referral.text("ref").map(str::to_owned),
        source: referral
            .text("source")
            .or_else(|| referral.text("type"))
            .map(str::to_owned),
        ad_id: referral.id("ad_id"),
        headline: ad.and_then(|a| a.text("ad_title")).map(str::to_owned),
        url: referral.text("referer_uri").map(str::to_owned),
    })
}

fn product(item: &Item<'_>, referral: &Value, key: String) -> Option<domain::ports::Inbound> {
    let product = referral.child("product")?.id("id")?;
    let content = Content::Order { summary: product };
    Some(item.said(format!("{key}#product"), None, content))
}

fn reacted(item: &Item<'_>, reaction: &Value) -> Option<domain::ports::Inbound> {
    let target = reaction.id("mid")?;
    let action = reaction.text("action").unwrap_or("react");
    let who = item.contact.as_deref().unwrap_or_default();
    let key = dedupe_key(&["r", &target, who, action, &item.at.0.to_string()]);
    let emoji = match action {
        "unreact" => None,
        _ => Some(
            reaction
                .text("emoji")
                .unwrap_or_else(|| named_emoji(reaction.text("reaction").unwrap_or_default()))
                .to_owned(),
        ),
    };
    Some(item.said(key, None, Content::Reaction { target, emoji }))
}

/// The emoji behind the platform's word for a reaction.
fn named_emoji(name: &str) -> &'static str {
    match name {
        "love" => "❤️",
        "smile" | "haha" => "😆",
        "wow" => "😮",
        "sad" => "😢",
        "angry" => "😠",
        "dislike" | "no" => "👎",
        "like" | "yes" => "👍",
        _ => "❓",
    }
}

/// At most five edits per message, counted by `num_edit` (number or string).
fn edited(item: &Item<'_>, edit: &Value) -> Option<domain::ports::Inbound> {
    let target = edit.id("mid")?;
    let key = match edit.id("num_edit") {
        Some(number) => dedupe_key(&["e", &target, &number]),
        None => item.key("e", edit),
    };
    let text = edit.text("text").unwrap_or_default().to_owned();
    Some(item.said(key, None, Content::Edit { target, text }))
}
