//! Rules, texts and hours in the browser, without scripts.

use crate::house::House;
use domain::calendar::Country;
use domain::routing::Rule;

const RULE: [(&str, &str); 7] = [
    ("name", "Pide una persona"),
    ("enabled", "on"),
    ("action", "hand_off"),
    ("c.type", "any"),
    ("c.0.type", "keywords"),
    ("c.0.a", "agente"),
    ("op", "save"),
];

fn with<'a>(
    base: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = base
        .iter()
        .filter(|(n, _)| changes.iter().all(|(c, _)| c != n));
    kept.chain(changes).copied().collect()
}

async fn rules(house: &House, tenant: domain::ids::TenantId) -> Vec<Rule> {
    house
        .store
        .tenant(tenant)
        .rules()
        .book()
        .await
        .unwrap()
        .rules()
}

#[actix_web::test]
async fn who_saves_second_sees_the_conflict_and_keeps_what_was_typed() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    browser.fill("/rules/new", "/rules/new", &RULE).await;
    let page = format!("/rules/{}", rules(&house, tenant).await[0].id);
    let opened = browser.get(&page).await;
    let base = opened.after("name=\"base\" value=\"").to_owned();
    assert_eq!(base, "1");
    let first = with(&RULE, &[("base", "1"), ("c.0.a", "humano")]);
    assert_eq!(browser.fill(&page, &page, &first).await.status, 303);
    let second = with(&RULE, &[("base", "1"), ("name", "Mi nombre nuevo")]);
    let seen = browser.fill(&page, &page, &second).await;
    assert_eq!(seen.status, 409, "{}", seen.body);
    assert!(seen.body.contains("Mi nombre nuevo"), "kept what was typed");
    assert!(seen.body.contains("Camila"), "says who");
    assert_eq!(rules(&house, tenant).await[0].name, "Pide una persona");
    let newer = seen.after("name=\"base\" value=\"").to_owned();
    let over = with(&RULE, &[("base", &newer), ("name", "Mi nombre nuevo")]);
    assert_eq!(browser.fill(&page, &page, &over).await.status, 303);
    assert_eq!(rules(&house, tenant).await[0].name, "Mi nombre nuevo");
    // Somebody else's change of another rule is no conflict.
    let other = with(&RULE, &[("name", "Otra")]);
    browser.fill("/rules/new", "/rules/new", &other).await;
    let mine = with(&RULE, &[("base", &newer), ("name", "Mi nombre nuevo")]);
    assert_eq!(
        browser.fill(&page, &page, &mine).await.status,
        409,
        "its own was changed since"
    );
    // Deleted meanwhile.
    let base = house
        .store
        .tenant(tenant)
        .rules()
        .book()
        .await
        .unwrap()
        .version
        .to_string();
    browser.fill("/rules", &format!("{page}/delete"), &[]).await;
    let late = with(&RULE, &[("base", &base), ("name", "Tarde")]);
    let seen = browser.fill("/rules", &page, &late).await;
    assert_eq!((seen.status, seen.body.contains("Tarde")), (409, true));
}

#[actix_web::test]
async fn versions_are_listed_compared_and_restored() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    browser.fill("/rules/new", "/rules/new", &RULE).await;
    let id = rules(&house, tenant).await[0].id;
    browser
        .fill("/rules", &format!("/rules/{id}/toggle"), &[("to", "off")])
        .await;
    browser
        .fill("/rules", &format!("/rules/{id}/toggle"), &[("to", "off")])
        .await;
    let list = browser.get("/rules/versions").await;
    assert!(
        list.body.contains("Se desactivó «Pide una persona»"),
        "{}",
        list.body
    );
    assert!(
        !list.body.contains("/rules/versions/3"),
        "pressed twice, changed once"
    );
    let one = browser.get("/rules/versions/1?with=2").await;
    assert!(one.body.contains("«agente»"), "{}", one.body);
    let page = "/rules/versions/1";
    let back = browser.fill(page, "/rules/versions/1/restore", &[]).await;
    assert_eq!(back.location(), "/rules");
    assert!(rules(&house, tenant).await[0].enabled);
    let list = browser.get("/rules/versions").await;
    assert!(
        list.body.contains("Se restauró la versión 1"),
        "{}",
        list.body
    );
    assert_eq!(browser.get("/rules/versions/99").await.status, 404);
}

