//! Logging in: planted keys, stolen keys, guessing.

use crate::house::House;
use ::web::mail::MailMode;
use ::web::security::throttle::{Door, Throttle};

const PASSWORD: &str = "una clave larga";

#[actix_web::test]
async fn a_session_planted_before_the_login_is_worth_nothing_after_it() {
    let house = House::open().await;
    house.company("camila@norte.cl").await;
    let attacker = house.browser();
    attacker.get("/login").await;
    let planted = attacker.cookie("relevo").unwrap();
    let victim = house.browser();
    victim.plant("relevo", &planted);
    let form = [("email", "camila@norte.cl"), ("password", PASSWORD)];
    assert_eq!(victim.fill("/login", "/login", &form).await.location(), "/");
    assert_ne!(victim.cookie("relevo").unwrap(), planted);
    assert_eq!(victim.get("/").await.status, 200);
    assert_eq!(attacker.get("/").await.status, 303);
}

#[actix_web::test]
async fn a_stolen_session_is_worth_nothing_after_logging_out() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let thief = house.browser();
    thief.plant("relevo", &browser.cookie("relevo").unwrap());
    assert_eq!(thief.get("/").await.status, 200);
    browser.fill("/", "/logout", &[]).await;
    assert_eq!(thief.get("/").await.status, 303);
}

#[actix_web::test]
async fn guessing_at_one_account_from_many_places_is_slowed_down_in_every_process() {
    let house = House::with(MailMode::Off, 1).await;
    house.company("camila@norte.cl").await;
    let mut last = 0;
    for n in 0..6 {
        let browser = house.browser();
        let token = browser
            .get("/login")
            .await
            .after("name=\"csrf\" value=\"")
            .to_owned();
        let fields = [
            ("csrf", token.as_str()),
            ("email", "Camila@norte.cl"),
            ("password", "mala"),
        ];
        let from = format!("203.0.113.{n}");
        let headers = [("x-forwarded-for", from.as_str())];
        last = browser.send("/login", &fields, &headers).await.status;
    }
    assert_eq!(last, 429);
    // Another process counts on the same table.
    let other = Throttle::new(house.store.clone());
    let may = |account: &'static str| {
        let other = other.clone();
        async move {
            other
                .may(Door::LogIn, "198.51.100.1", account)
                .await
                .unwrap()
        }
    };
    assert!(!may("camila@norte.cl").await);
    assert!(may("otra@norte.cl").await, "nobody else has to wait");
}

#[actix_web::test]
async fn guessing_at_many_accounts_from_one_place_is_slowed_down_whatever_it_says_it_is() {
    let house = House::open().await;
    let browser = house.browser();
    let token = browser
        .get("/login")
        .await
        .after("name=\"csrf\" value=\"")
        .to_owned();
    let mut last = 0;
    for n in 0..31 {
        let email = format!("nadie{n}@norte.cl");
        let fields = [
            ("csrf", token.as_str()),
            ("email", email.as_str()),
            ("password", "mala"),
        ];
        // Without a proxy of ours in front this header is a mere claim.
        let from = format!("203.0.113.{n}");
        let headers = [("x-forwarded-for", from.as_str())];
        last = browser.send("/login", &fields, &headers).await.status;
    }
    assert_eq!(last, 429);
}

#[actix_web::test]
async fn whoever_knows_the_password_is_not_slowed_down() {
    let house = House::open().await;
    house.company("camila@norte.cl").await;
    for _ in 0..8 {
        let browser = house.browser();
        let form = [("email", "camila@norte.cl"), ("password", PASSWORD)];
        assert_eq!(
            browser.fill("/login", "/login", &form).await.location(),
            "/"
        );
    }
}

#[actix_web::test]
async fn asking_for_mails_and_signing_up_are_slowed_down_alike_for_everybody() {
    let house = House::with(MailMode::Send, 0).await;
    for email in ["camila@norte.cl", "nadie@norte.cl"] {
        let mut last = 0;
        for _ in 0..6 {
            let browser = house.browser();
            let form = [("email", email)];
            last = browser.fill("/forgot", "/forgot", &form).await.status;
        }
        assert_eq!(last, 429, "{email}");
        for _ in 0..6 {
            last = crate::identity_mail::sign_up(&house.browser(), email)
                .await
                .status;
        }
        assert_eq!(last, 429, "{email}");
    }
}
