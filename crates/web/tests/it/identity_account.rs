//! A member's own account: name, address, password, and where they are logged in.

use crate::browser::Browser;
use crate::house::House;
use crate::identity_mail::{link, press, proven};
use ::web::mail::MailMode;

const PASSWORD: &str = "una clave larga";

async fn log_in(house: &House, email: &str, password: &str) -> Browser {
    let browser = house.browser();
    let form = [("email", email), ("password", password)];
    let seen = browser.fill("/login", "/login", &form).await;
    assert_eq!(seen.location(), "/", "{}", seen.body);
    browser
}

#[actix_web::test]
async fn a_new_password_ends_every_other_login_and_keeps_this_one() {
    let house = House::with(MailMode::Send, 0).await;
    let here = proven(&house, "camila@norte.cl").await;
    let there = log_in(&house, "camila@norte.cl", PASSWORD).await;
    let page = "/account/security";
    let wrong = [
        ("old_password", "no es esta"),
        ("new_password", "otra clave larga"),
    ];
    let seen = here.fill(page, "/account/password", &wrong).await;
    assert_eq!(seen.status, 422);
    assert!(
        seen.body.contains("id=\"old_password-error\""),
        "{}",
        seen.body
    );
    let right = [
        ("old_password", PASSWORD),
        ("new_password", "otra clave larga"),
    ];
    let seen = here.fill(page, "/account/password", &right).await;
    assert_eq!((seen.status, seen.location()), (303, page));
    assert_eq!(here.get("/").await.status, 200);
    assert_eq!(there.get("/").await.status, 303);
    log_in(&house, "camila@norte.cl", "otra clave larga").await;
}

#[actix_web::test]
async fn logins_are_listed_and_ended_from_afar_one_by_one_or_all_at_once() {
    let house = House::open().await;
    let (here, _) = house.company("camila@norte.cl").await;
    let there = log_in(&house, "camila@norte.cl", PASSWORD).await;
    let list = here.get("/account/logins").await;
    assert!(list.body.contains("127.0.0.1"), "{}", list.body);
    let (stranger, _) = house.company("otra@sur.cl").await;
    let one = list
        .body
        .match_indices("/account/logins/")
        .map(|(at, _)| at);
    let ids: Vec<String> = one
        .filter_map(|at| list.body.get(at + 16..at + 52))
        .filter(|id| id.matches('-').count() == 4)
        .map(str::to_owned)
        .collect();
    assert_eq!(ids.len(), 1, "this browser is not offered");
    let path = format!("/account/logins/{}/end", ids[0]);
    assert_eq!(
        stranger.fill("/account/logins", &path, &[]).await.status,
        404
    );
    assert_eq!(there.get("/").await.status, 200);
    here.fill("/account/logins", &path, &[]).await;
    assert_eq!(there.get("/").await.status, 303);
    assert_eq!(here.get("/").await.status, 200);

    let third = log_in(&house, "camila@norte.cl", PASSWORD).await;
    let everywhere = [("which", "all")];
    let seen = third
        .fill("/account/logins", "/account/logins/end", &everywhere)
        .await;
    assert_eq!(seen.location(), "/login");
    assert_eq!(third.get("/").await.status, 303);
    assert_eq!(here.get("/").await.status, 303);
    assert_eq!(stranger.get("/").await.status, 200, "nobody else's");
}

#[actix_web::test]
async fn another_address_counts_when_its_owner_says_so() {
    let house = House::with(MailMode::Send, 0).await;
    let browser = proven(&house, "camila@norte.cl").await;
    let wrong = [("new_email", "nueva@norte.cl"), ("email_password", "mala")];
    assert_eq!(
        browser
            .fill("/account", "/account/email", &wrong)
            .await
            .status,
        422
    );
    let right = [
        ("new_email", "nueva@norte.cl"),
        ("email_password", PASSWORD),
    ];
    let seen = browser.fill("/account", "/account/email", &right).await;
    assert_eq!(seen.status, 303, "{}", seen.body);
    let mails = house.mails().await;
    assert_eq!(mails[0].to, "nueva@norte.cl");
    let form = [("email", "nueva@norte.cl"), ("password", PASSWORD)];
    let early = house.browser().fill("/login", "/login", &form).await;
    assert_eq!(early.status, 422, "not before the link is used");
    let done = press(&browser, &link(&house, &mails[0]), "/confirm-email", &[]).await;
    assert_eq!(done.status, 303);
    log_in(&house, "nueva@norte.cl", PASSWORD).await;
    let told = house.mails().await;
    assert_eq!(told[0].to, "camila@norte.cl", "the old address hears of it");
}

#[actix_web::test]
async fn an_address_that_is_somebodys_is_not_told_and_not_taken() {
    let house = House::with(MailMode::Send, 0).await;
    proven(&house, "beto@sur.cl").await;
    let browser = proven(&house, "camila@norte.cl").await;
    let form = [("new_email", "beto@sur.cl"), ("email_password", PASSWORD)];
    let seen = browser.fill("/account", "/account/email", &form).await;
    assert_eq!(seen.status, 303, "the answer is the same");
    let mails = house.mails().await;
    assert_eq!(
        link(&house, &mails[0]),
        "/login",
        "no link that moves anything"
    );
}

#[actix_web::test]
async fn name_and_language_are_the_members_own_in_every_browser() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let form = [("name", "Camila Soto"), ("language", "en")];
    let seen = browser.fill("/account", "/account", &form).await;
    assert_eq!(seen.status, 303);
    assert!(browser.get("/account").await.body.contains("My account"));
    let other = log_in(&house, "camila@norte.cl", PASSWORD).await;
    let page = other
        .get_with("/account", &[("accept-language", "es")])
        .await;
    assert!(page.body.contains("My account") && page.body.contains("Camila Soto"));
    let empty = [("name", " "), ("language", "en")];
    assert_eq!(other.fill("/account", "/account", &empty).await.status, 422);
}

#[actix_web::test]
async fn the_address_of_a_refused_form_can_be_opened_again() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    for (path, page) in [
        ("/account/email", "/account"),
        ("/account/password", "/account/security"),
        ("/account/second-factor/on", "/account/second-factor"),
        ("/signup/again", "/signup"),
        ("/confirm", "/login"),
        ("/confirm-email", "/account"),
        ("/reset", "/forgot"),
    ] {
        let seen = browser.get(path).await;
        assert_eq!((seen.status, seen.location()), (303, page), "{path}");
    }
}
