//! The dashboard and the history, against the truth computed from the same handoffs.

use crate::browser::Browser;
use crate::house::House;
use adapters::store::DaysDone;
use domain::handoff::{EndReason, HandoffReason};
use domain::ids::{ChannelId, TenantId};
use domain::ports::Clock;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement, TransactionTrait, Value};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// A made-up handoff, in minutes after its request.
struct Episode {
    requested: i64,
    accepted: Option<i64>,
    answered: Option<i64>,
    ended: Option<i64>,
    end: EndReason,
    rating: Option<i64>,
    repeat: bool,
}

fn episode(n: i64, now: Timestamp) -> Episode {
    let ends = [
        EndReason::AgentClosed,
        EndReason::UserEnded,
        EndReason::NoAgentTimeout,
    ];
    let accepted = (n % 4 != 0).then_some(n % 30);
    Episode {
        requested: now.0 - n * 37 * MINUTE,
        accepted,
        answered: accepted.filter(|_| n % 5 != 0).map(|a| a + n % 20),
        ended: (n >= 20).then_some(100 + n % 50),
        end: ends[n as usize % 3],
        rating: (n % 3 == 0 && n >= 20).then_some(n % 5 + 1),
        repeat: n % 9 == 0,
    }
}

async fn run(db: &impl ConnectionTrait, text: &str, values: Vec<Value>) {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), text, values);
    db.execute_raw(statement).await.unwrap();
}

/// Puts episodes into the history of a company, and three times as many conversations beside.
async fn fill(house: &House, tenant: TenantId, channel: ChannelId, episodes: &[Episode]) {
    let db: DatabaseConnection = Database::connect(house.database()).await.unwrap();
    let db = db.begin().await.unwrap();
    for (n, e) in episodes.iter().enumerate() {
        let at = |minutes: i64| e.requested + minutes * MINUTE;
        let local = domain::metrics::Local::of("America/Santiago", Timestamp(e.requested));
        let id = Uuid::now_v7();
        let profile = if n == 0 {
            r#"{"name":"=2+3,\"Ana\""}"#
        } else {
            "{}"
        };
        let text = "insert into contacts (tenant_id, id, channel_id, key, profile, created_at)
            values ($1, $2, $3, $4, $5, 0)";
        let key = format!("c{n}");
        run(
            &db,
            text,
            vec![
                tenant.0.into(),
                id.into(),
                channel.0.into(),
                key.into(),
                profile.into(),
            ],
        )
        .await;
        let text = "insert into handoffs (tenant_id, id, conversation_id, channel_id, contact_id, reason, options,
                requested_at, requested_seq, accepted_at, first_human_at, ended_at, end_reason, rating, day, hour,
                changed_at, previous_ended_at, agent_id, agent_name, started_day)
            values ($1, $2, $2, $3, $2, $4, '{}', $5, 0, $6, $7, $8, $9, $10, $11, $12, $5, $13, $14, 'Rosa', $15)";
        let first = n % 2 == 0;
        let values: Vec<Value> = vec![
            tenant.0.into(),
            id.into(),
            channel.0.into(),
            HandoffReason::ALL[n % 4].name().into(),
            e.requested.into(),
            e.accepted.map(at).into(),
            e.answered.map(at).into(),
            e.ended.map(at).into(),
            e.ended.map(|_| e.end.name()).into(),
            e.rating.into(),
            i64::from(local.day.0).into(),
            i64::from(local.hour).into(),
            e.repeat.then_some(e.requested - 60 * MINUTE).into(),
            e.accepted.map(|_| 7_i64).into(),
            first.then_some(i64::from(local.day.0)).into(),
        ];
        run(&db, text, values).await;
        let text = "insert into metric_deltas (tenant_id, what, day, channel_id, detail, n) values ($1, $2, $3, $4, '', $5)";
        for (what, times) in [("started", 3_i64), ("handed_off", i64::from(first))] {
            let values = vec![
                tenant.0.into(),
                what.into(),
                i64::from(local.day.0).into(),
                channel.0.into(),
                times.into(),
            ];
            run(&db, text, values).await;
        }
    }
    db.commit().await.unwrap();
}

