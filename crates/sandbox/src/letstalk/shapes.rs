//! The JSON that the platform answers and publishes.

use serde_json::{Map, Value, json};

use super::dates::{with_offset, with_z};
use super::media::File;
use super::model::{Content, Conversation, Member, Message, MessageKind, Person, PersonKind};
use super::settings::{AuthorStyle, EventFields, MediaField};
use super::store::Store;

/// Where a message object is shown; it decides on dates and on the file's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The answer to `POST /messages`, or inside of a conversation.
    Answer,
    /// A row of `GET /messages`.
    List,
    /// A realtime event.
    Event,
}

/// A person inside of a message or conversation.
pub(super) fn person(person: &Person) -> Value {
    let agent = person.kind == PersonKind::User;
    json!({
        "id": person.id,
        "name": person.name,
        "internal_name": if agent { json!(person.name) } else { Value::Null },
        "avatar": Value::Null,
        "type": person.kind.name(),
        "email": person.email,
        "role": if agent { json!("Agent") } else { Value::Null },
        "availability_status_name": if agent { json!("available") } else { Value::Null },
        "status_name": "active",
    })
}

/// A client with its organization, as create/get client and `GET /clients/{id}` answer it.
pub(super) fn client(store: &Store, person: &Person) -> Value {
    let organization = store.organizations.get(&person.organization);
    json!({
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "type": person.kind.name(),
        "organization_id": person.organization,
        "organization_name": organization.map(|organization| &organization.name),
        "organization_subdomain": organization.map(|organization| &organization.subdomain),
        "client_key_values": [],
        "avatar": Value::Null,
        "created_at": with_offset(person.created_ms),
    })
}

/// A message object.
pub(super) fn message(store: &Store, message: &Message, place: Place) -> Value {
    let author = store.people.get(&message.person);
    let conversation = store.conversations.get(&message.conversation);
    let settings = conversation
        .and_then(|conversation| store.organizations.get(&conversation.organization))
        .map(|organization| organization.settings.clone())
        .unwrap_or_default();
    let date = match place {
        Place::Event => with_z(message.created_ms),
        Place::Answer | Place::List => with_offset(message.created_ms),
    };
    let kind = message.kind.name();
    let (content_type, content) = content(&message.content);
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("id", json!(message.id));
    put("subject", Value::Null);
    put("content", content);
    put("content_type", json!(content_type));
    put("type", json!(kind));
    put("conversation_id", json!(message.conversation));
    if message.internal || place != Place::Event || settings.event_fields == EventFields::Full {
        put("internal", json!(message.internal));
    }
    if place != Place::Event || settings.event_fields == EventFields::Full {
        put("mtype", json!(kind));
        put("who", json!(who(author)));
        put("created_at", json!(date));
        put("replied_on", Value::Null);
        put("remote_id", json!(message.remote_id));
    }
    if place != Place::Answer {
        put(
            "conversation_status",
            json!(conversation.map(|it| it.status)),
        );
        let client = conversation.and_then(|it| store.people.get(&it.client));
        put("client_name", json!(client.map(|client| &client.name)));
    }
    if place == Place::Event {
        put("conversation_type_name", json!("Chat"));
        put(
            "conversation_internal_issue",
            json!(conversation.map(|it| &it.issue)),
        );
    }
    if let Some(author) = author {
        let style = settings.author_style;
        if place != Place::Answer && style != AuthorStyle::Nested {
            put("person_id", json!(author.id));
            put("person_type", json!(author.kind.name()));
        }
        if place == Place::Answer || style != AuthorStyle::Flat {
            put("person", person(author));
        }
    }
    if let Content::File(file) = &message.content {
        place_url(&mut fields, file, settings.media_field, place);
    }
    Value::Object(fields)
}

fn who(author: Option<&Person>) -> &'static str {
    match author.map(|author| author.kind) {
        Some(PersonKind::Client) => "client",
        _ => "user",
    }
}

fn content(content: &Content) -> (&str, Value) {
    match content {
        Content::Text(text) => ("text/plain", json!(text)),
        Content::File(file) => (&file.mime, json!("attachment")),
        Content::Actions(list) => ("application/json", list.clone()),
    }
}

fn place_url(fields: &mut Map<String, Value>, file: &File, field: MediaField, place: Place) {
    let url = json!(file.url);
    let nested = json!({
        "url": file.url,
        "name": file.name,
        "content_type": file.mime,
        "size": file.bytes.len(),
    });
    let (name, value) = match field {
        MediaField::MediaDotUrl => ("media", nested),
        MediaField::Media => ("media", url),
        MediaField::AttachmentDotUrl => ("attachment", nested),
        MediaField::AttachmentUrl => ("attachment_url", url),
        MediaField::Attachment => ("attachment", url),
        MediaField::FileDotUrl => ("file", nested),
        MediaField::FileUrl => ("file_url", url),
        MediaField::Url => ("url", url),
        MediaField::MediaUrl => ("media_url", url),
        MediaField::ListOnly if place == Place::List => ("media_url", url),
        MediaField::ListOnly | MediaField::Nowhere => return,
    };
    fields.insert(name.to_owned(), value);
}

/// A conversation object.
pub(super) fn conversation(store: &Store, conversation: &Conversation) -> Value {
    let client_of = store.people.get(&conversation.client);
    let organization = store.organizations.get(&conversation.organization);
    let involved: Vec<Value> = conversation
        .members
        .iter()
        .filter_map(|member| store.people.get(&member.person))
        .chain(client_of)
        .map(person)
        .collect();
    let last = conversation.messages.last();
    let groups: Vec<Value> = conversation
        .groups
        .iter()
        .filter_map(|(_, id)| {
            let group = organization?.groups.iter().find(|group| group.id == *id)?;
            Some(json!({"id": group.id, "name": group.name, "auto_join": group.auto_join}))
        })
        .collect();
    json!({
        "id": conversation.id,
        "issue": conversation.issue,
        "status": conversation.status,
        "client": client_of.map(|person| client(store, person)),
        "client_name": client_of.map(|person| &person.name),
        "involved_persons": involved,
        "new_messages": [],
        "last_message": last.map(|last| message(store, last, Place::Answer)),
        "organization_id": conversation.organization,
        "inquiry_id": conversation.inquiry,
        "groups": groups,
        "greeting": organization.and_then(|organization| organization.settings.greeting.clone()),
        "subscribe_token": format!("conversation-{}", conversation.id),
        "created_at": with_offset(conversation.created_ms),
        "closed_at": conversation.closed_ms.map(with_z),
    })
}

/// The data of `conversation_memberships.*`.
pub(super) fn membership(
    store: &Store,
    thread: &Conversation,
    member: &Member,
    at_ms: u64,
) -> Value {
    json!({
        "id": member.id,
        "person_id": member.person,
        "person_type": PersonKind::User.name(),
        "role": member.role,
        "conversation_id": thread.id,
        "conversation": conversation(store, thread),
        "person": store.people.get(&member.person).map(person),
        "created_at": with_z(at_ms),
    })
}

/// The text a person would read, for the ledger and for lists; `None` for files and lists.
pub(super) fn plain_text(message: &Message) -> Option<String> {
    match (&message.content, message.kind) {
        (Content::Text(text), MessageKind::Normal | MessageKind::System) => Some(text.clone()),
        _ => None,
    }
}
