//! The way of a message is told from what statements record that run anyway.

use crate::support::{Company, Desk, House, on_both_databases};
use adapters::ingest::{OpenedDesk, SentPart, Stored, TryResult};
use adapters::store::StoreError;
use domain::channel::ChannelKind;
use domain::contact::ContactAddress;
use domain::ids::{ConversationId, MessageId, RuleId};
use domain::message::{DeliveryStatus, DeliveryTarget, DeliveryUpdate};
use domain::outbound::{Lane, SendError, Task};
use domain::ports::ChannelEvent;
use domain::routing::{Action, Condition, Rule};
use std::time::Duration;
use uuid::Uuid;

/// A conversation that an agent of the desk answered; the answer waits for the platform.
async fn answered(house: &House, company: &Company) -> (ConversationId, MessageId) {
    house.says(company, "ana", "m1", "hola").await;
    let ana = company.conversation("ana").await;
    let handoff = house.hand_off(company, ana).await;
    let claim = house.head(company, ana, Lane::Desk).await;
    let opened = Some(OpenedDesk {
        handoff,
        desk_conversation: 7,
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
    house
        .desk(
            company,
            vec![Desk { conversation: 7 }.agent(1, 17_000_000_000_000_009, "dime")],
        )
        .await;
    let said = company.messages(ana).await;
    let message = said
        .iter()
        .find(|m| m.content.words() == Some("dime"))
        .unwrap()
        .id;
    (ana, message)
}

/// Claims the rows of the channel until the one of this message.
async fn claimed(
    house: &House,
    company: &Company,
    id: ConversationId,
    message: MessageId,
) -> domain::outbound::Claim {
    loop {
        let claim = house.head(company, id, Lane::Channel).await;
        if claim.task == (Task::SendToContact { message }) {
            return claim;
        }
        house.done(claim, Stored::default()).await;
    }
}

async fn send_after_a_doubt(house: &House, company: &Company) -> (ConversationId, MessageId) {
    let (ana, message) = answered(house, company).await;
    house.clock.advance(Duration::from_millis(20));
    let claim = claimed(house, company, ana, message).await;
    house.clock.advance(Duration::from_millis(300));
    let later = TryResult::Later {
        at: house.now(),
        counts: true,
        error: SendError::ambiguous("connection \0 reset").with_code("HTTP 502"),
        progress: serde_json::json!(null),
        parts: Vec::new(),
        note: None,
    };
    house.tried(claim, later).await.unwrap();
    let claim = claimed(house, company, ana, message).await;
    house.clock.advance(Duration::from_millis(80));
    let part = SentPart {
        part: 0,
        identity: message.delivery_identity(0),
        external_id: "w1".into(),
    };
    house
        .done(
            claim,
            Stored {
                parts: vec![part],
                ..Stored::default()
            },
        )
        .await;
    (ana, message)
}

on_both_databases! {
    async fn the_way_of_an_agents_message_is_told_step_by_step(house) {
        let company = house.company("uno").await;
        let (_, message) = send_after_a_doubt(house, &company).await;
        house.clock.advance(Duration::from_millis(500));
        for status in [DeliveryStatus::Delivered, DeliveryStatus::Read] {
            let which = DeliveryTarget::External { id: "w1".into(), identity: None };
            let update = DeliveryUpdate { which, status, failure: None, at: house.now() };
            let event = company.event(ContactAddress::of("ana"), status.name(), ChannelEvent::Delivery(update));
            house.webhook(company.hook(vec![event])).await;
            house.clock.advance(Duration::from_millis(700));
        }
        let trace = company.tenant.conversations().trace(message).await.unwrap();
        assert_eq!(trace.origin.as_deref(), Some("conversation-7 17000000000000009"));
        assert!(!trace.doubtful, "WhatsApp tells afterwards what arrived");
        let work: Vec<_> = trace.work.iter().filter(|w| w.task == Task::SendToContact { message }).collect();
        assert_eq!((work.len(), work[0].state.as_str()), (1, "done"));
        let (queued, first) = (work[0].queued_at, work[0].first_try_at.unwrap());
        assert_eq!(first.since(queued), Duration::from_millis(20));
        assert_eq!(work[0].ended_at.unwrap().since(first), Duration::from_millis(380), "the second try did it");
        let tried = &work[0].tries[0];
        assert_eq!((tried.code.as_deref(), tried.ambiguous), (Some("HTTP 502"), true));
        assert!(tried.error.contains("reset") && tried.at.since(first) == Duration::from_millis(300));
        let part = &trace.parts[0];
        assert_eq!((part.external_id.as_deref(), part.status), (Some("w1"), DeliveryStatus::Read));
        let (sent, delivered, read) = (part.sent_at.unwrap(), part.delivered_at.unwrap(), part.read_at.unwrap());
        assert_eq!(delivered.since(sent), Duration::from_millis(500));
        assert_eq!(read.since(delivered), Duration::from_millis(700));
        let other = house.company("dos").await;
        let theirs = other.tenant.conversations().trace(message).await;
        assert!(matches!(theirs, Err(StoreError::NotFound)));
    }

    async fn a_message_that_telegram_may_have_delivered_twice_says_so(house) {
        let company = house.company_on("uno", ChannelKind::Telegram).await;
        let (ana, message) = send_after_a_doubt(house, &company).await;
        let conversations = company.tenant.conversations();
        assert!(conversations.trace(message).await.unwrap().doubtful);
        let (_, doubtful) = conversations.thread(ana, None, 99).await.unwrap();
        let seq = conversations.message(message).await.unwrap().seq;
        assert_eq!(doubtful, [seq]);
    }

    async fn the_rule_that_decided_is_told_with_what_it_decided(house) {
        let company = house.company("uno").await;
        let rule = Rule {
            id: RuleId(Uuid::now_v7()),
            name: "Precios".into(),
            enabled: true,
            channels: Vec::new(),
            condition: Condition::Keywords { words: vec!["precio".into()] },
            action: Action::Answer { text: "Está en la web".into() },
        };
        company.tenant.rules().save(&rule).await.unwrap();
        house.says(&company, "ana", "m1", "¿qué precio tiene?").await;
        house.says(&company, "ana", "m2", "hola").await;
        let ana = company.conversation("ana").await;
        let conversations = company.tenant.conversations();
        let said = company.messages(ana).await;
        let of = |words: &str| said.iter().find(|m| m.content.words() == Some(words)).unwrap().id;
        let trace = conversations.trace(of("¿qué precio tiene?")).await.unwrap();
        assert_eq!(trace.rule, Some((rule.id, Some("Precios".into()))));
        assert_eq!(trace.decided.as_deref(), Some("answer"));
        let plain = conversations.trace(of("hola")).await.unwrap();
        assert_eq!((plain.rule, plain.decided), (None, None));
        company.tenant.rules().remove(rule.id).await.unwrap();
        let gone = conversations.trace(of("¿qué precio tiene?")).await.unwrap();
        assert_eq!(gone.rule, Some((rule.id, None)));
    }
}
