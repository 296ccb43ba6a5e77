//! The line that a bot keeps to itself: the signed event is the delivery.

use crate::house::Flavour;
use crate::wait::soon;
use crate::world::World;
use adapters::accounts::channel_context;
use adapters::ingest::{Command, Submission};
use adapters::store::NewChannel;
use domain::channel::{ChannelCredentials, ChannelKind, ChannelSettings};
use domain::contact::{ContactAddress, ContactProfile};
use domain::ids::ChannelId;
use domain::message::Content;
use sandbox::fault::{Action, FaultRule, FaultService};
use std::collections::BTreeMap;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_beside_us_hears_of_an_agents_file_when_it_can_fetch_it() {
    // The example bot knows the signing secret by its line.
    let world = World::start(Flavour::Embedded, &[ChannelKind::Telegram]).await;
    let line = connected(&world).await;
    asks_for_a_person(&world, line).await;
    let desk = world.desk("visitante-81").await;
    let late = FaultRule::new(FaultService::LetsTalk, unavailable())
        .path("/media/")
        .times(2);
    let late = world.sandbox.core.faults.add(late);
    desk.joins();
    desk.attaches("foto.png", "image/png", b"\x89PNG\r\n\x1a\n".to_vec());
    desk.says("ahí va");

    let events = world.bot_hears("message.agent", 2).await;
    assert_eq!(world.sandbox.core.faults.hits(late), 2);
    let said = |n: usize| &events[n]["data"]["message"]["content"];
    assert_eq!(said(0)["kind"], "media", "{events:#?}");
    let url = said(0)["attachment"]["url"].as_str();
    let id = url.and_then(|url| url.rsplit('/').next()).expect("a file");
    let files = world.parts.store.tenant(world.company.tenant);
    let (file, _) = files.files().get(id.parse().unwrap()).await.unwrap();
    assert_eq!(file.name, "foto.png");
    assert_eq!(said(1)["text"], "ahí va");
}

/// A line of the API, as the form makes it.
async fn connected(world: &World) -> ChannelId {
    let id = ChannelId(world.parts.ids.next());
    let context = channel_context(world.company.tenant, id);
    let plain = serde_json::to_vec(&ChannelCredentials::Api {}.to_sealable()).unwrap();
    let new = NewChannel {
        id,
        kind: ChannelKind::Api,
        name: "Web".to_owned(),
        external_id: id.to_string(),
        public_key: id.to_string(),
        settings: ChannelSettings::default(),
        credentials: world.parts.vault.seal(context, &plain).await.unwrap(),
    };
    let store = world.parts.store.tenant(world.company.tenant);
    store.channels().insert(new).await.unwrap();
    id
}

async fn asks_for_a_person(world: &World, channel: ChannelId) {
    let said = Command::Said {
        tenant: world.company.tenant,
        channel,
        from: ContactAddress::of("visitante-81"),
        profile: ContactProfile::default(),
        content: Content::text("quiero hablar con una persona"),
        external_id: "web-1".to_owned(),
    };
    let ingest = &world.parts.ingest;
    ingest.submit(Submission::Command(said)).await.unwrap();
    let requested = || (!world.bot_events().is_empty()).then_some(());
    soon("the request at the bot", requested, || "nothing".to_owned()).await;
}

fn unavailable() -> Action {
    Action::Status {
        status: 503,
        headers: BTreeMap::new(),
        body: String::new(),
        pad_to: 0,
        after: false,
    }
}
