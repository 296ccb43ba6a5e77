//! The user on WhatsApp.

use serde_json::{Value, json};

use super::samples::FileSpec;
use super::shown::{ButtonAction, Card, Content, ContentKind, Place};
use super::threads::{Key, Person};
use super::{Action, Done, Kind, Phone, PhoneError, ids};
use crate::graph::line::Line;
use crate::graph::whatsapp::{events, statuses};

pub(super) fn act(
    phone: &Phone,
    line: &Line,
    person: &Person,
    action: Action,
) -> Result<Done, PhoneError> {
    let user = User {
        phone,
        line,
        person,
        key: Key::new(Kind::Whatsapp, &line.id, &person.id),
    };
    match action {
        Action::Text { text, reply_to } => {
            let fields = json!({"text": {"body": text}});
            Ok(user.send("text", fields, Content::text(text), reply_to))
        }
        Action::Image(spec) => user.file(spec, "image", ContentKind::Image, "foto.jpg"),
        Action::Video(spec) => user.file(spec, "video", ContentKind::Video, "video.mp4"),
        Action::Audio(spec) => user.file(spec, "audio", ContentKind::Audio, "audio.mp3"),
        Action::Voice(spec) => user.file(spec, "audio", ContentKind::Voice, "voz.ogg"),
        Action::Document(spec) => {
            user.file(spec, "document", ContentKind::Document, "presupuesto.pdf")
        }
        Action::Sticker(spec) => user.file(spec, "sticker", ContentKind::Sticker, "sticker.webp"),
        Action::Album { files } => {
            // WhatsApp knows no albums: one message per picture.
            let mut sent = Vec::new();
            for spec in files {
                sent.push(user.file(spec, "image", ContentKind::Image, "foto.jpg")?.id);
            }
            Ok(Done::many(sent))
        }
        Action::Location {
            latitude,
            longitude,
            name,
            address,
        } => {
            let mut point = json!({"latitude": latitude, "longitude": longitude});
            for (field, value) in [("name", &name), ("address", &address)] {
                if let Some(value) = value {
                    point[field] = value.as_str().into();
                }
            }
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
            Ok(user.send("location", json!({"location": point}), content, None))
        }
        Action::Contact { name, phone } => {
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            let fields = json!({"contacts": [{
                "name": {"formatted_name": name, "first_name": name},
                "phones": [{"phone": phone, "wa_id": digits, "type": "CELL"}],
            }]});
            let content = Content {
                kind: ContentKind::Contact,
                cards: vec![Card { name, phone }],
                ..Content::default()
            };
            Ok(user.send("contacts", fields, content, None))
        }
        Action::Tap {
            message_id,
            button_id,
        } => user.tap(&message_id, &button_id),
        Action::Reaction { message_id, emoji } => {
            phone.react_locally(&user.key, &message_id, &emoji)?;
            let mut reaction = json!({"message_id": message_id});
            if !emoji.is_empty() {
                reaction["emoji"] = emoji.into();
            }
            Ok(user.tell("reaction", json!({"reaction": reaction})))
        }
        Action::Edit {
            message_id,
            text,
            unsupported,
        } => {
            phone.change_own(&user.key, &message_id, |shown| {
                shown.content.text = Some(text.clone());
                shown.edited = true;
            })?;
            if unsupported {
                return Ok(user.tell(
                    "unsupported",
                    json!({
                        "errors": [{
                            "code": 131051, "title": "Message type unknown",
                            "message": "Message type unknown",
                            "error_data": {"details": "Message type is not currently supported."},
                        }],
                        "unsupported": {"type": "edit"},
                    }),
                ));
            }
            let message = json!({"type": "text", "text": {"body": text}});
            Ok(user.tell(
                "edit",
                json!({"edit": {"original_message_id": message_id, "message": message}}),
            ))
        }
        Action::Delete { message_id } => {
            phone.change_own(&user.key, &message_id, |shown| shown.deleted = true)?;
            Ok(user.tell(
                "revoke",
                json!({"revoke": {"original_message_id": message_id}}),
            ))
        }
        Action::Referral {
            text,
            reference,
            ad_id,
        } => {
            let fields = json!({
                "text": {"body": text},
                "referral": {
                    "source_url": "https://fb.me/ejemplo", "source_type": "ad",
                    "source_id": ad_id.unwrap_or_else(|| ids::numeric("12", 15)),
                    "headline": reference, "body": "Escríbenos", "media_type": "image",
                    "ctwa_clid": ids::token(40),
                },
            });
            Ok(user.send("text", fields, Content::text(text), None))
        }
        Action::Read => {
            statuses::read_all(&phone.graph, line, &person.id);
            Ok(Done::nothing())
        }
        Action::Block | Action::Unblock => {
            // WhatsApp tells nobody: later sends fail with 131026.
            let blocked = matches!(action, Action::Block);
            phone
                .threads(Kind::Whatsapp)
                .change_person(&user.key, |person| person.blocked = blocked);
            Ok(Done::nothing())
        }
        Action::External { text, .. } => {
            let id = ids::wamid();
            let sent = crate::graph::outgoing::Sent {
                id: id.clone(),
                ..Default::default()
            };
            phone
                .graph
                .show_on_phone(line, &person.id, Content::text(&text), &sent);
            events::own_phone_echo(&phone.graph, line, &person.id, &id, &text);
            Ok(Done::one(id))
        }
        Action::Start { .. } => Err(PhoneError::Unsupported {
            kind: Kind::Whatsapp,
            what: "start button",
        }),
    }
}

