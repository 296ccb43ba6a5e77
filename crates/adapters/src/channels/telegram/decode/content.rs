//! What a message says. It has no type field: the field that is there decides.

use super::{Node, media, person};
use domain::message::{ContactCard, Content, Location};

/// The fields of a message that say something about it and are not its content.
const FRAME: [&str; 42] = [
    "message_id",
    "message_thread_id",
    "from",
    "sender_chat",
    "sender_boost_count",
    "sender_business_bot",
    "sender_tag",
    "date",
    "edit_date",
    "business_connection_id",
    "chat",
    "forward_origin",
    "forward_from",
    "forward_from_chat",
    "forward_from_message_id",
    "forward_signature",
    "forward_sender_name",
    "forward_date",
    "is_topic_message",
    "is_automatic_forward",
    "reply_to_message",
    "external_reply",
    "quote",
    "reply_to_story",
    "reply_to_checklist_task_id",
    "via_bot",
    "has_protected_content",
    "is_from_offline",
    "is_paid_post",
    "media_group_id",
    "author_signature",
    "paid_star_count",
    "entities",
    "link_preview_options",
    "suggested_post_info",
    "effect_id",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "reply_markup",
    "direct_messages_topic",
];

/// The content, if it is one we know.
pub(super) fn of(message: Node<'_>) -> Option<Content> {
    if let Some(text) = message.get("text").text() {
        return Some(Content::text(text));
    }
    if let Some(attachment) = media::of(message) {
        let emoji = message.get("sticker").get("emoji").owned();
        return Some(Content::Media {
            attachment,
            caption: message.get("caption").owned().or(emoji),
        });
    }
    if let Some(location) = location(message) {
        return Some(Content::Location(location));
    }
    if let Some(card) = message.get("contact").some() {
        return Some(Content::Contacts {
            cards: vec![visiting_card(card)],
        });
    }
    if let Some(dice) = message.get("dice").some() {
        let emoji = dice.get("emoji").text().unwrap_or("🎲");
        let value = dice.get("value").id().unwrap_or_default();
        return Some(Content::text(format!("{emoji} {value}").trim_end()));
    }
    if let Some(data) = message.get("web_app_data").some() {
        let payload = data.get("data").owned();
        let label = data.get("button_text").owned().or_else(|| payload.clone());
        return Some(Content::Choice {
            label: label.unwrap_or_default(),
            payload,
            offered_in: None,
        });
    }
    None
}

/// Something we do not know, under the name of its field.
pub(super) fn unsupported(message: Node<'_>) -> Content {
    let what = message
        .keys()
        .find(|key| !FRAME.contains(key))
        .unwrap_or("empty");
    Content::Unsupported {
        what: what.chars().take(64).collect(),
    }
}

/// A place; a venue is a place with a name and repeats it in `location`.
fn location(message: Node<'_>) -> Option<Location> {
    let venue = message.get("venue");
    let point = message
        .get("location")
        .some()
        .unwrap_or(venue.get("location"));
    Some(Location {
        latitude: point.get("latitude").number()?,
        longitude: point.get("longitude").number()?,
        name: venue.get("title").owned(),
        address: venue.get("address").owned(),
    })
}

fn visiting_card(card: Node<'_>) -> ContactCard {
    let vcard = card.get("vcard").text().unwrap_or_default();
    let phone = card.get("phone_number").owned();
    ContactCard {
        name: person::full_name(card)
            .or_else(|| phone.clone())
            .unwrap_or_default(),
        phones: phone.into_iter().collect(),
        emails: vcard_field(vcard, "EMAIL").collect(),
        organization: vcard_field(vcard, "ORG").next(),
    }
}

/// The values of a property; parameters stand behind a semicolon after its name.
fn vcard_field<'a>(vcard: &'a str, wanted: &'a str) -> impl Iterator<Item = String> + 'a {
    vcard.lines().filter_map(move |line| {
        let (name, value) = line.split_once(':')?;
        let name = name.split(';').next().unwrap_or_default();
        let value = value.trim().trim_end_matches(';');
        (name.eq_ignore_ascii_case(wanted) && !value.is_empty()).then(|| value.to_owned())
    })
}

/// The words after an edit: text, caption, or the place a live location has moved to. Empty
/// where a caption was removed.
pub(super) fn edited_words(message: Node<'_>) -> String {
    message
        .get("text")
        .text()
        .or(message.get("caption").text())
        .map(str::to_owned)
        .or_else(|| location(message).map(|l| format!("📍 {}, {}", l.latitude, l.longitude)))
        .unwrap_or_default()
}

/// What the button with this data says, where Telegram still shows the message it hangs on.
pub(super) fn label_of<'a>(message: Node<'a>, data: &str) -> Option<&'a str> {
    message
        .get("reply_markup")
        .get("inline_keyboard")
        .list()
        .flat_map(Node::list)
        .find(|button| button.get("callback_data").text() == Some(data))
        .and_then(|button| button.get("text").text())
}

/// The emoji a reaction now consists of: the added one, else one that stayed; none when all
/// were taken back.
pub(super) fn new_reaction(node: Node<'_>) -> Option<String> {
    let before: Vec<String> = node.get("old_reaction").list().map(emoji).collect();
    let now: Vec<String> = node.get("new_reaction").list().map(emoji).collect();
    now.iter()
        .find(|emoji| !before.contains(emoji))
        .or(now.first())
        .cloned()
}

fn emoji(reaction: Node<'_>) -> String {
    match (reaction.get("emoji").text(), reaction.get("type").text()) {
        (Some(emoji), _) => emoji.to_owned(),
        (None, Some("paid")) => "⭐".to_owned(),
        // A picture of its own that no font has.
        (None, _) => "🖼".to_owned(),
    }
}
