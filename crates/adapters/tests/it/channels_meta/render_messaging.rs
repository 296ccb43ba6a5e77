//! What Messenger and Instagram are asked to say.

use super::support::*;
use domain::message::*;
use domain::ports::{Channel, Part, RenderContext};
use serde_json::{Value, json};
use std::time::Duration;

fn on_messenger(content: &Content) -> Vec<Value> {
    messenger(GRAPH)
        .render(content, &context())
        .into_iter()
        .map(|p| p.body)
        .collect()
}

fn on_instagram(content: &Content) -> Vec<Part> {
    instagram(GRAPH).render(content, &context())
}

fn options(title: &str, replies: usize, links: usize) -> Content {
    let reply = |n: usize| OptionItem {
        label: format!("Option {n}"),
        action: OptionAction::Reply {
            message: "x".into(),
        },
    };
    let link = |n: usize| OptionItem {
        label: format!("Link {n}"),
        action: OptionAction::Link {
            url: "https://example.org/".into(),
        },
    };
    Content::Options(OptionList {
        title: title.into(),
        items: (0..replies)
            .map(reply)
            .chain((0..links).map(link))
            .collect(),
    })
}

#[test]
fn a_text_is_a_response_on_messenger_and_bare_on_instagram() {
    assert_eq!(
        on_messenger(&Content::text("*Hola*")),
        vec![json!({"messaging_type": "RESPONSE", "message": {"text": "*Hola*"}})]
    );
    assert_eq!(
        on_instagram(&Content::text("Hola"))[0].body,
        json!({"message": {"text": "Hola"}})
    );
}

#[test]
fn texts_are_split_in_the_platforms_own_unit() {
    let text = Content::text("año ñandú ".repeat(400));
    assert!(
        on_messenger(&text)
            .iter()
            .all(|b| b["message"]["text"].as_str().unwrap().chars().count() <= 2000)
    );
    let parts = on_instagram(&text);
    assert!(parts.len() > 4);
    assert!(
        parts
            .iter()
            .all(|p| p.body["message"]["text"].as_str().unwrap().len() <= 1000)
    );
}

#[test]
fn after_a_day_only_a_person_may_answer_and_says_so() {
    let day = Duration::from_secs(24 * 3600);
    for channel in [
        Box::new(messenger(GRAPH)) as Box<dyn Channel>,
        Box::new(instagram(GRAPH)),
    ] {
        let mut late = RenderContext {
            last_inbound_at: Some(NOW.before(2 * day)),
            ..context()
        };
        assert!(
            channel.render(&Content::text("x"), &late)[0]
                .body
                .get("tag")
                .is_none()
        );
        assert_eq!(
            channel.window(&late.settings, Some(NOW)),
            Some(NOW.after(day))
        );
        late.settings.human_agent_tag = true;
        let sent = channel.render(&Content::text("x"), &late);
        assert_eq!(sent[0].body["messaging_type"], "MESSAGE_TAG");
        assert_eq!(sent[0].body["tag"], "HUMAN_AGENT");
        assert_eq!(
            channel.window(&late.settings, Some(NOW)),
            Some(NOW.after(7 * day))
        );
        late.last_inbound_at = Some(NOW);
        assert!(
            channel.render(&Content::text("x"), &late)[0]
                .body
                .get("tag")
                .is_none()
        );
    }
}

