//! What a company does in the browser, from signing up to giving a contact back to the bot.

use crate::house::House;
use domain::ports::Clock;
use std::time::Duration;

#[actix_web::test]
async fn a_company_signs_up_logs_out_and_in_again() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let home = browser.get("/").await;
    assert_eq!(home.status, 200);
    assert!(home.body.contains("Hola, Camila"), "{}", home.body);
    let before = browser.cookie("relevo").unwrap();
    let out = browser.fill("/", "/logout", &[]).await;
    assert_eq!(out.location(), "/login");
    assert_eq!(browser.get("/").await.location(), "/login?next=%2F");
    let form = [
        ("email", "Camila@Norte.cl"),
        ("password", "una clave larga"),
        ("next", "/rules"),
    ];
    let back = browser.fill("/login", "/login", &form).await;
    assert_eq!((back.status, back.location()), (303, "/rules"));
    assert_ne!(
        browser.cookie("relevo").unwrap(),
        before,
        "a new key at every login"
    );
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_account_get_the_same_answer() {
    let house = House::open().await;
    house.company("camila@norte.cl").await;
    let mut bodies = Vec::new();
    for email in ["camila@norte.cl", "nadie@norte.cl"] {
        let browser = house.browser();
        let form = [("email", email), ("password", "otra clave mala")];
        let seen = browser.fill("/login", "/login", &form).await;
        assert_eq!(seen.status, 422);
        let token = seen.after("name=\"csrf\" value=\"").to_owned();
        bodies.push(seen.body.replace(&token, "").replace(email, ""));
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[actix_web::test]
async fn guessing_a_password_is_slowed_down() {
    let house = House::open().await;
    house.company("camila@norte.cl").await;
    let browser = house.browser();
    let form = [
        ("email", "camila@norte.cl"),
        ("password", "otra clave mala"),
    ];
    let mut last = 0;
    for _ in 0..6 {
        last = browser.fill("/login", "/login", &form).await.status;
    }
    assert_eq!(last, 429);
}

#[actix_web::test]
async fn a_telegram_bot_is_connected_and_its_old_webhook_comes_back() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let old = "https://bot.norte.cl/hook";
    house.webhook.lock().unwrap().push_str(old);
    let new = "/channels/new/telegram";
    let wrong = browser
        .fill(
            new,
            new,
            &[("token", "1:bad00000000000000000000000000000000")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("id=\"token-error\""),
        "said beside the field: {}",
        wrong.body
    );

    let good = "1:good0000000000000000000000000000000";
    let seen = browser
        .fill(new, new, &[("token", good), ("name", "Ventas")])
        .await;
    assert_eq!(seen.status, 303, "{}", seen.body);
    let page = seen.location().to_owned();
    let shown = browser.get(&page).await;
    assert!(
        shown.body.contains("bot.norte.cl/hook"),
        "the foreign webhook is shown first"
    );
    assert_eq!(
        *house.webhook.lock().unwrap(),
        old,
        "and not replaced unasked"
    );

    let set = browser.fill(&page, &format!("{page}/webhook"), &[]).await;
    assert_eq!(set.status, 303);
    let ours = house.webhook.lock().unwrap().clone();
    assert!(
        ours.starts_with(&format!("{}/hooks/telegram/", house.base)),
        "{ours}"
    );
    let lines = house.store.tenant(tenant).channels().list().await.unwrap();
    assert_eq!(lines[0].settings.previous_webhook.as_deref(), Some(old));

    let ask = browser.get(&format!("{page}/disconnect")).await;
    assert_eq!(ask.status, 200, "asks first");
    browser
        .fill(&page, &format!("{page}/disconnect"), &[])
        .await;
    assert_eq!(*house.webhook.lock().unwrap(), old);
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
async fn the_same_line_cannot_be_connected_twice() {
    let house = House::open().await;
    let form = [("token", "1:good0000000000000000000000000000000")];
    let new = "/channels/new/telegram";
    let (one, _) = house.company("uno@norte.cl").await;
    assert_eq!(one.fill(new, new, &form).await.status, 303);
    let (two, tenant) = house.company("dos@norte.cl").await;
    assert_eq!(two.fill(new, new, &form).await.status, 422);
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
async fn a_private_bot_address_is_refused_beside_its_field() {
    let house = House::open().await;
    let (browser, _) = house.company("camila@norte.cl").await;
    let new = "/channels/new/telegram";
    let form = [("token", "1:good0000000000000000000000000000000")];
    let page = browser.fill(new, new, &form).await.location().to_owned();
    for address in [
        "https://10.0.0.8/hook",
        "https://169.254.169.254/",
        "ftp://x.cl",
        "hola",
    ] {
        let form = [("name", "Ventas"), ("bot_url", address)];
        let seen = browser.fill(&page, &page, &form).await;
        assert_eq!(seen.status, 422, "{address}");
        assert!(seen.body.contains("bot_url-error\""), "{address}");
    }
}

#[actix_web::test]
async fn the_desk_is_saved_tried_and_its_keys_are_never_shown_again() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let form = [
        ("base_url", "https://93.184.215.14/"),
        ("organization_id", "7"),
        ("agent_user_id", "12"),
        ("consumer_key", "clave-de-consumo"),
        ("consumer_token", "token-de-consumo"),
        ("agent_key", "mala"),
        ("subscribe_key", "sub-c-1"),
    ];
    let seen = browser.fill("/desk", "/desk", &form).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    assert!(
        seen.body.contains("401 Unauthorized"),
        "each step is reported"
    );
    for secret in ["clave-de-consumo", "token-de-consumo", "sub-c-1"] {
        assert!(!seen.body.contains(secret), "{secret}");
    }
    let stored = house
        .store
        .tenant(tenant)
        .desk()
        .get()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.settings.organization_id, 7);
    let better = [
        ("base_url", "https://93.184.215.14"),
        ("organization_id", "7"),
        ("agent_user_id", "12"),
        ("agent_key", "good"),
    ];
    let seen = browser.fill("/desk", "/desk", &better).await;
    assert!(
        !seen.body.contains("401 Unauthorized"),
        "the other keys were kept: {}",
        seen.body
    );
}

#[actix_web::test]
async fn a_rule_is_built_in_the_editor_without_scripts() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let page = "/rules/new";
    let base = [
        ("name", "Pide una persona"),
        ("enabled", "on"),
        ("action", "hand_off"),
        ("c.type", "any"),
        ("c.0.type", "keywords"),
        ("c.0.a", "agente\nhumano"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let added = browser.fill(page, page, &with(&[("op", "add:c")])).await;
    assert!(
        added.body.contains("name=\"c.1.type\""),
        "a second condition appears"
    );
    let tried = browser
        .fill(
            page,
            page,
            &with(&[("op", "try"), ("try_text", "quiero un AGENTE")]),
        )
        .await;
    assert!(tried.body.contains("Se cumple"), "{}", tried.body);
    let broken = with(&[("c.1.type", "regex"), ("c.1.a", "("), ("op", "save")]);
    assert_eq!(browser.fill(page, page, &broken).await.status, 422);
    let saved = browser.fill(page, page, &with(&[("op", "save")])).await;
    assert_eq!(
        (saved.status, saved.location()),
        (303, "/rules"),
        "{}",
        saved.body
    );
    let rules = house.store.tenant(tenant).rules().list().await.unwrap();
    assert_eq!(rules.len(), 1);
    let id = rules[0].rule.id;
    browser
        .fill("/rules", &format!("/rules/{id}/toggle"), &[])
        .await;
    let rules = house.store.tenant(tenant).rules().list().await.unwrap();
    assert!(!rules[0].rule.enabled);
    browser
        .fill("/rules", &format!("/rules/{id}/delete"), &[])
        .await;
    assert!(
        house
            .store
            .tenant(tenant)
            .rules()
            .list()
            .await
            .unwrap()
            .is_empty()
    );
}

#[actix_web::test]
async fn an_api_key_is_shown_once_and_can_be_revoked() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let page = "/settings/developers";
    let made = browser
        .fill(
            page,
            "/settings/keys",
            &[("key_name", "bot"), ("scope_read", "on")],
        )
        .await;
    assert_eq!(made.status, 201);
    let from = made.body.find("rlv_").unwrap();
    let key: String = made.body[from..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || "_-".contains(*c))
        .collect();
    assert!(!browser.get(page).await.body.contains(&key), "shown once");
    let keys = house.store.tenant(tenant).api_keys().list().await.unwrap();
    browser
        .fill(page, &format!("/settings/keys/{}/revoke", keys[0].id), &[])
        .await;
    assert!(
        house
            .store
            .tenant(tenant)
            .api_keys()
            .list()
            .await
            .unwrap()
            .is_empty()
    );
}

#[actix_web::test]
async fn a_conversation_is_read_handed_off_and_given_back() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = house.said(tenant, line, "1", "hola <b>negrita</b>").await;
    let list = browser.get("/conversations").await;
    assert!(list.body.contains("Ana"), "{}", list.body);
    let page = format!("/conversations/{id}");
    let seen = browser.get(&page).await;
    assert!(
        seen.body.contains("hola &#60;b&#62;negrita"),
        "{}",
        seen.body
    );
    let given = browser.fill(&page, &format!("{page}/hand-off"), &[]).await;
    assert_eq!(given.location(), page);
    assert!(
        browser
            .get("/conversations?state=human")
            .await
            .body
            .contains("Ana")
    );
    browser.fill(&page, &format!("{page}/end"), &[]).await;
    assert!(
        !browser
            .get("/conversations?state=human")
            .await
            .body
            .contains("Ana")
    );
    let again = browser.fill(&page, &format!("{page}/end"), &[]).await;
    assert_eq!(
        again.status, 303,
        "a second press says that it was not needed"
    );
}

#[actix_web::test]
async fn a_history_link_opens_without_a_login_until_it_expires() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = house.said(tenant, line, "1", "mi pedido no llegó").await;
    let now = house.clock.now();
    let address = house.links.history(tenant, id, now);
    let token = address.rsplit('/').next().unwrap();
    let stranger = house.browser();
    let path = format!("/history/{token}");
    let seen = stranger.get(&path).await;
    assert_eq!(seen.status, 200);
    assert!(seen.body.contains("mi pedido no llegó"));
    assert!(!seen.body.contains("<form"), "read-only");
    assert!(stranger.cookie("relevo").is_none(), "no browser session");
    assert_eq!(seen.header("referrer-policy"), "no-referrer");
    assert_eq!(stranger.get(&format!("{path}x")).await.status, 404);
    house.clock.advance(Duration::from_secs(31 * 86_400));
    assert_eq!(stranger.get(&path).await.status, 410);
}
