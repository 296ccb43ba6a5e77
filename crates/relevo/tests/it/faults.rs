//! What others break.

use crate::house::Flavour;
use crate::ring::contact_of;
use crate::wait::soon;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::ledger::Service;
use sandbox::letstalk::Status;
use serde_json::Value;
use std::collections::BTreeMap;

const KIND: ChannelKind = ChannelKind::Telegram;

fn answers(status: u16) -> Action {
    Action::Status {
        status,
        headers: BTreeMap::new(),
        body: String::new(),
        pad_to: 0,
        after: false,
    }
}

/// How many requests Let's Talk has had for a path.
fn requests(world: &World, method: &str, path: &str) -> usize {
    let rows = world
        .sandbox
        .core
        .ledger
        .rows(Service::LetsTalk, 0, usize::MAX);
    let mine = |raw: &Value| {
        raw["method"] == method && raw["path"].as_str().is_some_and(|it| it.contains(path))
    };
    rows.iter()
        .filter(|row| row.kind == "request")
        .filter(|row| serde_json::from_str(row.raw.get()).is_ok_and(|raw| mine(&raw)))
        .count()
}

fn doubled(world: &World) -> usize {
    world
        .sandbox
        .core
        .ledger
        .count(Service::LetsTalk, "duplicate_remote_id")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_desk_fails_to_take_three_times_is_taken_the_fourth_time_in_order() {
    let world = World::start(Flavour::Embedded, &[KIND]).await;
    let (phone, desk) = world.talking(KIND).await;
    let faults = &world.sandbox.core.faults;
    let rule = FaultRule::new(FaultService::LetsTalk, answers(500))
        .method("POST")
        .path("/messages")
        .times(3);
    let rule = faults.add(rule);
    let words = ["uno", "dos", "tres", "cuatro"];
    words.iter().for_each(|word| drop(phone.says(word)));
    desk.hears("cuatro").await;
    assert_eq!(faults.hits(rule), 3);
    assert_eq!(desk.texts()[1..], words);
    assert_eq!(doubled(&world), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_client_token_is_renewed_once() {
    let world = World::start(Flavour::Embedded, &[KIND]).await;
    let (phone, desk) = world.talking(KIND).await;
    let letstalk = &world.sandbox.services.letstalk;
    let before = requests(&world, "POST", "/integration/auth/token");
    assert_eq!(letstalk.revoke_clients(world.company.organization), 1);
    phone.says("¿me escuchan?");
    desk.hears("¿me escuchan?").await;
    phone.says("qué bueno");
    desk.hears("qué bueno").await;
    let after = requests(&world, "POST", "/integration/auth/token");
    assert_eq!(after - before, 1);
    assert_eq!(desk.texts()[1..], ["¿me escuchan?", "qué bueno"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_answer_is_lost_is_not_posted_twice() {
    let world = World::start(Flavour::Embedded, &[KIND]).await;
    let (phone, desk) = world.talking(KIND).await;
    let faults = &world.sandbox.core.faults;
    let rule = FaultRule::new(FaultService::LetsTalk, Action::ResetAfter)
        .method("POST")
        .path("/messages")
        .times(2);
    let rule = faults.add(rule);
    let words = ["uno", "dos", "tres"];
    words.iter().for_each(|word| drop(phone.says(word)));
    desk.hears("tres").await;
    assert_eq!(faults.hits(rule), 2);
    assert_eq!(desk.texts()[1..], words);
    assert_eq!(doubled(&world), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_whose_answer_is_lost_is_not_opened_twice() {
    let world = World::start(Flavour::Embedded, &[KIND]).await;
    let faults = &world.sandbox.core.faults;
    let rule = FaultRule::new(FaultService::LetsTalk, Action::ResetAfter)
        .method("POST")
        .path("/conversations")
        .times(1);
    let rule = faults.add(rule);
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact_of(KIND)).await;
    phone.says("¿hay alguien?");
    desk.hears("¿hay alguien?").await;
    desk.says("Aquí estoy");
    phone.sees("Aquí estoy").await;
    assert_eq!(faults.hits(rule), 1);
    let letstalk = &world.sandbox.services.letstalk;
    assert_eq!(
        letstalk.conversation_ids(world.company.organization).len(),
        1
    );
    assert_eq!(doubled(&world), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_opened_twice_is_closed_once_it_shows_itself() {
    let world = World::start(Flavour::Embedded, &[KIND]).await;
    let faults = &world.sandbox.core.faults;
    // The answer to the opening is lost, and so is everything that the stream would tell of it.
    let lost = FaultRule::new(FaultService::LetsTalk, Action::ResetAfter);
    faults.add(lost.method("POST").path("/conversations").times(1));
    let silent = FaultRule::new(FaultService::PubNub, Action::Drop);
    let silent = faults.add(silent.method("SEND"));
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("quiero hablar con una persona");
    let first = world.desk(contact_of(KIND)).await;
    // The news that it waits for does not come: the wait is cut short.
    let waits = "update outbox set next_at = 1 where state = 'pending' and ambiguous
        and task like '%open_desk%'";
    soon_sql(&world, waits).await;
    let letstalk = &world.sandbox.services.letstalk;
    let two = || letstalk.conversation_ids(world.company.organization).len() == 2;
    soon(
        "second conversation",
        || two().then_some(()),
        || "one".to_owned(),
    )
    .await;
    phone.says("¿hay alguien?");
    let second = world.desk(contact_of(KIND)).await;
    second.hears("¿hay alguien?").await;
    faults.remove(silent);
    // An agent picks the wrong one.
    first.joins();
    first.says("¡Hola! Te leo");
    phone.sees("¡Hola! Te leo").await;
    first.becomes(Status::Closed).await;
    second.says("Sigo por aquí");
    phone.sees("Sigo por aquí").await;
    assert_eq!(second.now().status, Status::Open);
    let remark = |message: &sandbox::letstalk::Message| {
        crate::desk::words(message).contains(&second.conversation.to_string())
    };
    assert!(
        first.now().messages.iter().any(remark),
        "agents are told where it goes on"
    );
    let seen = phone.texts();
    assert_eq!(
        seen.iter().filter(|text| text.contains("Te leo")).count(),
        1
    );
    assert!(
        !seen.iter().any(|text| text.contains("dos veces")),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_redis_loses_nothing() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    let (phone, desk) = world.talking(KIND).await;
    let url = world.house.redis.as_ref().unwrap().url();
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_connection().unwrap();
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for n in 0..30 {
        there.push(format!("contacto {n:02}"));
        back.push(format!("agente {n:02}"));
        phone.says(&there[n]);
        desk.says(&back[n]);
        if n % 5 == 2 {
            redis::cmd("FLUSHALL").query::<()>(&mut connection).unwrap();
        }
    }
    desk.hears("contacto 29").await;
    phone.sees("agente 29").await;
    assert_eq!(desk.texts()[1..], there);
    let mut seen = phone.texts();
    seen.retain(|text| text.starts_with("agente"));
    assert_eq!(seen, back);
    assert_eq!(doubled(&world), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_that_stays_down_gives_the_contact_and_the_backlog_back_to_the_bot() {
    let world = World::with(Flavour::Embedded, &[KIND], |policy| {
        policy.desk_down_after_minutes = 1;
    })
    .await;
    let faults = &world.sandbox.core.faults;
    faults.add(FaultRule::new(FaultService::LetsTalk, answers(503)));
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("quiero hablar con una persona");
    phone.sees("Te comunico con una persona").await;
    phone.says("necesito saber algo");
    phone.says("¿cuál es el horario?");
    // The backlog waits behind the opening; then the limit passes.
    let waiting = "update outbox set attempts = attempts where state = 'pending'
        and task like '%open_desk%'";
    soon_sql(&world, waiting).await;
    world.everything_taken(3).await;
    let old = "update outbox set created_at = created_at - 61000, next_at = 1
        where state = 'pending'";
    assert!(world.sql(old).await >= 1);
    phone.sees("No pudimos comunicarte con una persona").await;
    let ended = world.bot_hears("handoff.ended", 1).await;
    assert_eq!(
        ended[0]["data"]["handoff"]["end_reason"], "error",
        "{ended:#?}"
    );
    // The bot answers what was said meanwhile.
    phone.sees("Abrimos de lunes a viernes").await;
    let forwarded = || {
        let events = world.sandbox.services.bot.events(0);
        let text = |event: &sandbox::bot::Event| event.body.to_string();
        let mut hooks = events.iter().filter(|event| event.kind == "webhook");
        hooks.any(|event| text(event).contains("necesito saber algo"))
    };
    soon(
        "backlog at the bot",
        || forwarded().then_some(()),
        || format!("{:#?}", world.sandbox.services.bot.events(0)),
    )
    .await;
    let letstalk = &world.sandbox.services.letstalk;
    assert!(
        letstalk
            .conversation_ids(world.company.organization)
            .is_empty()
    );
}

async fn soon_sql(world: &World, statement: &str) {
    testkit::until(crate::wait::PATIENCE, || async {
        world.sql(statement).await > 0
    })
    .await;
}
