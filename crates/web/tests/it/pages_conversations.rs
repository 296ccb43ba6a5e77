//! Finding a conversation, reading it, and acting on it, in the browser.

use crate::browser::Browser;
use crate::house::{House, PATIENCE};
use adapters::ingest::{Command, CommandOutcome, Outcome, Submission, TryOutcome, TryResult};
use domain::contact::{ContactAddress, ContactProfile};
use domain::ids::{ChannelId, ConversationId, TenantId};
use domain::message::Content;
use domain::outbound::{Failure, Lane, SendError};
use domain::ports::Clock;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn says(
    house: &House,
    tenant: TenantId,
    line: ChannelId,
    who: &str,
    id: &str,
    text: &str,
) -> ConversationId {
    let command = Command::Said {
        tenant,
        channel: line,
        from: ContactAddress::of(who),
        profile: ContactProfile {
            name: Some(who.to_owned()),
            ..ContactProfile::default()
        },
        content: Content::text(text),
        external_id: id.to_owned(),
    };
    let said = house
        .ingest
        .submit(Submission::Command(command))
        .await
        .unwrap();
    match said {
        Outcome::Command(CommandOutcome::Done { conversation, .. }) => conversation,
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn a_search_finds_words_marks_them_and_opens_the_message() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = says(
        &house,
        tenant,
        line,
        "Ana",
        "1",
        "¿Dónde está mi ENVÍO <b>urgente</b>?",
    )
    .await;
    says(&house, tenant, line, "Beto", "2", "otra cosa").await;
    let found = browser.get("/conversations?q=envio").await;
    assert!(found.body.contains("<mark>ENVÍO</mark>"), "{}", found.body);
    assert!(found.body.contains("&#60;b&#62;urgente"), "escaped");
    assert!(!found.body.contains("Beto"));
    let at = format!("/conversations/{id}?at=1#m-1");
    assert!(found.body.contains(&at), "{}", found.body);
    assert!(
        browser
            .get(&format!("/conversations/{id}?at=1"))
            .await
            .body
            .contains("id=\"m-1\"")
    );
    let none = browser.get("/conversations?q=inexistente").await;
    assert!(none.body.contains("No encontramos nada"));
    let (stranger, _) = house.company("otra@sur.cl").await;
    assert!(
        !stranger
            .get("/conversations?q=envio")
            .await
            .body
            .contains("Ana")
    );
    for odd in [
        "%27%22%3B--",
        "%00",
        "tenant%3Ax",
        "*",
        "%F0%9F%91%8D",
        "%28",
        "a%20OR%20b",
    ] {
        for more in [
            "",
            "&before=x",
            "&before=e99999999999999999999",
            "&after=e1",
            "&before=00000000000000000000000000000000",
        ] {
            assert_eq!(
                browser
                    .get(&format!("/conversations?q={odd}{more}"))
                    .await
                    .status,
                200,
                "{odd}{more}"
            );
        }
    }
}

#[actix_web::test]
async fn the_list_is_filtered_by_what_the_address_says() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let ana = says(&house, tenant, line, "Ana", "1", "hola").await;
    says(&house, tenant, line, "Beto", "2", "hola").await;
    let page = format!("/conversations/{ana}");
    let tagged = browser
        .fill(&page, &format!("{page}/tags"), &[("tag", "cliente <vip>")])
        .await;
    assert_eq!(tagged.location(), page);
    let seen = browser.get("/conversations?tag=cliente+%3Cvip%3E").await;
    assert!(
        seen.body.contains(">Ana<") && !seen.body.contains(">Beto<"),
        "{}",
        seen.body
    );
    assert!(seen.body.contains("cliente &#60;vip&#62;"));
    for (query, shown) in [
        ("failed=1", false),
        ("state=human", false),
        ("state=bot", true),
        ("channel=00000000-0000-0000-0000-000000000000", false),
        ("rule=00000000-0000-0000-0000-000000000000", false),
        ("agent=7", false),
        ("from=2000-01-01&until=2100-01-01", true),
        ("until=2000-01-01", false),
        ("state=nonsense&from=x&agent=x", true),
    ] {
        let seen = browser.get(&format!("/conversations?{query}")).await;
        assert_eq!(seen.body.contains(">Ana<"), shown, "{query}");
        assert_eq!(
            seen.body.contains("Nada con estos filtros"),
            !shown,
            "{query}"
        );
    }
    let untag = [("tag", "cliente <vip>")];
    browser
        .fill(&page, &format!("{page}/tags/remove"), &untag)
        .await;
    let seen = browser.get("/conversations?tag=cliente+%3Cvip%3E").await;
    assert!(!seen.body.contains(">Ana<"));
}