/// The number in a tile.
async fn tile(browser: &Browser, query: &str, name: &str) -> String {
    let page = browser.get(&format!("/dashboard?{query}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let (_, tile) = page
        .body
        .split_once(&format!("id=\"tile-{name}\""))
        .unwrap();
    let (_, value) = tile.split_once("<p class=\"value\">").unwrap();
    let (value, _) = value.split_once("</p>").unwrap();
    match value.split_once('>') {
        Some((_, linked)) => linked.trim_end_matches("</a>").to_owned(),
        None => value.to_owned(),
    }
}

fn share(part: usize, whole: usize) -> String {
    let tenths = (part as f64 * 1000.0 / whole as f64).round() as u64;
    match tenths % 10 {
        0 => format!("{}\u{a0}%", tenths / 10),
        rest => format!("{},{rest}\u{a0}%", tenths / 10),
    }
}

fn median(mut minutes: Vec<i64>) -> i64 {
    minutes.sort_unstable();
    minutes[minutes.len().div_ceil(2) - 1]
}

async fn filled(n: i64) -> (House, Browser, Vec<Episode>) {
    let house = House::open().await;
    let (browser, tenant) = house.company("ana@norte.cl").await;
    let channel = house.api_line(&browser, tenant).await;
    let episodes: Vec<Episode> = (1..=n).map(|n| episode(n, house.clock.now())).collect();
    fill(&house, tenant, channel, &episodes).await;
    // Another company's handoffs are nobody else's number.
    let (other, theirs) = house.company("eva@sur.cl").await;
    let line = house.api_line(&other, theirs).await;
    fill(&house, theirs, line, &episodes[..50.min(episodes.len())]).await;
    (house, browser, episodes)
}

#[actix_web::test]
async fn every_number_of_the_dashboard_is_the_truth_before_and_after_days_are_kept() {
    let (house, browser, episodes) = filled(1200).await;
    let zone = jiff::tz::TimeZone::get("America/Santiago").unwrap();
    let day = |at: i64| {
        let instant = jiff::Timestamp::from_millisecond(at).unwrap();
        instant.to_zoned(zone.clone()).date()
    };
    let to = day(house.clock.now().0 - DAY);
    let from = day(house.clock.now().0 - 20 * DAY);
    let query = format!("period=custom&from={from}&to={to}");
    let inside: Vec<&Episode> = episodes
        .iter()
        .filter(|e| (from..=to).contains(&day(e.requested)))
        .collect();
    let count = |yes: &dyn Fn(&Episode) -> bool| inside.iter().filter(|e| yes(e)).count();
    let ended = count(&|e| e.ended.is_some());
    let first = episodes
        .iter()
        .step_by(2)
        .filter(|e| (from..=to).contains(&day(e.requested)))
        .count();
    let wait = median(inside.iter().filter_map(|e| e.accepted).collect());
    let truth = [
        ("handoffs", inside.len().to_string()),
        ("handoff_rate", share(first, inside.len() * 3)),
        (
            "containment",
            share(inside.len() * 3 - first, inside.len() * 3),
        ),
        (
            "abandonment",
            share(count(&|e| e.ended.is_some() && e.answered.is_none()), ended),
        ),
        (
            "no_agent",
            share(
                count(&|e| e.ended.is_some() && e.end == EndReason::NoAgentTimeout),
                ended,
            ),
        ),
        ("repeat_day", share(count(&|e| e.repeat), inside.len())),
        (
            "csat",
            share(
                count(&|e| e.rating.is_some_and(|r| r > 3)),
                count(&|e| e.rating.is_some()),
            ),
        ),
    ];
    for round in ["read", "kept"] {
        for (name, expected) in &truth {
            assert_eq!(
                &tile(&browser, &query, name).await,
                expected,
                "{name} {round}"
            );
        }
        let shown = tile(&browser, &query, "assignment").await;
        let minutes: i64 = shown.split(' ').next().unwrap().parse().unwrap();
        assert!((minutes - wait).abs() <= 1, "{shown} {wait}");
        house.clock.advance(Duration::from_secs(120));
        while house.store.fold_counts().await.unwrap() > 0 {}
        assert!(
            house
                .store
                .fold_days(&mut DaysDone::default())
                .await
                .unwrap()
                > 0
                || round == "kept"
        );
    }
}

#[actix_web::test]
async fn every_number_opens_as_many_rows_as_it_says() {
    let (_house, browser, _) = filled(260).await;
    let page = browser.get("/dashboard?period=7").await;
    let mut links = BTreeSet::new();
    for part in page.body.split("<a href=\"").skip(1) {
        let (tag, _) = part.split_once('>').unwrap();
        if let Some((href, rest)) = tag.split_once("\" data-rows=\"") {
            let (n, _) = rest.split_once('"').unwrap();
            links.insert((
                href.replace("&amp;", "&").replace("&#38;", "&"),
                n.to_owned(),
            ));
        }
    }
    assert!(links.len() > 40, "{}", links.len());
    for (href, n) in links {
        let rows = browser.get(&href).await;
        assert_eq!(
            rows.after("data-count=\"").split('"').next(),
            Some(n.as_str()),
            "{href}"
        );
    }
}

#[actix_web::test]
async fn what_is_open_now_is_told_on_its_own_too() {
    let (_house, browser, _) = filled(60).await;
    for path in ["/dashboard", "/dashboard/live"] {
        let seen = browser.get(path).await;
        let open = seen
            .after("id=\"live-open\">")
            .split('<')
            .next()
            .unwrap()
            .to_owned();
        let waiting = seen
            .after("id=\"live-waiting\">")
            .split('<')
            .next()
            .unwrap()
            .to_owned();
        assert_eq!((open.as_str(), waiting.as_str()), ("19", "4"), "{path}");
    }
    let rows = browser.get("/handoffs?only=waiting").await;
    assert_eq!(rows.after("data-count=\"").split('"').next(), Some("4"));
}

#[actix_web::test]
async fn the_history_is_read_page_by_page_without_a_row_lost_or_twice() {
    let (_house, browser, episodes) = filled(130).await;
    let mut seen = Vec::new();
    let mut next = "/handoffs?period=30".to_owned();
    loop {
        let page = browser.get(&next).await;
        for part in page.body.split("class=\"cover\" href=\"/handoffs/").skip(1) {
            seen.push(part.split('"').next().unwrap().to_owned());
        }
        let Some((_, rest)) = page
            .body
            .split_once("<span></span><a class=\"btn small\" href=\"")
            .or_else(|| page.body.split_once("</a><a class=\"btn small\" href=\""))
        else {
            break;
        };
        next = rest
            .split('"')
            .next()
            .unwrap()
            .replace("&amp;", "&")
            .replace("&#38;", "&");
    }
    let all: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), all.len()), (episodes.len(), episodes.len()));
}

