//! Claims on both databases: one worker per lane, the oldest row first.

use crate::support::{Company, HOLD, House, on_both_databases, refused};
use adapters::ingest::{Command, IngestError, OpenedDesk, Outcome, Stored, TryOutcome, TryResult};
use adapters::store::{ClaimError, DoneRow, Hold, StoreError, Taken, Turn, WAITS_FOR_CONNECTION};
use domain::ids::ConversationId;
use domain::outbound::{Claim, Failure, Lane, SendError, Task, Wakeup};
use domain::time::Timestamp;
use std::time::Duration;

/// A conversation whose bot lane has `rows` webhooks.
async fn backlog(house: &House, name: &str, rows: usize) -> (Company, ConversationId) {
    let company = house.company(name).await;
    for n in 0..rows {
        house
            .says(&company, "51999", &format!("{name}{n}"), "hola")
            .await;
    }
    let id = company.conversation("51999").await;
    (company, id)
}

/// Takes the heads of lanes that have nothing to hand in.
async fn claims(house: &House, lanes: &[Wakeup]) -> Vec<Result<Claim, ClaimError>> {
    let turns: Vec<Turn> = lanes
        .iter()
        .map(|lane| Turn {
            lane: *lane,
            done: None,
        })
        .collect();
    let turned = house.store.turn_all(&turns, &HOLD.into()).await;
    turned
        .into_iter()
        .map(|turned| Ok(turned.next?.claim))
        .collect()
}

fn later(at: Timestamp, error: SendError) -> TryResult {
    TryResult::Later {
        at,
        counts: true,
        error,
        progress: serde_json::json!({ "posted": 1 }),
        parts: Vec::new(),
        note: None,
    }
}

fn too_late(result: Result<Outcome, IngestError>) -> bool {
    matches!(result, Ok(Outcome::TooLate))
}

fn down() -> SendError {
    SendError::clear(Failure::Transient { retry_after: None }, "down")
}

