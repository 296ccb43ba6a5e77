//! The user on Messenger and Instagram.

use serde_json::{Value, json};

use super::samples::FileSpec;
use super::shown::{ButtonAction, Content, ContentKind, Place};
use super::threads::{Key, Person};
use super::{Action, Done, Kind, Phone, PhoneError, ids};
use crate::graph::line::Line;
use crate::graph::messenger::{events, send};

/// The app id of Meta's own page inbox.
const PAGE_INBOX: &str = "263902037430900";

pub(super) fn act(
    phone: &Phone,
    line: &Line,
    person: &Person,
    action: Action,
) -> Result<Done, PhoneError> {
    let user = User {
        phone,
        line,
        contact: &person.id,
        key: Key::new(line.kind, &line.id, &person.id),
    };
    let cannot = |what| {
        Err(PhoneError::Unsupported {
            kind: line.kind,
            what,
        })
    };
    match action {
        Action::Text { text, reply_to } => {
            Ok(user.send(json!({"text": text}), Content::text(text), reply_to))
        }
        Action::Image(spec) => user.file(spec, "image", ContentKind::Image, "foto.jpg"),
        Action::Video(spec) => user.file(spec, "video", ContentKind::Video, "video.mp4"),
        Action::Audio(spec) => user.file(spec, "audio", ContentKind::Audio, "audio.m4a"),
        Action::Voice(spec) => user.file(spec, "audio", ContentKind::Voice, "audio.m4a"),
        Action::Document(spec) => user.file(spec, "file", ContentKind::Document, "presupuesto.pdf"),
        Action::Sticker(spec) => {
            // Instagram gives stickers as images.
            let kind = if line.kind == Kind::Instagram {
                "image"
            } else {
                "sticker"
            };
            user.file(spec, kind, ContentKind::Sticker, "sticker.webp")
        }
        Action::Album { files } => user.album(&files),
        Action::Location {
            latitude,
            longitude,
            name,
            address,
        } if line.kind == Kind::Messenger => {
            let place = Place {
                latitude,
                longitude,
                name,
                address,
            };
            Ok(user.place(place))
        }
        Action::Location { .. } => cannot("location"),
        Action::Contact { .. } => cannot("contact card"),
        Action::Tap {
            message_id,
            button_id,
        } => user.tap(&message_id, &button_id),
        Action::Reaction { message_id, emoji } => {
            phone.react_locally(&user.key, &message_id, &emoji)?;
            let reaction = if emoji.is_empty() {
                json!({"mid": message_id, "action": "unreact"})
            } else {
                let name = if emoji == "❤️" { "love" } else { "other" };
                json!({"mid": message_id, "action": "react", "reaction": name, "emoji": emoji})
            };
            Ok(user.tell("reaction", reaction, &message_id))
        }
        Action::Edit {
            message_id, text, ..
        } => {
            phone.change_own(&user.key, &message_id, |shown| {
                shown.content.text = Some(text.clone());
                shown.edited = true;
            })?;
            // Samples and reality disagree on the type: Messenger writes text, Instagram a number.
            let number = if line.kind == Kind::Instagram {
                json!(1)
            } else {
                json!("1")
            };
            let edit = json!({"mid": message_id, "text": text, "num_edit": number});
            Ok(user.tell("message_edit", edit, &message_id))
        }
        Action::Delete { message_id } if line.kind == Kind::Instagram => {
            phone.change_own(&user.key, &message_id, |shown| shown.deleted = true)?;
            let message = json!({"mid": message_id, "is_deleted": true});
            events::from_user(
                &phone.graph,
                line,
                &person.id,
                &message_id,
                "message",
                message,
            );
            Ok(Done::one(message_id))
        }
        Action::Delete { .. } => cannot("deletion that the business learns about"),
        Action::Start { payload } => {
            let payload = payload.unwrap_or_else(|| "GET_STARTED".to_owned());
            Ok(user.postback("Empezar", &payload))
        }
        Action::Referral {
            text,
            reference,
            ad_id,
        } => {
            let mut referral = json!({"ref": reference, "source": "ADS", "type": "OPEN_THREAD"});
            referral["ad_id"] = ad_id.unwrap_or_else(|| ids::numeric("12", 15)).into();
            let message = json!({"text": text, "referral": referral});
            Ok(user.send(message, Content::text(text), None))
        }
        Action::Read => {
            send::read_all(&phone.graph, line, &person.id);
            Ok(Done::nothing())
        }
        Action::Block | Action::Unblock => {
            let blocked = matches!(action, Action::Block);
            phone
                .threads(line.kind)
                .change_person(&user.key, |person| person.blocked = blocked);
            Ok(Done::nothing())
        }
        Action::External { text, app_id } => {
            let app_id = app_id.unwrap_or_else(|| PAGE_INBOX.to_owned());
            let id = send::from_elsewhere(&phone.graph, line, &person.id, &text, Some(app_id));
            Ok(Done::one(id))
        }
    }
}