#[actix_web::test]
async fn a_dragged_order_is_kept_unless_the_list_changed_meanwhile() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    for name in ["uno", "dos", "tres"] {
        browser
            .fill("/rules/new", "/rules/new", &with(&RULE, &[("name", name)]))
            .await;
    }
    let ids: Vec<String> = rules(&house, tenant)
        .await
        .iter()
        .map(|r| r.id.to_string())
        .collect();
    let dragged = [
        ("version", "3"),
        ("rule", &ids[2]),
        ("rule", &ids[0]),
        ("rule", &ids[1]),
    ];
    browser.fill("/rules", "/rules/order", &dragged).await;
    let names = || async {
        let list = rules(&house, tenant).await;
        list.into_iter().map(|rule| rule.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["tres", "uno", "dos"]);
    let stale = [("version", "3"), ("rule", &ids[0]), ("rule", &ids[1])];
    browser.fill("/rules", "/rules/order", &stale).await;
    assert_eq!(names().await, ["tres", "uno", "dos"]);
    let list = browser.get("/rules").await;
    assert!(
        list.body.contains("Alguien cambió las reglas"),
        "{}",
        list.body
    );
    browser
        .fill(
            "/rules",
            &format!("/rules/{}/move", ids[2]),
            &[("to", "down")],
        )
        .await;
    assert_eq!(names().await, ["uno", "tres", "dos"]);
}

#[actix_web::test]
async fn a_trial_says_which_rule_and_why_condition_by_condition() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let both = with(
        &RULE,
        &[
            ("c.type", "all"),
            ("c.1.type", "bot_fallbacks"),
            ("c.1.a", "2"),
        ],
    );
    browser.fill("/rules/new", "/rules/new", &both).await;
    let without = [("try_text", "un agente")];
    let seen = browser.fill("/rules", "/rules/try", &without).await;
    assert!(
        seen.body.contains("No se cumple ninguna regla"),
        "{}",
        seen.body
    );
    assert!(
        seen.body.contains("encontró «agente»"),
        "one condition holds: {}",
        seen.body
    );
    let facts = [("try_text", "un agente"), ("try_fallbacks", "2")];
    let seen = browser.fill("/rules", "/rules/try", &facts).await;
    assert!(
        seen.body.contains("Se cumple «Pide una persona»"),
        "{}",
        seen.body
    );
}

#[actix_web::test]
async fn a_draft_is_tried_on_the_past_before_it_is_saved() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = house
        .said(tenant, line, "1", "quiero hablar con un agente")
        .await;
    house.said(tenant, line, "2", "hola").await;
    let draft = with(&RULE, &[("op", "backtest"), ("bt_days", "7")]);
    let seen = browser.fill("/rules/new", "/rules/new", &draft).await;
    assert!(
        seen.body.contains("Miramos 1 conversación"),
        "{}",
        seen.body
    );
    assert!(
        seen.body.contains(&format!("/conversations/{id}")),
        "an example"
    );
    assert!(rules(&house, tenant).await.is_empty(), "nothing was saved");
    browser.fill("/rules/new", "/rules/new", &RULE).await;
    let form = [
        ("op", "backtest"),
        ("bt_days", "7"),
        ("bt_state", "{\"draft\":\"x\"}"),
    ];
    let seen = browser
        .fill("/rules/backtest", "/rules/backtest", &form)
        .await;
    assert!(
        seen.body.contains("Miramos 1 conversación"),
        "{}",
        seen.body
    );
    let (other, _) = house.company("dos@sur.cl").await;
    let seen = other
        .fill("/rules/backtest", "/rules/backtest", &form)
        .await;
    assert!(seen.body.contains("No hay conversaciones"), "{}", seen.body);
}

#[actix_web::test]
async fn a_back_test_counts_conversations_and_shows_what_would_be_new() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let mut ids = std::collections::HashMap::new();
    for (n, (who, words)) in [
        ("ana", "hola"),
        ("ana", "quiero un agente"),
        ("beto", "agente <b>"),
        ("caro", "¿a qué hora abren?"),
        ("dani", "nadie me responde"),
        ("eva", "necesito un AGENTE ya"),
        ("eva", "¡agente!"),
        ("fede", "agentes secretos"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = n.to_string();
        let id = house.said_by(tenant, line, who, &id, words).await;
        ids.insert(who, id);
    }
    // Ana and Dani were handed off by a member, whatever rules there were.
    for who in ["ana", "dani"] {
        let path = format!("/conversations/{}", ids[who]);
        let done = browser.fill(&path, &format!("{path}/hand-off"), &[]).await;
        assert_eq!(done.status, 303, "{}", done.body);
    }
    let draft = with(&RULE, &[("op", "backtest"), ("bt_days", "7")]);
    let seen = browser.fill("/rules/new", "/rules/new", &draft).await.body;
    assert!(seen.contains("Miramos 6 conversaciones"), "{seen}");
    let figures = seen.split("class=\"figures\"").nth(1).unwrap();
    let figures = figures.split("</ul>").next().unwrap();
    let numbers: Vec<&str> = figures
        .split("<b>")
        .skip(1)
        .filter_map(|part| part.split('<').next())
        .collect();
    // Ana, Beto and Eva; Ana was anyway; Beto and Eva are new; Dani would not any more.
    assert_eq!(numbers, ["3", "1", "2", "1"], "{figures}");
    let examples = seen.split("bt-list").nth(1).unwrap();
    let examples = examples.split("</ul>").next().unwrap();
    for who in ["ana", "beto", "eva"] {
        let link = format!("/conversations/{}", ids[who]);
        assert!(examples.contains(&link), "{who}: {examples}");
    }
    assert!(examples.contains("agente &#60;b&#62;"), "{examples}");
    for who in ["caro", "dani", "fede"] {
        let link = format!("/conversations/{}", ids[who]);
        assert!(!examples.contains(&link), "{who}: {examples}");
    }
    let dani = format!("/conversations/{}", ids["dani"]);
    assert!(
        seen.contains(&dani),
        "told as one that would not go any more"
    );
    assert!(rules(&house, tenant).await.is_empty(), "nothing was saved");
}

