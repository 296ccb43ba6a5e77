//! The way of a handoff through the tables, on both databases.

use crate::support::{Company, Desk, House, on_both_databases};
use adapters::ingest::{
    Command, CommandOutcome, DeskBatch, IngestError, OpenedDesk, Stored, Submission,
};
use adapters::store::{DueTimer, StoreError};
use domain::handoff::{EndReason, Phase, RatingPolicy, TimerKind};
use domain::ids::{ConversationId, HandoffId};
use domain::message::{Author, DeliveryStatus};
use domain::outbound::{Failure, Lane, SendError, StoredNote, Task};
use domain::ports::Cursor;
use futures::future::join_all;
use serde_json::json;
use std::time::Duration;

const DESK: Desk = Desk { conversation: 500 };

/// A conversation that asked for a human.
async fn requested(house: &House) -> (Company, ConversationId, HandoffId) {
    let company = house.company("uno").await;
    house.says(&company, "ana", "m1", "quiero un agente").await;
    let ana = company.conversation("ana").await;
    let handoff = house.hand_off(&company, ana).await;
    (company, ana, handoff)
}

/// The answer of Let's Talk to our opening call.
async fn opened(house: &House, company: &Company, id: ConversationId, handoff: HandoffId) {
    let claim = house.head(company, id, Lane::Desk).await;
    assert_eq!(claim.task, Task::OpenDesk { handoff });
    let opened = Some(OpenedDesk {
        handoff,
        desk_conversation: DESK.conversation,
    });
    house
        .done(
            claim,
            Stored {
                opened,
                ..Stored::default()
            },
        )
        .await;
}

fn relayed(company: &Company, tasks: &[Task]) -> usize {
    let _ = company;
    tasks
        .iter()
        .filter(|t| matches!(t, Task::SendToContact { .. }))
        .count()
}

