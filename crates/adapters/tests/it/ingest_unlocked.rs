//! Words of known contacts go without locks on PostgreSQL, and whatever happens between the look and the
//! write is as if it had come before.

use crate::support::{Company, House, webhook_outcome};
use adapters::ingest::{Ingest, Submission, WebhookOutcome};
use domain::contact::ContactAddress;
use domain::handoff::Phase;
use domain::outbound::{Lane, Task};
use domain::ports::{ChannelEvent, Inbound};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Statements that were told.
type Told = Arc<Mutex<Vec<String>>>;

/// A process that tells its statements.
fn telling(house: &House) -> (Ingest, Told) {
    let told = Told::default();
    let noted = told.clone();
    let note = move |text: &str, _| noted.lock().unwrap().push(text.to_owned());
    let ingest = Ingest::start(house.store.clone().telling(note), house.queue.clone());
    (ingest, told)
}

/// A process that stops when it has looked at conversations, once: it says so, and goes on when told.
fn stopping(house: &House) -> (Ingest, Receiver<()>, Sender<()>) {
    let ((looked, looks), (go, going)) = (channel(), channel());
    let once = Arc::new(Mutex::new(Some((looked, going))));
    let stop = move |text: &str, _| {
        if !text.contains("as contact_seen") {
            return;
        }
        let first = once.lock().unwrap().take();
        if let Some((looked, going)) = first {
            looked.send(()).unwrap();
            // Others of this thread go on elsewhere.
            tokio::task::block_in_place(|| going.recv().unwrap());
        }
    };
    let ingest = Ingest::start(house.store.clone().telling(stop), house.queue.clone());
    (ingest, looks, go)
}

/// Submits the events to a process of its own, and does something else between its look and its write.
async fn meanwhile<F>(
    house: &House,
    company: &Company,
    events: Vec<Inbound>,
    between: F,
) -> WebhookOutcome
where
    F: AsyncFnOnce(),
{
    let (ingest, looks, go) = stopping(house);
    let hook = Submission::Webhook(company.hook(events));
    let submitting = tokio::spawn(async move { ingest.submit(hook).await });
    tokio::task::spawn_blocking(move || looks.recv().unwrap())
        .await
        .unwrap();
    between().await;
    go.send(()).unwrap();
    webhook_outcome(submitting.await.unwrap())
}

