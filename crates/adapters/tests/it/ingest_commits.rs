//! Shared commits on both databases: many tenants' submissions together, and nobody pays for
//! another's trouble.

use crate::support::{Company, House, on_both_databases};
use adapters::ingest::{Command, CommandOutcome, Ingest, IngestError, Outcome, Submission};
use adapters::store::StoreError;
use domain::contact::{ContactAddress, ContactProfile};
use domain::handoff::{BotDownAction, HandoffReason, Phase};
use domain::ids::{ConversationId, OutboxId};
use domain::message::Content;
use domain::outbound::{Failure, Lane, SendError};
use domain::ports::Queue;
use domain::routing::{Action, Condition, Rule};
use futures::future::join_all;
use std::time::Duration;
use uuid::Uuid;

on_both_databases! {
    async fn submissions_of_many_tenants_do_not_disturb_each_other(house) {
        let mut companies = Vec::new();
        for n in 0..5 {
            companies.push(house.company(&format!("empresa {n}")).await);
        }
        let unknown = ConversationId(Uuid::now_v7());
        let sending = (0..200).map(|n: usize| {
            let company = &companies[n % 5];
            let submission = match n % 20 {
                // Unknown conversations and rows among them.
                7 => Submission::Command(company.wants_human(unknown)),
                13 => Submission::Command(Command::Retry { tenant: company.id(), row: OutboxId(999_999) }),
                _ => {
                    let key = format!("c{}", n % 15);
                    Submission::Webhook(company.hook(vec![company.text(&key, &format!("m{n}"), "hola")]))
                }
            };
            house.ingest.submit(submission)
        });
        for (n, outcome) in join_all(sending).await.into_iter().enumerate() {
            match (n % 20, outcome) {
                (7 | 13, Err(IngestError::Store(StoreError::NotFound))) => {}
                (7 | 13, other) => panic!("{n}: {other:?}"),
                (_, Ok(Outcome::Webhook(outcome))) => assert_eq!(outcome.stored, 1, "{n}"),
                (_, other) => panic!("{n}: {other:?}"),
            }
        }
        assert_eq!(house.number("select count(*) from messages", vec![]).await, 180);
        for (n, company) in companies.iter().enumerate() {
            let rows = company.tenant.outbox().waiting().await.unwrap();
            let expected = if n == 2 || n == 3 { 30 } else { 40 };
            assert_eq!(rows.iter().map(|r| r.rows).sum::<i64>(), expected, "company {n}");
        }
        house.check().await;
    }

    async fn a_tenant_that_floods_is_told_to_come_back_and_nobody_else(house) {
        let hot = house.company("uno").await;
        let cold = house.company("dos").await;
        let says = |company: &Company, n: usize| {
            let events = vec![company.text("c", &format!("m{n}"), "hola")];
            house.ingest.submit(Submission::Webhook(company.hook(events)))
        };
        let flood = join_all((0..1_500).map(|n| says(&hot, n)));
        let (flood, word) = tokio::join!(flood, says(&cold, 0));
        assert!(matches!(word, Ok(Outcome::Webhook(taken)) if taken.stored == 1));
        let taken = flood.iter().filter(|one| one.is_ok()).count();
        for one in flood {
            assert!(matches!(one, Ok(_) | Err(IngestError::Busy)), "{one:?}");
        }
        assert!((512..1_500).contains(&taken), "{taken} taken");
        let stored = house.number("select count(*) from messages", vec![]).await;
        assert_eq!(stored, taken as i64 + 1);
        house.check().await;
    }

    async fn each_answer_belongs_to_its_question(house) {
        let company = house.company("uno").await;
        for n in 0..30 {
            house.says(&company, &format!("c{n}"), &format!("m{n}"), "hola").await;
        }
        let mut asked = Vec::new();
        for n in 0..30 {
            asked.push(company.conversation(&format!("c{n}")).await);
        }
        let asking = asked.iter().map(|id| house.command(company.wants_human(*id)));
        for (id, outcome) in asked.iter().zip(join_all(asking).await) {
            let CommandOutcome::Done { conversation, handoff: Some(handoff), .. } = outcome.unwrap() else {
                panic!("not begun");
            };
            assert_eq!(conversation, *id);
            assert_eq!(company.handoff(handoff).await.conversation, *id);
        }
        house.check().await;
    }

    async fn two_processes_that_cross_each_other_lose_nothing(house) {
        let company = house.company("uno").await;
        let neighbour = house.neighbour().await;
        let batch = |n: usize, back: bool| {
            let mut events: Vec<_> = (0..6)
                .map(|c| company.text(&format!("c{c}"), &format!("m{n}-{c}"), "hola"))
                .collect();
            if back {
                events.reverse();
            }
            Submission::Webhook(company.hook(events))
        };
        for c in 0..6 {
            house.says(&company, &format!("c{c}"), &format!("first {c}"), "hola").await;
        }
        let sending = (0..20).map(|n| {
            let ingest = if n % 2 == 0 { &house.ingest } else { &neighbour };
            ingest.submit(batch(n, n % 2 == 1))
        });
        let mut stored = 0;
        for (n, outcome) in join_all(sending).await.into_iter().enumerate() {
            match outcome {
                Ok(Outcome::Webhook(outcome)) => stored += outcome.stored,
                // Refused as busy: the platform sends it again.
                Err(IngestError::Store(error)) if error.is_transient() => {
                    let again = house.webhook(match batch(n, false) {
                        Submission::Webhook(hook) => hook,
                        _ => unreachable!(),
                    });
                    stored += again.await.stored;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(stored, 120);
        if house.is_postgres() {
            let knots = "select deadlocks from pg_stat_database where datname = current_database()";
            assert_eq!(house.number(knots, vec![]).await, 0, "all lock in one order");
        }
        house.check().await;
    }

    async fn broken_connections_lose_and_double_nothing(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "first", "hola").await;
        let mut open: Vec<usize> = (0..60).collect();
        let mut stored = 0;
        for round in 0..20 {
            if house.is_postgres() && round < 3 {
                let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()";
                house.number(kill, vec![]).await;
            }
            let sending = open.iter().map(|n| {
                let text = company.text("ana", &format!("m{n}"), "hola");
                house.submit(Submission::Webhook(company.hook(vec![text])))
            });
            let mut again = Vec::new();
            for (n, outcome) in open.iter().zip(join_all(sending).await) {
                match outcome {
                    Ok(Outcome::Webhook(outcome)) => stored += outcome.stored + outcome.repeated,
                    Err(IngestError::Store(error)) if error.is_transient() => again.push(*n),
                    other => panic!("{other:?}"),
                }
            }
            open = again;
            if open.is_empty() {
                break;
            }
        }
        assert_eq!((stored, open.len()), (60, 0));
        // Connections on which is only read may not know yet that they are broken.
        let reads = || async { company.tenant.conversations().by_contact(company.channel.id, "ana").await.is_ok() };
        testkit::until(std::time::Duration::from_secs(30), reads).await;
        let ana = company.conversation("ana").await;
        assert_eq!(company.messages(ana).await.len(), 61);
        assert_eq!(company.for_bot(house, ana).await.len(), 61);
        house.check().await;
    }

    async fn what_was_submitted_before_the_end_is_answered(house) {
        let company = house.company("uno").await;
        let ingest = Ingest::start(house.store.clone(), house.queue.clone());
        let tasks: Vec<_> = (0..50).map(|n| {
            let ingest = ingest.clone();
            let hook = company.hook(vec![company.text("ana", &format!("m{n}"), "hola")]);
            tokio::spawn(async move { ingest.submit(Submission::Webhook(hook)).await })
        }).collect();
        drop(ingest);
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let ana = company.conversation("ana").await;
        assert_eq!(company.messages(ana).await.len(), 50);
        house.check().await;
    }

    async fn a_caller_that_goes_away_does_not_undo_what_was_stored(house) {
        let company = house.company("uno").await;
        for n in 0..10 {
            let hook = company.hook(vec![company.text("ana", &format!("m{n}"), "hola")]);
            let asked = house.ingest.submit(Submission::Webhook(hook));
            let _ = tokio::time::timeout(Duration::from_micros(1), asked).await;
        }
        house.says(&company, "ana", "last", "hola").await;
        house.check().await;
    }

    async fn a_defect_met_by_one_submission_does_not_end_the_writer(house) {
        let company = house.company("uno").await;
        let mut hook = company.hook(vec![company.text("ana", "a1", "x"), company.text("luis", "l1", "y")]);
        hook.excerpt = std::sync::Arc::new(|_: &[String]| panic!("a defect"));
        let broken = house.submit(Submission::Webhook(hook)).await;
        assert!(matches!(broken, Err(IngestError::Store(StoreError::Corrupt { .. }))), "{broken:?}");
        assert_eq!(house.number("select count(*) from messages", vec![]).await, 0, "undone");
        house.says(&company, "ana", "a1", "x").await;
        house.check().await;
    }

    async fn what_was_written_is_woken_after_the_commit(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let woken = house.queue.next("worker", 9, Duration::from_secs(5)).await.unwrap();
        assert_eq!(woken.len(), 1);
        assert_eq!((woken[0].wakeup.conversation, woken[0].wakeup.lane), (ana, Lane::Bot));
    }

    async fn a_saved_rule_counts_from_the_next_message_on(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "quiero un agente").await;
        let ana = company.conversation("ana").await;
        assert!(matches!(company.phase(ana).await, Phase::Bot { .. }));
        let rule = Rule {
            id: Uuid::now_v7().into(),
            name: "Pide una persona".into(),
            enabled: true,
            channels: Vec::new(),
            condition: Condition::Keywords { words: vec!["agente".into()] },
            action: Action::HandOff { options: Default::default(), close: None },
        };
        company.tenant.rules().save(&rule).await.unwrap();
        house.says(&company, "ana", "m2", "¡un Agente!").await;
        let Phase::Requested { episode, .. } = company.phase(ana).await else { panic!("no handoff") };
        assert_eq!((episode.reason, episode.rule), (HandoffReason::UserRequest, Some(rule.id)));
        assert_eq!(company.tenant.rules().list().await.unwrap()[0].matched, 1);
        assert_eq!(company.for_bot(house, ana).await, ["whole /m1"], "the asking message is not the bot's");
        house.check().await;
    }

    async fn a_bot_that_stays_down_leaves_the_contact_to_people_or_says_so(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let claim = house.head(&company, ana, Lane::Bot).await;
        house.dead(claim, SendError::clear(Failure::Transient { retry_after: None }, "503")).await;
        let Phase::Requested { episode, .. } = company.phase(ana).await else { panic!("no handoff") };
        assert_eq!(episode.reason, HandoffReason::BotUnavailable);
        let other = house.company("dos").await;
        other.tune(|s| s.policy.bot_down = BotDownAction::Answer).await;
        house.says(&other, "luis", "m1", "hola").await;
        let luis = other.conversation("luis").await;
        let claim = house.head(&other, luis, Lane::Bot).await;
        house.dead(claim, SendError::clear(Failure::Transient { retry_after: None }, "503")).await;
        assert!(other.said(luis).await[1].starts_with("system: Tenemos un problema"));
        house.check().await;
    }

    async fn a_message_reported_by_the_api_is_stored_once(house) {
        let company = house.company_on("uno", domain::channel::ChannelKind::Api).await;
        let said = |company: &Company, id: &str| Command::Said {
            tenant: company.id(),
            channel: company.channel.id,
            from: ContactAddress::of("cliente-7"),
            profile: ContactProfile { name: Some("Ana".into()), ..Default::default() },
            content: Content::text("hola"),
            external_id: id.to_owned(),
        };
        for id in ["x1", "x1", "x2"] {
            house.command(said(&company, id)).await.unwrap();
        }
        let id = company.conversation("cliente-7").await;
        assert_eq!(company.messages(id).await.len(), 2);
        // Another tenant's line is not there.
        let other = house.company("dos").await;
        let mut foreign = said(&other, "x3");
        if let Command::Said { channel, .. } = &mut foreign {
            *channel = company.channel.id;
        }
        assert!(house.command(foreign).await.is_err());
        let mine = house.number("select count(*) from contacts where tenant_id = $1", vec![other.id().0.into()]);
        assert_eq!(mine.await, 0, "nothing is left of it");
        house.check().await;
    }
}