on_both_databases! {
    async fn a_request_opens_the_desk_says_so_and_sets_the_clock(house) {
        let (company, ana, handoff) = requested(house).await;
        assert!(matches!(company.phase(ana).await, Phase::Requested { .. }));
        let said = company.said(ana).await;
        assert_eq!(said.len(), 2);
        assert!(said[1].starts_with("system: Te comunico"), "{said:?}");
        let notice = company.messages(ana).await[1].clone();
        assert_eq!(notice.handoff, Some(handoff));
        let to_contact = house.waiting(&company, ana, Lane::Channel).await;
        assert_eq!(to_contact, [Task::SendToContact { message: notice.id }]);
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await, [Task::OpenDesk { handoff }]);
        let events = house.waiting(&company, ana, Lane::Events).await;
        assert!(matches!(&events[..], [Task::BotEvent { event, .. }] if event == "handoff.requested"));
        let row = company.handoff(handoff).await;
        assert_eq!((row.requested_seq, row.requested_at), (1, house.now()));
        let due = house.store.due_timers(9).await.unwrap();
        assert!(due.is_empty());
        house.clock.advance(Duration::from_secs(15 * 60));
        let due = house.store.due_timers(9).await.unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!((due[0].conversation, due[0].kind), (ana, TimerKind::NoAgent));
        house.check().await;
    }

    async fn what_the_contact_adds_queues_up_behind_the_opening(house) {
        let (company, ana, handoff) = requested(house).await;
        house.says(&company, "ana", "m2", "me llamo Ana").await;
        house.says(&company, "ana", "m3", "es urgente").await;
        opened(house, &company, ana, handoff).await;
        let messages = company.messages(ana).await;
        let posts = house.waiting(&company, ana, Lane::Desk).await;
        let expected: Vec<Task> = messages[2..]
            .iter()
            .map(|m| Task::PostToDesk { handoff, message: m.id })
            .collect();
        assert_eq!(posts, expected, "in order, each once");
        assert_eq!(company.for_bot(house, ana).await.len(), 1, "nothing of it goes to the bot");
        for _ in 0..2 {
            let claim = house.head(&company, ana, Lane::Desk).await;
            house.done(claim, Stored::default()).await;
        }
        let status = company.messages(ana).await[3].status;
        assert_eq!(status, DeliveryStatus::Sent);
        house.check().await;
    }

    async fn what_agents_did_before_we_knew_whose_it_is_is_replayed(house) {
        let (company, ana, handoff) = requested(house).await;
        // 999 comes before 1000, though not by the alphabet.
        house.desk(&company, vec![DESK.joined(77, 999), DESK.agent(901, 1000, "hola, soy Rosa")]).await;
        house.desk(&company, vec![DESK.agent(902, 1001, "¿en qué te ayudo?")]).await;
        assert_eq!(company.said(ana).await.len(), 2, "not known yet");
        opened(house, &company, ana, handoff).await;
        assert_eq!(company.said(ana).await[2..], ["agent: hola, soy Rosa", "agent: ¿en qué te ayudo?"]);
        let Phase::Active { agent, answered: true, .. } = company.phase(ana).await else {
            panic!("not active");
        };
        assert_eq!((agent.id, agent.name.as_deref()), (77, Some("Rosa")));
        let left = "select count(*) from realtime_events where outcome = 'unmatched'";
        assert_eq!(house.number(left, vec![]).await, 0);
        assert_eq!(relayed(&company, &house.waiting(&company, ana, Lane::Channel).await), 3);
        let row = company.handoff(handoff).await;
        assert!(row.accepted_at.is_some() && row.first_human_at.is_some());
        house.check().await;
    }

    async fn our_opening_message_coming_back_settles_the_opening(house) {
        let (company, ana, handoff) = requested(house).await;
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.desk(&company, vec![DESK.opening_echo(handoff, 900, 1), DESK.agent(901, 2, "hola")]).await;
        assert_eq!(company.handoff(handoff).await.desk_conversation, Some(500));
        assert_eq!(company.said(ana).await[2..], ["agent: hola"]);
        assert_eq!(company.messages(ana).await.len(), 3, "our own transcript is no message");
        // The answer comes after all.
        let opened = Some(OpenedDesk { handoff, desk_conversation: 500 });
        house.done(claim, Stored { opened, ..Stored::default() }).await;
        assert_eq!(company.said(ana).await.len(), 3);
        assert!(house.waiting(&company, ana, Lane::Desk).await.is_empty());
        house.check().await;
    }

    async fn an_agents_message_is_relayed_once_by_whichever_way_it_comes(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        let stream = || DESK.agent(901, 10, "hola");
        let listed = || DESK.listed(901, json!({ "content": "hola" }));
        let outcome = house.desk(&company, vec![stream(), stream(), listed()]).await;
        assert_eq!((outcome.new, outcome.repeated), (2, 1));
        let neighbour = house.neighbour().await;
        let batch = |event| Submission::Desk(DeskBatch {
            tenant: company.id(), events: vec![event], cursor: None, fence: 1,
        });
        let sending = (0..20).map(|n| {
            let ingest = if n % 2 == 0 { &house.ingest } else { &neighbour };
            ingest.submit(batch(if n % 3 == 0 { stream() } else { listed() }))
        });
        for outcome in join_all(sending).await {
            outcome.unwrap();
        }
        // The same words in a new message are a new message.
        house.desk(&company, vec![DESK.agent(902, 11, "hola")]).await;
        assert_eq!(company.said(ana).await[2..], ["agent: hola", "agent: hola"]);
        assert_eq!(house.waiting(&company, ana, Lane::Channel).await.len(), 3);
        house.check().await;
    }

    async fn notes_and_system_messages_never_reach_the_contact(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        let before = company.messages(ana).await.len();
        house.desk(&company, vec![
            DESK.message(901, 1, json!({ "internal": true, "content": "es un pesado" })),
            DESK.message(902, 2, json!({ "type": "SYSTEM", "content": "transferred" })),
            DESK.message(903, 3, json!({ "person_id": OWN, "person": {"id": OWN, "type": "User"}, "content": "nuestra" })),
        ]).await;
        assert_eq!(company.messages(ana).await.len(), before);
        assert_eq!(house.waiting(&company, ana, Lane::Channel).await.len(), 1, "only the notice");
        // The client's own words from Let's Talk's widget are recorded and relayed to nobody.
        let widget = json!({
            "person_type": "Client", "person": {"id": 9, "type": "Client"}, "content": "desde la web",
            "remote_id": uuid::Uuid::new_v4().to_string(),
        });
        house.desk(&company, vec![DESK.message(904, 4, widget)]).await;
        let last = company.messages(ana).await.pop().unwrap();
        assert_eq!((last.author, last.content.words()), (Author::Contact, Some("desde la web")));
        assert!(house.waiting(&company, ana, Lane::Desk).await.is_empty());
        assert_eq!(house.waiting(&company, ana, Lane::Channel).await.len(), 1);
        house.check().await;
    }

    async fn a_close_says_goodbye_asks_for_a_rating_and_takes_the_answer(house) {
        let company = house.company("uno").await;
        company.tune(|s| {
            s.policy.close.goodbye = true;
            s.policy.texts.goodbye = "Hasta pronto".into();
            s.policy.close.rating = Some(RatingPolicy::default());
            s.policy.close.restart_bot_with = "/start".into();
        }).await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let handoff = house.hand_off(&company, ana).await;
        opened(house, &company, ana, handoff).await;
        let closing = DESK.message(902, 12, json!({ "type": "SYSTEM", "content": "closed" }));
        house.desk(&company, vec![DESK.agent(901, 11, "listo"), closing, DESK.closed(13)]).await;
        let said = company.said(ana).await;
        assert_eq!(said[2..4], ["agent: listo", "system: Hasta pronto"]);
        assert!(said[4].starts_with("system: ¿Cómo te atendimos?") && said.len() == 5, "{said:?}");
        let order: Vec<_> = house.waiting(&company, ana, Lane::Channel).await;
        let ids: Vec<_> = company.messages(ana).await[1..].iter().map(|m| m.id).collect();
        let expected: Vec<_> = ids.into_iter().map(|message| Task::SendToContact { message }).collect();
        assert_eq!(order, expected, "what the contact reads comes in this order");
        let row = company.handoff(handoff).await;
        assert_eq!((row.end_reason, row.ended_at), (Some(EndReason::AgentClosed), Some(house.now())));
        assert_eq!(company.for_bot(house, ana).await, ["whole /m1", "synthetic /start"]);
        house.says(&company, "ana", "m2", "5, ¡excelente!").await;
        assert_eq!(company.handoff(handoff).await.rating, Some(5));
        assert_eq!(company.for_bot(house, ana).await.len(), 2, "the answer is not for the bot");
        assert!(company.said(ana).await.last().unwrap().starts_with("system: ¡Gracias"));
        house.says(&company, "ana", "m3", "4").await;
        assert_eq!(company.handoff(handoff).await.rating, Some(5));
        assert_eq!(company.for_bot(house, ana).await.len(), 3, "a second number is just a number");
        assert!(house.waiting(&company, ana, Lane::Desk).await.is_empty(), "closed there already");
        house.check().await;
    }

    async fn what_an_agent_writes_after_the_end_is_kept_and_not_delivered(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        house.desk(&company, vec![DESK.agent(901, 1, "listo"), DESK.closed(2), DESK.agent(902, 3, "¿sigues ahí?")]).await;
        let late = company.messages(ana).await.pop().unwrap();
        assert_eq!(late.content.words(), Some("¿sigues ahí?"));
        assert_eq!((late.status, late.failure.as_deref()), (DeliveryStatus::Failed, Some("handoff_over")));
        let sent = house.waiting(&company, ana, Lane::Channel).await;
        assert!(!sent.contains(&Task::SendToContact { message: late.id }));
        house.check().await;
    }

    async fn a_desk_that_refuses_gives_everything_back_to_the_bot_in_order(house) {
        let (company, ana, handoff) = requested(house).await;
        for n in 2..=6 {
            house.says(&company, "ana", &format!("m{n}"), "sigo aquí").await;
        }
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.dead(claim, SendError::clear(Failure::Payload, "no such organization")).await;
        assert!(matches!(company.phase(ana).await, Phase::Bot { .. }));
        assert_eq!(company.handoff(handoff).await.end_reason, Some(EndReason::Error));
        let bodies = company.for_bot(house, ana).await;
        assert_eq!(bodies, ["whole /m1", "part /m2", "part /m3", "part /m4", "part /m5", "part /m6"]);
        assert!(house.waiting(&company, ana, Lane::Desk).await.is_empty());
        assert!(company.said(ana).await.last().unwrap().starts_with("system: No pudimos"));
        house.says(&company, "ana", "m7", "¿y ahora?").await;
        assert_eq!(company.for_bot(house, ana).await.last().unwrap(), "whole /m7");
        // A member presses retry on the dead opening: it opens late and is closed again.
        let dead = company.tenant.outbox().dead(None).await.unwrap();
        house.command(Command::Retry { tenant: company.id(), row: dead[0].id }).await.unwrap();
        opened(house, &company, ana, handoff).await;
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await, [Task::CloseDesk { handoff, duplicate: None }]);
        assert!(matches!(company.phase(ana).await, Phase::Bot { .. }));
        house.check().await;
    }

    async fn what_an_earlier_handoff_could_not_post_stays_with_it(house) {
        let (company, ana, first) = requested(house).await;
        opened(house, &company, ana, first).await;
        house.says(&company, "ana", "old", "algo viejo").await;
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.dead(claim, SendError::clear(Failure::Payload, "too long")).await;
        house.desk(&company, vec![DESK.closed(2)]).await;
        let second = house.hand_off(&company, ana).await;
        assert_ne!(first, second);
        house.says(&company, "ana", "new", "algo nuevo").await;
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.dead(claim, SendError::clear(Failure::Payload, "refused")).await;
        assert_eq!(company.for_bot(house, ana).await, ["whole /m1", "part /new"]);
        let dead = company.tenant.outbox().dead(None).await.unwrap();
        assert_eq!(dead.len(), 2, "the old row can still be retried");
        house.check().await;
    }

    async fn twenty_requests_at_once_open_one_handoff(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let neighbour = house.neighbour().await;
        let asking = (0..20).map(|n| {
            let ingest = if n % 2 == 0 { &house.ingest } else { &neighbour };
            ingest.submit(Submission::Command(company.wants_human(ana)))
        });
        let mut begun = 0;
        for outcome in join_all(asking).await {
            match outcome.unwrap() {
                adapters::ingest::Outcome::Command(CommandOutcome::Done { handoff: Some(_), .. }) => begun += 1,
                adapters::ingest::Outcome::Command(CommandOutcome::Unchanged { handoff: Some(_), .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(begun, 1);
        assert_eq!(house.number("select count(*) from handoffs", vec![]).await, 1);
        assert_eq!(company.said(ana).await.len(), 2, "one notice");
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await.len(), 1);
        house.check().await;
    }

    async fn a_handoff_is_ended_once_however_many_want_to(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        let end = || Submission::Command(Command::End {
            tenant: company.id(), conversation: ana, handoff: Some(handoff), reason: EndReason::OperatorForced,
        });
        let close = || Submission::Desk(DeskBatch {
            tenant: company.id(), events: vec![DESK.closed(5)], cursor: None, fence: 1,
        });
        let neighbour = house.neighbour().await;
        let sending = (0..10).map(|n| {
            let ingest = if n % 2 == 0 { &house.ingest } else { &neighbour };
            ingest.submit(if n % 3 == 0 { close() } else { end() })
        });
        for outcome in join_all(sending).await {
            outcome.unwrap();
        }
        let events = house.waiting(&company, ana, Lane::Events).await;
        let ended = events.iter().filter(|t| matches!(t, Task::BotEvent { event, .. } if event == "handoff.ended"));
        assert_eq!(ended.count(), 1);
        house.check().await;
    }

    async fn a_timer_that_was_set_anew_does_not_ring(house) {
        let (company, ana, handoff) = requested(house).await;
        house.clock.advance(Duration::from_secs(15 * 60));
        let due = house.store.due_timers(9).await.unwrap()[0];
        opened(house, &company, ana, handoff).await;
        house.desk(&company, vec![DESK.joined(77, 1)]).await;
        house.submit(Submission::Timer(due)).await.unwrap();
        assert!(matches!(company.phase(ana).await, Phase::Active { .. }), "an agent came in time");
        let stale = DueTimer { epoch: due.epoch + 1, ..due };
        house.submit(Submission::Timer(stale)).await.unwrap();
        assert!(house.store.due_timers(9).await.unwrap().is_empty());
        house.check().await;
    }

    async fn nobody_in_time_gives_the_contact_back(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        house.clock.advance(Duration::from_secs(15 * 60));
        let due = house.store.due_timers(9).await.unwrap()[0];
        let ringing = (0..4).map(|_| house.submit(Submission::Timer(due)));
        for rang in join_all(ringing).await {
            rang.unwrap();
        }
        assert_eq!(company.handoff(handoff).await.end_reason, Some(EndReason::NoAgentTimeout));
        assert!(company.said(ana).await[2].starts_with("system: En este momento no hay nadie"));
        assert_eq!(company.said(ana).await.len(), 3);
        let desk = house.waiting(&company, ana, Lane::Desk).await;
        let told = StoredNote::Ended { reason: EndReason::NoAgentTimeout };
        assert_eq!(desk, [Task::NoteToDesk { handoff, note: told }, Task::CloseDesk { handoff, duplicate: None }]);
        house.check().await;
    }

    async fn an_older_lease_cannot_move_the_cursor(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        let batch = |fence, id, timetoken| Submission::Desk(DeskBatch {
            tenant: company.id(),
            events: vec![DESK.agent(id, timetoken, "hola")],
            cursor: Some(Cursor { timetoken, region: None }),
            fence,
        });
        house.submit(batch(7, 901, 100)).await.unwrap();
        let fenced = house.submit(batch(6, 902, 200)).await;
        assert!(matches!(fenced, Err(IngestError::Store(StoreError::Stale))), "{fenced:?}");
        assert_eq!(company.said(ana).await.len(), 3, "nothing of the refused batch is stored");
        assert_eq!(house.texts("select timetoken from desks", vec![]).await, ["100"]);
        house.submit(batch(8, 902, 200)).await.unwrap();
        assert_eq!(company.said(ana).await.len(), 4);
    }

    async fn a_desk_id_that_an_old_organization_used_opens_all_the_same(house) {
        let (company, ana, first) = requested(house).await;
        opened(house, &company, ana, first).await;
        house.desk(&company, vec![DESK.closed(1)]).await;
        let second = house.hand_off(&company, ana).await;
        opened(house, &company, ana, second).await;
        assert_eq!(company.handoff(second).await.desk_conversation, Some(500));
        house.desk(&company, vec![DESK.agent(950, 9, "hola de nuevo")]).await;
        assert_eq!(company.said(ana).await.last().unwrap(), "agent: hola de nuevo");
        assert!(matches!(company.phase(ana).await, Phase::Active { .. }));
        house.check().await;
    }

    async fn words_that_did_not_arrive_are_told_to_the_agent(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        house.desk(&company, vec![DESK.agent(901, 1, "hola")]).await;
        let notice = house.head(&company, ana, Lane::Channel).await;
        house.done(notice, Stored::default()).await;
        let words = house.head(&company, ana, Lane::Channel).await;
        let message = words.task.message().unwrap();
        house.dead(words, SendError::clear(Failure::Recipient, "blocked").with_code("131026")).await;
        let failed = company.tenant.conversations().message(message).await.unwrap();
        assert_eq!((failed.status, failed.failure.as_deref()), (DeliveryStatus::Failed, Some("131026: blocked")));
        let why = "blocked".to_owned();
        let note = StoredNote::NotDelivered { message, why };
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await, [Task::NoteToDesk { handoff, note }]);
        house.check().await;
    }

    async fn a_retried_event_does_not_put_its_delivered_message_back(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        house
            .desk(&company, vec![DESK.agent(901, 1, "hola")])
            .await;
        let message = company.messages(ana).await[2].id;
        for _ in 0..2 {
            let claim = house.head(&company, ana, Lane::Channel).await;
            house.done(claim, Stored::default()).await;
        }
        loop {
            let claim = house.head(&company, ana, Lane::Events).await;
            if claim.task.message() == Some(message) {
                house.dead(claim, SendError::clear(Failure::Payload, "410")).await;
                break;
            }
            house.done(claim, Stored::default()).await;
        }
        let row = company.tenant.outbox().dead(None).await.unwrap()[0].id;
        let tenant = company.id();
        house.command(Command::Retry { tenant, row }).await.unwrap();
        let status = company.messages(ana).await[2].status;
        assert_eq!(status, DeliveryStatus::Sent);
    }

    async fn what_waits_for_the_window_goes_with_the_contacts_next_word(house) {
        let (company, ana, handoff) = requested(house).await;
        opened(house, &company, ana, handoff).await;
        let claim = house.head(&company, ana, Lane::Channel).await;
        let message = claim.task.message().unwrap();
        house.clock.advance(Duration::from_secs(25 * 3600));
        let error = SendError::clear(Failure::Window, "closed").with_code("window");
        let claim = { let _ = claim; house.head(&company, ana, Lane::Channel).await };
        let note = Some(StoredNote::WaitsForWindow { message });
        house.tried(claim, adapters::ingest::TryResult::Later {
            at: house.now().after(Duration::from_secs(3600)), counts: false, error,
            progress: json!({ "told": true }), parts: Vec::new(), note,
        }).await.unwrap();
        assert!(company.tenant.claim(ana, Lane::Channel, crate::support::HOLD).await.is_err());
        house.says(&company, "ana", "m2", "sigo aquí").await;
        assert_eq!(house.head(&company, ana, Lane::Channel).await.task, Task::SendToContact { message });
    }
}

const OWN: i64 = crate::support::OWN_AGENT;