async fn house_with_ana() -> (House, Company) {
    let house = House::on_postgres().await;
    let company = house.company("uno").await;
    house.says(&company, "ana", "first", "hola").await;
    (house, company)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_of_known_contacts_are_one_look_and_one_write() {
    let (house, company) = house_with_ana().await;
    house.says(&company, "luis", "second", "hola").await;
    let (ingest, told) = telling(&house);
    // The first one reads the company's rules besides.
    let mut number = 0;
    for keys in [&["ana"][..], &["ana"], &["ana", "luis", "ana"]] {
        told.lock().unwrap().clear();
        let events = keys.iter().map(|key| {
            number += 1;
            company.text(key, &format!("m{number}"), "otra cosa")
        });
        let hook = Submission::Webhook(company.hook(events.collect()));
        let outcome = webhook_outcome(ingest.submit(hook).await);
        assert_eq!(outcome.stored, keys.len());
    }
    let told = told.lock().unwrap().clone();
    assert_eq!(told.len(), 2, "{told:#?}");
    let ana = company.conversation("ana").await;
    assert_eq!(
        company.said(ana).await.len(),
        5,
        "each word once, whoever else spoke"
    );
    let lane = house.waiting(&company, ana, Lane::Bot).await;
    assert_eq!(
        lane.len(),
        4,
        "the three webhooks with a share of hers: {lane:?}"
    );
    house.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_handed_off_meanwhile_is_the_agents() {
    let (house, company) = house_with_ana().await;
    let ana = company.conversation("ana").await;
    let events = vec![company.text("ana", "late", "¿sigue ahí?")];
    let outcome = meanwhile(&house, &company, events, async || {
        house.hand_off(&company, ana).await;
    })
    .await;
    assert_eq!(outcome.stored, 1);
    assert!(matches!(company.phase(ana).await, Phase::Requested { .. }));
    let for_bot = house.waiting(&company, ana, Lane::Bot).await;
    let words_for_bot = for_bot.iter();
    let words_for_bot = words_for_bot.filter(|t| matches!(t, Task::ForwardWebhook { .. }));
    assert_eq!(words_for_bot.count(), 1, "only the first: {for_bot:?}");
    let for_desk = house.waiting(&company, ana, Lane::Desk).await;
    let posts = for_desk.iter();
    let posts = posts.filter(|t| matches!(t, Task::PostToDesk { .. }));
    assert_eq!(posts.count(), 1, "{for_desk:?}");
    house.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_said_meanwhile_keep_their_numbers() {
    let (house, company) = house_with_ana().await;
    house.says(&company, "luis", "other", "hola").await;
    let events = vec![
        company.text("luis", "l2", "yo también"),
        company.text("ana", "a3", "tercera"),
    ];
    let outcome = meanwhile(&house, &company, events, async || {
        house.says(&company, "ana", "a2", "segunda").await;
    })
    .await;
    assert_eq!(outcome.stored, 2);
    let ana = company.conversation("ana").await;
    let said = ["contact: hola", "contact: segunda", "contact: tercera"];
    assert_eq!(company.said(ana).await, said);
    let luis = company.conversation("luis").await;
    assert_eq!(company.said(luis).await.len(), 2);
    house.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_stored_meanwhile_is_a_repetition() {
    let (house, company) = house_with_ana().await;
    let events = || vec![company.text("ana", "same", "una sola vez")];
    let outcome = meanwhile(&house, &company, events(), async || {
        let first = house.webhook(company.hook(events())).await;
        assert_eq!(first.stored, 1);
    })
    .await;
    assert_eq!((outcome.stored, outcome.repeated), (0, 1));
    let ana = company.conversation("ana").await;
    assert_eq!(company.said(ana).await.len(), 2);
    house.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_who_changed_meanwhile_is_looked_at_again() {
    let (house, company) = house_with_ana().await;
    let ana = company.conversation("ana").await;
    let events = vec![company.text("ana", "back", "aquí estoy")];
    let outcome = meanwhile(&house, &company, events, async || {
        // Of the contact's row alone.
        let text = "update contacts set unreachable_since = 5 where key = 'ana'";
        house.run(text, vec![]).await;
    })
    .await;
    assert_eq!(outcome.stored, 1);
    let row = company.tenant.conversations().get(ana).await.unwrap();
    assert_eq!(row.contact.unreachable_since, None, "she wrote after that");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_erased_meanwhile_begins_anew() {
    let (house, company) = house_with_ana().await;
    let before = company.conversation("ana").await;
    let events = vec![company.text("ana", "again", "hola otra vez")];
    let outcome = meanwhile(&house, &company, events, async || {
        company.tenant.erase_contact(before, "—").await.unwrap();
    })
    .await;
    assert_eq!(outcome.stored, 1);
    let ana = company.conversation("ana").await;
    assert_ne!(ana, before);
    assert_eq!(company.said(before).await, ["contact: —"]);
    assert_eq!(company.said(ana).await, ["contact: hola otra vez"]);
    house.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_who_left_meanwhile_is_heard_all_the_same() {
    let (house, company) = house_with_ana().await;
    let ana = company.conversation("ana").await;
    let events = vec![company.text("ana", "not gone", "aquí sigo")];
    let outcome = meanwhile(&house, &company, events, async || {
        let address = ContactAddress::of("ana");
        let left = company.event(address, "left", ChannelEvent::ContactLeft);
        house.webhook(company.hook(vec![left])).await;
    })
    .await;
    assert_eq!(outcome.stored, 1);
    let row = company.tenant.conversations().get(ana).await.unwrap();
    assert_eq!(row.contact.unreachable_since, None);
    assert_eq!(company.said(ana).await.len(), 2);
    house.check().await;
}
