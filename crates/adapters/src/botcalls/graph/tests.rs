//! Calls, and what they are.

use super::*;
use crate::botcalls::speech::Whom;
use domain::message::Content;

fn request(method: &str, path: &str, query: &str, kind: &str, body: &str) -> BotRequest {
    BotRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: vec![("content-type".to_owned(), kind.to_owned())],
        body: body.to_owned().into(),
    }
}

fn post(kind: ChannelKind, path: &str, body: &str) -> Speech {
    read(kind, &request("POST", path, "", "application/json", body)).speech
}

const HELLO: &str =
    r#"{"messaging_product":"whatsapp","to":"+15550100123","type":"text","text":{"body":"Hola"}}"#;
const MESSENGER: &str = r#"{"recipient":{"id":"5000000000000001"},"message":{"text":"Hola"}}"#;

#[test]
fn a_message_is_seen_in_every_spelling_of_its_path() {
    for path in [
        "/v25.0/2000/messages",
        "/2000/messages",
        "/v25.0/2000/messages/",
        "//2000//messages",
        "/v25.0/2000/Messages",
        "/2000/%6dessages",
        "/2000/marketing_messages",
    ] {
        let speech = post(ChannelKind::WhatsApp, path, HELLO);
        assert!(
            matches!(speech, Speech::Sends { to: Some(_), .. }),
            "{path}"
        );
    }
    for path in [
        "/2000",
        "/2000/media",
        "/v25.0/2000/message_templates",
        "/me/take_thread_control",
    ] {
        assert_eq!(
            post(ChannelKind::WhatsApp, path, HELLO),
            Speech::Neutral,
            "{path}"
        );
    }
}

#[test]
fn a_get_that_asks_to_be_a_post_is_a_post() {
    let query = "method=post&recipient=%7B%22id%22%3A%227%22%7D&message=%7B%22text%22%3A%22x%22%7D";
    let call = read(
        ChannelKind::Messenger,
        &request("GET", "/me/messages", query, "", ""),
    );
    assert!(matches!(call.speech, Speech::Sends { to: Some(_), .. }));
    let call = read(
        ChannelKind::Messenger,
        &request("GET", "/me/messages", "", "", ""),
    );
    assert_eq!(call.speech, Speech::Neutral);
}

#[test]
fn a_batch_is_refused_because_it_could_hide_a_message() {
    let speech = post(
        ChannelKind::Messenger,
        "/v25.0/",
        r#"{"batch":[{"method":"POST"}]}"#,
    );
    assert!(matches!(speech, Speech::Unreadable(_)));
}

#[test]
fn the_recipient_is_found_however_it_is_written() {
    for to in ["+15550100123", "15550100123", "+1 (555) 010-0123"] {
        let body = HELLO.replace("+15550100123", to);
        let Speech::Sends { to: Some(to), .. } = post(ChannelKind::WhatsApp, "/1/messages", &body)
        else {
            panic!("{to}");
        };
        assert_eq!(to.key, "15550100123");
    }
    let user = r#"{"recipient":"US.7","type":"text","text":{"body":"x"}}"#;
    let Speech::Sends { to: Some(to), .. } = post(ChannelKind::WhatsApp, "/1/messages", user)
    else {
        panic!()
    };
    assert_eq!(to.key, "US.7");
    for (kind, body) in [
        ("application/json", MESSENGER),
        (
            "application/json",
            r#"{"recipient":"{\"id\":5000000000000001}","message":{"text":"Hola"}}"#,
        ),
        (
            "application/x-www-form-urlencoded",
            "recipient[id]=5000000000000001&message[text]=Hola",
        ),
        (
            "application/x-www-form-urlencoded",
            "recipient=%7B%22id%22%3A%225000000000000001%22%7D&message=%7B%22text%22%3A%22Hola%22%7D",
        ),
    ] {
        let call = read(
            ChannelKind::Messenger,
            &request("POST", "/me/messages", "", kind, body),
        );
        let Speech::Sends {
            to: Some(to),
            content,
        } = call.speech
        else {
            panic!("{body}")
        };
        assert_eq!(to.key, "5000000000000001");
        assert_eq!(content, Content::text("Hola"));
    }
}