on_both_databases! {
    async fn only_the_oldest_row_of_a_lane_is_given_out(house) {
        let (company, id) = backlog(house, "uno", 3).await;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let claim = house.head(&company, id, Lane::Bot).await;
            let held = refused(company.tenant.claim(id, Lane::Bot, HOLD).await);
            let until = house.now().after(HOLD);
            assert!(matches!(held, ClaimError::NotBefore(at) if at == until), "{held:?}");
            seen.push(claim.id);
            house.done(claim, Stored::default()).await;
        }
        assert!(seen.is_sorted() && seen.len() == 3);
        let empty = refused(company.tenant.claim(id, Lane::Bot, HOLD).await);
        assert!(matches!(empty, ClaimError::Empty));
        house.check().await;
    }

    async fn work_made_under_a_clock_that_is_ahead_is_taken_at_once(house) {
        let now = house.now();
        house.clock.advance(Duration::from_secs(3600));
        let (company, id) = backlog(house, "uno", 1).await;
        house.clock.set(now);
        assert_eq!(house.store.due_lanes(10).await.unwrap().len(), 1);
        company.tenant.claim(id, Lane::Bot, HOLD).await.unwrap();
    }

    async fn new_work_is_not_late_although_it_is_due_since_before(house) {
        backlog(house, "uno", 1).await;
        let late = Duration::from_secs(60);
        assert_eq!(house.store.stuck(late).await.unwrap(), []);
        let made = house.now();
        house.clock.advance(late * 2);
        let stuck = house.store.stuck(late).await.unwrap();
        assert_eq!((stuck.len(), stuck[0].rows, stuck[0].since), (1, 1, made));
    }

    async fn many_workers_at_once_never_share_a_row(house) {
        let (company, id) = backlog(house, "uno", 12).await;
        let mut rows = Vec::new();
        for _ in 0..12 {
            let workers = (0..8).map(|_| {
                let tenant = company.tenant.clone();
                tokio::spawn(async move { tenant.claim(id, Lane::Bot, HOLD).await })
            });
            let mut taken = Vec::new();
            for claim in futures::future::join_all(workers).await {
                match claim.unwrap() {
                    Ok(claim) => taken.push(claim),
                    Err(ClaimError::NotBefore(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!(taken.len(), 1, "exactly one worker gets the head");
            let claim = taken.pop().unwrap();
            rows.push(claim.id);
            house.done(claim, Stored::default()).await;
        }
        assert!(rows.is_sorted(), "in the order in which they were written");
        rows.dedup();
        assert_eq!(rows.len(), 12);
    }

    async fn a_claim_that_ran_out_counts_as_a_doubtful_try(house) {
        let (company, id) = backlog(house, "uno", 1).await;
        let first = house.head(&company, id, Lane::Bot).await;
        assert_eq!((first.attempts, first.ambiguous), (0, false));
        house.clock.advance(HOLD);
        let second = house.head(&company, id, Lane::Bot).await;
        assert_eq!((second.id, second.attempts, second.ambiguous), (first.id, 1, true));
        // The first worker comes back to life: its result changes nothing, whatever it is.
        assert!(too_late(house.tried(first.clone(), TryResult::Done(Stored::default())).await));
        assert!(too_late(house.tried(first.clone(), later(house.now(), down())).await));
        let parts = Vec::new();
        assert!(too_late(house.tried(first, TryResult::Dead { error: down(), parts }).await));
        house.done(second.clone(), Stored::default()).await;
        assert!(too_late(house.tried(second, TryResult::Done(Stored::default())).await));
    }

    async fn the_claims_of_a_dead_worker_are_free_at_once_and_doubtful(house) {
        let (company, id) = backlog(house, "uno", 1).await;
        let (other, its) = backlog(house, "dos", 1).await;
        let by = |name: &str| Hold { span: HOLD, by: Some(name.to_owned()) };
        let taken = company.tenant.claim(id, Lane::Bot, by("dead@1")).await.unwrap();
        let kept = other.tenant.claim(its, Lane::Bot, by("lives@2")).await.unwrap();
        let mut claimants = house.store.claimants().await.unwrap();
        claimants.sort();
        assert_eq!(claimants, ["dead@1", "lives@2"]);
        let free = house.store.free_claims_of(&["dead@1".to_owned()]).await.unwrap();
        assert_eq!(free, [taken.wakeup]);
        let again = company.tenant.claim(id, Lane::Bot, by("lives@2")).await.unwrap();
        assert_eq!((again.id, again.attempts, again.ambiguous), (taken.id, 1, true));
        // Should the dead one rise, its result changes nothing.
        assert!(too_late(house.tried(taken, TryResult::Done(Stored::default())).await));
        house.done(again, Stored::default()).await;
        house.done(kept, Stored::default()).await;
        assert!(house.store.claimants().await.unwrap().is_empty());
    }

    async fn a_worker_that_cannot_show_that_it_lives_is_protected_by_time(house) {
        let (company, id) = backlog(house, "uno", 1).await;
        let hold = Hold { span: HOLD, by: Some("cut-off@1".to_owned()) };
        let claim = company.tenant.claim(id, Lane::Bot, hold).await.unwrap();
        assert_eq!(house.store.unname_claims("cut-off@1").await.unwrap(), 1);
        let dead = ["cut-off@1".to_owned()];
        assert!(house.store.free_claims_of(&dead).await.unwrap().is_empty());
        let held = refused(company.tenant.claim(id, Lane::Bot, HOLD).await);
        assert!(matches!(held, ClaimError::NotBefore(_)), "{held:?}");
        house.done(claim, Stored::default()).await;
    }

    async fn a_row_that_cannot_be_read_is_put_aside_and_the_next_one_goes(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        house.hand_off(&company, ana).await;
        house.says(&company, "ana", "m2", "¿hay alguien?").await;
        let message = company.messages(ana).await[2].id;
        // The opening is done; what is behind it was written by a newer version.
        let opening = house.head(&company, ana, Lane::Desk).await;
        house.done(opening, Stored::default()).await;
        house.says(&company, "ana", "m3", "es urgente").await;
        let odd = "update outbox set task = '{\"do\":\"sing\"}' where message_id = $1";
        let values = [message.0.into()];
        let statement = sea_orm::Statement::from_sql_and_values(
            sea_orm::ConnectionTrait::get_database_backend(&house.db), odd, values);
        sea_orm::ConnectionTrait::execute_raw(&house.db, statement).await.unwrap();
        let first = refused(company.tenant.claim(ana, Lane::Desk, HOLD).await);
        assert!(matches!(first, ClaimError::NotBefore(at) if at == house.now()), "{first:?}");
        let next = house.head(&company, ana, Lane::Desk).await;
        assert!(matches!(next.task, Task::PostToDesk { message, .. } if message == company.messages(ana).await[3].id));
        let aside = company.messages(ana).await[2].clone();
        assert_eq!(aside.status, domain::message::DeliveryStatus::Failed);
        assert!(aside.failure.is_some());
        assert!(company.tenant.outbox().dead(None).await.unwrap().is_empty());
        house.check().await;
    }

    async fn a_failed_try_waits_for_its_time_and_remembers_how_far_it_got(house) {
        let (company, id) = backlog(house, "uno", 2).await;
        let claim = house.head(&company, id, Lane::Bot).await;
        let at = house.now().after(Duration::from_secs(30));
        house.tried(claim.clone(), later(at, down())).await.unwrap();
        let early = refused(company.tenant.claim(id, Lane::Bot, HOLD).await);
        assert!(matches!(early, ClaimError::NotBefore(then) if then == at), "{early:?}");
        house.clock.set(at);
        let again = house.head(&company, id, Lane::Bot).await;
        assert_eq!((again.id, again.attempts, again.ambiguous), (claim.id, 1, false));
        assert_eq!(again.progress, serde_json::json!({ "posted": 1 }));
        assert!(again.token > claim.token);
    }

    async fn a_doubt_stays_until_the_row_is_done(house) {
        let (company, id) = backlog(house, "uno", 1).await;
        let claim = house.head(&company, id, Lane::Bot).await;
        house.tried(claim, later(house.now(), SendError::ambiguous("no answer"))).await.unwrap();
        // The second try fails while it looks: it has found nothing out.
        let claim = house.head(&company, id, Lane::Bot).await;
        assert!(claim.ambiguous);
        house.tried(claim, later(house.now(), down())).await.unwrap();
        let claim = house.head(&company, id, Lane::Bot).await;
        assert!(claim.ambiguous, "the first try may still have arrived");
        house.dead(claim, down()).await;
    }

    async fn a_row_given_up_in_doubt_is_retried_in_doubt(house) {
        let company = house.company("uno").await;
        house.says(&company, "51999", "m1", "hola").await;
        let id = company.conversation("51999").await;
        house.hand_off(&company, id).await;
        let claim = house.head(&company, id, Lane::Desk).await;
        let row = claim.id;
        house.dead(claim, SendError::ambiguous("no answer")).await;
        let retry = Command::Retry { tenant: company.id(), row };
        house.command(retry).await.unwrap();
        assert!(house.head(&company, id, Lane::Desk).await.ambiguous);
    }

    async fn lanes_asked_for_together_are_answered_each_by_itself_in_their_order(house) {
        let (one, id) = backlog(house, "uno", 2).await;
        let (two, its) = backlog(house, "dos", 1).await;
        let (three, held) = backlog(house, "tres", 1).await;
        house.head(&three, held, Lane::Bot).await;
        let lane = |company: &Company, conversation, lane| Wakeup { tenant: company.id(), conversation, lane };
        let asked = [
            lane(&two, its, Lane::Bot),
            lane(&one, id, Lane::Media),
            lane(&three, held, Lane::Bot),
            // Another company's conversation is nobody's.
            lane(&two, id, Lane::Bot),
            lane(&one, id, Lane::Bot),
        ];
        let answers = claims(house, &asked).await;
        assert_eq!(answers.len(), asked.len());
        let [Ok(first), Err(ClaimError::Empty), Err(ClaimError::NotBefore(at)), Err(ClaimError::Empty), Ok(second)] =
            answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!((first.wakeup, second.wakeup), (asked[0], asked[4]));
        assert_eq!(*at, house.now().after(HOLD));
        house.done(first.clone(), Stored::default()).await;
        house.done(second.clone(), Stored::default()).await;
        house.head(&one, id, Lane::Bot).await;
    }

    async fn what_was_carried_out_is_marked_with_the_next_claim_of_its_lane(house) {
        let (one, id) = backlog(house, "uno", 3).await;
        let (two, its) = backlog(house, "dos", 1).await;
        let first = house.head(&one, id, Lane::Bot).await;
        let lost = house.head(&two, its, Lane::Bot).await;
        let turn = |claim: &Claim, token| Turn {
            lane: claim.wakeup,
            done: Some(DoneRow { id: claim.id, token, posted: None }),
        };
        // Of two lanes that ask together, one has lost its claim: its row stays where it is, and
        // nothing overtakes it.
        let turns = [turn(&lost, lost.token + 1), turn(&first, first.token)];
        let turned = house.store.turn_all(&turns, &HOLD.into()).await;
        let [of_two, of_one] = turned.as_slice() else { panic!("{turned:?}") };
        assert!(!of_two.marked && of_one.marked);
        assert!(matches!(of_two.next, Err(ClaimError::NotBefore(_))), "{of_two:?}");
        let second = &of_one.next.as_ref().unwrap().claim;
        assert!(second.id > first.id && second.wakeup == first.wakeup);
        assert!(!second.ambiguous && second.attempts == 0);
        // Once more: it is marked already, and the next one is in hand.
        let again = house.store.turn_all(&[turn(&first, first.token)], &HOLD.into()).await;
        assert!(!again[0].marked && matches!(again[0].next, Err(ClaimError::NotBefore(_))), "{again:?}");
        let third = house.store.turn_all(&[turn(second, second.token)], &HOLD.into()).await;
        let third = &third[0].next.as_ref().unwrap().claim;
        let last = house.store.turn_all(&[turn(third, third.token)], &HOLD.into()).await;
        assert!(last[0].marked && matches!(last[0].next, Err(ClaimError::Empty)), "{last:?}");
        house.done(lost, Stored::default()).await;
    }

    async fn a_message_that_the_desk_took_is_sent_with_the_next_claim_of_its_lane(house) {
        let (company, id) = backlog(house, "uno", 1).await;
        let handoff = house.hand_off(&company, id).await;
        let opening = house.head(&company, id, Lane::Desk).await;
        let opened = Some(OpenedDesk { handoff, desk_conversation: 77 });
        house.done(opening, Stored { opened, ..Stored::default() }).await;
        house.says(&company, "51999", "m1", "¿siguen ahí?").await;
        let lane = Wakeup { tenant: company.id(), conversation: id, lane: Lane::Desk };
        let turn = Turn { lane, done: None };
        let turned = house.store.turn_all(&[turn], &HOLD.into()).await;
        let Taken { claim, errand } = turned.into_iter().next().unwrap().next.unwrap();
        let outcome = TryOutcome { claim, result: TryResult::Done(Stored::default()) };
        let row = outcome.done_row().unwrap();
        let message = row.posted.unwrap();
        let asked = company.tenant.errand(id, Some(handoff), Some(message)).await.unwrap();
        assert_eq!(asked.message.as_ref().map(|it| it.id), Some(message));
        if let Some(along) = errand {
            assert_eq!(format!("{along:?}"), format!("{asked:?}"), "brought along with the claim");
        }
        let status = "select status from messages where id = $1";
        let before = house.texts(status, vec![message.0.into()]).await;
        assert_eq!(before, ["accepted"]);
        let turn = Turn { lane, done: Some(row) };
        let turned = house.store.turn_all(&[turn], &HOLD.into()).await;
        assert!(turned[0].marked && matches!(turned[0].next, Err(ClaimError::Empty)), "{turned:?}");
        assert_eq!(house.texts(status, vec![message.0.into()]).await, ["sent"]);
        // The same result by the long way comes too late, and changes nothing.
        assert!(too_late(house.tried(outcome.claim, outcome.result).await));
        house.check().await;
    }

    async fn lanes_that_wait_can_be_made_due_and_those_in_hand_are_left_alone(house) {
        let (one, waiting) = backlog(house, "uno", 2).await;
        let (two, held) = backlog(house, "dos", 1).await;
        let at = house.now().after(HOLD);
        let claim = house.head(&one, waiting, Lane::Bot).await;
        house.tried(claim, later(at, down().with_code(WAITS_FOR_CONNECTION))).await.unwrap();
        let (three, otherwise) = backlog(house, "tres", 1).await;
        let claim = house.head(&three, otherwise, Lane::Bot).await;
        house.tried(claim, later(at, SendError::ambiguous("no answer"))).await.unwrap();
        let in_hand = house.head(&two, held, Lane::Bot).await;
        let lanes = [(&one, waiting), (&two, held), (&two, waiting), (&three, otherwise)]
            .map(|(company, conversation)| Wakeup { tenant: company.id(), conversation, lane: Lane::Bot });
        house.store.due_at_once(&lanes).await.unwrap();
        house.head(&one, waiting, Lane::Bot).await;
        let early = refused(three.tenant.claim(otherwise, Lane::Bot, HOLD).await);
        assert!(matches!(early, ClaimError::NotBefore(then) if then == at), "in doubt: {early:?}");
        let still = refused(two.tenant.claim(held, Lane::Bot, HOLD).await);
        assert!(matches!(still, ClaimError::NotBefore(_)), "{still:?}");
        house.done(in_hand, Stored::default()).await;
    }

    async fn more_lanes_than_one_statement_names_are_all_taken(house) {
        let company = house.company("uno").await;
        let mut asked = Vec::new();
        for n in 0..150 {
            let contact = format!("c{n}");
            house.says(&company, &contact, &format!("m{n}"), "hola").await;
            let conversation = company.conversation(&contact).await;
            asked.push(Wakeup { tenant: company.id(), conversation, lane: Lane::Bot });
        }
        let answers = claims(house, &asked).await;
        let taken: Vec<_> = answers.into_iter().map(|claim| claim.unwrap().wakeup).collect();
        assert_eq!(taken, asked);
    }

    async fn lanes_do_not_wait_for_each_other(house) {
        let (company, id) = backlog(house, "uno", 1).await;
        house.hand_off(&company, id).await;
        for lane in [Lane::Bot, Lane::Desk, Lane::Channel, Lane::Events] {
            house.head(&company, id, lane).await;
        }
        let none = refused(company.tenant.claim(id, Lane::Media, HOLD).await);
        assert!(matches!(none, ClaimError::Empty));
    }

    async fn a_dead_row_blocks_nobody_and_can_be_retried_or_discarded(house) {
        let (company, id) = backlog(house, "uno", 3).await;
        company.tune(|s| s.policy.bot_down = domain::handoff::BotDownAction::Answer).await;
        let first = house.head(&company, id, Lane::Bot).await;
        let error = SendError::clear(Failure::Payload, "nonsense").with_code("400");
        house.dead(first.clone(), error).await;
        let second = house.head(&company, id, Lane::Bot).await;
        assert!(second.id > first.id);
        let dead = company.tenant.outbox().dead(Some(id)).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!((dead[0].id, dead[0].attempts, dead[0].error.as_str()), (first.id, 1, "nonsense"));
        assert_eq!(dead[0].code.as_deref(), Some("400"));
        let failed = company.tenant.conversations().get(id).await.unwrap().failed;
        assert_eq!(failed, 1);
        // Another tenant can do neither.
        let other = house.company("dos").await;
        let (mine, theirs) = (company.id(), other.id());
        let retry = |tenant| Command::Retry { tenant, row: first.id };
        let discard = |tenant| Command::Discard { tenant, row: first.id };
        for command in [retry(theirs), discard(theirs)] {
            let refused = house.command(command).await;
            assert!(matches!(refused, Err(IngestError::Store(StoreError::NotFound))));
        }
        house.command(retry(mine)).await.unwrap();
        assert_eq!(company.tenant.conversations().get(id).await.unwrap().failed, 0);
        let twice = house.command(retry(mine)).await;
        assert!(matches!(twice, Err(IngestError::Store(StoreError::NotFound))));
        house.done(second, Stored::default()).await;
        let again = house.head(&company, id, Lane::Bot).await;
        assert_eq!((again.id, again.attempts), (first.id, 0));
        house.dead(again, down()).await;
        house.command(discard(mine)).await.unwrap();
        assert!(company.tenant.outbox().dead(None).await.unwrap().is_empty());
        house.check().await;
    }

    async fn the_sweep_finds_every_free_head_behind_a_crowd_that_cannot_go(house) {
        // A head that waits, with more due rows behind it than the sweep looks at.
        let (stuck, id) = backlog(house, "uno", 20).await;
        let claim = house.head(&stuck, id, Lane::Bot).await;
        let at = house.now().after(Duration::from_secs(600));
        house.tried(claim, later(at, down())).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        let (company, free) = backlog(house, "dos", 2).await;
        let due = house.store.due_lanes(10).await.unwrap();
        let expected = domain::outbound::Wakeup {
            tenant: company.id(),
            conversation: free,
            lane: Lane::Bot,
        };
        assert_eq!(due, [expected], "only heads, each once");
        house.head(&company, free, Lane::Bot).await;
        assert!(house.store.due_lanes(10).await.unwrap().is_empty(), "somebody works on it");
        house.clock.set(at.after(HOLD));
        assert_eq!(house.store.due_lanes(10).await.unwrap().len(), 2);
    }

    async fn finished_work_is_cleared_and_unfinished_kept(house) {
        let (company, id) = backlog(house, "uno", 3).await;
        let claim = house.head(&company, id, Lane::Bot).await;
        house.done(claim, Stored::default()).await;
        house.clock.advance(Duration::from_secs(60));
        house.store.clear(house.now()).await.unwrap();
        let (rows, hooks) = ("select count(*) from outbox", "select count(*) from webhooks");
        assert_eq!(house.number(rows, vec![]).await, 2);
        assert_eq!(house.number(hooks, vec![]).await, 3, "the bot has still to get two of them");
        for _ in 0..2 {
            let claim = house.head(&company, id, Lane::Bot).await;
            assert!(matches!(claim.task, Task::ForwardWebhook { webhook, .. } if house
                .number("select count(*) from webhooks where id = $1", vec![webhook.0.into()]).await == 1));
            house.done(claim, Stored::default()).await;
        }
        house.store.clear(house.now().after(Duration::from_secs(1))).await.unwrap();
        assert_eq!(house.number(rows, vec![]).await, 0);
        assert_eq!(house.number(hooks, vec![]).await, 0);
        assert_eq!(company.messages(id).await.len(), 3, "what was said stays");
    }
}