#[actix_web::test]
async fn the_export_holds_every_row_and_no_formula() {
    let (_house, browser, episodes) = filled(1150).await;
    let csv = browser.get("/handoffs/export.csv?period=90&excel=1").await;
    assert_eq!(csv.status, 200);
    assert!(
        csv.header("content-disposition")
            .contains("attachment; filename=\"relevo-")
    );
    let lines: Vec<&str> = csv.body.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), episodes.len() + 1);
    assert!(lines[0].contains(";Persona;"), "{}", lines[0]);
    assert!(csv.body.contains(";\"'=2+3,\"\"Ana\"\"\";"));
    let plain = browser.get("/handoffs/export.csv?period=90").await;
    assert!(plain.body.starts_with("Transfer") || plain.body.starts_with("Traspaso,"));
    let json = browser
        .get("/handoffs/export.jsonl?period=90&rating=4")
        .await;
    let rows: Vec<serde_json::Value> = json
        .body
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let rated = episodes.iter().filter(|e| e.rating == Some(4)).count();
    assert_eq!(rows.len(), rated);
    assert!(
        rows.iter()
            .all(|row| row["rating"] == 4 && row["requested_at"].is_string())
    );
    let none = browser
        .get("/handoffs/export.jsonl?period=custom&from=2001-01-01&to=2001-01-02")
        .await;
    assert_eq!((none.status, none.body.as_str()), (200, ""));
}

#[actix_web::test]
async fn an_episode_can_be_read_and_another_companys_cannot() {
    let house = House::open().await;
    let (browser, tenant) = house.company("ana@norte.cl").await;
    let channel = house.api_line(&browser, tenant).await;
    let conversation = house
        .said(tenant, channel, "m1", "quiero un agente por favor")
        .await;
    let handed = browser
        .fill(
            &format!("/conversations/{conversation}"),
            &format!("/conversations/{conversation}/hand-off"),
            &[],
        )
        .await;
    assert_eq!(handed.status, 303, "{}", handed.body);
    let list = browser.get("/handoffs").await;
    let id = list
        .after("class=\"cover\" href=\"/handoffs/")
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let page = browser.get(&format!("/handoffs/{id}")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("quiero un agente por favor"),
        "{}",
        page.body
    );
    let (stranger, _) = house.company("eva@sur.cl").await;
    assert_eq!(stranger.get(&format!("/handoffs/{id}")).await.status, 404);
    for path in [
        "/handoffs",
        "/dashboard",
        "/dashboard/operations",
        "/dashboard/live",
    ] {
        assert_eq!(stranger.get(path).await.status, 200, "{path}");
        assert_eq!(house.browser().get(path).await.status, 303, "{path}");
    }
}