#[test]
fn signs_are_told_from_messages() {
    let read_mark = r#"{"messaging_product":"whatsapp","status":"read","message_id":"wamid.IN"}"#;
    assert_eq!(
        post(ChannelKind::WhatsApp, "/1/messages", read_mark),
        Speech::Shows(Whom::Message("wamid.IN".to_owned()))
    );
    let typing = r#"{"recipient":{"id":"7"},"sender_action":"typing_on"}"#;
    assert!(matches!(
        post(ChannelKind::Instagram, "/me/messages", typing),
        Speech::Shows(Whom::Contact(_))
    ));
}

#[test]
fn what_cannot_be_read_is_not_passed() {
    for body in [
        "{",
        r#"{"type":"text"}"#,
        r#"{"to":"1555010","to":"1555011"}"#,
    ] {
        assert!(
            matches!(
                post(ChannelKind::WhatsApp, "/1/messages", body),
                Speech::Unreadable(_)
            ),
            "{body}"
        );
    }
    // A reply to a comment names nobody; that is Meta's to know.
    let comment = r#"{"recipient":{"comment_id":"9"},"message":{"text":"x"}}"#;
    assert!(matches!(
        post(ChannelKind::Messenger, "/me/messages", comment),
        Speech::Sends { to: None, .. }
    ));
}

#[test]
fn the_transcript_shows_what_was_said() {
    let said = |body: &str| match post(ChannelKind::WhatsApp, "/1/messages", body) {
        Speech::Sends { content, .. } => content,
        other => panic!("{other:?}"),
    };
    let buttons = r#"{"to":"15550100","type":"interactive","interactive":{"type":"button","body":{"text":"¿Cuál?"},
        "action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Sí"}}]}}}"#;
    let Content::Options(list) = said(buttons) else {
        panic!()
    };
    assert_eq!((list.title.as_str(), list.items.len()), ("¿Cuál?", 1));
    let template = r#"{"to":"15550100","type":"template","template":{"name":"saludo","components":[
        {"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}}"#;
    assert_eq!(said(template), Content::text("[saludo] Ana"));
    let link = r#"{"to":"15550100","type":"document","document":{"link":"https://e.org/x/a.pdf?k=1","caption":"c"}}"#;
    let Content::Media { attachment, .. } = said(link) else {
        panic!()
    };
    assert_eq!(attachment.name.as_deref(), Some("a.pdf"));
}

#[test]
fn the_token_is_found_where_meta_looks_for_it() {
    let mut call = request(
        "POST",
        "/me/messages",
        "access_token=A",
        "application/json",
        "{}",
    );
    assert_eq!(tokens(&call), ["A"]);
    call.headers
        .push(("authorization".to_owned(), "Bearer B".to_owned()));
    assert_eq!(tokens(&call), ["B", "A"]);
    let body = request(
        "POST",
        "/x",
        "",
        "application/json",
        r#"{"access_token":"C"}"#,
    );
    assert_eq!(tokens(&body), ["C"]);
    assert!(tokens(&request("GET", "/x", "", "", "")).is_empty());
}

#[test]
fn the_ids_in_an_answer_are_found() {
    let whatsapp = br#"{"contacts":[{"wa_id":"1"}],"messages":[{"id":"wamid.1"}]}"#;
    assert_eq!(
        words::outcome(200, whatsapp).map(|t| t.ids),
        Ok(vec!["wamid.1".to_owned()])
    );
    let messenger = br#"{"recipient_id":"7","message_id":"m_1"}"#;
    let taken = words::outcome(200, messenger).unwrap();
    assert_eq!(
        (taken.ids, taken.recipient.as_deref()),
        (vec!["m_1".to_owned()], Some("7"))
    );
    let no = br#"{"error":{"code":131026,"message":"(#131026) x","error_data":{"details":"y"}}}"#;
    assert_eq!(words::outcome(400, no).err().unwrap(), "Meta 400 131026: y");
}
