//! Messenger and Instagram over real HTTP, and the small signs of all three.

use super::server::{Server, json};
use super::support::*;
use domain::channel::InstagramLogin;
use domain::contact::ContactAddress;
use domain::message::{Content, MediaKind};
use domain::outbound::Failure;
use domain::ports::{Channel, Receipt, Signal};
use serde_json::json;

#[tokio::test]
async fn messenger_and_instagram_send_with_metadata() {
    let taken = || json(200, json!({"recipient_id": "5", "message_id": "m_E"}));
    let server = Server::start(vec![taken(), taken(), taken()]).await;
    let to = ContactAddress::of("5");
    let mut quoting = context();
    quoting.reply_to = Some("m_Q".into());

    let page = messenger(&server.base);
    let part = page.render(&Content::text("Hi"), &quoting).remove(0);
    let receipt = page
        .send(TENANT, &messenger_credentials(), &to, &part, IDENTITY)
        .await
        .unwrap();
    assert_eq!(
        receipt,
        Receipt {
            external_id: "m_E".into(),
            contact: None
        }
    );

    let account = instagram(&server.base);
    let part = account.render(&Content::text("Hi"), &quoting).remove(0);
    for login in [InstagramLogin::Facebook, InstagramLogin::Instagram] {
        account
            .send(TENANT, &instagram_credentials(login), &to, &part, IDENTITY)
            .await
            .unwrap();
    }
    let asked = server.asked();
    let paths: Vec<_> = asked.iter().map(|a| a.line.as_str()).collect();
    assert_eq!(
        paths,
        [PAGE, PAGE, ACCOUNT].map(|owner| format!("POST /v25.0/{owner}/messages HTTP/1.1"))
    );
    assert_eq!(
        asked[0].json(),
        json!({"recipient": {"id": "5"}, "messaging_type": "RESPONSE", "message": {"text": "Hi", "metadata": IDENTITY.to_string()}, "reply_to": {"mid": "m_Q"}})
    );
    assert!(asked[1].json().get("reply_to").is_some());
    assert!(asked[2].json().get("reply_to").is_none());
}

#[tokio::test]
async fn messenger_and_instagram_upload_first() {
    let upload = || json(200, json!({"attachment_id": 77}));
    let taken = || json(200, json!({"message_id": "m_E"}));
    let server = Server::start(vec![upload(), taken(), upload(), taken()]).await;
    let to = ContactAddress::of("5");
    let content = media(MediaKind::Image, "image/png", 9, None);
    let page = messenger(&server.base);
    let part = page.render(&content, &context()).remove(0);
    page.send(TENANT, &messenger_credentials(), &to, &part, IDENTITY)
        .await
        .unwrap();
    let account = instagram(&server.base);
    let part = account.render(&content, &context()).remove(0);
    account
        .send(
            TENANT,
            &instagram_credentials(InstagramLogin::Facebook),
            &to,
            &part,
            IDENTITY,
        )
        .await
        .unwrap();
    let asked = server.asked();
    assert_eq!(
        asked[0].line,
        format!("POST /v25.0/{PAGE}/message_attachments HTTP/1.1")
    );
    assert!(
        asked[0].text().contains("name=\"filedata\"")
            && asked[0].text().contains("\"type\":\"image\"")
    );
    assert_eq!(
        asked[1].json()["message"]["attachment"]["payload"],
        json!({"attachment_id": "77"})
    );
    assert!(
        asked[2]
            .text()
            .contains("name=\"platform\"\r\n\r\ninstagram")
    );
    assert_eq!(
        asked[3].json()["message"]["attachments"][0]["payload"],
        json!({"attachment_id": "77"})
    );
}

#[tokio::test]
async fn messenger_judges_by_subcode() {
    let window = json!({"error": {"code": 10, "error_subcode": 2_018_278, "message": "outside"}});
    let server = Server::start(vec![json(400, window)]).await;
    let page = messenger(&server.base);
    let part = page.render(&Content::text("Hi"), &context()).remove(0);
    let error = page
        .send(
            TENANT,
            &messenger_credentials(),
            &ContactAddress::of("5"),
            &part,
            IDENTITY,
        )
        .await
        .unwrap_err();
    assert_eq!(
        (error.failure, error.code.as_deref()),
        (Failure::Window, Some("10/2018278"))
    );
}

#[tokio::test]
async fn signs_are_given_in_each_platforms_way() {
    let ok = || json(200, json!({"success": true}));
    let server = Server::start(vec![ok(), ok(), ok(), ok()]).await;
    let to = ContactAddress::of("5");
    let typing = Signal::Typing {
        last_message: Some("wamid.IN".into()),
    };
    let read = Signal::Read {
        message: "wamid.IN".into(),
    };
    let line = whatsapp(&server.base);
    line.signal(&whatsapp_credentials(), &to, &typing)
        .await
        .unwrap();
    line.signal(&whatsapp_credentials(), &to, &read)
        .await
        .unwrap();
    line.signal(
        &whatsapp_credentials(),
        &to,
        &Signal::Typing { last_message: None },
    )
    .await
    .unwrap();
    let page = messenger(&server.base);
    page.signal(&messenger_credentials(), &to, &typing)
        .await
        .unwrap();
    page.signal(&messenger_credentials(), &to, &read)
        .await
        .unwrap();
    let asked: Vec<_> = server
        .asked()
        .iter()
        .map(super::server::Asked::json)
        .collect();
    assert_eq!(
        asked,
        [
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN", "typing_indicator": {"type": "text"}}),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"}),
            json!({"recipient": {"id": "5"}, "sender_action": "typing_on"}),
            json!({"recipient": {"id": "5"}, "sender_action": "mark_seen"}),
        ]
    );
}
