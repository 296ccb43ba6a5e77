//! Two admins over the same settings.

use crate::browser::Browser;
use crate::house::House;
use crate::pages_team::{invite, join};

const TEXTS: [(&str, &str); 10] = [
    ("op", "save"),
    ("language", "es"),
    ("no_agent_minutes", "9"),
    ("agent_silent_minutes", "0"),
    ("user_silent_minutes", "0"),
    ("cooldown_minutes", "0"),
    ("bot_down_after_minutes", "2"),
    ("desk_down_after_minutes", "10"),
    ("transcript_messages", "50"),
    ("client_email", "{channel}-{contact}@x.cl"),
];

const HOURS: [(&str, &str); 4] = [
    ("op", "save"),
    ("time_zone", "America/Santiago"),
    ("mon.from1", "09:00"),
    ("mon.to1", "18:00"),
];

/// The mark of what a form was opened on.
async fn opened(browser: &Browser, page: &str) -> String {
    let seen = browser.get(page).await;
    let mark = seen.after("name=\"mark\" value=\"").to_owned();
    assert!(!mark.is_empty(), "{page} has a mark");
    mark
}

fn with<'a>(form: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    form.iter().chain(more).copied().collect()
}

#[actix_web::test]
async fn texts_that_somebody_else_saved_meanwhile_are_told_and_nothing_typed_is_lost() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let link = invite(&house, &owner, "beto@norte.cl", "admin").await;
    let beto = join(&house, &link, "Beto Soto").await;
    let page = "/settings";
    let mark = opened(&owner, page).await;
    let theirs = opened(&beto, page).await;
    assert_eq!(mark, theirs);
    let saved = with(
        &TEXTS,
        &[("mark", &theirs), ("requested", "Ya te atienden")],
    );
    assert_eq!(beto.fill(page, page, &saved).await.status, 303);

    let mine = [
        ("mark", mark.as_str()),
        ("requested", "Un momento <b>"),
        ("error", "Ups"),
    ];
    let seen = owner.fill(page, page, &with(&TEXTS, &mine)).await;
    assert_eq!(seen.status, 409, "{}", seen.body);
    assert!(
        seen.body.contains("Beto Soto cambió estos ajustes"),
        "{}",
        seen.body
    );
    assert!(
        seen.body.contains("Ya te atienden"),
        "what is stored is shown"
    );
    assert!(
        seen.body.contains("Un momento &#60;b&#62;</textarea>"),
        "what was typed is kept"
    );
    let store = house.store.tenant(tenant);
    let stored = store.tenant().await.unwrap().settings.policy.texts;
    assert_eq!(stored.requested, "Ya te atienden", "and not saved yet");

    // Having read it, the owner saves over it.
    let mark = seen.after("name=\"mark\" value=\"").to_owned();
    let again = with(
        &TEXTS,
        &[("mark", mark.as_str()), ("requested", "Un momento")],
    );
    assert_eq!(owner.fill(page, page, &again).await.status, 303);
    let stored = store.tenant().await.unwrap().settings.policy.texts;
    assert_eq!(stored.requested, "Un momento");

    // Whoever saved the very same thing is in nobody's way.
    let late = with(&TEXTS, &[("mark", &theirs), ("requested", "Un momento")]);
    assert_eq!(beto.fill(page, page, &late).await.status, 303);
}

#[actix_web::test]
async fn hours_and_texts_do_not_stand_in_each_others_way() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let texts = opened(&owner, "/settings").await;
    let hours = opened(&owner, "/settings/hours").await;
    let form = with(&HOURS, &[("mark", &hours)]);
    let page = "/settings/hours";
    assert_eq!(owner.fill(page, page, &form).await.status, 303);
    let form = with(&TEXTS, &[("mark", &texts), ("requested", "Hola")]);
    assert_eq!(
        owner.fill("/settings", "/settings", &form).await.status,
        303
    );
    let settings = house.store.tenant(tenant).tenant().await.unwrap().settings;
    assert_eq!(settings.policy.texts.requested, "Hola");
    assert_eq!(
        settings.hours.week[0].open,
        [(540, 1080)],
        "the hours stayed"
    );

    let form = with(&HOURS, &[("mark", &hours), ("holidays", "2030-01-02")]);
    let seen = owner.fill(page, page, &form).await;
    assert_eq!(seen.status, 409, "{}", seen.body);
    assert!(seen.body.contains("cambió estos ajustes"), "{}", seen.body);
    assert!(seen.body.contains("2030-01-02"), "what was typed is kept");
}
