//! Facts, sheets of days and counters, on both databases.

use crate::support::{Company, Desk, House, new_channel, on_both_databases};
use adapters::ingest::{Command, DeskBatch, OpenedDesk, Stored, Submission, TryResult};
use adapters::store::{DaysDone, HistoryFilter, Snapshot};
use domain::channel::ChannelKind;
use domain::handoff::{EndReason, HandoffReason};
use domain::ids::{ChannelId, ConversationId, HandoffId, RuleId, TenantId};
use domain::metrics::{Count, Day, Exchange, Fact, Figure, Local, Operations, Scope, Sheet, Value};
use domain::outbound::{Failure, Lane, SendError};
use domain::routing::BusinessHours;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, Statement, Value as Sql};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const DESK: Desk = Desk { conversation: 500 };
const ZONE: &str = "America/Lima";

fn hours() -> BusinessHours {
    BusinessHours {
        time_zone: ZONE.to_owned(),
        ..BusinessHours::default()
    }
}

async fn seconds(house: &House, n: u64) {
    house.clock.advance(Duration::from_secs(n));
}

async fn run(house: &House, text: &str, values: Vec<Sql>) {
    let backend = house.db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, text, values);
    house.db.execute_raw(statement).await.unwrap();
}

/// Everything the worker adds up, until nothing is left.
async fn fold(house: &House, days: &mut DaysDone) {
    while house.store.fold_outbox().await.unwrap() {}
    while house.store.fold_counts().await.unwrap() > 0 {}
    house.store.fold_days(days).await.unwrap();
}

async fn counted(house: &House, company: &Company) -> BTreeMap<(Count, String), u64> {
    let today = Local::of(ZONE, house.now()).day;
    let counts = company
        .tenant
        .metrics()
        .counts(today.plus(-9), today, today.plus(9), &Count::ALL)
        .await
        .unwrap();
    let mut sums = BTreeMap::new();
    for (what, n) in counts {
        *sums.entry((what.what, what.detail)).or_default() += n;
    }
    sums
}

async fn opened(house: &House, company: &Company, id: ConversationId, handoff: HandoffId) {
    let claim = house.head(company, id, Lane::Desk).await;
    let opened = Some(OpenedDesk {
        handoff,
        desk_conversation: DESK.conversation,
    });
    let stored = Stored {
        opened,
        ..Stored::default()
    };
    house.done(claim, stored).await;
}

async fn end(house: &House, company: &Company, conversation: ConversationId) {
    let end = Command::End {
        tenant: company.id(),
        conversation,
        handoff: None,
        reason: EndReason::OperatorForced,
    };
    house.command(end).await.unwrap();
}

/// Made-up handoffs: the same fact as the row says it.
fn made_up(n: i64, now: Timestamp, channel: ChannelId) -> Fact {
    let at = |seconds: i64| Timestamp(now.0 - 9 * 86_400_000 + n * 997_000 + seconds * 1000);
    let requested_at = at(0);
    let accepted = (n % 5 != 0).then(|| at(n % 300));
    let answered = accepted
        .filter(|_| n % 7 != 0)
        .map(|_| at(n % 300 + n % 90));
    let ended = (n % 11 != 0).then(|| at(4000 + n));
    let reasons = [
        EndReason::AgentClosed,
        EndReason::NoAgentTimeout,
        EndReason::UserEnded,
    ];
    Fact {
        channel,
        rule: (n % 3 == 0).then(|| RuleId(Uuid::from_u128(n as u128 % 4))),
        reason: HandoffReason::ALL[n as usize % HandoffReason::ALL.len()],
        local: Local::of(ZONE, requested_at),
        requested_at,
        accepted_at: accepted,
        first_human_at: answered,
        ended_at: ended,
        end_reason: ended.map(|_| reasons[n as usize % 3]),
        rating: ended.and((n % 4 == 0).then_some((n % 5 + 1) as u8)),
        previous_ended_at: (n % 6 == 0).then(|| at(-n * 400)),
        exchange: Exchange {
            contact_messages: n % 9,
            agent_messages: n % 8,
            replies: n % 5,
            reply_ms: n % 5 * 1234,
        },
    }
}

