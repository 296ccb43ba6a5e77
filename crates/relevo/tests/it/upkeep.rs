//! What the worker does by itself: it forgets what a company does not keep, and renews tokens.

use crate::house::{Flavour, Part};
use crate::ring::contact_of;
use crate::wait::PATIENCE;
use crate::world::World;
use adapters::accounts::channel_context;
use adapters::api_objects::ApiObjects;
use adapters::ingest::{Command, Submission};
use adapters::queue::MemoryQueue;
use adapters::store::{NewChannel, NewTenant, PasswordHash};
use domain::channel::{ChannelCredentials, ChannelKind, ChannelSettings, InstagramLogin};
use domain::contact::{ContactAddress, ContactProfile};
use domain::ids::TenantId;
use domain::message::Content;
use domain::ports::Queue;
use domain::secret::Sealed;
use domain::tenant::Language;
use sandbox::ledger::{Row, Service};
use std::sync::Arc;
use testkit::until;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use worker::crew::{Crew, Pulse};

const FORGOTTEN: &str = "Contenido eliminado";

/// Everything that was ever said in a company.
async fn said(world: &World, tenant: TenantId) -> Vec<String> {
    let conversations = world.parts.store.tenant(tenant).conversations();
    let all = adapters::store::ConversationFilter::default();
    let mut words = Vec::new();
    for row in conversations.list(&all, None, 100).await.unwrap() {
        let id = row.conversation.id;
        for message in conversations.messages_after(id, 0, 1000).await.unwrap() {
            words.push(message.content.words().unwrap_or_default().to_owned());
        }
    }
    words
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_starts_forgets_old_words_and_renews_tokens() {
    let kind = ChannelKind::Instagram;
    let world = World::start(Flavour::Embedded, &[kind]).await;
    let phone = world.phone(kind, contact_of(kind));
    let secret = phone.says("mi secreto");
    phone.taken(&secret).await;
    world.balances().await;
    until(PATIENCE, || async {
        let pending = "update outbox set attempts = attempts where state = 'pending'";
        world.sql(pending).await == 0
    })
    .await;
    world.house.stop(Part::Web).await;

    // The line has a login of its own, whose token lasts 60 days, and the company keeps a day.
    let tenant = world.company.tenant;
    let store = world.parts.store.tenant(tenant);
    let line = world.line(kind).channel;
    let open = world.parts.accounts.channel(tenant, line).await.unwrap();
    let mut credentials = open.credentials.as_ref().clone();
    let ChannelCredentials::Instagram { login, token, .. } = &mut credentials else {
        panic!("not an Instagram line");
    };
    *login = InstagramLogin::Instagram;
    let old = token.expose().to_owned();
    let plain = credentials.to_sealable().to_string();
    let bound = channel_context(tenant, line);
    let sealed = world.parts.vault.seal(bound, plain.as_bytes()).await;
    let channels = store.channels();
    channels
        .save_credentials(line, &sealed.unwrap())
        .await
        .unwrap();
    store.set_retention(Some(1)).await.unwrap();
    world.sql("update messages set received_at = 1").await;
    assert!(
        said(&world, tenant)
            .await
            .contains(&"mi secreto".to_owned())
    );

    world.house.start(Part::Web).await;
    until(PATIENCE, || async {
        let words = said(&world, tenant).await;
        words.iter().all(|w| w == FORGOTTEN)
    })
    .await;
    until(PATIENCE, || async {
        let settings = channels.get(line).await.unwrap().settings;
        settings.token_renewed_at.is_some() && settings.token_expires_at.is_some()
    })
    .await;
    // The platform was asked, and not only the date written down.
    let rows = world
        .sandbox
        .core
        .ledger
        .rows(Service::Graph, 0, usize::MAX);
    let asked = |row: &&Row| row.raw.get().contains("refresh_access_token");
    assert_eq!(rows.iter().filter(asked).count(), 1);
    let accounts = &world.parts.accounts;
    accounts.forget(tenant, Some(&open.channel)).await;
    let now = accounts.channel(tenant, line).await.unwrap();
    let ChannelCredentials::Instagram { token, .. } = now.credentials.as_ref() else {
        panic!("not an Instagram line");
    };
    assert_ne!(token.expose(), old, "the new token is the one in use");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_forgets_for_the_companies_it_holds_and_leaves_the_others_to_theirs() {
    let world = World::start(Flavour::Embedded, &[]).await;
    world.house.stop(Part::Web).await;
    let parts = &world.parts;
    let context = worker::Context {
        store: parts.store.clone(),
        ingest: parts.ingest.clone(),
        queue: parts.queue.clone(),
        vault: parts.vault.clone(),
        accounts: parts.accounts.clone(),
        channels: parts.channels.clone(),
        desk: parts.desk.clone(),
        bots: parts.bots.clone(),
        objects: ApiObjects::new(&world.house.url()),
        files: parts.files.clone(),
        http: parts.http.clone(),
        links: parts.links.clone(),
        clock: parts.clock.clone(),
    };
    let queue: Arc<dyn Queue> = Arc::new(MemoryQueue::new(parts.clock.clone()));
    let cancel = CancellationToken::new();
    let crews = ["ana", "beto"].map(|name| Crew::new(queue.clone(), name, Pulse::default()));
    for crew in &crews {
        let (crew, cancel) = (crew.clone(), cancel.clone());
        tokio::spawn(async move { crew.run(cancel).await });
    }
    let [mine, other] = &crews;
    let mut view = mine.watch();
    let both = view.wait_for(|view| view.list.members.len() == 2).await;
    let list = both.unwrap().list.clone();

    // Companies are looked at in the order of their ids: one of the other's comes before one of
    // ours, so when ours is done, the other's was passed over.
    let (mut theirs, mut ours) = (None, None);
    while ours.is_none() {
        let tenant = company(&world).await;
        if other.holds(&list, tenant) {
            theirs.get_or_insert(tenant);
        } else if theirs.is_some() {
            ours = Some(tenant);
        }
    }
    let (theirs, ours) = (theirs.unwrap(), ours.unwrap());
    world.sql("update messages set received_at = 1").await;
    let loops = tokio::spawn(worker::retention(
        context.clone(),
        mine.clone(),
        cancel.clone(),
    ));
    until(PATIENCE, || async {
        said(&world, ours).await == [FORGOTTEN]
    })
    .await;
    assert_eq!(said(&world, theirs).await, ["hola"], "left to the other");
    let second = tokio::spawn(worker::retention(context, other.clone(), cancel.clone()));
    until(PATIENCE, || async {
        said(&world, theirs).await == [FORGOTTEN]
    })
    .await;
    cancel.cancel();
    loops.await.unwrap();
    second.await.unwrap();
}

/// A company that keeps its words for a day, and in which one was said.
async fn company(world: &World) -> TenantId {
    let store = &world.parts.store;
    let name = Uuid::now_v7().simple().to_string();
    let owner = store.sign_up(NewTenant {
        company: name.clone(),
        name: "Ana".to_owned(),
        email: format!("{name}@norte.test"),
        password_hash: PasswordHash("hash".to_owned()),
        language: Language::Es,
        time_zone: "UTC".to_owned(),
    });
    let tenant = owner.await.unwrap().tenant;
    let line = NewChannel {
        id: Uuid::now_v7().into(),
        kind: ChannelKind::Api,
        name: "Línea".to_owned(),
        external_id: name.clone(),
        public_key: name,
        settings: ChannelSettings::default(),
        credentials: Sealed(vec![7]),
    };
    let door = store.tenant(tenant);
    let line = door.channels().insert(line).await.unwrap();
    door.set_retention(Some(1)).await.unwrap();
    let said = Command::Said {
        tenant,
        channel: line.id,
        from: ContactAddress::of("ana"),
        profile: ContactProfile::default(),
        content: Content::text("hola"),
        external_id: "1".to_owned(),
    };
    let done = world.parts.ingest.submit(Submission::Command(said)).await;
    done.unwrap();
    tenant
}
