//! Several workers: one dies, one is stopped, Redis goes away.

use crate::house::{Flavour, Part};
use crate::ring::contact_of;
use crate::wait::soon;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::ledger::Service;
use std::time::Instant;

const KIND: ChannelKind = ChannelKind::WhatsApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_worker_that_listens_is_killed_another_one_listens() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    world.house.start(Part::SecondWorker).await;
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact_of(KIND)).await;
    desk.joins();
    desk.says("primera");
    phone.sees("primera").await;
    let mut expected = vec!["primera".to_owned()];
    for round in 0..2 {
        let part = holder(&world).await;
        world.house.kill(part);
        let killed = Instant::now();
        let words = format!("tras el golpe {round}");
        desk.says(&words);
        phone.sees(&words).await;
        println!(
            "{part:?} killed: the agent was heard after {:?}",
            killed.elapsed()
        );
        expected.push(words);
        let (there, back) = (format!("contacto {round}"), format!("agente {round}"));
        phone.says(&there);
        desk.hears(&there).await;
        desk.says(&back);
        phone.sees(&back).await;
        expected.push(back);
        world.house.start(part).await;
    }
    let mut seen = phone.texts();
    seen.retain(|text| expected.contains(text));
    assert_eq!(seen, expected);
    assert_eq!(desk.texts()[1..], ["contacto 0", "contacto 1"]);
}

/// The worker that holds the company's subscription.
async fn holder(world: &World) -> Part {
    let holds = |part: &Part| {
        let log = world.house.log(*part);
        let count = |words: &str| log.matches(words).count();
        count("subscription started") > count("subscription stopped")
    };
    let one = || {
        let mut both = [Part::Worker, Part::SecondWorker].into_iter().filter(holds);
        let first = both.next()?;
        both.next().is_none().then_some(first)
    };
    soon("single holder", one, || "none or two".to_owned()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_worker_had_in_hand_is_taken_over_and_arrives_once() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact_of(KIND)).await;
    desk.joins();
    let faults = &world.sandbox.core.faults;
    // Posted, but the answer does not come before the worker dies.
    let trickle = Action::Slow { ms_per_byte: 1000 };
    let rule = FaultRule::new(FaultService::LetsTalk, trickle);
    let rule = faults.add(rule.method("POST").path("/messages").times(1));
    phone.says("uno");
    let held = || (faults.hits(rule) == 1).then_some(());
    soon("held request", held, || "none".to_owned()).await;
    desk.hears("uno").await;
    phone.says("dos");
    world.house.start(Part::SecondWorker).await;
    world.house.kill(Part::Worker);
    let killed = Instant::now();
    desk.hears("dos").await;
    println!(
        "the row in hand was taken over after {:?}",
        killed.elapsed()
    );
    assert_eq!(desk.texts()[1..], ["uno", "dos"]);
    let ledger = &world.sandbox.core.ledger;
    assert_eq!(ledger.count(Service::LetsTalk, "duplicate_remote_id"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_nobody_takes_anything_from_anybody_and_nothing_is_lost() {
    let world = World::start(Flavour::Production, &[ChannelKind::Telegram]).await;
    let kind = ChannelKind::Telegram;
    world.house.start(Part::SecondWorker).await;
    let phone = world.phone(kind, contact_of(kind));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact_of(kind)).await;
    desk.joins();
    let redis = world.house.redis.as_ref().unwrap();
    redis.pause().unwrap();
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for n in 0..6 {
        there.push(format!("contacto {n}"));
        back.push(format!("agente {n}"));
        phone.says(&there[n]);
        desk.says(&back[n]);
    }
    desk.hears("contacto 5").await;
    phone.sees("agente 5").await;
    redis.resume().unwrap();
    there.push("contacto 6".to_owned());
    back.push("agente 6".to_owned());
    phone.says("contacto 6");
    desk.says("agente 6");
    desk.hears("contacto 6").await;
    phone.sees("agente 6").await;
    assert_eq!(desk.texts()[1..], there);
    let mut seen = phone.texts();
    seen.retain(|text| text.starts_with("agente"));
    assert_eq!(seen, back);
}
