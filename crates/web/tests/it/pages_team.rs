//! Team, log, keys, data and the host's screens, in the browser.

use crate::browser::Browser;
use crate::house::House;
use domain::ports::Clock;
use domain::tenant::Role;
use domain::time::Timestamp;
use std::time::Duration;

const PASSWORD: &str = "una clave larga";

/// Invites somebody in the owner's browser; the path of the link.
pub async fn invite(house: &House, owner: &Browser, email: &str, role: &str) -> String {
    let form = [("email", email), ("role", role)];
    let seen = owner
        .fill("/settings/team", "/settings/team/invite", &form)
        .await;
    assert_eq!(seen.status, 201, "{}", seen.body);
    let link = seen
        .body
        .split("id=\"new-link-value\" class=\"mono\">")
        .nth(1)
        .unwrap();
    let link = link.split('<').next().unwrap();
    link.strip_prefix(&house.base).unwrap().to_owned()
}

/// An invited person joins in a browser of their own.
pub async fn join(house: &House, link: &str, name: &str) -> Browser {
    let browser = house.browser();
    let form = [("name", name), ("password", PASSWORD)];
    let seen = browser.fill(link, link, &form).await;
    assert_eq!((seen.status, seen.location()), (303, "/"), "{}", seen.body);
    browser
}

#[actix_web::test]
async fn an_invited_analyst_joins_reads_and_cannot_change_anything() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let link = invite(&house, &owner, "sofia@norte.cl", "analyst").await;
    let page = house.browser().get(&link).await;
    assert!(page.body.contains("Únete a Café Norte") && page.body.contains("sofia@norte.cl"));
    let sofia = join(&house, &link, "Sofía Vidal").await;
    assert_eq!(sofia.get("/conversations").await.status, 200);
    assert_eq!(sofia.get("/settings/team").await.status, 403);
    let again = house.browser().get(&link).await;
    assert_eq!(again.status, 404, "a link is good once");
    let short = [("name", ""), ("password", "corta")];
    let other = invite(&house, &owner, "otra@norte.cl", "admin").await;
    let refused = house.browser().fill(&other, &other, &short).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Usa al menos 10 caracteres"));
    let team = house.store.tenant(tenant).team().list().await.unwrap();
    assert_eq!(team.len(), 2);
    assert_eq!(team[1].0.role, Role::Analyst);
}

#[actix_web::test]
async fn a_role_counts_from_the_next_click_and_a_removed_member_is_out() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let link = invite(&house, &owner, "sofia@norte.cl", "analyst").await;
    let sofia = join(&house, &link, "Sofía").await;
    let team = house.store.tenant(tenant).team();
    let id = team.list().await.unwrap()[1].0.id;
    let path = format!("/settings/team/{id}/role");
    owner
        .fill("/settings/team", &path, &[("role", "admin")])
        .await;
    assert_eq!(sofia.get("/settings/team").await.status, 200);
    let ask = format!("/settings/team/{id}/remove");
    assert!(owner.get(&ask).await.body.contains("¿Quitar a Sofía"));
    owner.fill(&ask, &ask, &[]).await;
    assert!(sofia.get("/").await.location().starts_with("/login"));
    let me = team.list().await.unwrap()[0].0.id;
    let path = format!("/settings/team/{me}/role");
    owner
        .fill("/settings/team", &path, &[("role", "analyst")])
        .await;
    let told = owner.get("/settings/team").await;
    assert!(
        told.body
            .contains("Siempre tiene que quedar un propietario")
    );
    let log = owner.get("/settings/audit").await.body;
    for words in [
        "quitó a Sofía del equipo",
        "cambió el rol de Sofía",
        "invitó a sofia@norte.cl",
        "se unió al equipo",
    ] {
        assert!(log.contains(words), "{words}");
    }
    assert!(
        log.contains("Analista") && log.contains("Administrador"),
        "{log}"
    );
}

