//! Calls, and what they are.

use super::*;
use domain::message::{Content, MediaKind, OptionAction};

fn call(method: &str, body: &str) -> Speech {
    let request = BotRequest {
        method: "POST".to_owned(),
        path: String::new(),
        query: String::new(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_owned().into(),
    };
    speech(method, class(method), &request)
}

fn said(method: &str, body: &str) -> Content {
    match call(method, body) {
        Speech::Sends { content, .. } => content,
        other => panic!("{method}: {other:?}"),
    }
}

#[test]
fn what_reaches_a_contact_is_told_from_what_does_not() {
    let chat = r#"{"chat_id":7,"text":"x"}"#;
    for method in [
        "sendMessage",
        "SENDMESSAGE",
        "sendPhoto",
        "copyMessage",
        "sendSomethingNew",
    ] {
        assert!(
            matches!(call(method, chat), Speech::Sends { .. }),
            "{method}"
        );
    }
    for method in [
        "sendChatAction",
        "editMessageText",
        "deleteMessage",
        "pinChatMessage",
        "setMessageReaction",
        "stopPoll",
        "doSomethingNew",
    ] {
        assert!(matches!(call(method, chat), Speech::Shows(_)), "{method}");
    }
    for method in [
        "getMe",
        "getFile",
        "setMyCommands",
        "setChatMenuButton",
        "getChat",
    ] {
        let body = if method == "setMyCommands" {
            "{}"
        } else {
            chat
        };
        assert_eq!(call(method, body), Speech::Neutral, "{method}");
    }
}

#[test]
fn an_answer_to_a_tap_shows_something_only_with_words() {
    let silent = call("answerCallbackQuery", r#"{"callback_query_id":"1"}"#);
    assert_eq!(silent, Speech::Neutral);
    let spoken = call(
        "answerCallbackQuery",
        r#"{"callback_query_id":"1","text":"Listo"}"#,
    );
    assert_eq!(spoken, Speech::Shows(Whom::Tap("1".to_owned())));
}

#[test]
fn the_chat_is_read_as_telegram_reads_it_or_not_at_all() {
    for (body, key) in [
        (r#"{"chat_id":7,"text":"x"}"#, "7"),
        (r#"{"chat_id":" 7 ","text":"x"}"#, "7"),
        (r#"{"chat_id":"007","text":"x"}"#, "7"),
        (r#"{"chat_id":-1001,"text":"x"}"#, "-1001"),
    ] {
        let Speech::Sends { to: Some(to), .. } = call("sendMessage", body) else {
            panic!("{body}");
        };
        assert_eq!(to.key, key);
    }
    assert_eq!(
        call("sendMessage", r#"{"chat_id":"@canal","text":"x"}"#),
        Speech::Neutral
    );
    for body in [
        r#"{"chat_id":7.0,"text":"x"}"#,
        r#"{"chat_id":[7],"text":"x"}"#,
        r#"{"chat_id":7,"chat_id":8,"text":"x"}"#,
        r#"{"chat_id":7"#,
    ] {
        assert!(
            matches!(call("sendMessage", body), Speech::Unreadable(_)),
            "{body}"
        );
    }
}

#[test]
fn a_business_chat_and_a_topic_are_conversations_of_their_own() {
    let body = r#"{"chat_id":7,"text":"x","business_connection_id":"b1","message_thread_id":3}"#;
    let Speech::Sends { to: Some(to), .. } = call("sendMessage", body) else {
        panic!()
    };
    assert_eq!(to.thread.as_deref(), Some("business:b1"));
    let body = r#"{"chat_id":-5,"text":"x","message_thread_id":3}"#;
    let Speech::Sends { to: Some(to), .. } = call("sendMessage", body) else {
        panic!()
    };
    assert_eq!(to.thread.as_deref(), Some("3"));
}

#[test]
fn the_transcript_shows_what_was_said() {
    assert_eq!(
        said(
            "sendMessage",
            r#"{"chat_id":7,"text":"<b>Hola</b>","parse_mode":"HTML"}"#
        ),
        Content::text("Hola")
    );
    let keyboard = r#"{"chat_id":7,"text":"¿Cuál?","reply_markup":
        "{\"inline_keyboard\":[[{\"text\":\"Sí\",\"callback_data\":\"y\"}],[{\"text\":\"Web\",\"url\":\"https://e.org\"}]]}"}"#;
    let Content::Options(list) = said("sendMessage", keyboard) else {
        panic!()
    };
    assert_eq!(list.title, "¿Cuál?");
    assert_eq!(list.items[0].label, "Sí");
    assert!(matches!(list.items[1].action, OptionAction::Link { .. }));
    let photo = r#"{"chat_id":7,"photo":"https://e.org/a%20b.jpg?x=1","caption":"mira"}"#;
    let Content::Media {
        attachment,
        caption,
    } = said("sendPhoto", photo)
    else {
        panic!()
    };
    assert_eq!(attachment.kind, MediaKind::Image);
    assert_eq!(attachment.name.as_deref(), Some("a b.jpg"));
    assert_eq!(caption.as_deref(), Some("mira"));
    let album = r#"{"chat_id":7,"media":[{"type":"photo","media":"https://e.org/1.jpg","caption":"dos"},
        {"type":"video","media":"https://e.org/2.mp4"}]}"#;
    let Content::Media { caption, .. } = said("sendMediaGroup", album) else {
        panic!()
    };
    assert_eq!(caption.as_deref(), Some("dos\n+1: 2.mp4"));
    assert!(matches!(
        said(
            "sendLocation",
            r#"{"chat_id":7,"latitude":1.5,"longitude":"2"}"#
        ),
        Content::Location(_)
    ));
    assert!(matches!(
        said("sendGame", r#"{"chat_id":7}"#),
        Content::Unsupported { .. }
    ));
}

#[test]
fn the_ids_in_an_answer_are_found() {
    let one = br#"{"ok":true,"result":{"message_id":61}}"#;
    assert_eq!(words::outcome(200, one), Ok(vec!["61".to_owned()]));
    let two = br#"{"ok":true,"result":[{"message_id":1},{"message_id":2}]}"#;
    assert_eq!(words::outcome(200, two).unwrap().len(), 2);
    let no = br#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#;
    assert_eq!(
        words::outcome(400, no),
        Err("Telegram 400: Bad Request: chat not found".to_owned())
    );
}
