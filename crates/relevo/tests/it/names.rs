//! Messenger and Instagram keep names out of their webhooks; agents see them all the same.

use crate::house::Flavour;
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::phone::NewContact;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_sees_the_name_of_a_messenger_contact() {
    named(ChannelKind::Messenger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_sees_the_name_of_an_instagram_contact() {
    named(ChannelKind::Instagram).await;
}

async fn named(kind: ChannelKind) {
    let world = World::start(Flavour::Embedded, &[kind]).await;
    let contact = contact_of(kind);
    let phone = world.phone(kind, contact);
    let new = NewContact {
        id: Some(contact.to_owned()),
        name: Some("Violeta Ñáñez".to_owned()),
        ..NewContact::default()
    };
    let phones = &world.sandbox.services.phone;
    phones
        .add_contact(phone.line.sandbox_kind(), &phone.line.account, new)
        .unwrap();
    // The very first word asks for a person: the name has to be there in time.
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact).await;
    let letstalk = &world.sandbox.services.letstalk;
    let client = letstalk.person(desk.now().client).unwrap();
    assert!(client.name.contains("Violeta"), "{}", client.name);
}