#[actix_web::test]
async fn an_unknown_variable_is_refused_beside_its_field_and_a_text_is_shown_as_it_looks() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let answer = with(&RULE, &[("action", "answer"), ("answer", "Hola {nmbre}")]);
    let seen = browser.fill("/rules/new", "/rules/new", &answer).await;
    assert_eq!(seen.status, 422);
    assert!(seen.body.contains("answer-error") && seen.body.contains("{nmbre}"));
    let shown = with(
        &answer,
        &[("answer", "Hola {nombre}"), ("op", "preview:answer")],
    );
    let seen = browser.fill("/rules/new", "/rules/new", &shown).await;
    assert!(seen.body.contains("Hola María"), "{}", seen.body);
    assert!(rules(&house, tenant).await.is_empty());
}

#[actix_web::test]
async fn texts_are_shown_proposed_and_saved() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let page = browser.get("/settings").await;
    assert!(
        page.body.contains("Te comunico con una persona"),
        "{}",
        page.body
    );
    let form = [
        ("language", "pt"),
        ("requested", "Hola {quien}"),
        ("no_agent_minutes", "9"),
        ("agent_silent_minutes", "0"),
        ("user_silent_minutes", "0"),
        ("cooldown_minutes", "0"),
        ("bot_down_after_minutes", "2"),
        ("desk_down_after_minutes", "10"),
        ("transcript_messages", "50"),
        ("client_email", "{channel}-{contact}@x.cl"),
    ];
    let wrong = browser.fill("/settings", "/settings", &form).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("requested-error") && wrong.body.contains("Hola {quien}"));
    let proposed = with(&form, &[("op", "default:requested")]);
    let seen = browser.fill("/settings", "/settings", &proposed).await;
    assert!(
        seen.body.contains("Vou passar você"),
        "in the contacts' language: {}",
        seen.body
    );
    let looked = with(
        &form,
        &[("requested", "Olá {nome}"), ("op", "preview:requested")],
    );
    let seen = browser.fill("/settings", "/settings", &looked).await;
    assert!(seen.body.contains("Olá María"), "{}", seen.body);
    let saved = with(&form, &[("requested", "Olá {nome}"), ("op", "save")]);
    assert_eq!(
        browser.fill("/settings", "/settings", &saved).await.status,
        303
    );
    let settings = house.store.tenant(tenant).tenant().await.unwrap().settings;
    assert_eq!(settings.policy.texts.requested, "Olá {nome}");
    assert_eq!(settings.policy.timeouts.no_agent_minutes, 9);
}

#[actix_web::test]
async fn hours_and_holidays_are_set_without_scripts() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let page = "/settings/hours";
    let form = [
        ("time_zone", "America/Santiago"),
        ("mon.from1", "09:00"),
        ("mon.to1", "18:00"),
        ("op", "copy:mon:week"),
    ];
    let copied = browser.fill(page, page, &form).await;
    assert!(
        copied.body.contains("name=\"fri.from1\" value=\"09:00\""),
        "{}",
        copied.body
    );
    assert!(
        copied.body.contains("quizá quieras elegir Chile"),
        "{}",
        copied.body
    );
    let country = with(&form, &[("country", "cl"), ("op", "refresh")]);
    let seen = browser.fill(page, page, &country).await;
    assert!(seen.body.contains("Viernes Santo"), "{}", seen.body);
    let wrong = with(&country, &[("mon.to1", "08:00"), ("op", "save")]);
    let seen = browser.fill(page, page, &wrong).await;
    assert_eq!((seen.status, seen.body.contains("mon-error")), (422, true));
    let good = with(&country, &[("holidays", "2030-01-02"), ("op", "save")]);
    assert_eq!(browser.fill(page, page, &good).await.status, 303);
    let hours = house
        .store
        .tenant(tenant)
        .tenant()
        .await
        .unwrap()
        .settings
        .hours;
    assert_eq!(
        (hours.country, hours.holidays.len()),
        (Some(Country::Cl), 1)
    );
    assert_eq!(hours.week[0].open, [(540, 1080)]);
}
