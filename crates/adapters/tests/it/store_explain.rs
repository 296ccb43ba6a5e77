//! The hot queries find their rows by an index that begins with the tenant, on both databases.

use crate::support::{Company, HOLD, House, on_both_databases};
use adapters::store::Turn;
use domain::ids::ConversationId;
use domain::outbound::{Lane, Wakeup};
use sea_orm::{ConnectionTrait, Statement, Value};
use std::sync::{Arc, Mutex};

/// Of many lanes at once; `FREE` is what each database does with the rows that are free.
const CLAIM: &str = "with lanes(tenant, conversation, lane) as (values ($1, $2, $3), ($4, $5, $6))
    update outbox set claim_token = claim_token + 1 where id FREE";
const FREE: &str = "select o.id from outbox o where o.id IN(
        select (select i.id from outbox i where i.tenant_id = w.tenant
            and i.conversation_id = w.conversation and i.lane = w.lane and i.state = 'pending'
            order by i.id limit 1) from lanes w)END
      and o.state || '' = 'pending' and o.next_at + 0 <= 9";
/// The sweep, as far as its plan goes.
const SWEEP: &str = "select o.id from outbox o where o.state = 'pending' and o.next_at <= 9
      and o.id = (select h.id from outbox h where h.tenant_id = o.tenant_id
        and h.conversation_id = o.conversation_id and h.lane = o.lane
        and h.state = 'pending' order by h.id limit 1)
    order by o.next_at limit 500";

const THREAD: &str = "select v.id, c.key, ch.kind, t.version from conversations v
    join contacts c on c.tenant_id = v.tenant_id and c.id = v.contact_id
    join channels ch on ch.tenant_id = v.tenant_id and ch.id = v.channel_id
    join tenants t on t.id = v.tenant_id
    where v.tenant_id = $1 and ";

/// The lines of the plan.
async fn plan(house: &House, text: &str, values: Vec<Value>) -> Vec<String> {
    let word = if house.is_postgres() {
        "explain"
    } else {
        "explain query plan"
    };
    let backend = house.db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, format!("{word} {text}"), values);
    let rows = house.db.query_all_raw(statement).await.unwrap();
    let column = if house.is_postgres() {
        "QUERY PLAN"
    } else {
        "detail"
    };
    rows.iter()
        .map(|row| row.try_get::<String>("", column).unwrap())
        .collect()
}

/// Two tenants with enough rows that an index pays.
async fn crowd(house: &House) -> (Company, ConversationId) {
    let (one, two) = (house.company("uno").await, house.company("dos").await);
    for n in 0..120 {
        let company = if n % 2 == 0 { &one } else { &two };
        let events = (0..10)
            .map(|m| company.text(&format!("c{n}"), &format!("m{n}-{m}"), "hola"))
            .collect();
        house.webhook(company.hook(events)).await;
    }
    let id = one.conversation("c0").await;
    for n in (0..120).step_by(4) {
        let asking = one.conversation(&format!("c{n}")).await;
        house.hand_off(&one, asking).await;
        let told = "update handoffs set desk_conversation = $1 where conversation_id = $2";
        let sent = "update deliveries set external_id = 'w' || $1 where conversation_id = $2";
        for text in [told, sent] {
            let number: Value = if text == told {
                i64::from(n).into()
            } else {
                n.to_string().into()
            };
            let values = [number, asking.0.into()];
            let backend = house.db.get_database_backend();
            let statement = Statement::from_sql_and_values(backend, text, values);
            house.db.execute_raw(statement).await.unwrap();
        }
    }
    // The planner must look at what is there, and not at how few there are.
    if house.is_postgres() {
        house.db.execute_unprepared("analyze").await.unwrap();
        for kind in ["seqscan", "bitmapscan", "sort"] {
            let off = format!("set enable_{kind} = off");
            house.db.execute_unprepared(&off).await.unwrap();
        }
    }
    (one, id)
}

