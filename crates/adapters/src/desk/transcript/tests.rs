use super::*;
use domain::ids::{ConversationId, MessageId};
use domain::message::{Attachment, Content, MediaKind};
use proptest::prelude::*;
use uuid::Uuid;

fn said(seq: i64, author: Author, content: Content) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(seq as u128)),
        conversation: ConversationId(Uuid::nil()),
        seq,
        author,
        author_name: None,
        content,
        external_id: Some(seq.to_string()),
        reply_to: None,
        status: DeliveryStatus::Accepted,
        failure: None,
        handoff: None,
        sent_at: Timestamp(1_600_000_000_000 + seq * 60_000),
        received_at: Timestamp(0),
    }
}

fn context<'a>() -> TranscriptContext<'a> {
    TranscriptContext {
        language: Language::Es,
        time_zone: "America/Santiago",
        summary: None,
        history_link: Some("https://relevo.example/h/abc"),
        file_link: &|_| Some("https://relevo.example/f/1".to_owned()),
    }
}

#[test]
fn it_tells_who_said_what_and_when_with_summary_first_and_link_last() {
    let mut contact = said(1, Author::Contact, Content::text("Hola,\nnecesito ayuda"));
    contact.author_name = Some("Ana".into());
    let mut muted = said(3, Author::Bot, Content::text("nunca visto"));
    muted.status = DeliveryStatus::Muted;
    let messages = [
        contact,
        said(2, Author::Bot, Content::text("¿En qué te ayudo?")),
        muted,
        said(
            4,
            Author::Contact,
            Content::Media {
                attachment: Attachment::of(MediaKind::Image),
                caption: None,
            },
        ),
        said(
            5,
            Author::Contact,
            Content::Reaction {
                target: "2".into(),
                emoji: Some("👍".into()),
            },
        ),
    ];
    let text = transcript(
        &messages,
        &TranscriptContext {
            summary: Some("Pide un reembolso"),
            ..context()
        },
    );
    assert_eq!(
        text,
        "Pide un reembolso\n\n\
         [2020-09-13 09:27] Ana: Hola, / necesito ayuda\n\
         [2020-09-13 09:28] Bot: ¿En qué te ayudo?\n\
         [2020-09-13 09:30] Cliente: 📎 imagen: https://relevo.example/f/1\n\
         [2020-09-13 09:31] Cliente: reaccionó 👍 a «¿En qué te ayudo?»\n\n\
         Historial completo: https://relevo.example/h/abc"
    );
}

#[test]
fn an_empty_conversation_still_has_its_link() {
    assert_eq!(
        transcript(&[], &context()),
        "Historial completo: https://relevo.example/h/abc"
    );
}

proptest! {
    #[test]
    fn it_is_never_too_long_and_keeps_the_newest_line_and_the_link(
        lengths in prop::collection::vec(0_usize..6_000, 0..30),
        summary in 0_usize..6_000,
    ) {
        let messages: Vec<Message> = lengths
            .iter()
            .enumerate()
            .map(|(i, n)| said(i as i64, Author::Contact, Content::text("ñ".repeat(*n))))
            .collect();
        let summary = "s".repeat(summary);
        let text = transcript(
            &messages,
            &TranscriptContext { summary: Some(&summary), ..context() },
        );
        prop_assert!(text.chars().count() <= LONGEST);
        prop_assert!(text.ends_with("https://relevo.example/h/abc"));
        if let Some(last) = messages.last() {
            let at = time(last.sent_at, &TimeZone::get("America/Santiago").unwrap());
            prop_assert!(text.contains(&at));
        }
    }
}
