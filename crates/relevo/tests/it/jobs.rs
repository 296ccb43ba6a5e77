//! Many due jobs of every kind before two workers at once: each is done once (F43).

use crate::house::{Flavour, Part};
use crate::phone::{Phone, sample};
use crate::wait::{PATIENCE, soon};
use crate::world::World;
use adapters::store::mail_context;
use domain::channel::ChannelKind;
use domain::ids::MailId;
use domain::ports::Mail;
use sandbox::ledger::{Row, Service};
use sandbox::phone::Action;
use testkit::{SmtpServer, until};
use uuid::Uuid;

const KIND: ChannelKind = ChannelKind::WhatsApp;
const EACH: usize = 24;

fn contact(n: usize) -> String {
    format!("54911666{n:05}")
}

/// A mail that waits, as the web would have posted it.
async fn posted(world: &World, n: usize) {
    let (tenant, id) = (world.company.tenant, MailId(Uuid::now_v7()));
    let mail = Mail {
        to: format!("persona{n}@austral.test"),
        subject: format!("Aviso {n}"),
        text: "hola".to_owned(),
        html: "<p>hola</p>".to_owned(),
    };
    let plain = serde_json::to_vec(&mail).unwrap();
    let vault = &world.parts.vault;
    let sealed = vault.seal(mail_context(tenant, id), &plain).await.unwrap();
    let statement = format!(
        "insert into mails (tenant_id, id, state, body, next_at, created_at, expires_at)
         values ('{}', '{}', 'waiting', '\\x{}', 1, 1, 9000000000000)",
        tenant.0,
        id.0,
        sealed
            .0
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    );
    assert_eq!(world.sql(&statement).await, 1);
}

/// Both workers begin at the same moment.
async fn both(world: &World) {
    let house = &world.house;
    tokio::join!(house.start(Part::Worker), house.start(Part::SecondWorker));
}

/// Until the database has exactly so many of these.
async fn rows(world: &World, of: &str, count: u64) {
    // PostgreSQL says how many rows it has found.
    let found = format!("select 1 from {of}");
    until(PATIENCE, || async { world.sql(&found).await == count }).await;
}

/// How often each word stands in a list.
fn once(what: &str, all: &[String], words: impl Iterator<Item = String>) {
    for word in words {
        let times = all.iter().filter(|it| it.contains(&word)).count();
        assert_eq!(times, 1, "{what}: «{word}» in {all:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f43_what_is_due_before_two_workers_is_done_once() {
    let smtp = SmtpServer::start().await;
    let settings = [("smtp_url", smtp.url())];
    let settings = settings.each_ref().map(|(name, url)| (*name, url.as_str()));
    let world = World::set(Flavour::Production, &[KIND], &settings, |_| {}).await;
    let waiting: Vec<Phone> = (0..EACH).map(|n| world.phone(KIND, &contact(n))).collect();
    for phone in &waiting {
        phone.says("quiero hablar con una persona");
    }
    for phone in &waiting {
        phone.sees("Te comunico con una persona").await;
        world.desk(&phone.contact).await;
    }
    world.bot_hears("handoff.requested", EACH).await;
    world.balances().await;
    world.house.stop(Part::Worker).await;

    // Nobody works: it becomes due all together. Timers whose ringing ends a handoff, tells the
    // contact and calls the bot; files to fetch; webhooks to hand on; mails.
    let due = world.sql("update timers set due_at = 1").await;
    assert_eq!(due, EACH as u64);
    let senders: Vec<Phone> = (EACH..2 * EACH)
        .map(|n| world.phone(KIND, &contact(n)))
        .collect();
    for phone in &senders {
        let mut picture = sample("imagen.png");
        picture.caption = Some(format!("foto de {}", phone.contact));
        let id = phone.does(Action::Image(picture));
        phone.taken(&id).await;
    }
    for n in 0..EACH {
        posted(&world, n).await;
    }
    let ledger = &world.sandbox.core.ledger;
    let fetched = || {
        let rows = ledger.rows(Service::Graph, 0, usize::MAX);
        let file = |row: &&Row| row.kind == "request" && row.raw.get().contains("attachments");
        rows.iter().filter(file).count()
    };
    let before = fetched();
    both(&world).await;

    let mails = || (smtp.taken().len() >= EACH).then_some(());
    soon("mails", mails, || smtp.taken().len().to_string()).await;
    for phone in &waiting {
        phone.sees("no hay nadie disponible").await;
    }
    world.bot_hears("handoff.ended", EACH).await;
    rows(&world, "mails where state = 'sent'", EACH as u64).await;
    rows(&world, "outbox where state = 'pending'", 0).await;
    world.balances().await;

    let told: Vec<String> = smtp
        .taken()
        .into_iter()
        .map(|(to, _)| to.join(" "))
        .collect();
    once("mails", &told, (0..EACH).map(|n| format!("persona{n}@")));
    for phone in &waiting {
        once(
            "contact",
            &phone.texts(),
            ["no hay nadie disponible".to_owned()].into_iter(),
        );
    }
    let heard = world.bot_events();
    for name in ["handoff.requested", "handoff.ended"] {
        let of = |phone: &&Phone| {
            let mine = |event: &&serde_json::Value| {
                event["type"] == name && event.to_string().contains(&phone.contact)
            };
            heard.iter().filter(mine).count()
        };
        let counts: Vec<usize> = waiting.iter().map(|phone| of(&phone)).collect();
        assert_eq!(counts, [1; EACH], "{name}");
    }
    let bot = &world.sandbox.services.bot;
    let calls = bot.events(0).into_iter().filter(|it| it.kind == "webhook");
    let calls: Vec<String> = calls.map(|it| it.body.to_string()).collect();
    once(
        "bot",
        &calls,
        senders.iter().map(|it| format!("foto de {}", it.contact)),
    );
    assert_eq!(fetched() - before, EACH, "files fetched");
    assert_eq!(ledger.count(Service::LetsTalk, "duplicate_remote_id"), 0);

    // What a company does not keep is forgotten by the one that holds it.
    for part in [Part::Worker, Part::SecondWorker] {
        world.house.stop(part).await;
    }
    let tenant = world.parts.store.tenant(world.company.tenant);
    tenant.set_retention(Some(1)).await.unwrap();
    let old = world.sql("update messages set received_at = 1").await;
    both(&world).await;
    let forgotten = "messages where content like '%Contenido eliminado%'";
    rows(&world, forgotten, old).await;
    rows(&world, "removed_files", 0).await;
    rows(&world, "files", 0).await;
    // Counted after it is committed.
    let figures = || async {
        let parts = [Part::Worker, Part::SecondWorker].map(|part| forgot(&world, part));
        let parts: [u64; 2] = futures::future::join_all(parts).await.try_into().unwrap();
        parts
    };
    until(PATIENCE, || async {
        figures().await.iter().sum::<u64>() >= old
    })
    .await;
    let [one, other] = figures().await;
    assert_eq!((one + other, one.min(other)), (old, 0), "{one} and {other}");
}

/// How many messages a worker says that it has forgotten.
async fn forgot(world: &World, part: Part) -> u64 {
    let url = format!("{}/metrics", world.house.health(part));
    let page = world.http().get(url).send().await.unwrap();
    let page = page.text().await.unwrap();
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix("relevo_messages_forgotten "));
    line.unwrap().parse().unwrap()
}