async fn write(house: &House, tenant: TenantId, fact: &Fact) -> Uuid {
    let id = Uuid::now_v7();
    let text = "insert into handoffs (tenant_id, id, conversation_id, channel_id, contact_id, reason, rule_id,
            options, requested_at, requested_seq, accepted_at, first_human_at, ended_at, end_reason, rating,
            day, hour, changed_at, previous_ended_at, contact_messages, agent_messages, replies, reply_ms)
        values ($1, $2, $2, $3, $2, $4, $5, '{}', $6, 0, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    let values: Vec<Sql> = vec![
        tenant.0.into(),
        id.into(),
        fact.channel.0.into(),
        fact.reason.name().into(),
        fact.rule.map(|r| r.0).into(),
        fact.requested_at.0.into(),
        fact.accepted_at.map(|t| t.0).into(),
        fact.first_human_at.map(|t| t.0).into(),
        fact.ended_at.map(|t| t.0).into(),
        fact.end_reason.map(|r| r.name()).into(),
        fact.rating.map(i64::from).into(),
        i64::from(fact.local.day.0).into(),
        i64::from(fact.local.hour).into(),
        fact.ended_at.unwrap_or(fact.requested_at).0.into(),
        fact.previous_ended_at.map(|t| t.0).into(),
        fact.exchange.contact_messages.into(),
        fact.exchange.agent_messages.into(),
        fact.exchange.replies.into(),
        fact.exchange.reply_ms.into(),
    ];
    run(house, text, values).await;
    id
}

async fn snapshot(house: &House, company: &Company, from: Day, to: Day) -> Snapshot {
    let scope = Scope::default();
    let metrics = company.tenant.metrics();
    metrics
        .snapshot(from, to, &scope, &hours(), house.now())
        .await
        .unwrap()
}

fn sum(snapshot: &Snapshot) -> domain::metrics::Totals {
    let mut totals = domain::metrics::Totals::default();
    for sheet in snapshot.sheets.values() {
        totals.add(&sheet.totals(&Scope::default()));
    }
    totals
}