#[actix_web::test]
async fn pages_go_on_both_ways() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    for n in 0..70 {
        let text = format!("pedido {n}");
        says(
            &house,
            tenant,
            line,
            &format!("c{n}c"),
            &n.to_string(),
            &text,
        )
        .await;
        house.clock.advance(Duration::from_secs(1));
    }
    for (start, newest) in [("/conversations", 69), ("/conversations?q=pedido", 69)] {
        let first = browser.get(start).await;
        let next = |seen: &crate::browser::Seen, rel: &str| {
            seen.after(&format!("rel=\"{rel}\" href=\""))
                .replace("&#38;", "&")
        };
        assert!(
            first.body.contains(&format!("c{newest}c")) && !first.body.contains(">c39c<"),
            "{start}"
        );
        assert_eq!(next(&first, "prev"), "");
        let second = browser.get(&next(&first, "next")).await;
        assert!(
            second.body.contains(">c39c<") && second.body.contains(">c10c<"),
            "{start}"
        );
        let third = browser.get(&next(&second, "next")).await;
        assert!(third.body.contains(">c9c<") && third.body.contains(">c0c<"));
        assert_eq!(next(&third, "next"), "", "the end");
        let back = browser.get(&next(&third, "prev")).await;
        assert!(
            back.body.contains(">c39c<") && back.body.contains(">c10c<"),
            "{start}"
        );
        let front = browser.get(&next(&back, "prev")).await;
        assert!(front.body.contains(&format!(">c{newest}c<")));
        assert_eq!(next(&front, "prev"), "", "the beginning");
    }
}

#[actix_web::test]
async fn older_messages_come_in_pieces() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let mut id = None;
    for n in 0..130 {
        id = Some(
            says(
                &house,
                tenant,
                line,
                "Ana",
                &n.to_string(),
                &format!("palabra{n}x"),
            )
            .await,
        );
    }
    let page = format!("/conversations/{}", id.unwrap());
    let seen = browser.get(&page).await;
    assert!(seen.body.contains("palabra129x") && !seen.body.contains("palabra69x"));
    let more = seen.after("data-older=\"").to_owned();
    let part = browser.get(&more).await;
    assert!(part.body.contains("palabra69x") && !part.body.contains("<html"));
    let last = browser.get(part.after("data-older=\"")).await;
    assert!(last.body.contains("palabra0x") && !last.body.contains("data-older"));
    let past = browser.get(&format!("{page}?before=71")).await;
    assert!(
        !past.body.contains("hx-sse:connect"),
        "an old page does not grow at its end"
    );
}

#[actix_web::test]
async fn a_note_is_seen_by_the_team_and_by_nobody_else() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = says(&house, tenant, line, "Ana", "1", "hola").await;
    let page = format!("/conversations/{id}");
    let note_id = browser
        .get(&page)
        .await
        .after("name=\"note_id\" value=\"")
        .to_owned();
    let form = [
        ("note", "Ojo: <i>deudora</i>"),
        ("note_id", note_id.as_str()),
    ];
    browser.fill(&page, &format!("{page}/notes"), &form).await;
    browser.fill(&page, &format!("{page}/notes"), &form).await;
    let seen = browser.get(&page).await.body;
    assert_eq!(
        seen.matches("Ojo: &#60;i&#62;deudora").count(),
        1,
        "pressed twice, kept once"
    );
    assert!(seen.contains("Nota de Camila Rojas"));
    let address = house.links.history(tenant, id, house.clock.now());
    let history = format!("/history/{}", address.rsplit('/').next().unwrap());
    assert!(!house.browser().get(&history).await.body.contains("deudora"));
    let messages = house
        .store
        .tenant(tenant)
        .conversations()
        .messages(id, None, 9)
        .await
        .unwrap();
    assert_eq!(messages.len(), 1, "a note is no message");
    assert!(
        !browser
            .get("/conversations?q=deudora")
            .await
            .body
            .contains("<mark>")
    );
}

