//! Due times and claims where processes share a database: its clock judges, and no worker's.

use crate::support::{Company, HOLD, House, refused};
use adapters::clock::UuidV7;
use adapters::ingest::{Ingest, Submission, TryOutcome, TryResult};
use adapters::store::{ClaimError, DatabaseSettings, Hold, NewMail, Slot, Store};
use domain::ids::{ConversationId, MailId};
use domain::outbound::{Failure, Lane, SendError};
use domain::secret::Sealed;
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use testkit::FakeClock;

const HOUR: i64 = 3_600_000;

/// A process on the same database whose clock shows something else.
async fn worker(house: &House, wrong_by: i64) -> Store {
    let clock = Arc::new(FakeClock::at(Timestamp(house.now().0 + wrong_by)));
    let settings = DatabaseSettings::at(&house.url);
    let store = Store::connect(&settings, clock, Arc::new(UuidV7)).await;
    store.unwrap()
}

/// One company with a row in its bot lane.
async fn work(house: &House) -> (Company, ConversationId) {
    let company = house.company("uno").await;
    house.says(&company, "51999", "m1", "hola").await;
    let id = company.conversation("51999").await;
    (company, id)
}

/// How far a column of the only row of the bot's lane lies ahead, by the database's clock.
async fn ahead_of_the_database(house: &House, column: &str) -> i64 {
    let text = format!(
        "select {column} - (extract(epoch from statement_timestamp()) * 1000)::bigint
         from outbox where state = 'pending' and lane = $1"
    );
    house.number(&text, vec![Lane::Bot.number().into()]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_whose_clock_is_ahead_leaves_the_claims_of_others_alone() {
    let house = House::on_postgres().await;
    let (company, id) = work(&house).await;
    let (right, ahead) = (worker(&house, 0).await, worker(&house, HOUR).await);
    let hold = Hold {
        span: HOLD,
        by: Some("right@1".to_owned()),
    };
    let taken = right.tenant(company.id()).claim(id, Lane::Bot, hold).await;
    taken.unwrap();
    assert_eq!(ahead.due_lanes(10).await.unwrap(), []);
    assert_eq!(ahead.claimants().await.unwrap(), ["right@1"]);
    let none = ahead.tenant(company.id()).claim(id, Lane::Bot, HOLD).await;
    let none = refused(none);
    // It is told when to look again in its own time.
    let span = |at: Timestamp| at.since(ahead.clock().now());
    let soon = |at| span(at) <= HOLD && span(at) > HOLD / 2;
    assert!(
        matches!(none, ClaimError::NotBefore(at) if soon(at)),
        "{none:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_lasts_for_its_span_whatever_its_workers_clock_shows() {
    let house = House::on_postgres().await;
    let (company, id) = work(&house).await;
    let (behind, ahead) = (worker(&house, -HOUR).await, worker(&house, HOUR).await);
    let behind = behind.tenant(company.id());
    let ahead = ahead.tenant(company.id());
    let first = ahead.claim(id, Lane::Bot, Duration::ZERO).await.unwrap();
    let left = ahead_of_the_database(&house, "claimed_until").await;
    assert!(left <= 0, "{left}");
    let second = behind.claim(id, Lane::Bot, HOLD).await.unwrap();
    assert_eq!((second.id, second.ambiguous), (first.id, true));
    let left = ahead_of_the_database(&house, "claimed_until").await;
    assert!((1..=60_000).contains(&left), "{left}");
    let none = refused(ahead.claim(id, Lane::Bot, HOLD).await);
    assert!(matches!(none, ClaimError::NotBefore(_)), "{none:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_off_under_a_wrong_clock_waits_for_its_pause_and_no_longer() {
    let house = House::on_postgres().await;
    let (company, id) = work(&house).await;
    for wrong_by in [HOUR, -HOUR] {
        let store = worker(&house, wrong_by).await;
        let ingest = Ingest::start(store.clone(), house.queue.clone());
        let tenant = store.tenant(company.id());
        let claim = tenant.claim(id, Lane::Bot, HOLD).await.unwrap();
        let result = TryResult::Later {
            at: store.clock().now().after(Duration::from_secs(30)),
            counts: true,
            error: SendError::clear(Failure::Transient { retry_after: None }, "down"),
            progress: serde_json::Value::Null,
            parts: Vec::new(),
            note: None,
        };
        let outcome = TryOutcome { claim, result };
        let tried = ingest
            .submit(Submission::Tried(std::sync::Arc::new(outcome)))
            .await;
        tried.unwrap();
        let left = ahead_of_the_database(&house, "next_at").await;
        assert!((1..=30_000).contains(&left), "{wrong_by}: {left}");
        let now = "update outbox set next_at = 1 where state = 'pending'";
        house.run(now, Vec::new()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_work_made_under_any_clock_is_due_at_once() {
    let house = House::on_postgres().await;
    let company = house.company("uno").await;
    for wrong_by in [100 * HOUR, -100 * HOUR] {
        let ingest = Ingest::start(worker(&house, wrong_by).await, house.queue.clone());
        let who = wrong_by.to_string();
        let hook = company.hook(vec![company.text(&who, &who, "hola")]);
        let stored = ingest.submit(Submission::Webhook(hook)).await;
        stored.unwrap();
    }
    let store = worker(&house, 0).await;
    assert_eq!(store.due_lanes(10).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_and_calls_under_way_are_held_by_the_same_clock() {
    let house = House::on_postgres().await;
    let company = house.company("uno").await;
    let (right, ahead) = (worker(&house, 0).await, worker(&house, HOUR).await);
    let mail = NewMail {
        tenant: company.id(),
        id: MailId(house.store.ids().next()),
        body: Sealed(vec![1]),
        kept: false,
        expires_at: house.now().after(HOLD),
    };
    // Posted under a clock that is ahead, taken at once by one that is right, and by it alone.
    ahead.mail_post(&mail).await.unwrap();
    assert_eq!(right.mails_claim(9, HOLD).await.unwrap().len(), 1);
    assert_eq!(ahead.mails_claim(9, HOLD).await.unwrap().len(), 0);
    let key = |store: &Store| store.tenant(company.id()).idempotency();
    assert_eq!(key(&right).take("k", b"r").await.unwrap(), Slot::Taken);
    assert_eq!(key(&ahead).take("k", b"r").await.unwrap(), Slot::InProgress);
}
