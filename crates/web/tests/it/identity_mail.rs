//! Signing up and forgetting a password where mails are sent: what is told, to whom, and what the
//! links are good for.

use crate::browser::{Browser, Seen};
use crate::house::House;
use ::web::mail::MailMode;
use domain::ports::Mail;
use std::time::Duration;

const PASSWORD: &str = "una clave larga";

/// The path of the link in a mail. It begins with our own public address, whatever was asked.
pub fn link(house: &House, mail: &Mail) -> String {
    let found = mail.text.lines().find(|l| l.starts_with("http")).unwrap();
    let path = found.strip_prefix(&house.base);
    let path = path.unwrap_or_else(|| panic!("a foreign address: {found}"));
    assert!(mail.html.contains(found), "the same link in both forms");
    path.to_owned()
}

/// Opens a link and presses its button.
pub async fn press(browser: &Browser, path: &str, action: &str, more: &[(&str, &str)]) -> Seen {
    let token = path.rsplit('/').next().unwrap().to_owned();
    let mut fields = vec![("token", token.as_str())];
    fields.extend_from_slice(more);
    browser.fill(path, action, &fields).await
}

pub async fn sign_up(browser: &Browser, email: &str) -> Seen {
    let form = [
        ("company", "Café Norte"),
        ("name", "Camila Rojas"),
        ("email", email),
        ("password", PASSWORD),
        ("time_zone", "America/Santiago"),
    ];
    browser.fill("/signup", "/signup", &form).await
}

/// A company whose owner proved the address, in the owner's browser.
pub async fn proven(house: &House, email: &str) -> Browser {
    let browser = house.browser();
    sign_up(&browser, email).await;
    let mails = house.mails().await;
    let path = link(house, &mails[0]);
    let seen = press(&browser, &path, "/confirm", &[]).await;
    assert_eq!((seen.status, seen.location()), (303, "/"), "{}", seen.body);
    browser
}

/// A page without what differs at every visit.
fn bare(seen: &Seen, email: &str) -> String {
    let token = seen.after("name=\"csrf\" value=\"").to_owned();
    seen.body.replace(&token, "").replace(email, "")
}

#[actix_web::test]
async fn an_address_is_proven_by_a_button_behind_the_link_and_only_once() {
    let house = House::with(MailMode::Send, 0).await;
    let browser = house.browser();
    let seen = sign_up(&browser, "camila@norte.cl").await;
    assert_eq!(seen.status, 200);
    assert!(seen.body.contains("camila@norte.cl"), "{}", seen.body);
    assert_eq!(browser.get("/").await.status, 303, "nobody is in yet");
    let mails = house.mails().await;
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "camila@norte.cl"));
    assert_eq!(mails[0].subject, "Confirma tu correo en Relevo");
    let words = format!("{}{}", mails[0].text, mails[0].html);
    assert!(
        !words.contains("Camila") && !words.contains("Norte"),
        "a stranger's words"
    );
    let path = link(&house, &mails[0]);
    // A scanner of mails opens the link too.
    let opened = house.browser().get(&path).await;
    assert_eq!(
        (opened.status, opened.header("referrer-policy")),
        (200, "no-referrer")
    );
    let done = press(&browser, &path, "/confirm", &[]).await;
    assert_eq!((done.status, done.location()), (303, "/"), "{}", done.body);
    assert!(browser.get("/").await.body.contains("Hola, Camila"));
    assert_eq!(browser.get(&path).await.status, 410);
}

#[actix_web::test]
async fn whoever_has_the_link_alone_does_not_get_in() {
    let house = House::with(MailMode::Send, 0).await;
    sign_up(&house.browser(), "camila@norte.cl").await;
    let mails = house.mails().await;
    let other = house.browser();
    let done = press(&other, &link(&house, &mails[0]), "/confirm", &[]).await;
    assert_eq!(done.location(), "/login");
    assert_eq!(other.get("/").await.status, 303);
    let form = [("email", "camila@norte.cl"), ("password", PASSWORD)];
    assert_eq!(other.fill("/login", "/login", &form).await.location(), "/");
}

#[actix_web::test]
async fn an_unproven_owner_is_asked_to_look_into_the_mail_and_gets_another() {
    let house = House::with(MailMode::Send, 0).await;
    sign_up(&house.browser(), "camila@norte.cl").await;
    let first = link(&house, &house.mails().await[0]);
    let browser = house.browser();
    let form = [("email", "camila@norte.cl"), ("password", PASSWORD)];
    let seen = browser.fill("/login", "/login", &form).await;
    assert_eq!(seen.status, 200);
    assert!(
        seen.body.contains("action=\"/signup/again\""),
        "{}",
        seen.body
    );
    assert_eq!(browser.get("/").await.status, 303);
    let again = [("email", "camila@norte.cl")];
    browser.fill("/login", "/signup/again", &again).await;
    let second = link(&house, &house.mails().await[0]);
    assert_eq!(
        browser.get(&first).await.status,
        410,
        "the earlier link has ended"
    );
    assert_eq!(browser.get(&second).await.status, 200);
    house.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(browser.get(&second).await.status, 410);
}

