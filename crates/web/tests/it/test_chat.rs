//! The built-in test chat: a member plays the contact.

use crate::house::House;
use domain::channel::ChannelKind;
use domain::message::{Author, Content};
use std::time::Duration;

const PAGE: &str = "/test-chat";

#[actix_web::test]
async fn the_test_chat_is_made_on_the_first_visit_and_says_what_is_missing() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    for _ in 0..2 {
        let seen = browser.get(PAGE).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        assert!(
            seen.body.contains("Conectar Let&#39;s Talk"),
            "{}",
            seen.body
        );
    }
    let lines = house.store.tenant(tenant).channels().list().await.unwrap();
    assert_eq!(lines.len(), 1, "one per company");
    assert_eq!(lines[0].kind, ChannelKind::Test);
    let list = browser.get("/channels").await;
    assert!(list.body.contains("href=\"/test-chat\""), "{}", list.body);
    let own = browser.get(&format!("/channels/{}", lines[0].id)).await;
    assert_eq!(own.location(), PAGE);
    let home = browser.get("/").await;
    assert!(
        home.body.contains("Conectar canal"),
        "it is no connected channel"
    );
}

#[actix_web::test]
async fn what_a_member_says_there_is_stored_once_as_the_contacts_word() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let hostile = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";
    let seen = browser.fill(PAGE, PAGE, &[("text", hostile)]).await;
    assert_eq!((seen.status, seen.location()), (303, PAGE), "{}", seen.body);
    let page = browser.get(PAGE).await;
    assert!(
        page.body.contains("&#60;script&#62;alert(1)"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    let store = house.store.tenant(tenant);
    let line = store.channels().list().await.unwrap()[0].id;
    let (member, _) = house
        .store
        .member_by_email("camila@norte.cl")
        .await
        .unwrap()
        .unwrap();
    let talks = store.conversations();
    let row = talks
        .by_contact(line, &member.id.to_string())
        .await
        .unwrap();
    let messages = talks.messages(row.conversation.id, None, 10).await.unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].author, Author::Contact);
    assert_eq!(messages[0].content, Content::text(hostile));
}

#[actix_web::test]
async fn an_empty_word_is_refused_beside_the_field_and_a_foreign_button_is_not_found() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let seen = browser.fill(PAGE, PAGE, &[("text", "  ")]).await;
    assert_eq!(seen.status, 422);
    assert!(seen.body.contains("id=\"tc-problem\""), "{}", seen.body);
    let foreign = format!("{}:0", uuid::Uuid::from_u128(7));
    for tap in [foreign.as_str(), "x", "x:y", ":"] {
        let seen = browser.fill(PAGE, PAGE, &[("tap", tap)]).await;
        assert_eq!(seen.status, 404, "{tap}");
    }
}

#[actix_web::test]
async fn a_form_from_elsewhere_says_nothing_in_the_test_chat() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    browser.get(PAGE).await;
    let seen = browser.send(PAGE, &[("text", "hola")], &[]).await;
    assert_eq!(seen.status, 403);
    let stranger = house.browser();
    let away = stranger.get(PAGE).await;
    assert!(away.location().starts_with("/login"), "{}", away.location());
}

#[actix_web::test]
async fn a_webhook_that_our_page_did_not_sign_is_not_believed() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    browser.get(PAGE).await;
    let lines = house.store.tenant(tenant).channels().list().await.unwrap();
    let path = format!("/hooks/test/{}", lines[0].public_key);
    let stranger = house.browser();
    let seen = stranger.send(&path, &[("text", "hola")], &[]).await;
    assert!(matches!(seen.status, 401 | 404), "{}", seen.status);
}

#[actix_web::test]
async fn the_open_page_hears_of_a_word_at_once() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    browser
        .fill(PAGE, PAGE, &[("text", "primera palabra")])
        .await;
    let told = browser.listen(
        "/test-chat/live",
        // It comes behind the words.
        "event: trace",
        Duration::from_secs(10),
    );
    let told = told.await;
    assert!(told.contains("event: thread"), "{told}");
    assert!(told.contains("primera palabra"), "{told}");
}
