//! People who come for the first time, many at once, on both databases.

use crate::support::{Company, House, on_both_databases};
use adapters::ingest::{Ingest, IngestError, Outcome, Submission};
use domain::message::Content;
use domain::ports::Inbound;
use futures::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The first word of somebody who tells a name.
fn first_word(company: &Company, who: usize) -> Inbound {
    let mut event = company.text(&format!("c{who}"), &format!("m{who}"), "hola");
    event.profile.name = Some(format!("Persona {who}"));
    event
}

/// How many statements it takes to store first words of so many.
async fn statements(house: &House, company: &Company, people: std::ops::Range<usize>) -> usize {
    let asked = Arc::new(AtomicUsize::default());
    let counted = asked.clone();
    let note = move |_: &str, _| {
        counted.fetch_add(1, Ordering::SeqCst);
    };
    let ingest = Ingest::start(house.store.clone().telling(note), house.queue.clone());
    let count = people.len();
    let events = people.map(|who| first_word(company, who)).collect();
    let hook = Submission::Webhook(company.hook(events));
    let Ok(Outcome::Webhook(outcome)) = ingest.submit(hook).await else {
        panic!("not taken");
    };
    assert_eq!(outcome.stored, count);
    asked.load(Ordering::SeqCst)
}

on_both_databases! {
    async fn people_who_come_together_are_made_together(house) {
        let company = house.company("uno").await;
        let few = statements(house, &company, 0..3).await;
        let many = statements(house, &company, 3..60).await;
        if house.is_postgres() {
            assert!(few > 0 && many <= few, "{few} statements for three, {many} for many");
        }
        for who in 0..60 {
            let (conversations, key) = (company.tenant.conversations(), format!("c{who}"));
            let row = conversations.by_contact(company.channel.id, &key).await.unwrap();
            let name = row.contact.profile.name;
            assert_eq!(name, Some(format!("Persona {who}")));
            assert_eq!(company.messages(row.conversation.id).await.len(), 1);
        }
        house.check().await;
    }

    async fn two_processes_that_meet_the_same_people_first_make_each_once(house) {
        let company = house.company("uno").await;
        let neighbour = house.neighbour().await;
        let batch = |round: usize, n: usize| {
            let mut events: Vec<_> = (0..5)
                .map(|c| company.text(&format!("c{round}-{c}"), &format!("m{round}-{c}-{n}"), "hola"))
                .collect();
            if n % 2 == 1 {
                events.reverse();
            }
            company.hook(events)
        };
        let mut stored = 0;
        for round in 0..10 {
            let sending = (0..4).map(|n| {
                let ingest = if n % 2 == 0 { &house.ingest } else { &neighbour };
                ingest.submit(Submission::Webhook(batch(round, n)))
            });
            for (n, outcome) in join_all(sending).await.into_iter().enumerate() {
                stored += match outcome {
                    Ok(Outcome::Webhook(outcome)) => outcome.stored,
                    // The platform sends it again.
                    Err(IngestError::Store(error)) if error.is_transient() => {
                        house.webhook(batch(round, n)).await.stored
                    }
                    other => panic!("{other:?}"),
                };
            }
        }
        assert_eq!(stored, 200);
        for table in ["contacts", "conversations"] {
            assert_eq!(house.number(&format!("select count(*) from {table}"), vec![]).await, 50);
        }
        if house.is_postgres() {
            let knots = "select deadlocks from pg_stat_database where datname = current_database()";
            assert_eq!(house.number(knots, vec![]).await, 0, "all make and lock in one order");
        }
        house.check().await;
    }

    async fn a_tag_that_comes_with_the_first_word_is_found(house) {
        let company = house.company("uno").await;
        let tagged = |who: &str| {
            let mut event = company.message(domain::contact::ContactAddress::of(who), who, Content::text("hola"));
            event.profile.tags = vec!["vip".to_owned()];
            event
        };
        // Together with others, and alone.
        house.webhook(company.hook(vec![tagged("ana"), tagged("eva")])).await;
        house.webhook(company.hook(vec![tagged("luis")])).await;
        let found = "select count(*) from contact_tags where tag = 'vip'";
        assert_eq!(house.number(found, vec![]).await, 3);
    }
}
