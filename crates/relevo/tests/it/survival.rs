//! Processes die, or are asked to stop, in the middle of it all.

use crate::house::{Flavour, Part};
use crate::load::{Blow, Load, reached, strike};
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::ledger::Service;

const KINDS: [ChannelKind; 3] = [
    ChannelKind::Telegram,
    ChannelKind::WhatsApp,
    ChannelKind::Messenger,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_messages_each_way_survive_the_kill_of_web_and_worker() {
    let world = World::start(Flavour::Production, &KINDS).await;
    let load = Load {
        contacts: 25,
        each: 40,
    };
    let outcome = load
        .run(&world, async |progress| {
            reached(&progress, 500).await;
            strike(&world, Blow::Kill, &[Part::Web, Part::Worker]).await;
            reached(&progress, 1300).await;
            strike(&world, Blow::Kill, &[Part::Web]).await;
        })
        .await;
    // Telegram leaves no trace by which a message that may have arrived could be found.
    assert!(outcome.repeated_on_telegram <= 9, "{outcome:?}");
    assert_eq!(outcome.repeated_elsewhere, 0, "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_each_way_survive_the_kill_of_the_only_process() {
    let world = World::start(Flavour::Embedded, &KINDS).await;
    let load = Load {
        contacts: 9,
        each: 25,
    };
    let outcome = load
        .run(&world, async |progress| {
            reached(&progress, 100).await;
            strike(&world, Blow::Kill, &[Part::Web]).await;
            reached(&progress, 300).await;
            strike(&world, Blow::Kill, &[Part::Web]).await;
        })
        .await;
    assert!(outcome.repeated_on_telegram <= 6, "{outcome:?}");
    assert_eq!(outcome.repeated_elsewhere, 0, "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_loses_and_doubles_nothing_in_production() {
    let world = World::start(Flavour::Production, &KINDS).await;
    let load = Load {
        contacts: 9,
        each: 25,
    };
    let outcome = load
        .run(&world, async |progress| {
            reached(&progress, 80).await;
            strike(&world, Blow::Stop, &[Part::Web]).await;
            reached(&progress, 160).await;
            strike(&world, Blow::Stop, &[Part::Worker]).await;
            reached(&progress, 300).await;
            strike(&world, Blow::Stop, &[Part::Worker, Part::Web]).await;
        })
        .await;
    assert_eq!(outcome.repeated_on_telegram, 0, "{outcome:?}");
    assert_eq!(outcome.repeated_elsewhere, 0, "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_loses_and_doubles_nothing_on_the_embedded_default() {
    let world = World::start(Flavour::Embedded, &KINDS).await;
    let load = Load {
        contacts: 9,
        each: 25,
    };
    let outcome = load
        .run(&world, async |progress| {
            reached(&progress, 150).await;
            strike(&world, Blow::Stop, &[Part::Web]).await;
        })
        .await;
    assert_eq!(outcome.repeated_on_telegram, 0, "{outcome:?}");
    assert_eq!(outcome.repeated_elsewhere, 0, "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_while_it_opens_a_conversation_does_not_open_it_twice() {
    let kind = ChannelKind::Telegram;
    let world = World::start(Flavour::Production, &[kind]).await;
    let faults = &world.sandbox.core.faults;
    // Opened, but neither the answer nor the stream has told it when the worker dies.
    let trickle = Action::Slow { ms_per_byte: 1000 };
    let rule = FaultRule::new(FaultService::LetsTalk, trickle);
    faults.add(rule.method("POST").path("/conversations"));
    let late = FaultRule::new(FaultService::PubNub, Action::Delay { ms: 3000 });
    faults.add(late.method("SEND"));
    let phone = world.phone(kind, contact_of(kind));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact_of(kind)).await;
    world.house.kill(Part::Worker);
    faults.clear();
    world.house.start(Part::Worker).await;
    phone.says("¿hay alguien?");
    desk.hears("¿hay alguien?").await;
    let letstalk = &world.sandbox.services.letstalk;
    let opened = letstalk.conversation_ids(world.company.organization);
    assert_eq!(opened, [desk.conversation]);
    let ledger = &world.sandbox.core.ledger;
    assert_eq!(ledger.count(Service::LetsTalk, "duplicate_remote_id"), 0);
}