#[actix_web::test]
async fn the_way_of_a_message_is_shown_to_its_company_only() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = says(&house, tenant, line, "Ana", "ext-1", "hola").await;
    let page = format!("/conversations/{id}");
    let seen = browser.get(&page).await;
    let from = seen.body.find("/trace\"").unwrap();
    let way = seen.body[..from].rsplit('"').next().unwrap().to_owned() + "/trace";
    let trace = browser.get(&way).await;
    assert_eq!(trace.status, 200, "{way}");
    assert!(
        trace.body.contains("Lo guardamos") && trace.body.contains("ext-1"),
        "{}",
        trace.body
    );
    let (stranger, _) = house.company("otra@sur.cl").await;
    assert_eq!(stranger.get(&way).await.status, 404);
    let other = says(&house, tenant, line, "Beto", "2", "hola").await;
    let crossed = way.replace(&id.to_string(), &other.to_string());
    assert_eq!(
        browser.get(&crossed).await.status,
        404,
        "of another conversation"
    );
}

#[actix_web::test]
async fn nothing_of_a_conversation_opens_for_another_company() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = says(&house, tenant, line, "Ana", "1", "hola").await;
    let (stranger, theirs) = house.company("otra@sur.cl").await;
    let own_line = house.api_line(&stranger, theirs).await;
    let own = says(&house, theirs, own_line, "Eva", "1", "hola").await;
    let page = format!("/conversations/{id}");
    for path in ["", "/messages", "/live"] {
        assert_eq!(
            stranger.get(&format!("{page}{path}")).await.status,
            404,
            "{path}"
        );
    }
    let form = [("tag", "x"), ("note", "x"), ("outbox", "1")];
    for path in [
        "hand-off",
        "end",
        "close",
        "retry",
        "discard",
        "retry-all",
        "discard-all",
        "tags",
        "tags/remove",
        "notes",
    ] {
        let seen = stranger
            .fill(
                &format!("/conversations/{own}"),
                &format!("{page}/{path}"),
                &form,
            )
            .await;
        assert_eq!(seen.status, 404, "{path}");
    }
    let row = house
        .store
        .tenant(tenant)
        .conversations()
        .get(id)
        .await
        .unwrap();
    assert!(row.contact.profile.tags.is_empty() && row.notes == 0);
}

#[actix_web::test]
async fn a_late_press_does_not_end_the_next_handoff() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = says(&house, tenant, line, "Ana", "1", "hola").await;
    let page = format!("/conversations/{id}");
    browser.fill(&page, &format!("{page}/hand-off"), &[]).await;
    let first = browser
        .get(&page)
        .await
        .after("name=\"handoff\" value=\"")
        .to_owned();
    let form = [("handoff", first.as_str())];
    browser.fill(&page, &format!("{page}/close"), &form).await;
    browser.fill(&page, &format!("{page}/hand-off"), &[]).await;
    browser.fill(&page, &format!("{page}/end"), &form).await;
    let seen = browser.get(&page).await;
    assert!(seen.body.contains("Ya no hacía falta"), "{}", seen.body);
    assert_ne!(
        seen.after("name=\"handoff\" value=\""),
        "",
        "still with a person"
    );
}