#[actix_web::test]
async fn the_log_tells_who_changed_what_from_where_in_plain_words() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let mut settings = house.store.tenant(tenant).tenant().await.unwrap().settings;
    settings.policy.texts.goodbye = "Hasta <b>pronto</b>".to_owned();
    let form = [("key_name", "Bot"), ("scope_read", "on")];
    owner
        .fill("/settings/developers", "/settings/keys", &form)
        .await;
    house
        .store
        .tenant(tenant)
        .save_settings(&settings)
        .await
        .unwrap();
    let log = owner.get("/settings/audit").await.body;
    assert!(
        log.contains("<b>Camila Rojas</b>") && log.contains("creó la clave «Bot»"),
        "{log}"
    );
    assert!(
        log.contains("<b>Relevo</b>") && log.contains("Textos › Despedida"),
        "{log}"
    );
    assert!(log.contains("Hasta &#60;b&#62;pronto"), "{log}");
    assert!(log.contains("127.0.0.1"), "{log}");
    let none = owner.get("/settings/audit?kind=channel").await.body;
    assert!(none.contains("Nada con esos filtros"));
    let keys = owner
        .get("/settings/audit?kind=api_key&from=2000-01-01&until=2100-01-01")
        .await
        .body;
    assert!(keys.contains("creó la clave") && !keys.contains("cambió los ajustes"));
    let english = [("set", "lang:en"), ("back", "/")];
    owner.fill("/", "/preferences", &english).await;
    let en = owner.get("/settings/audit").await.body;
    assert!(en.contains("created the key “Bot”"), "{en}");
}

#[actix_web::test]
async fn a_key_without_a_name_or_permission_is_not_made() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let seen = owner
        .fill(
            "/settings/developers",
            "/settings/keys",
            &[("key_name", "Bot")],
        )
        .await;
    assert_eq!(seen.status, 422);
    assert!(seen.body.contains("Elige al menos una opción"));
    let form = [
        ("key_name", "Bot"),
        ("scope_handoffs", "on"),
        ("expires", "90"),
    ];
    let seen = owner
        .fill("/settings/developers", "/settings/keys", &form)
        .await;
    assert_eq!(seen.status, 201);
    let keys = house.store.tenant(tenant).api_keys().list().await.unwrap();
    assert_eq!(
        keys[0].expires_at,
        Some(house.clock.now().after(Duration::from_secs(90 * 86_400)))
    );
    assert_eq!(
        (keys[0].scopes.text().as_str(), keys[0].created_by.as_str()),
        ("handoffs", "Camila Rojas")
    );
}

#[actix_web::test]
async fn everything_can_be_taken_along_and_the_last_line_says_that_it_is_whole() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&owner, tenant).await;
    for n in 0..3 {
        house
            .said(tenant, line, &format!("m{n}"), &format!("palabras {n}"))
            .await;
    }
    let seen = owner
        .fill(
            "/settings/data",
            "/settings/data/export",
            &[("files", "on")],
        )
        .await;
    assert_eq!(seen.status, 200);
    assert!(
        seen.header("content-disposition")
            .contains("relevo-cafe-norte-")
    );
    let documents: Vec<serde_json::Value> = seen
        .body
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let of = |kind: &str| documents.iter().filter(|d| d["type"] == kind).count();
    assert_eq!(
        (
            of("tenant"),
            of("member"),
            of("channel"),
            of("message"),
            of("end")
        ),
        (1, 1, 1, 3, 1)
    );
    assert_eq!(documents.last().unwrap()["type"], "end");
    assert!(!seen.body.contains("password"));
    assert!(
        owner
            .get("/settings/audit")
            .await
            .body
            .contains("descargó todos los datos")
    );
}

