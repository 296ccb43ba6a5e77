//! What must not be possible: forged forms, other companies' things, roles, scripts.

use crate::house::{House, PATIENCE};
use testkit::eventually;

#[actix_web::test]
async fn a_form_without_our_token_or_from_another_site_changes_nothing() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let token = browser
        .get("/")
        .await
        .after("name=\"csrf\" value=\"")
        .to_owned();
    let page = "/channels/new/api";
    type Pairs<'a> = &'a [(&'a str, &'a str)];
    let tries: [(Pairs<'_>, Pairs<'_>); 4] = [
        (&[("name", "x")], &[]),
        (
            &[("name", "x"), ("csrf", "adivinado")],
            &[("sec-fetch-site", "same-origin")],
        ),
        (
            &[("name", "x"), ("csrf", &token)],
            &[("sec-fetch-site", "cross-site")],
        ),
        (
            &[("name", "x"), ("csrf", &token)],
            &[("origin", "https://evil.test")],
        ),
    ];
    for (fields, headers) in tries {
        assert_eq!(
            browser.send(page, fields, headers).await.status,
            403,
            "{headers:?}"
        );
    }
    assert!(
        house
            .store
            .tenant(tenant)
            .channels()
            .list()
            .await
            .unwrap()
            .is_empty()
    );
}

#[actix_web::test]
async fn another_companys_things_do_not_exist() {
    let house = House::open().await;
    let (mine, tenant) = house.company("uno@norte.cl").await;
    let line = house.api_line(&mine, tenant).await;
    let talk = house.said(tenant, line, "1", "secreto").await;
    let (other, _) = house.company("dos@sur.cl").await;
    for path in [
        format!("/channels/{line}"),
        format!("/channels/{line}/disconnect"),
        format!("/conversations/{talk}"),
        format!("/conversations/{talk}/live"),
        format!("/rules/{line}"),
        format!("/files/{line}"),
        "/no/such/page".to_owned(),
    ] {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
    }
    for path in [
        format!("/channels/{line}"),
        format!("/channels/{line}/disconnect"),
        format!("/conversations/{talk}/hand-off"),
    ] {
        let seen = other.fill("/", &path, &[("name", "x")]).await;
        assert_eq!(seen.status, 404, "{path}");
    }
    assert!(!other.get("/conversations").await.body.contains("secreto"));
}

#[actix_web::test]
async fn nobody_sees_anything_without_logging_in() {
    let house = House::open().await;
    let browser = house.browser();
    for path in [
        "/",
        "/channels",
        "/desk",
        "/rules",
        "/settings",
        "/conversations",
    ] {
        let seen = browser.get(path).await;
        assert_eq!(seen.status, 303, "{path}");
        assert!(seen.location().starts_with("/login?next="), "{path}");
    }
}

#[actix_web::test]
async fn every_page_carries_its_guards_and_errors_tell_nothing() {
    let house = House::open().await;
    let browser = house.browser();
    for path in ["/login", "/nada", "/history/nada", "/healthz"] {
        let seen = browser.get(path).await;
        assert!(
            seen.header("content-security-policy")
                .contains("default-src 'self'"),
            "{path}"
        );
        assert_eq!(seen.header("x-content-type-options"), "nosniff", "{path}");
    }
    let missing = browser
        .get_with("/nada", &[("accept-language", "en")])
        .await;
    assert_eq!(missing.status, 404);
    assert!(
        missing.body.contains("lang=\"en\""),
        "in the visitor's language"
    );
}

#[actix_web::test]
async fn health_readiness_and_figures_are_told() {
    let house = House::open().await;
    let browser = house.browser();
    assert_eq!(browser.get("/healthz").await.status, 200);
    let ready = browser.get("/readyz").await;
    assert_eq!(ready.status, 200);
    assert!(ready.body.contains("database ok") && ready.body.contains("queue ok"));
    assert!(browser.get("/metrics").await.body.contains("relevo_up 1"));
}

#[actix_web::test]
async fn static_files_are_kept_by_their_hash() {
    let house = House::open().await;
    let browser = house.browser();
    let css = browser
        .get("/login")
        .await
        .after("rel=\"stylesheet\" href=\"")
        .to_owned();
    let seen = browser.get(&css).await;
    assert!(seen.header("cache-control").contains("immutable"));
    let again = browser
        .get_with(&css, &[("if-none-match", seen.header("etag"))])
        .await;
    assert_eq!(again.status, 304);
    assert_eq!(browser.get("/static/../Cargo.toml").await.status, 404);
}

#[actix_web::test]
async fn words_of_a_contact_are_escaped_wherever_they_are_shown() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = house
        .said(tenant, line, "1", "<script>alert(1)</script>")
        .await;
    for path in [
        "/conversations".to_owned(),
        format!("/conversations/{id}"),
        "/".to_owned(),
    ] {
        assert!(
            !browser.get(&path).await.body.contains("<script>alert"),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_language_and_a_theme_stay_chosen() {
    let house = House::open().await;
    let browser = house.browser();
    browser
        .fill(
            "/login",
            "/preferences",
            &[("set", "lang:pt"), ("back", "/login")],
        )
        .await;
    let dark = browser
        .fill(
            "/login",
            "/preferences",
            &[("set", "theme:dark"), ("back", "//evil.test")],
        )
        .await;
    assert_eq!(dark.location(), "/", "never to a stranger's site");
    let seen = browser.get("/login").await;
    assert!(seen.body.contains("lang=\"pt\" data-theme=\"dark\""));
}

#[actix_web::test]
async fn an_open_page_hears_of_new_messages() {
    use std::io::{Read, Write};
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = house.said(tenant, line, "1", "primero").await;
    let address = house.base.trim_start_matches("http://").to_owned();
    let cookie = browser.cookie("relevo").unwrap();
    let heard = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let sink = heard.clone();
    std::thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let request = format!(
            "GET /conversations/{id}/live?after=1 HTTP/1.1\r\nhost: {address}\r\ncookie: relevo={cookie}\r\naccept: text/event-stream\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut buffer = [0_u8; 4096];
        while let Ok(n) = stream.read(&mut buffer) {
            if n == 0 {
                break;
            }
            let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
            sink.lock().unwrap().push_str(&text);
        }
    });
    let has = |word: &'static str| {
        let heard = heard.clone();
        move || {
            let found = heard.lock().unwrap().contains(word);
            async move { found.then_some(()) }
        }
    };
    eventually(PATIENCE, has("event-stream")).await;
    house.said(tenant, line, "2", "segundo").await;
    eventually(PATIENCE, has("segundo")).await;
    assert!(
        !heard.lock().unwrap().contains("primero"),
        "only what is new"
    );
}
