//! The user on Telegram.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::samples::FileSpec;
use super::shown::{ButtonAction, Card, Content, ContentKind, Place};
use super::threads::{Key, Person};
use super::{Action, Done, Kind, Phone, PhoneError, ids};
use crate::telegram::bot::BotAccount;

pub(super) fn act(
    phone: &Phone,
    bot: &Arc<BotAccount>,
    person: &Person,
    action: Action,
) -> Result<Done, PhoneError> {
    let user = User {
        phone,
        bot,
        person,
        key: Key::new(Kind::Telegram, &bot.id, &person.id),
    };
    let cannot = |what| {
        Err(PhoneError::Unsupported {
            kind: Kind::Telegram,
            what,
        })
    };
    match action {
        Action::Text { text, reply_to } => Ok(user.text(text, reply_to)),
        Action::Start { payload } => {
            let text = payload.map_or_else(|| "/start".to_owned(), |it| format!("/start {it}"));
            Ok(user.text(text, None))
        }
        Action::Referral {
            text, reference, ..
        } => {
            let start = user.text(format!("/start {reference}"), None);
            let words = user.text(text, None);
            Ok(Done {
                id: start.id,
                more: vec![words.id],
            })
        }
        Action::Image(spec) => user.file(spec, "photo", ContentKind::Image, "foto.jpg", None),
        Action::Video(spec) => user.file(spec, "video", ContentKind::Video, "video.mp4", None),
        Action::Audio(spec) => user.file(spec, "audio", ContentKind::Audio, "audio.mp3", None),
        Action::Voice(spec) => user.file(spec, "voice", ContentKind::Voice, "voz.ogg", None),
        Action::Document(spec) => user.file(
            spec,
            "document",
            ContentKind::Document,
            "presupuesto.pdf",
            None,
        ),
        Action::Sticker(spec) => {
            user.file(spec, "sticker", ContentKind::Sticker, "sticker.webp", None)
        }
        Action::Album { files } => {
            // One update per picture, tied together by the group id.
            let group = ids::next().to_string();
            let mut sent = Vec::new();
            for spec in files {
                let done =
                    user.file(spec, "photo", ContentKind::Image, "foto.jpg", Some(&group))?;
                sent.push(done.id);
            }
            Ok(Done::many(sent))
        }
        Action::Location {
            latitude,
            longitude,
            name,
            address,
        } => {
            let point = json!({"latitude": latitude, "longitude": longitude});
            let mut fields = Map::new();
            if let Some(title) = &name {
                fields.insert(
                    "venue".to_owned(),
                    json!({
                        "location": point, "title": title,
                        "address": address.clone().unwrap_or_default(),
                    }),
                );
            }
            fields.insert("location".to_owned(), point);
            let content = Content {
                kind: ContentKind::Location,
                place: Some(Place {
                    latitude,
                    longitude,
                    name,
                    address,
                }),
                ..Content::default()
            };
            Ok(user.send(fields, content, None))
        }
        Action::Contact { name, phone } => {
            let mut fields = Map::new();
            fields.insert(
                "contact".to_owned(),
                json!({"phone_number": phone, "first_name": name}),
            );
            let content = Content {
                kind: ContentKind::Contact,
                cards: vec![Card { name, phone }],
                ..Content::default()
            };
            Ok(user.send(fields, content, None))
        }
        Action::Tap {
            message_id,
            button_id,
        } => {
            let button = phone.offered(&user.key, &message_id, &button_id)?;
            match button.action {
                ButtonAction::Keyboard => Ok(user.text(button.title, None)),
                ButtonAction::Url => Ok(Done::nothing()),
                _ => Ok(Done::one(phone.telegram.user_tap(
                    bot,
                    person,
                    number(&message_id)?,
                    &button.id,
                ))),
            }
        }
        Action::Reaction { message_id, emoji } => {
            let old = phone.react_locally(&user.key, &message_id, &emoji)?;
            let new = Some(emoji.as_str()).filter(|it| !it.is_empty());
            let id = number(&message_id)?;
            phone
                .telegram
                .user_react(bot, person, id, old.as_deref(), new);
            Ok(Done::nothing())
        }
        Action::Edit {
            message_id, text, ..
        } => {
            phone.change_own(&user.key, &message_id, |shown| {
                shown.content.text = Some(text.clone());
                shown.edited = true;
            })?;
            phone
                .telegram
                .user_edit(bot, person, number(&message_id)?, &text);
            Ok(Done::one(message_id))
        }
        Action::Delete { .. } => cannot("deletion that the bot learns about"),
        Action::Read => Ok(Done::nothing()),
        Action::Block | Action::Unblock => {
            phone
                .telegram
                .user_block(bot, person, matches!(action, Action::Block));
            Ok(Done::nothing())
        }
        Action::External { .. } => cannot("inbox of its own"),
    }
}

fn number(message_id: &str) -> Result<i64, PhoneError> {
    message_id
        .parse()
        .map_err(|_| PhoneError::Missing("message"))
}

struct User<'a> {
    phone: &'a Phone,
    bot: &'a Arc<BotAccount>,
    person: &'a Person,
    key: Key,
}

impl User<'_> {
    fn text(&self, text: String, reply_to: Option<String>) -> Done {
        let mut fields = Map::new();
        fields.insert("text".to_owned(), text.clone().into());
        if text.starts_with('/') {
            let length = text.split(' ').next().map_or(0, str::len);
            fields.insert(
                "entities".to_owned(),
                json!([{"type": "bot_command", "offset": 0, "length": length}]),
            );
        }
        self.send(fields, Content::text(text), reply_to)
    }

    fn send(&self, fields: Map<String, Value>, content: Content, reply_to: Option<String>) -> Done {
        let quoted = reply_to.as_deref().and_then(|id| id.parse().ok());
        let telegram = &self.phone.telegram;
        let (id, message) = telegram.user_message(self.bot, self.person, fields, quoted);
        self.phone
            .show_own(&self.key, &id.to_string(), content, reply_to);
        telegram.enqueue(self.bot, &self.person.id, "message", message);
        Done::one(id.to_string())
    }

    fn file(
        &self,
        spec: FileSpec,
        field: &str,
        shown: ContentKind,
        sample: &str,
        group: Option<&str>,
    ) -> Result<Done, PhoneError> {
        let file = spec.load(sample).map_err(PhoneError::Bad)?;
        // Telegram says the bare type, without the codec.
        let mime = file.mime.split(';').next().unwrap_or_default().to_owned();
        let kept = self
            .phone
            .telegram
            .user_file(self.bot, field, file.bytes, &mime, file.name);
        let mut fields = Map::new();
        fields.insert(field.to_owned(), kept.object(field));
        let caption = spec.caption.filter(|_| field != "sticker");
        if let Some(caption) = &caption {
            fields.insert("caption".to_owned(), caption.as_str().into());
        }
        if let Some(group) = group {
            fields.insert("media_group_id".to_owned(), group.into());
        }
        let media = kept.shown(&self.phone.core.urls.telegram);
        Ok(self.send(fields, Content::media(shown, media, caption), spec.reply_to))
    }
}