#[actix_web::test]
async fn signing_up_does_not_tell_whether_an_address_has_an_account() {
    let house = House::with(MailMode::Send, 0).await;
    proven(&house, "camila@norte.cl").await;
    let mut bodies = Vec::new();
    for email in ["camila@norte.cl", "nadie@norte.cl"] {
        let seen = sign_up(&house.browser(), email).await;
        assert_eq!(seen.status, 200);
        bodies.push(bare(&seen, email));
    }
    assert_eq!(bodies[0], bodies[1]);
    let mails = house.mails().await;
    let to = |email: &str| mails.iter().find(|m| m.to == email).unwrap();
    assert_eq!(
        to("camila@norte.cl").subject,
        "Ya tienes una cuenta en Relevo"
    );
    assert_eq!(link(&house, to("camila@norte.cl")), "/login");
    assert!(link(&house, to("nadie@norte.cl")).starts_with("/confirm/"));
    let form = [("email", "camila@norte.cl"), ("password", PASSWORD)];
    let seen = house.browser().fill("/login", "/login", &form).await;
    assert_eq!(seen.location(), "/", "the owner's account is as it was");
}

#[actix_web::test]
async fn asking_for_a_password_does_not_tell_whether_an_address_has_an_account() {
    let house = House::with(MailMode::Send, 0).await;
    proven(&house, "camila@norte.cl").await;
    let mut answers = Vec::new();
    for email in ["camila@norte.cl", "nadie@norte.cl"] {
        let browser = house.browser();
        let begun = std::time::Instant::now();
        let seen = browser
            .fill("/forgot", "/forgot", &[("email", email)])
            .await;
        assert_eq!(seen.status, 200);
        assert!(
            begun.elapsed() >= Duration::from_millis(300),
            "{email} was quick"
        );
        answers.push(bare(&seen, email));
    }
    assert_eq!(answers[0], answers[1]);
    let mails = house.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "camila@norte.cl");
}

#[actix_web::test]
async fn a_reset_works_once_ends_every_login_and_lets_nobody_in_by_itself() {
    let house = House::with(MailMode::Send, 0).await;
    let before = proven(&house, "camila@norte.cl").await;
    let browser = house.browser();
    let asked = [("email", "camila@norte.cl")];
    browser.fill("/forgot", "/forgot", &asked).await;
    let path = link(&house, &house.mails().await[0]);
    let short = press(&browser, &path, "/reset", &[("password", "corta")]).await;
    assert_eq!(short.status, 422, "and the link is still good");
    let new = [("password", "otra clave larga")];
    let done = press(&browser, &path, "/reset", &new).await;
    assert_eq!((done.status, done.location()), (303, "/login"));
    assert_eq!(
        browser.get("/").await.status,
        303,
        "the link logs nobody in"
    );
    assert_eq!(before.get("/").await.status, 303, "the old login has ended");
    let token = path.rsplit('/').next().unwrap();
    let again = [("token", token), ("password", "tercera clave larga")];
    assert_eq!(browser.fill("/forgot", "/reset", &again).await.status, 410);
    let old = [("email", "camila@norte.cl"), ("password", PASSWORD)];
    assert_eq!(browser.fill("/login", "/login", &old).await.status, 422);
    let new = [
        ("email", "camila@norte.cl"),
        ("password", "otra clave larga"),
    ];
    assert_eq!(browser.fill("/login", "/login", &new).await.location(), "/");
    let told = house.mails().await;
    assert_eq!(told[0].subject, "Cambiaste tu contraseña de Relevo");
}

#[actix_web::test]
async fn a_link_never_points_where_the_request_says_we_are() {
    let house = House::with(MailMode::Send, 1).await;
    proven(&house, "camila@norte.cl").await;
    let browser = house.browser();
    let token = browser
        .get("/forgot")
        .await
        .after("name=\"csrf\" value=\"")
        .to_owned();
    let fields = [("csrf", token.as_str()), ("email", "camila@norte.cl")];
    let poison = [
        ("host", "evil.test"),
        ("x-forwarded-host", "evil.test"),
        ("forwarded", "host=evil.test"),
        ("sec-fetch-site", "same-origin"),
    ];
    let seen = browser.send("/forgot", &fields, &poison).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    let mails = house.mails().await;
    assert!(link(&house, &mails[0]).starts_with("/reset/"));
    assert!(!mails[0].text.contains("evil.test"));
}

#[actix_web::test]
async fn mails_speak_the_language_of_their_reader() {
    let house = House::with(MailMode::Send, 0).await;
    let browser = house.browser();
    browser.plant("relevo_lang", "pt");
    sign_up(&browser, "ana@sul.br").await;
    let mails = house.mails().await;
    assert_eq!(mails[0].subject, "Confirme seu e-mail no Relevo");
    let other = house.browser();
    other
        .fill("/forgot", "/forgot", &[("email", "ana@sul.br")])
        .await;
    let mails = house.mails().await;
    assert_eq!(mails[0].subject, "Escolha uma senha nova para o Relevo");
}

#[actix_web::test]
async fn the_outbox_is_the_demos_alone() {
    let house = House::with(MailMode::Keep, 0).await;
    sign_up(&house.browser(), "camila@norte.cl").await;
    let shown = house.browser().get("/outbox").await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("href=\"/confirm/"), "{}", shown.body);
    assert!(house.mails().await.is_empty(), "nobody sends them");
    for mode in [MailMode::Send, MailMode::Off] {
        let house = House::with(mode, 0).await;
        assert_eq!(house.browser().get("/outbox").await.status, 404, "{mode:?}");
    }
}

#[actix_web::test]
async fn without_a_mail_server_a_company_is_in_at_once_and_nothing_is_posted() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    assert_eq!(browser.get("/").await.status, 200);
    let forgot = house.browser().get("/forgot").await;
    assert!(forgot.body.contains("no envía correos"), "{}", forgot.body);
    assert!(house.mails().await.is_empty());
}