on_both_databases! {
    async fn the_test_chat_is_nobodys_figure_unless_one_looks_at_it(house) {
        let company = house.company("uno").await;
        let line = new_channel(ChannelKind::Test, "test");
        let line = company.tenant.channels().insert(line).await.unwrap();
        let test = Company { channel: Arc::new(line), ..company.clone() };
        let mut handoffs = Vec::new();
        for (company, key) in [(&company, "ana"), (&test, "prueba")] {
            house.says(company, key, key, "hola").await;
            let id = company.conversation(key).await;
            handoffs.push(house.hand_off(company, id).await);
        }
        let today = Local::of(ZONE, house.now()).day;
        let mut days = DaysDone::default();
        // Today as it is read from the handoffs, and later from the kept sheet.
        for _ in 0..2 {
            let seen = snapshot(house, &company, today, today).await;
            assert_eq!((sum(&seen).handoffs, seen.now.open), (1, 1));
            assert_eq!(seen.counts.iter().filter(|(c, _)| c.what == Count::Started).count(), 1);
            let metrics = company.tenant.metrics();
            assert_eq!(metrics.now(&Scope::default(), house.now()).await.unwrap().open, 1);
            let chosen = Scope { channel: Some(test.channel.id), rule: None };
            let seen = metrics.snapshot(today, today, &chosen, &hours(), house.now()).await.unwrap();
            let totals: u64 = seen.sheets.values().map(|s| s.totals(&chosen).handoffs).sum();
            assert_eq!((totals, seen.now.open), (1, 1), "whoever looks at it sees it");
            assert_eq!(metrics.now(&chosen, house.now()).await.unwrap().open, 1);

            let list = company.tenant.handoffs();
            let all = HistoryFilter::default();
            let rows = list.history(&all, None, 10).await.unwrap();
            assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), handoffs[..1]);
            assert_eq!(list.history_count(&all).await.unwrap(), 1);
            let chosen = HistoryFilter { channel: chosen.channel, ..all };
            assert_eq!(list.history_count(&chosen).await.unwrap(), 1);
            assert_eq!(list.history_row(handoffs[1]).await.unwrap().id, handoffs[1]);
            assert_eq!(company.tenant.overview().await.unwrap().open, 1);
            seconds(house, 2 * 86_400).await;
            fold(house, &mut days).await;
        }
        // The checklist has seen a handoff all the same.
        let alone = house.company("dos").await;
        let line = new_channel(ChannelKind::Test, "other test");
        let line = alone.tenant.channels().insert(line).await.unwrap();
        let test = Company { channel: Arc::new(line), ..alone.clone() };
        assert!(!alone.tenant.overview().await.unwrap().handoff);
        house.says(&test, "prueba", "m1", "hola").await;
        house.hand_off(&test, test.conversation("prueba").await).await;
        assert!(alone.tenant.overview().await.unwrap().handoff);
    }

    async fn a_handoff_leaves_its_facts_in_one_row(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let handoff = house.hand_off(&company, ana).await;
        opened(house, &company, ana, handoff).await;
        seconds(house, 30).await;
        house.says(&company, "ana", "m2", "me llamo Ana").await;
        seconds(house, 10).await;
        house.desk(&company, vec![DESK.agent(2, 12, "Hola Ana")]).await;
        seconds(house, 5).await;
        house.says(&company, "ana", "m3", "mi pedido no llega").await;
        seconds(house, 20).await;
        house.desk(&company, vec![DESK.agent(3, 13, "Reviso")]).await;
        house.desk(&company, vec![DESK.agent(3, 13, "Reviso")]).await;
        seconds(house, 15).await;
        house.desk(&company, vec![DESK.closed(14)]).await;
        let today = Local::of(ZONE, house.now()).day;
        let seen = snapshot(house, &company, today, today).await;
        let totals = sum(&seen);
        let of = |figure: Figure| figure.of(&totals, 1, 1);
        assert_eq!(of(Figure::Handoffs), Value::Count(1));
        assert_eq!(of(Figure::FirstResponse), Value::Seconds(Some(40)));
        assert_eq!(of(Figure::Reply), Value::Seconds(Some(20)));
        assert_eq!(of(Figure::Resolution), Value::Seconds(Some(40)));
        assert_eq!((totals.contact_messages, totals.agent_messages), (2, 2));
        let counts = counted(house, &company).await;
        let none = String::new;
        assert_eq!(counts.get(&(Count::Started, none())), Some(&1));
        assert_eq!(counts.get(&(Count::HandedOff, none())), Some(&1));
        assert_eq!(counts.get(&(Count::Duplicates, none())), Some(&1));
        assert_eq!(seen.now, domain::metrics::Now::default());
    }

    async fn a_contact_who_comes_back_after_a_day_starts_a_conversation_anew(house) {
        let company = house.company("uno").await;
        let say = async |mid: &str| house.says(&company, "ana", mid, "hola").await;
        say("m1").await;
        seconds(house, 3600).await;
        say("m2").await;
        let ana = company.conversation("ana").await;
        let first = house.hand_off(&company, ana).await;
        end(house, &company, ana).await;
        // A second handoff of the same conversation, and one of the next.
        let second = house.hand_off(&company, ana).await;
        end(house, &company, ana).await;
        seconds(house, 2 * 86_400).await;
        house.says(&company, "ana", "m3", "otra vez").await;
        let third = house.hand_off(&company, ana).await;
        let counts = counted(house, &company).await;
        assert_eq!(counts.get(&(Count::Started, String::new())), Some(&2));
        assert_eq!(counts.get(&(Count::HandedOff, String::new())), Some(&2));
        for (handoff, first_of_its) in [(first, 1), (second, 0), (third, 1)] {
            let text = "select count(*) from handoffs where id = $1 and started_day is not null";
            assert_eq!(house.number(text, vec![handoff.0.into()]).await, first_of_its);
        }
        let text = "select count(*) from handoffs where previous_ended_at is not null";
        assert_eq!(house.number(text, vec![]).await, 2);
    }

    async fn days_that_are_kept_say_the_same_as_the_handoffs(house) {
        let company = house.company("uno").await;
        let other = house.company("dos").await;
        let facts: Vec<Fact> = (0..800).map(|n| made_up(n, house.now(), company.channel.id)).collect();
        let mut ids = Vec::new();
        for fact in &facts {
            ids.push(write(house, company.id(), fact).await);
        }
        write(house, other.id(), &facts[0]).await;
        let today = Local::of(ZONE, house.now()).day;
        let (from, to) = (today.plus(-8), today.plus(-2));
        let inside = |f: &&Fact| f.local.day >= from && f.local.day <= to;
        let truth = Sheet::of(facts.iter().filter(inside), &hours()).totals(&Scope::default());
        assert!(truth.handoffs > 300, "{}", truth.handoffs);
        assert_eq!(sum(&snapshot(house, &company, from, to).await), truth);
        let mut days = DaysDone::default();
        fold(house, &mut days).await;
        let kept = house.number("select count(*) from metric_days", vec![]).await;
        assert!(kept >= 9, "{kept}");
        let seen = snapshot(house, &company, from, to).await;
        assert_eq!(sum(&seen), truth);
        let open = facts.iter().filter(|f| f.ended_at.is_none()).count();
        assert_eq!(seen.now.open, open as u64);

        // A late rating: the day is counted from its handoffs until it is kept again.
        let late = facts.iter().position(|f| inside(&f) && f.rating.is_none() && f.ended_at.is_some()).unwrap();
        let text = "update handoffs set rating = 5, changed_at = $2 where id = $1";
        run(house, text, vec![ids[late].into(), house.now().0.into()]).await;
        let rated = sum(&snapshot(house, &company, from, to).await);
        assert_eq!(rated.stars[4], truth.stars[4] + 1);
        seconds(house, 120).await;
        fold(house, &mut days).await;
        assert_eq!(sum(&snapshot(house, &company, from, to).await), rated);
        let stale = "select count(*) from metric_days d where exists (select 1 from handoffs h
            where h.tenant_id = d.tenant_id and h.day = d.day and h.changed_at > d.as_of)";
        assert_eq!(house.number(stale, vec![]).await, 0);
    }

    async fn latencies_retries_and_failures_are_counted_once_from_the_outbox(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let handoff = house.hand_off(&company, ana).await;
        opened(house, &company, ana, handoff).await;
        house.says(&company, "ana", "m2", "uno").await;
        house.clock.advance(Duration::from_millis(40));
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.done(claim, Stored::default()).await;
        house.says(&company, "ana", "m3", "dos").await;
        let claim = house.head(&company, ana, Lane::Desk).await;
        let error = SendError {
            failure: Failure::Transient { retry_after: None },
            ambiguous: false,
            detail: "down".to_owned(),
            code: None,
        };
        let later = TryResult::Later {
            at: house.now(),
            counts: true,
            error: error.clone(),
            progress: serde_json::Value::Null,
            parts: Vec::new(),
            note: None,
        };
        house.tried(claim, later).await.unwrap();
        seconds(house, 2).await;
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.done(claim, Stored::default()).await;
        let notice = house.head(&company, ana, Lane::Channel).await;
        house.dead(notice, error).await;
        let mut days = DaysDone::default();
        fold(house, &mut days).await;
        assert!(!counted(house, &company).await.contains_key(&(Count::Failed, String::new())), "not settled yet");
        seconds(house, 61).await;
        for _ in 0..3 {
            fold(house, &mut days).await;
        }
        let mut operations = Operations::default();
        let today = Local::of(ZONE, house.now()).day;
        let metrics = company.tenant.metrics();
        for (what, n) in metrics.counts(today.plus(-1), today, today, &Count::ALL).await.unwrap() {
            assert_eq!(what.day, today, "nothing was counted yesterday");
            operations.count(&what, n);
        }
        // The same from the other side of the split.
        let tomorrow = today.plus(1);
        let counts = metrics.counts(today, tomorrow, tomorrow, &Count::ALL).await.unwrap();
        assert!(!counts.is_empty() && counts.iter().all(|(counted, _)| counted.day == today));
        assert_eq!((operations.failed, operations.retried), (1, 1));
        assert_eq!(operations.to_desk.count(), 2);
        assert_eq!(operations.to_desk.percentile(50), Some(40));
        assert!(operations.to_desk.percentile(95).unwrap().abs_diff(2000) < 40);
        assert!(operations.to_contact.is_empty());
        assert_eq!(house.number("select count(*) from metric_deltas", vec![]).await, 0);
    }

    async fn a_message_that_only_the_listing_knew_is_a_repaired_gap(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let handoff = house.hand_off(&company, ana).await;
        opened(house, &company, ana, handoff).await;
        house.desk(&company, vec![DESK.agent(2, 12, "Hola")]).await;
        let changes = serde_json::json!({ "content": "Hola" });
        let batch = DeskBatch {
            tenant: company.id(),
            events: vec![DESK.listed(2, changes.clone()), DESK.listed(3, changes)],
            cursor: None,
            fence: 1,
        };
        house.submit(Submission::Desk(batch)).await.unwrap();
        let counts = counted(house, &company).await;
        assert_eq!(counts.get(&(Count::GapsRepaired, String::new())), Some(&1));
    }
}
