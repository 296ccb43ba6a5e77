//! A conversation that is deleted at Let's Talk while somebody talks in it (F25).

use crate::house::Flavour;
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::fault::{Action, FaultRule, FaultService};
use std::collections::BTreeMap;

const KIND: ChannelKind = ChannelKind::Telegram;

async fn gives_back(flavour: Flavour, status: u16) {
    let world = World::start(flavour, &[KIND]).await;
    let (_, desk) = world.talking(KIND).await;
    let gone = desk.conversation;
    let letstalk = &world.sandbox.services.letstalk;
    letstalk.delete_conversation(gone).unwrap();
    if status != 404 {
        let answer = Action::Status {
            status,
            headers: BTreeMap::new(),
            body: String::new(),
            pad_to: 0,
            after: false,
        };
        let rule = FaultRule::new(FaultService::LetsTalk, answer);
        let rule = rule.path("/messages");
        world.sandbox.core.faults.add(rule);
    }
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("¿sigues ahí?");
    // The contact is told that nobody reads this, and the bot hears of it.
    phone.sees("No pudimos comunicarte con una persona").await;
    let ended = world.bot_hears("handoff.ended", 1).await;
    let reason = &ended[0]["data"]["handoff"]["end_reason"];
    assert_eq!(reason, "error", "{ended:#?}");
    // What nobody took failed with that reason, for members to see.
    world.balances().await;
    let failed = "update messages set failure = failure where status = 'failed'
        and failure like 'conversation_gone%'";
    assert_eq!(world.sql(failed).await, 1);
    // Between bot and contact everything is as before.
    phone.says("¿cuál es el horario?");
    phone.sees("Abrimos de lunes a viernes").await;
    world.sandbox.core.faults.clear();
    // Whoever asks again gets a conversation of its own.
    phone.says("quiero hablar con una persona");
    let again = world.desk(contact_of(KIND)).await;
    assert_ne!(again.conversation, gone);
    again.joins();
    again.says("Hola de nuevo");
    phone.sees("Hola de nuevo").await;
    phone.says("por fin");
    again.hears("por fin").await;
    world.balances().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f25_a_conversation_deleted_at_lets_talk_gives_the_contact_back_to_the_bot() {
    gives_back(Flavour::Production, 404).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f25_a_conversation_that_is_said_to_be_gone_for_good_does_the_same() {
    gives_back(Flavour::Embedded, 410).await;
}

/// A refusal of one message is none of the conversation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f25_a_404_for_a_message_alone_fails_that_message_and_ends_nothing() {
    let world = World::start(Flavour::Embedded, &[KIND]).await;
    let (_, desk) = world.talking(KIND).await;
    let answer = Action::Status {
        status: 404,
        headers: BTreeMap::new(),
        body: String::new(),
        pad_to: 0,
        after: false,
    };
    let rule = FaultRule::new(FaultService::LetsTalk, answer)
        .method("POST")
        .path("/messages")
        .times(1);
    world.sandbox.core.faults.add(rule);
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("esto se pierde con motivo");
    phone.says("¿y esto?");
    desk.hears("¿y esto?").await;
    assert!(!desk.texts().iter().any(|text| text.contains("con motivo")));
    world.balances().await;
    let failed = "update messages set failure = failure where status = 'failed'";
    assert_eq!(world.sql(failed).await, 1);
}