#[actix_web::test]
async fn what_failed_is_retried_or_discarded_once() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = says(&house, tenant, line, "Ana", "1", "hola").await;
    let page = format!("/conversations/{id}");
    browser.fill(&page, &format!("{page}/hand-off"), &[]).await;
    let fail = || async {
        let store = house.store.tenant(tenant);
        let claim = store.claim(id, Lane::Desk, Duration::from_secs(60)).await;
        let error = SendError::clear(Failure::Payload, "<b>no existe</b>").with_code("404");
        let result = TryResult::Dead {
            error,
            parts: Vec::new(),
        };
        let tried = TryOutcome {
            claim: claim.unwrap(),
            result,
        };
        let tried = Submission::Tried(std::sync::Arc::new(tried));
        house.ingest.submit(tried).await.unwrap();
    };
    fail().await;
    let seen = browser.get(&page).await;
    assert!(seen.body.contains("&#60;b&#62;no existe") && seen.body.contains("404"));
    assert!(
        browser
            .get("/conversations?failed=1")
            .await
            .body
            .contains(">Ana<")
    );
    let row = seen.after("name=\"outbox\" value=\"").to_owned();
    let form = [("outbox", row.as_str())];
    let retried = browser.fill(&page, &format!("{page}/retry"), &form).await;
    assert_eq!(retried.location(), page);
    assert!(browser.get(&page).await.body.contains("de nuevo"));
    browser.fill(&page, &format!("{page}/retry"), &form).await;
    assert!(
        browser.get(&page).await.body.contains("Ya no hacía falta"),
        "pressed twice"
    );
    fail().await;
    browser
        .fill(&page, &format!("{page}/discard-all"), &[])
        .await;
    assert!(browser.get(&page).await.body.contains("Descartado"));
    browser.fill(&page, &format!("{page}/retry-all"), &[]).await;
    assert!(browser.get(&page).await.body.contains("Ya no hacía falta"));
    assert!(
        !browser
            .get("/conversations?failed=1")
            .await
            .body
            .contains(">Ana<")
    );
}

#[actix_web::test]
async fn the_list_and_the_viewer_hear_of_news() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = says(&house, tenant, line, "Ana", "1", "hola").await;
    let mut list = stream(&house, &browser, "/conversations/live?since=0&state=bot").await;
    let mut viewer = stream(
        &house,
        &browser,
        &format!("/conversations/{id}/live?after=1"),
    )
    .await;
    says(&house, tenant, line, "Ana", "2", "otra <vez>").await;
    until(&mut list, "otra &#60;vez&#62;").await;
    until(&mut viewer, "otra &#60;vez&#62;").await;
    let page = format!("/conversations/{id}");
    browser
        .fill(
            &page,
            &format!("{page}/notes"),
            &[("note", "para el equipo")],
        )
        .await;
    until(&mut viewer, "para el equipo").await;
    browser
        .fill(&page, &format!("{page}/tags"), &[("tag", "frecuente")])
        .await;
    until(&mut viewer, "value=\"frecuente\"").await;
    until(&mut list, "frecuente").await;
    browser.fill(&page, &format!("{page}/hand-off"), &[]).await;
    until(&mut viewer, "class=\"open\"").await;
    // With a person, it is none of those that are with the bot.
    until(&mut list, "data-gone").await;
}

#[actix_web::test]
async fn an_open_page_hears_nothing_more_once_its_login_is_ended() {
    let house = House::open().await;
    let (browser, tenant) = house.company("camila@norte.cl").await;
    let line = house.api_line(&browser, tenant).await;
    let id = says(&house, tenant, line, "Ana", "1", "hola").await;
    let viewer = format!("/conversations/{id}/live?after=1");
    let mut ended = [
        stream(&house, &browser, "/conversations/live?since=0").await,
        stream(&house, &browser, &viewer).await,
    ];
    let elsewhere = house.browser();
    let form = [
        ("email", "camila@norte.cl"),
        ("password", "una clave larga"),
    ];
    elsewhere.fill("/login", "/login", &form).await;
    let mut goes_on = stream(&house, &elsewhere, &viewer).await;
    elsewhere
        .fill("/account/logins", "/account/logins/end", &[])
        .await;
    says(&house, tenant, line, "Ana", "2", "solo para adentro").await;
    until(&mut goes_on, "solo para adentro").await;
    for stream in &mut ended {
        let mut rest = String::new();
        let end = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut rest));
        end.await.expect("the stream ends").unwrap();
        assert!(!rest.contains("solo para adentro"), "{rest}");
    }
}

/// An open stream of events.
async fn stream(house: &House, browser: &Browser, path: &str) -> TcpStream {
    let address = house.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let cookie = browser.cookie("relevo").unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: relevo={cookie}\r\naccept: text/event-stream\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // The stream hears of what happens from its first look on.
    until(&mut stream, ": \n\n").await;
    stream
}

/// Reads until these words came.
async fn until(stream: &mut TcpStream, words: &str) {
    let mut text = String::new();
    let read = async {
        let mut buffer = [0_u8; 4096];
        while !text.contains(words) {
            let count = stream.read(&mut buffer).await.unwrap();
            assert!(count > 0, "ended: {text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, read).await.is_ok(),
        "{words} never came: {text}"
    );
}
