//! The second factor over real HTTP: enrolment, codes that are good once, recovery, turning off.

use crate::browser::{Browser, Seen};
use crate::house::House;
use adapters::second_factor::code_at;
use adapters::store::factor_context;
use domain::ports::Clock;
use domain::tenant::Member;
use std::time::Duration;

const EMAIL: &str = "camila@norte.cl";
const PASSWORD: &str = "una clave larga";
const STEP: Duration = Duration::from_secs(30);

struct Enrolled {
    house: House,
    browser: Browser,
    secret: Vec<u8>,
    codes: Vec<String>,
}

impl Enrolled {
    fn code(&self) -> String {
        code_at(&self.secret, self.house.clock.now()).unwrap()
    }
}

async fn secret(house: &House, member: &Member) -> Vec<u8> {
    let offered = house.store.factor(member).await.unwrap().offered.unwrap();
    house
        .vault
        .open(factor_context(member), &offered)
        .await
        .unwrap()
}

async fn enrolled() -> Enrolled {
    let house = House::open().await;
    let (browser, _) = house.company(EMAIL).await;
    let (member, _) = house.store.member_by_email(EMAIL).await.unwrap().unwrap();
    browser
        .fill("/account/security", "/account/second-factor", &[])
        .await;
    let page = browser.get("/account/second-factor").await;
    assert!(page.body.contains("<svg xmlns"), "a picture: {}", page.body);
    let secret = secret(&house, &member).await;
    let code = code_at(&secret, house.clock.now()).unwrap();
    let on = "/account/second-factor/on";
    for wrong in [
        [("code", "000000"), ("factor_password", PASSWORD)],
        [("code", &code), ("factor_password", "mala")],
    ] {
        let seen = browser.fill("/account/second-factor", on, &wrong).await;
        assert_eq!(seen.status, 422);
    }
    let form = [("code", code.as_str()), ("factor_password", PASSWORD)];
    let shown = browser.fill("/account/second-factor", on, &form).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let codes: Vec<String> = shown
        .body
        .split("<li>")
        .filter_map(|part| part.get(..19))
        .filter(|code| code.matches('-').count() == 3 && !code.contains('<'))
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 10, "{}", shown.body);
    Enrolled {
        house,
        browser,
        secret,
        codes,
    }
}

/// The first step; leads to the second.
async fn halfway(house: &House) -> Browser {
    let browser = house.browser();
    let form = [("email", EMAIL), ("password", PASSWORD), ("next", "/rules")];
    let seen = browser.fill("/login", "/login", &form).await;
    assert_eq!((seen.status, seen.location()), (303, "/login/code"));
    assert_eq!(
        browser.get("/").await.status,
        303,
        "the password alone is not enough"
    );
    browser
}

async fn give(browser: &Browser, code: &str) -> Seen {
    let form = [("code", code)];
    browser.fill("/login/code", "/login/code", &form).await
}

#[actix_web::test]
async fn a_code_lets_in_once() {
    let e = enrolled().await;
    let first = halfway(&e.house).await;
    let seen = give(&first, &e.code()).await;
    assert_eq!(seen.status, 422, "the code that turned it on is used up");
    e.house.clock.advance(STEP);
    let key = first.cookie("relevo").unwrap();
    let seen = give(&first, &e.code()).await;
    assert_eq!((seen.status, seen.location()), (303, "/rules"));
    assert_ne!(
        first.cookie("relevo").unwrap(),
        key,
        "a new key at the second step too"
    );
    assert_eq!(first.get("/").await.status, 200);
    let second = halfway(&e.house).await;
    assert_eq!(
        give(&second, &e.code()).await.status,
        422,
        "seen over a shoulder"
    );
    e.house.clock.advance(STEP);
    assert_eq!(give(&second, &e.code()).await.status, 303);
}

#[actix_web::test]
async fn a_recovery_code_lets_in_once_however_it_is_typed() {
    let e = enrolled().await;
    let typed = e.codes[3].to_uppercase().replace('-', " ");
    let first = halfway(&e.house).await;
    assert_eq!(give(&first, &typed).await.status, 303);
    let home = first.get("/account/security").await;
    assert!(home.body.contains("Te quedan 9"), "{}", home.body);
    let second = halfway(&e.house).await;
    assert_eq!(give(&second, &e.codes[3]).await.status, 422);
    assert_eq!(give(&second, &e.codes[4]).await.status, 303);
}

#[actix_web::test]
async fn guessing_codes_is_slowed_down_and_the_second_step_does_not_wait_for_ever() {
    let e = enrolled().await;
    let browser = halfway(&e.house).await;
    let mut last = 0;
    for _ in 0..6 {
        last = give(&browser, "123456").await.status;
    }
    assert_eq!(last, 429);
    e.house.clock.advance(Duration::from_secs(600));
    let seen = browser.get("/login/code").await;
    assert_eq!((seen.status, seen.location()), (303, "/login"));
}

#[actix_web::test]
async fn turning_it_off_and_making_new_codes_needs_the_password() {
    let e = enrolled().await;
    let page = "/account/security";
    let (off, renew) = ("/account/second-factor/off", "/account/second-factor/codes");
    let wrong = [("off_password", "mala"), ("codes_password", "mala")];
    assert_eq!(e.browser.fill(page, off, &wrong).await.status, 422);
    assert_eq!(e.browser.fill(page, renew, &wrong).await.status, 422);
    let right = [("codes_password", PASSWORD)];
    assert_eq!(e.browser.fill(page, renew, &right).await.status, 200);
    let old = halfway(&e.house).await;
    assert_eq!(
        give(&old, &e.codes[0]).await.status,
        422,
        "the earlier codes have ended"
    );
    let right = [("off_password", PASSWORD)];
    assert_eq!(e.browser.fill(page, off, &right).await.status, 303);
    let browser = e.house.browser();
    let form = [("email", EMAIL), ("password", PASSWORD)];
    assert_eq!(
        browser.fill("/login", "/login", &form).await.location(),
        "/"
    );
}

#[actix_web::test]
async fn nobody_reaches_the_second_step_without_the_first() {
    let e = enrolled().await;
    let browser = e.house.browser();
    assert_eq!(browser.get("/login/code").await.location(), "/login");
    e.house.clock.advance(STEP);
    let code = e.code();
    let seen = browser
        .fill("/login", "/login/code", &[("code", &code)])
        .await;
    assert_eq!(seen.location(), "/login");
}