struct User<'a> {
    phone: &'a Phone,
    line: &'a Line,
    contact: &'a str,
    key: Key,
}

impl User<'_> {
    fn mid(&self) -> String {
        match self.line.kind {
            Kind::Instagram => ids::instagram_mid(),
            _ => ids::mid(),
        }
    }

    fn send(&self, mut message: Value, content: Content, reply_to: Option<String>) -> Done {
        let id = self.mid();
        message["mid"] = id.as_str().into();
        if let Some(quoted) = &reply_to {
            message["reply_to"] = json!({"mid": quoted});
        }
        self.phone.show_own(&self.key, &id, content, reply_to);
        events::from_user(
            &self.phone.graph,
            self.line,
            self.contact,
            &id,
            "message",
            message,
        );
        Done::one(id)
    }

    fn tell(&self, part: &'static str, value: Value, id: &str) -> Done {
        self.phone
            .threads(self.line.kind)
            .touched(&self.key, self.phone.now_ms());
        events::from_user(&self.phone.graph, self.line, self.contact, id, part, value);
        Done::one(id)
    }

    fn postback(&self, title: &str, payload: &str) -> Done {
        let id = self.mid();
        let content = Content {
            kind: ContentKind::Tap,
            ..Content::text(title)
        };
        self.phone.show_own(&self.key, &id, content, None);
        let value = json!({"mid": id, "title": title, "payload": payload});
        self.tell("postback", value, &id)
    }

    fn keep(&self, spec: &FileSpec, sample: &str) -> Result<super::shown::Media, PhoneError> {
        let file = spec.load(sample).map_err(PhoneError::Bad)?;
        let stored = self.phone.graph.media.keep(
            self.line.kind,
            &self.line.id,
            file.bytes,
            &file.mime,
            Some(file.name),
        );
        Ok(stored.shown(&self.phone.core.urls.graph))
    }

    fn file(
        &self,
        spec: FileSpec,
        kind: &str,
        shown: ContentKind,
        sample: &str,
    ) -> Result<Done, PhoneError> {
        let media = self.keep(&spec, sample)?;
        let mut payload = json!({"url": media.url});
        if kind == "sticker" {
            payload["sticker_id"] = 369_239_263_222_822_u64.into();
        }
        let message = json!({"attachments": [{"type": kind, "payload": payload}]});
        // No captions here: the words of a picture go as a message of their own.
        let mut done = self.send(message, Content::media(shown, media, None), spec.reply_to);
        if let Some(caption) = spec.caption {
            let text = self.send(json!({"text": caption}), Content::text(caption), None);
            done.more.push(text.id);
        }
        Ok(done)
    }

    fn album(&self, files: &[FileSpec]) -> Result<Done, PhoneError> {
        let mut media = Vec::new();
        for spec in files {
            media.push(self.keep(spec, "foto.jpg")?);
        }
        let attachments: Vec<Value> = media
            .iter()
            .map(|media| json!({"type": "image", "payload": {"url": media.url}}))
            .collect();
        let mut rest = media.into_iter();
        let content = Content {
            kind: ContentKind::Image,
            media: rest.next(),
            more_media: rest.collect(),
            ..Content::default()
        };
        Ok(self.send(json!({"attachments": attachments}), content, None))
    }

    /// Messenger's old kind of place: a pin with a name, without an address.
    fn place(&self, place: Place) -> Done {
        let coordinates = json!({"lat": place.latitude, "long": place.longitude});
        let title = place.name.as_deref().unwrap_or("Pinned Location");
        let attachment =
            json!({"title": title, "type": "location", "payload": {"coordinates": coordinates}});
        let content = Content {
            kind: ContentKind::Location,
            place: Some(place),
            ..Content::default()
        };
        self.send(json!({"attachments": [attachment]}), content, None)
    }

    fn tap(&self, message_id: &str, button_id: &str) -> Result<Done, PhoneError> {
        let button = self.phone.offered(&self.key, message_id, button_id)?;
        match button.action {
            ButtonAction::Postback => Ok(self.postback(&button.title, &button.id)),
            ButtonAction::Url => Ok(Done::nothing()),
            _ => {
                let message = json!({"text": button.title, "quick_reply": {"payload": button.id}});
                let content = Content {
                    kind: ContentKind::Tap,
                    ..Content::text(&button.title)
                };
                Ok(self.send(message, content, None))
            }
        }
    }
}