fn uses(plan: &[String], index: &str) {
    let text = plan.join("\n");
    assert!(text.contains(index), "{index} is not used:\n{text}");
    assert!(!text.contains("Seq Scan on"), "{text}");
    for line in plan {
        let line = line.trim();
        assert!(
            !line.starts_with("SCAN ") || line.contains("INDEX") || line.contains("CONSTANT"),
            "{text}"
        );
    }
}

fn free(house: &House) -> String {
    match house.is_postgres() {
        true => format!("= any(array({FREE} for update of o skip locked))")
            .replace("IN(", "= any(array(")
            .replace("END", ")"),
        false => format!("in ({FREE})")
            .replace("IN(", "in (")
            .replace("END", ""),
    }
}

on_both_databases! {
    async fn work_is_found_by_its_lane_whatever_was_waiting_at_the_last_look(house) {
        let (company, id) = crowd(house).await;
        let lane: Value = 2_i16.into();
        let lanes = || -> Vec<Value> {
            let one = [company.id().0.into(), id.0.into(), lane.clone()];
            one.iter().chain(&one).cloned().collect()
        };
        for state in ["done", "pending"] {
            let backend = house.db.get_database_backend();
            let text = "update outbox set state = $1, next_at = 1";
            let all = Statement::from_sql_and_values(backend, text, [state.into()]);
            house.db.execute_raw(all).await.unwrap();
            house.db.execute_unprepared("analyze").await.unwrap();
            let claim = plan(house, &CLAIM.replace("FREE", &free(house)), lanes()).await.join("\n");
            assert!(claim.contains("outbox_lanes"), "{state}: {claim}");
            assert!(!claim.contains("outbox_due"), "{state}: {claim}");
            let sweep = plan(house, SWEEP, vec![]).await.join("\n");
            assert!(sweep.contains("outbox_lanes"), "{state}: {sweep}");
        }
    }

    async fn the_turn_of_lanes_is_planned_once_and_well_whatever_was_waiting_at_the_last_look(house) {
        // On SQLite it is done in steps, which are planned for their values.
        if !house.is_postgres() {
            return;
        }
        let (company, id) = crowd(house).await;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let note = move |text: &str, _| noted.lock().unwrap().push(text.to_owned());
        let lane = Wakeup { tenant: company.id(), conversation: id, lane: Lane::Bot };
        let turn = Turn { lane, done: None };
        let store = house.store.clone().telling(note);
        assert!(store.turn_all(&[turn], &HOLD.into()).await[0].next.is_ok());
        let turn = asked.lock().unwrap().pop().unwrap();
        house.run("set plan_cache_mode = force_generic_plan", vec![]).await;
        for state in ["done", "pending"] {
            house.run("update outbox set state = $1, next_at = 1", vec![state.into()]).await;
            house.db.execute_unprepared("analyze").await.unwrap();
            let prepare = format!("prepare turn(bigint, bigint, text, text, bigint) as {turn}");
            house.db.execute_unprepared(&prepare).await.unwrap();
            let found = house.texts("explain execute turn(20000, 1, 'w', '[]', 9)", vec![]).await;
            for index in ["outbox_lanes", "outbox_pkey", "messages_pkey", "conversations_pkey"] {
                uses(&found, index);
            }
            assert!(!found.join("\n").contains("outbox_due"), "{state}: {found:#?}");
            house.db.execute_unprepared("deallocate turn").await.unwrap();
        }
    }

    async fn hot_queries_use_indexes_that_begin_with_the_tenant(house) {
        let (company, id) = crowd(house).await;
        let tenant = || -> Value { company.id().0.into() };
        let thread = || -> Value { id.0.into() };
        let lane: Value = 2_i16.into();
        let free = free(house);
        let lanes = vec![tenant(), thread(), lane.clone(), tenant(), thread(), lane];
        let found = plan(house, &CLAIM.replace("FREE", &free), lanes).await;
        // The lanes that are asked for are no table.
        let found: Vec<_> = found.into_iter().filter(|line| line.trim() != "SCAN w").collect();
        uses(&found, "outbox_lanes");

        let by_id = format!("{THREAD} v.id = $2");
        let primary = if house.is_postgres() { "conversations_pkey" } else { "sqlite_autoindex_conversations_1" };
        uses(&plan(house, &by_id, vec![tenant(), thread()]).await, primary);

        let by_key = format!("{THREAD} c.channel_id = $2 and c.key = $3 and c.thread = $4");
        let line: Value = company.channel.id.0.into();
        let values = vec![tenant(), line.clone(), "c0".into(), "".into()];
        uses(&plan(house, &by_key, values).await, "contacts_by_key");

        let by_any = "select c.id from contacts c where c.tenant_id = $1 and c.id in (
            select k.id from contacts k where k.tenant_id = $1 and k.channel_id = $2 and k.key = $3
            union all
            select k.id from contacts k where k.tenant_id = $1 and k.channel_id = $2 and k.alias = $3)";
        let found = plan(house, by_any, vec![tenant(), line.clone(), "c0".into()]).await;
        uses(&found, "contacts_by_key");
        uses(&found, "contacts_by_alias");

        let page = "select * from messages where tenant_id = $1 and conversation_id = $2 and seq < $3
            order by seq desc limit 50";
        let found = plan(house, page, vec![tenant(), thread(), 999_i64.into()]).await;
        uses(&found, "messages_in_order");
        assert!(!found.join("\n").contains("Sort"), "read in its order: {found:?}");

        let list = "select * from conversations where tenant_id = $1
            order by last_message_at desc, id desc limit 50";
        let found = plan(house, list, vec![tenant()]).await;
        uses(&found, "conversations_by_time");
        assert!(!found.join("\n").contains("TEMP B-TREE"), "{found:?}");

        let status = "select d.message_id from deliveries d
            where d.tenant_id = $1 and d.channel_id = $2 and d.external_id = $3";
        uses(&plan(house, status, vec![tenant(), line, "w1".into()]).await, "deliveries_by_external");

        let known = "select id from handoffs where tenant_id = $1 and desk_conversation = $2";
        uses(&plan(house, known, vec![tenant(), 500_i64.into()]).await, "handoffs_by_desk");

        let open = "select h.reason from handoffs h where h.tenant_id = $1 and h.ended_at is null";
        let found = plan(house, open, vec![tenant()]).await.join("\n");
        assert!(found.contains("handoffs_open") || found.contains("handoffs_one_open"), "{found}");
        let day = "select h.reason from handoffs h where h.tenant_id = $1 and h.day >= $2 and h.day <= $3";
        let values = vec![tenant(), 1_i64.into(), 2_i64.into()];
        uses(&plan(house, day, values).await, "handoffs_by_day");
        let history = "select h.id from handoffs h where h.tenant_id = $1 and +h.day >= $2
            and h.requested_at >= $3 order by h.requested_at desc, h.id desc limit 50";
        let values = vec![tenant(), 1_i64.into(), 2_i64.into()];
        uses(&plan(house, history, values).await, "handoffs_by_time");

        // The sweeps look over all tenants, by what is due.
        let due = "select o.tenant_id from outbox o where o.state = 'pending' and o.next_at <= $1
              and not exists (select 1 from outbox h where h.tenant_id = o.tenant_id
                and h.conversation_id = o.conversation_id and h.lane = o.lane
                and h.state = 'pending' and h.id < o.id)
            order by o.next_at limit 500";
        let found = plan(house, due, vec![1_i64.into()]).await;
        uses(&found, "outbox_due");
        let timers = "select tenant_id from timers where due_at <= $1 order by due_at limit 500";
        uses(&plan(house, timers, vec![1_i64.into()]).await, "timers_due");
    }

    async fn the_viewer_and_the_list_use_indexes_that_begin_with_the_tenant(house) {
        let (company, id) = crowd(house).await;
        let tenant = || -> Value { company.id().0.into() };
        let thread = || -> Value { id.0.into() };
        let joins = "join contacts c on c.tenant_id = v.tenant_id and c.id = v.contact_id
            join channels ch on ch.tenant_id = v.tenant_id and ch.id = v.channel_id";
        let order = "order by v.last_message_at desc, v.id desc limit 31";
        let page = format!("select v.id, c.key, ch.name from conversations v {joins}
            where v.tenant_id = $1 and (v.last_message_at, v.id) < ($2, $3) {order}");
        let found = plan(house, &page, vec![tenant(), i64::MAX.into(), thread()]).await;
        uses(&found, "conversations_by_time");
        assert!(!found.join("\n").contains("TEMP B-TREE"), "read in its order: {found:?}");

        let failed = format!("select v.id from conversations v where v.tenant_id = $1 and v.failed > 0 {order}");
        uses(&plan(house, &failed, vec![tenant()]).await, "conversations_failed");

        let by_rule = "select h.conversation_id from handoffs h where h.tenant_id = $1 and h.rule_id = $2";
        // Where the database has no statistics, either index of the rule or the agent will do.
        uses(&plan(house, by_rule, vec![tenant(), thread()]).await, "_rule");
        let by_agent = "select min(h.agent_id) from handoffs h where h.tenant_id = $1
            and h.agent_id is not null and h.agent_id > $2";
        uses(&plan(house, by_agent, vec![tenant(), 1_i64.into()]).await, "_agent");

        let taken = "select count(*) from handoffs h where h.tenant_id = $1 and h.requested_at >= $2
            and +h.day >= $3 and h.agent_id = $4";
        let values = vec![tenant(), 1_i64.into(), 1_i64.into(), 1_i64.into()];
        let of_agent = if house.is_postgres() { "_agent" } else { "COVERING INDEX handoffs_of_agent" };
        uses(&plan(house, taken, values).await, of_agent);

        let work = "select id from outbox where tenant_id = $1 and message_id = $2 order by id";
        uses(&plan(house, work, vec![tenant(), thread()]).await, "outbox_by_message");
        let notes = "select id from notes where tenant_id = $1 and conversation_id = $2";
        let key = if house.is_postgres() { "notes_pkey" } else { "sqlite_autoindex_notes_1" };
        uses(&plan(house, notes, vec![tenant(), thread()]).await, key);

        if house.is_postgres() {
            house.run("set enable_bitmapscan = on", vec![]).await;
            house.run("set enable_indexscan = off", vec![]).await;
            let words = "select m.id from messages m where m.tenant_id = $1 and m.words <> ''
                and m.words::tsvector @@ $2::tsquery";
            let found = plan(house, words, vec![tenant(), "'hola'".into()]).await;
            uses(&found, "messages_search");
            let cond = found.iter().find(|line| line.contains("Index Cond")).cloned();
            assert!(cond.is_some_and(|c| c.contains("tenant_id")), "by tenant: {found:?}");
        } else {
            let words = "select m.id from message_search f cross join messages m on m.id = f.message
                where m.tenant_id = $1 and message_search match $2 order by f.rowid desc limit 31";
            let found = plan(house, words, vec![tenant(), "words:\"hola\"".into()]).await.join("\n");
            assert!(found.contains("VIRTUAL TABLE INDEX") && !found.contains("TEMP B-TREE"), "{found}");
            assert!(found.contains("sqlite_autoindex_messages_1"), "{found}");
        }
    }

    async fn tables_that_have_doubled_are_looked_at_and_others_are_left_alone(house) {
        let company = house.company("uno").await;
        for n in 0..6 {
            let events = (0..100).map(|m| company.text(&format!("c{n}"), &format!("m{n}-{m}"), "hola"));
            house.webhook(company.hook(events.collect())).await;
        }
        let seen = async || {
            let text = "select relname::text from pg_stat_user_tables where n_mod_since_analyze > 500";
            house.texts(text, vec![]).await.contains(&"messages".to_owned()).then_some(())
        };
        if !house.is_postgres() {
            assert_eq!(house.store.look_at_growth().await.unwrap(), 0);
            return;
        }
        // PostgreSQL adds its counts up when a connection rests.
        testkit::eventually(std::time::Duration::from_secs(30), seen).await;
        assert!(house.store.look_at_growth().await.unwrap() > 0);
        assert!(seen().await.is_none(), "until it has doubled again");
    }
}