#[actix_web::test]
async fn a_contact_is_erased_after_a_question_and_not_while_people_are_in_charge() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&owner, tenant).await;
    let id = house.said(tenant, line, "m1", "mi secreto").await;
    let (page, erase) = (
        format!("/conversations/{id}"),
        format!("/conversations/{id}/erase"),
    );
    assert!(
        owner
            .get(&erase)
            .await
            .body
            .contains("¿Borrar los datos de Ana?")
    );
    owner.fill(&page, &format!("{page}/hand-off"), &[]).await;
    owner.fill(&erase, &erase, &[]).await;
    assert!(
        owner
            .get(&page)
            .await
            .body
            .contains("Primero devuélvela al bot")
    );
    owner.fill(&page, &format!("{page}/end"), &[]).await;
    let gone = owner.fill(&erase, &erase, &[]).await;
    assert_eq!(gone.location(), "/conversations");
    let body = owner.get(&page).await.body;
    assert!(
        !body.contains("mi secreto") && !body.contains(">Ana<"),
        "{body}"
    );
    assert!(body.contains("Contenido eliminado"));
    let log = owner.get("/settings/audit").await.body;
    assert!(
        log.contains("borró los datos de un contacto") && !log.contains("Ana"),
        "{log}"
    );
}

#[actix_web::test]
async fn deleting_the_company_asks_for_its_name_waits_and_can_be_taken_back() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&owner, tenant).await;
    let leave = "/settings/data/leave";
    assert!(
        owner
            .get(leave)
            .await
            .body
            .contains("Primero desconecta estos canales")
    );
    house
        .store
        .tenant(tenant)
        .channels()
        .remove(line)
        .await
        .unwrap();
    // The test chat is there by itself: nobody can disconnect it, and no plan counts it.
    owner.get("/test-chat").await;
    let usage = house.store.tenant(tenant).usage(house.clock.now()).await;
    assert_eq!(usage.unwrap().channels, 0);
    let wrong = owner.fill(leave, leave, &[("company", "otra")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("No es el nombre de la empresa"));
    owner.fill(leave, leave, &[("company", "café norte")]).await;
    let due = house.clock.now().after(Duration::from_secs(7 * 86_400));
    assert_eq!(
        house.store.tenant(tenant).terms().await.unwrap().leaving_at,
        Some(due)
    );
    assert!(
        owner
            .get("/")
            .await
            .body
            .contains("se eliminará por completo")
    );
    owner
        .fill("/settings/data", "/settings/data/stay", &[])
        .await;
    assert_eq!(
        house.store.tenant(tenant).terms().await.unwrap().leaving_at,
        None
    );
}

#[actix_web::test]
async fn retention_is_a_number_of_days_or_none() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let save = "/settings/data/retention";
    let few = owner
        .fill("/settings/data", save, &[("keep", "some"), ("days", "3")])
        .await;
    assert_eq!(few.status, 422);
    owner
        .fill("/settings/data", save, &[("keep", "some"), ("days", "90")])
        .await;
    let days = || async {
        house
            .store
            .tenant(tenant)
            .terms()
            .await
            .unwrap()
            .retention_days
    };
    assert_eq!(days().await, Some(90));
    owner
        .fill("/settings/data", save, &[("keep", "all"), ("days", "90")])
        .await;
    assert_eq!(days().await, None);
}

