//! Conversations that were opened twice at the desk, on both databases.

use crate::support::{Company, Desk, House, on_both_databases};
use adapters::ingest::{OpenedDesk, Outcome, Stored, StrayFound, TryResult};
use domain::ids::{ConversationId, HandoffId};
use domain::outbound::{Claim, Lane, Task};

const FIRST: Desk = Desk { conversation: 500 };
const SECOND: Desk = Desk { conversation: 501 };

/// A handoff whose first opening is in doubt, and the claim of the second try.
async fn in_doubt(house: &House) -> (Company, ConversationId, HandoffId, Claim) {
    let company = house.company("uno").await;
    house.says(&company, "ana", "m1", "quiero un agente").await;
    let ana = company.conversation("ana").await;
    let handoff = house.hand_off(&company, ana).await;
    let claim = house.head(&company, ana, Lane::Desk).await;
    house.doubts(claim, house.now()).await;
    let again = house.head(&company, ana, Lane::Desk).await;
    (company, ana, handoff, again)
}

async fn opened_second(house: &House, claim: Claim, handoff: HandoffId) {
    let opened = Some(OpenedDesk {
        handoff,
        desk_conversation: SECOND.conversation,
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

fn closing(handoff: HandoffId, duplicate: i64) -> Task {
    Task::CloseDesk {
        handoff,
        duplicate: Some(duplicate),
    }
}

on_both_databases! {
    async fn the_late_echo_of_a_first_opening_closes_that_one_and_keeps_the_second(house) {
        let (company, ana, handoff, again) = in_doubt(house).await;
        opened_second(house, again, handoff).await;
        house.desk(&company, vec![FIRST.opening_echo(handoff, 900, 1), FIRST.agent(901, 2, "hola")]).await;
        assert_eq!(company.handoff(handoff).await.desk_conversation, Some(501));
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await, [closing(handoff, 500)]);
        assert!(company.said(ana).await.contains(&"agent: hola".to_owned()), "people's words count");
        // That it closes does not end the handoff.
        house.desk(&company, vec![FIRST.closed(3), FIRST.opening_echo(handoff, 900, 4)]).await;
        assert!(company.handoff(handoff).await.ended_at.is_none());
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await.len(), 1, "closed once");
        house.check().await;
    }

    async fn a_second_answer_after_the_first_ones_echo_is_the_duplicate(house) {
        let (company, ana, handoff, again) = in_doubt(house).await;
        house.desk(&company, vec![FIRST.opening_echo(handoff, 900, 1)]).await;
        opened_second(house, again, handoff).await;
        assert_eq!(company.handoff(handoff).await.desk_conversation, Some(500));
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await, [closing(handoff, 501)]);
        house.desk(&company, vec![SECOND.agent(902, 2, "hola")]).await;
        assert!(company.said(ana).await.contains(&"agent: hola".to_owned()));
        house.check().await;
    }

    async fn an_opening_whose_claim_was_lost_is_known_all_the_same(house) {
        let (company, ana, handoff, ghost) = in_doubt(house).await;
        house.clock.advance(crate::support::HOLD);
        let again = house.head(&company, ana, Lane::Desk).await;
        let opened = |id| Stored {
            opened: Some(OpenedDesk { handoff, desk_conversation: id }),
            ..Stored::default()
        };
        let late = house.tried(ghost, TryResult::Done(opened(500))).await;
        assert!(matches!(late, Ok(Outcome::TooLate)));
        assert_eq!(company.handoff(handoff).await.desk_conversation, Some(500));
        house.done(again, opened(501)).await;
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await, [closing(handoff, 501)]);
        house.check().await;
    }

    async fn an_unknown_conversation_is_looked_at_only_after_a_doubtful_opening(house) {
        let (company, ana, handoff, again) = in_doubt(house).await;
        opened_second(house, again, handoff).await;
        house.desk(&company, vec![FIRST.agent(901, 2, "hola"), FIRST.agent(902, 3, "¿sigues ahí?")]).await;
        assert_eq!(house.waiting(&company, ana, Lane::Desk).await, [closing(handoff, 500)], "one look");
        assert_eq!(company.said(ana).await.len(), 2, "not known yet whose words these are");
        let claim = house.head(&company, ana, Lane::Desk).await;
        let stray = Some(StrayFound { handoff, desk_conversation: 500, is_duplicate: true });
        house.done(claim, Stored { stray, ..Stored::default() }).await;
        assert_eq!(company.said(ana).await[2..], ["agent: hola", "agent: ¿sigues ahí?"]);
        let other = house.company("dos").await;
        house.says(&other, "luis", "m1", "quiero un agente").await;
        let luis = other.conversation("luis").await;
        house.hand_off(&other, luis).await;
        let before = house.waiting(&other, luis, Lane::Desk).await;
        house.desk(&other, vec![Desk { conversation: 700 }.agent(903, 1, "de otra persona")]).await;
        assert_eq!(house.waiting(&other, luis, Lane::Desk).await, before);
        house.check().await;
    }

    async fn somebody_elses_conversation_is_left_alone(house) {
        let (company, ana, handoff, again) = in_doubt(house).await;
        opened_second(house, again, handoff).await;
        house.desk(&company, vec![FIRST.agent(901, 2, "no es para ana")]).await;
        let claim = house.head(&company, ana, Lane::Desk).await;
        let stray = Some(StrayFound { handoff, desk_conversation: 500, is_duplicate: false });
        house.done(claim, Stored { stray, ..Stored::default() }).await;
        house.desk(&company, vec![FIRST.agent(902, 3, "tampoco")]).await;
        assert_eq!(company.said(ana).await.len(), 2);
        assert!(house.waiting(&company, ana, Lane::Desk).await.is_empty());
        house.check().await;
    }
}
