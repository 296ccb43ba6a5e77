use super::*;
use domain::ids::FileId;
use domain::message::{Attachment, ContactCard, Location, MediaKind};
use uuid::Uuid;

fn stored(mime: &str, name: &str) -> Content {
    Content::Media {
        attachment: Attachment {
            stored: Some(StoredFile {
                id: FileId(Uuid::nil()),
                mime: mime.into(),
                name: name.into(),
                size: 3,
                sha256: String::new(),
            }),
            ..Attachment::of(MediaKind::Voice)
        },
        caption: None,
    }
}

fn text(content: &Content, context: &DeskContext<'_>) -> String {
    match render(content, context).as_slice() {
        [DeskPart::Text(text)] => text.clone(),
        other => panic!("not one text: {other:?}"),
    }
}

#[test]
fn a_voice_note_travels_under_a_type_the_desk_takes() {
    let voice = stored("audio/ogg", "nota.ogg");
    let [DeskPart::File { mime, file }] = &render(&voice, &DeskContext::default())[..] else {
        panic!("not one file");
    };
    assert_eq!(mime, "application/octet-stream");
    assert_eq!(file.name, "nota.ogg");
}

#[test]
fn a_tenant_may_choose_links_for_unlisted_types_only() {
    let context = DeskContext {
        file_link: Some("https://relevo.example/f/1"),
        unlisted: UnlistedFile::Link,
        ..DeskContext::default()
    };
    assert_eq!(
        text(&stored("audio/ogg", "nota.ogg"), &context),
        "📎 nota de voz (nota.ogg): https://relevo.example/f/1"
    );
    let picture = render(&stored("image/png", "a.png"), &context);
    assert!(matches!(&picture[..], [DeskPart::File { mime, .. }] if mime == "image/png"));
}

#[test]
fn a_caption_follows_its_file() {
    let mut content = stored("image/png", "a.png");
    if let Content::Media { caption, .. } = &mut content {
        *caption = Some("mira esto".into());
    }
    let parts = render(&content, &DeskContext::default());
    assert!(matches!(parts[0], DeskPart::File { .. }));
    assert_eq!(parts[1], DeskPart::Text("mira esto".into()));
}

#[test]
fn a_file_that_could_not_be_fetched_is_said_so() {
    let content = Content::Media {
        attachment: Attachment {
            unavailable: Some("gone".into()),
            ..Attachment::of(MediaKind::Image)
        },
        caption: Some("¿qué es?".into()),
    };
    assert_eq!(
        text(&content, &DeskContext::default()),
        "📎 imagen: no se pudo obtener el archivo\n¿qué es?"
    );
}

#[test]
fn reactions_edits_and_deletions_are_told_in_three_languages() {
    let reaction = Content::Reaction {
        target: "1".into(),
        emoji: Some("👍".into()),
    };
    let deletion = Content::Delete { target: "1".into() };
    let edit = Content::Edit {
        target: "1".into(),
        text: "mañana".into(),
    };
    let say = |content: &Content, language| {
        text(
            content,
            &DeskContext {
                language,
                quoted: Some("hoy"),
                ..DeskContext::default()
            },
        )
    };
    assert_eq!(say(&reaction, Language::Es), "reaccionó 👍 a «hoy»");
    assert_eq!(say(&reaction, Language::En), "reacted 👍 to «hoy»");
    assert_eq!(say(&reaction, Language::Pt), "reagiu com 👍 a «hoy»");
    assert_eq!(say(&edit, Language::Es), "✏️ editó «hoy»: mañana");
    assert_eq!(say(&deletion, Language::En), "🗑️ deleted a message: «hoy»");
}

#[test]
fn an_answer_quotes_what_it_answers() {
    let context = DeskContext {
        quoted: Some("¿A qué hora llegas a la oficina?"),
        ..DeskContext::default()
    };
    assert_eq!(
        text(&Content::text("a las 9"), &context),
        "En respuesta a «¿A qué hora llegas a la oficina?»:\na las 9"
    );
}

#[test]
fn places_and_cards_become_words() {
    let place = Content::Location(Location {
        latitude: -33.45,
        longitude: -70.66,
        name: Some("Plaza".into()),
        address: None,
    });
    assert_eq!(
        text(&place, &DeskContext::default()),
        "📍 Plaza\nhttps://www.google.com/maps?q=-33.45,-70.66"
    );
    let cards = Content::Contacts {
        cards: vec![ContactCard {
            name: "Ana".into(),
            phones: vec!["+56 9 1".into()],
            ..ContactCard::default()
        }],
    };
    assert_eq!(text(&cards, &DeskContext::default()), "👤 Ana\n📞 +56 9 1");
}