struct User<'a> {
    phone: &'a Phone,
    line: &'a Line,
    person: &'a Person,
    key: Key,
}

impl User<'_> {
    /// A message with a bubble of its own.
    fn send(
        &self,
        kind: &str,
        mut fields: Value,
        content: Content,
        reply_to: Option<String>,
    ) -> Done {
        let id = ids::wamid();
        if let Some(quoted) = &reply_to {
            fields["context"] = json!({"from": self.line.number, "id": quoted});
        }
        self.phone.show_own(&self.key, &id, content, reply_to);
        events::message(&self.phone.graph, self.line, self.person, &id, kind, fields);
        Done::one(id)
    }

    /// Something without a bubble: reaction, edit, revoke. It opens the window too.
    fn tell(&self, kind: &str, fields: Value) -> Done {
        let id = ids::wamid();
        self.phone
            .threads(Kind::Whatsapp)
            .touched(&self.key, self.phone.now_ms());
        events::message(&self.phone.graph, self.line, self.person, &id, kind, fields);
        Done::one(id)
    }

    fn file(
        &self,
        spec: FileSpec,
        kind: &str,
        shown: ContentKind,
        sample: &str,
    ) -> Result<Done, PhoneError> {
        let file = spec.load(sample).map_err(PhoneError::Bad)?;
        let stored = self.phone.graph.media.keep(
            Kind::Whatsapp,
            &self.line.id,
            file.bytes,
            &file.mime,
            Some(file.name.clone()),
        );
        let mut object = json!({
            "id": stored.id, "mime_type": stored.mime, "sha256": stored.sha256_base64(),
        });
        let caption = spec
            .caption
            .filter(|_| matches!(kind, "image" | "video" | "document"));
        if let Some(caption) = &caption {
            object["caption"] = caption.as_str().into();
        }
        match kind {
            "audio" => object["voice"] = (shown == ContentKind::Voice).into(),
            "document" => object["filename"] = file.name.as_str().into(),
            "sticker" => object["animated"] = false.into(),
            _ => {}
        }
        let media = stored.shown(&self.phone.core.urls.graph);
        let mut fields = json!({});
        fields[kind] = object;
        Ok(self.send(
            kind,
            fields,
            Content::media(shown, media, caption),
            spec.reply_to,
        ))
    }

    fn tap(&self, message_id: &str, button_id: &str) -> Result<Done, PhoneError> {
        let button = self.phone.offered(&self.key, message_id, button_id)?;
        let (kind, fields) = match button.action {
            ButtonAction::Row => {
                let mut reply = json!({"id": button.id, "title": button.title});
                if let Some(description) = &button.description {
                    reply["description"] = description.as_str().into();
                }
                (
                    "interactive",
                    json!({"interactive": {"type": "list_reply", "list_reply": reply}}),
                )
            }
            ButtonAction::TemplateReply => (
                "button",
                json!({"button": {"payload": button.id, "text": button.title}}),
            ),
            ButtonAction::Url => return Ok(Done::nothing()),
            _ => (
                "interactive",
                json!({"interactive": {"type": "button_reply",
                    "button_reply": {"id": button.id, "title": button.title}}}),
            ),
        };
        let content = Content {
            kind: ContentKind::Tap,
            ..Content::text(&button.title)
        };
        Ok(self.send(kind, fields, content, Some(message_id.to_owned())))
    }
}