#[test]
fn options_take_the_form_that_holds_them_all() {
    let quick = on_messenger(&options("Pick", 13, 0));
    assert_eq!(quick.len(), 1);
    assert_eq!(
        quick[0]["message"]["quick_replies"]
            .as_array()
            .unwrap()
            .len(),
        13
    );
    assert_eq!(
        quick[0]["message"]["quick_replies"][12],
        json!({"content_type": "text", "title": "Option 12", "payload": "q:abc:12"})
    );
    let template = |body: &Value| body["message"]["attachment"]["payload"].clone();
    let one_link = template(&on_messenger(&options("Pick", 0, 1))[0]);
    assert_eq!(one_link["template_type"], "button");
    assert_eq!(
        one_link["buttons"],
        json!([{"type": "web_url", "title": "Link 0", "url": "https://example.org/"}])
    );
    assert_eq!(
        template(&on_messenger(&options("Pick", 2, 1))[0])["buttons"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let many = on_messenger(&options("Pick", 3, 1));
    assert_eq!(template(&many[0])["template_type"], "generic");
    assert_eq!(template(&many[0])["elements"].as_array().unwrap().len(), 2);
    let lots = on_messenger(&options("Pick", 31, 0));
    assert_eq!(lots.len(), 2);
    assert_eq!(
        template(&lots[1])["elements"][0]["buttons"][0]["payload"],
        "q:abc:30"
    );
    let wordy = on_messenger(&options(&"why ".repeat(200), 1, 1));
    assert_eq!(wordy.len(), 2);
    assert_eq!(template(&wordy[1])["text"], "👇");
    let nameless = on_messenger(&options("", 2, 0));
    assert_eq!(nameless[0]["message"]["text"], "👇");
}

#[test]
fn quick_replies_stand_under_the_last_piece_and_the_quote_on_the_first() {
    let context = RenderContext {
        reply_to: Some("m_Q".into()),
        ..context()
    };
    let sent = instagram(GRAPH).render(&options(&"why ".repeat(400), 2, 0), &context);
    assert!(sent.len() > 1);
    assert_eq!(sent[0].body["reply_to"], json!({"mid": "m_Q"}));
    assert!(sent[0].body["message"].get("quick_replies").is_none());
    assert!(
        sent.last().unwrap().body["message"]
            .get("quick_replies")
            .is_some()
    );
}

#[test]
fn a_file_is_followed_by_its_caption() {
    let sent = messenger(GRAPH).render(
        &media(MediaKind::Image, "image/png", 1, Some("see")),
        &context(),
    );
    assert_eq!(
        sent[0].body["message"],
        json!({"attachment": {"type": "image", "payload": {}}})
    );
    assert_eq!(sent[0].file.as_ref().unwrap().field, "filedata");
    assert_eq!(sent[1].body["message"]["text"], "see");
}

#[test]
fn instagram_takes_few_types_and_the_rest_is_linked() {
    let image = on_instagram(&media(MediaKind::Image, "image/png", 1, None));
    assert_eq!(
        image[0].body["message"],
        json!({"attachments": [{"type": "image", "payload": {}}]})
    );
    let linked = RenderContext {
        file_link: Some("https://r.example/f".into()),
        ..context()
    };
    for (kind, mime) in [
        (MediaKind::Voice, "audio/ogg"),
        (MediaKind::Audio, "audio/mpeg"),
        (MediaKind::File, "application/zip"),
        (MediaKind::Sticker, "image/webp"),
    ] {
        let sent = instagram(GRAPH).render(&media(kind, mime, 1, Some("c")), &linked);
        assert_eq!(
            sent[0].body["message"]["text"], "c\n📎 a.bin\nhttps://r.example/f",
            "{mime}"
        );
    }
    let big = on_instagram(&media(MediaKind::Image, "image/png", 9 << 20, None));
    assert_eq!(
        big[0].body["message"]["attachment"]["type"], "file",
        "no link: better refused than lost"
    );
}

#[test]
fn what_has_no_form_is_said_in_words() {
    let place = Content::Location(Location {
        latitude: 1.5,
        longitude: 2.0,
        name: Some("HQ".into()),
        address: None,
    });
    assert_eq!(
        on_messenger(&place)[0]["message"]["text"],
        "HQ\nhttps://maps.google.com/?q=1.5,2"
    );
    let cards = Content::Contacts {
        cards: vec![ContactCard {
            name: "Bo".into(),
            phones: vec!["+1555".into()],
            ..ContactCard::default()
        }],
    };
    assert_eq!(on_messenger(&cards)[0]["message"]["text"], "Bo\n+1555");
    let reaction = Content::Reaction {
        target: "m_T".into(),
        emoji: Some("👍".into()),
    };
    assert_eq!(
        on_messenger(&reaction)[0],
        json!({"messaging_type": "RESPONSE", "message": {"text": "👍"}, "reply_to": {"mid": "m_T"}})
    );
}
