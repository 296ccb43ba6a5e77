//! The diagnosis of a connection, over real HTTP.

use crate::browser::Browser;
use crate::house::House;

const TOKEN: &str = "1:good0000000000000000000000000000000";

async fn telegram(browser: &Browser) -> String {
    let new = "/channels/new/telegram";
    let seen = browser
        .fill(new, new, &[("token", TOKEN), ("name", "Ventas")])
        .await;
    assert_eq!(seen.status, 303, "{}", seen.body);
    seen.location().to_owned()
}

#[actix_web::test]
async fn a_channels_diagnosis_runs_when_asked_and_is_kept() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let page = format!("{}/doctor", telegram(&browser).await);
    let fresh = browser.get(&page).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    assert!(
        fresh.body.contains("Todavía no se ha comprobado"),
        "{}",
        fresh.body
    );
    let run = browser.fill(&page, &page, &[]).await;
    assert_eq!(
        (run.status, run.location()),
        (303, page.as_str()),
        "{}",
        run.body
    );
    let seen = browser.get(&page).await;
    for words in [
        "La clave es válida",
        "Los mensajes llegan a Relevo",
        "Última vez:",
    ] {
        assert!(seen.body.contains(words), "{words}: {}", seen.body);
    }
    assert!(!seen.body.contains("good000"), "the token is not shown");
}

#[actix_web::test]
async fn a_foreign_webhook_is_shown_without_what_is_secret_in_it() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let page = format!("{}/doctor", telegram(&browser).await);
    let foreign = "https://bot.norte.cl/<script>alert(1)</script>?key=secreto";
    *house.webhook.lock().unwrap() = foreign.to_owned();
    browser.fill(&page, &page, &[]).await;
    let seen = browser.get(&page).await;
    assert!(
        seen.body.contains("Llegan a otra dirección"),
        "{}",
        seen.body
    );
    assert!(!seen.body.contains("secreto"), "{}", seen.body);
    assert!(!seen.body.contains("<script>alert"), "{}", seen.body);
    assert_eq!(
        *house.webhook.lock().unwrap(),
        foreign,
        "nothing was replaced"
    );
}

#[actix_web::test]
async fn the_desks_diagnosis_says_what_failed_and_what_to_do() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let page = "/desk/doctor";
    assert_eq!(
        browser.get(page).await.location(),
        "/desk",
        "nothing to examine yet"
    );
    let form = [
        ("base_url", "https://93.184.215.14/"),
        ("organization_id", "7"),
        ("agent_user_id", "12"),
        ("consumer_key", "clave-de-consumo"),
        ("consumer_token", "token-de-consumo"),
        ("agent_key", "mala"),
        ("subscribe_key", "sub-c-1"),
    ];
    browser.fill("/desk", "/desk", &form).await;
    browser.fill(page, page, &[]).await;
    let seen = browser.get(page).await;
    assert!(seen.body.contains("401 Unauthorized"), "{}", seen.body);
    assert!(
        seen.body.contains("Revisa la clave del usuario"),
        "{}",
        seen.body
    );
    assert!(seen.body.contains("Suscripción"), "{}", seen.body);
    for secret in ["clave-de-consumo", "token-de-consumo", "sub-c-1"] {
        assert!(!seen.body.contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn another_companys_channel_has_no_diagnosis() {
    let house = House::open().await;
    let (one, _) = house.company("uno@norte.cl").await;
    let page = format!("{}/doctor", telegram(&one).await);
    let (two, _) = house.company("dos@norte.cl").await;
    assert_eq!(two.get(&page).await.status, 404);
    assert_eq!(two.fill("/", &page, &[]).await.status, 404);
}