#[actix_web::test]
async fn the_host_looks_at_a_company_with_a_banner_on_every_screen_and_lines_in_its_log() {
    let house = House::open().await;
    let (customer, tenant) = house.company("camila@norte.cl").await;
    let (host, _) = house.company("ivan@relevo.cl").await;
    assert_eq!(host.get("/operator").await.status, 404);
    house.store.grant_operator("ivan@relevo.cl").await.unwrap();
    let list = host.get("/operator").await.body;
    assert!(list.contains("Café Norte"), "{list}");
    let page = format!("/operator/tenants/{tenant}");
    let seen = host.fill(&page, &format!("{page}/enter"), &[]).await;
    assert_eq!(seen.location(), "/");
    for path in [
        "/",
        "/rules",
        "/channels",
        "/settings",
        "/conversations",
        "/settings/audit",
    ] {
        let body = host.get(path).await.body;
        assert!(
            body.contains("Estás viendo la cuenta de Café Norte"),
            "{path}"
        );
    }
    assert_eq!(
        host.get("/settings/data").await.status,
        403,
        "not the owner's pages"
    );
    host.fill(
        "/settings/developers",
        "/settings/keys",
        &[("key_name", "K"), ("scope_read", "on")],
    )
    .await;
    let end = host.fill("/", "/operator/leave", &[]).await;
    assert_eq!(end.location(), "/operator");
    assert!(!host.get("/").await.body.contains("Estás viendo"));
    let log = customer.get("/settings/audit").await.body;
    for words in [
        "entró a ver la cuenta como soporte",
        "terminó de ver la cuenta",
        "creó la clave «K»",
        "Soporte",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    house.store.revoke_operator("ivan@relevo.cl").await.unwrap();
    assert_eq!(host.get("/operator").await.status, 404);
}

#[actix_web::test]
async fn somebody_who_is_no_operator_any_more_sees_nobody_elses_screens() {
    let house = House::open().await;
    let (_, tenant) = house.company("camila@norte.cl").await;
    let (host, own) = house.company("ivan@relevo.cl").await;
    house.store.grant_operator("ivan@relevo.cl").await.unwrap();
    let page = format!("/operator/tenants/{tenant}");
    host.fill(&page, &format!("{page}/enter"), &[]).await;
    house.store.revoke_operator("ivan@relevo.cl").await.unwrap();
    host.fill(
        "/settings/developers",
        "/settings/keys",
        &[("key_name", "K"), ("scope_read", "on")],
    )
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
    assert_eq!(
        house
            .store
            .tenant(own)
            .api_keys()
            .list()
            .await
            .unwrap()
            .len(),
        1
    );
}

#[actix_web::test]
async fn limits_are_told_where_something_is_made_and_a_suspension_on_every_screen() {
    let house = House::open().await;
    let (owner, tenant) = house.company("camila@norte.cl").await;
    let (host, _) = house.company("ivan@relevo.cl").await;
    house.store.grant_operator("ivan@relevo.cl").await.unwrap();
    let page = format!("/operator/tenants/{tenant}");
    let form = [
        ("most_channels", "1"),
        ("most_members", "1"),
        ("messages_a_month", ""),
    ];
    host.fill(&page, &format!("{page}/limits"), &form).await;
    house.api_line(&owner, tenant).await;
    let full = owner
        .fill(
            "/channels/new/api",
            "/channels/new/api",
            &[("name", "Otro")],
        )
        .await;
    assert_eq!(full.status, 422);
    assert!(
        full.body
            .contains("Tu plan permite hasta un canal conectado"),
        "{}",
        full.body
    );
    let form = [("email", "sofia@norte.cl"), ("role", "analyst")];
    let full = owner
        .fill("/settings/team", "/settings/team/invite", &form)
        .await;
    assert_eq!(full.status, 422);
    assert!(full.body.contains("Tu plan permite hasta una persona"));
    let empty = host
        .fill(&page, &format!("{page}/suspend"), &[("why", "")])
        .await;
    assert_eq!(empty.status, 422);
    host.fill(
        &page,
        &format!("{page}/suspend"),
        &[("why", "Falta el pago")],
    )
    .await;
    let home = owner.get("/").await.body;
    assert!(home.contains("Esta cuenta está suspendida") && home.contains("Falta el pago"));
    host.fill(&page, &format!("{page}/resume"), &[]).await;
    assert!(!owner.get("/").await.body.contains("suspendida"));
    let used = house
        .store
        .tenant(tenant)
        .usage(Timestamp(0))
        .await
        .unwrap();
    assert_eq!((used.channels, used.members), (1, 1));
}
