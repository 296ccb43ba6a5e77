//! Processes are killed, replaced, stopped for a while, starved, told a wrong time; rows that
//! cannot be read (F7, F29, F34 to F38).

use crate::trial::field::{Field, answers, desk_messages};
use crate::trial::run::Trial;
use crate::trial::site::{Ground, Seat};
use crate::trial::trials;
use futures::future::BoxFuture;
use sandbox::ledger::Service;
use serde_json::Value;

trials! {
    f07_any_process_is_killed_again_and_again: Trial::new(killed).ambiguous(20);
    f29_all_clocks_jump_forward_and_back: Trial::new(jumping);
    f29_the_clock_of_one_worker_is_ahead: Trial::new(|field| skewed(field, 30_000));
    #[ignore = "long form"]
    f29_the_clock_of_one_worker_is_behind: Trial::new(|field| skewed(field, -30_000));
    f34_a_commit_meets_a_defect: Trial::new(nothing_more).on(Ground {
        web_fault: Some("before_commit:panic@7"),
        ..Ground::default()
    });
    f35_every_process_is_replaced_under_load: Trial::new(replaced);
    the_master_key_is_replaced_under_load: Trial::new(rekeyed);
    f36_a_worker_stands_still_and_wakes_up_as_a_ghost: Trial::new(ghost).ambiguous(4);
    #[ignore = "long form"]
    f37_processes_may_open_few_files: Trial::new(nothing_more).on(Ground {
        files: 96,
        ..Ground::default()
    });
    f38_a_row_cannot_be_read: Trial::new(unreadable).may_fail();
}

fn killed(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        for _ in 0..6 * field.factor {
            field.site.kill(field.site.any(&field.dice));
            field.dice.wait(200..900).await;
        }
    })
}

/// Further than a claim is held, which then ends early.
fn jumping(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        for ms in [25_000, -25_000, 10_000] {
            field
                .site
                .clocks_wrong_by(&Seat::ALL, ms * i64::from(field.factor));
            field.last(600..1200).await;
        }
        field.site.clocks_wrong_by(&Seat::ALL, 0);
    })
}

/// Longer than a claim is held.
fn skewed(field: &Field, ms: i64) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        field.site.clocks_wrong_by(&[Seat::WorkerB], ms);
        field.fault(desk_messages(sandbox::fault::Action::Delay { ms: 250 }));
        field.said(1.0).await;
        field.mend();
        field.last(500..1000).await;
        field.site.clocks_wrong_by(&[Seat::WorkerB], 0);
    })
}

fn nothing_more(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let seats: Vec<Seat> = Seat::ALL
            .into_iter()
            .filter(|seat| field.site.has_fault(*seat))
            .collect();
        field.site.arm(&seats).await;
        field.said(1.0).await;
    })
}

/// SIGTERM for each in turn, as an upgrade does: no platform hears anything but a 200.
fn replaced(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        each_in_turn(field).await;
        nobody_was_refused(field);
    })
}

/// A new master key is made known to all, then used by all, then alone; meanwhile some processes
/// have it and others do not.
fn rekeyed(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let old = format!("main:{}", field.site.master_key());
        let new = "next:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
        field.said(0.1).await;
        for keys in [format!("{old},{new}"), format!("{new},{old}")] {
            field.site.master_keys(&keys);
            each_in_turn(field).await;
        }
        field.site.migrate().await;
        field.site.master_keys(new);
        each_in_turn(field).await;
        let wrapped = "select distinct master from data_keys";
        assert_eq!(field.site.column(wrapped).await, ["next"]);
        nobody_was_refused(field);
    })
}

async fn each_in_turn(field: &Field) {
    for seat in Seat::ALL {
        field.site.roll(seat).await;
        field.dice.wait(0..200).await;
    }
}

fn nobody_was_refused(field: &Field) {
    let ledger = &field.site.sandbox.core.ledger;
    let rows = ledger.rows(Service::Webhook, 0, usize::MAX);
    let status = |raw: &str| serde_json::from_str::<Value>(raw).unwrap()["status"].as_u64();
    let statuses = rows.iter().filter_map(|row| status(row.raw.get()));
    let refused = statuses.filter(|status| *status != 200).count();
    assert_eq!(
        refused, 0,
        "webhooks were refused while processes were replaced"
    );
}

/// Longer than the others believe in it.
fn ghost(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        for seat in Seat::WORKERS {
            field.dice.wait(100..400).await;
            field.site.pause(seat);
            field.last(4000..5000).await;
            field.site.resume(seat);
        }
    })
}

fn unreadable(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.3).await;
        let rule = field.fault(desk_messages(answers(503)));
        field.struck(rule, 1).await;
        let spoil = r#"update outbox set task = '{"kind":"of a newer version"}' where id in
            (select min(id) from outbox where state = 'pending' and lane = 1
             and message_id is not null and task like '%post_to_desk%')"#;
        let mut spoiled = 0;
        while spoiled == 0 {
            spoiled = field.site.sql(spoil).await;
            field.dice.wait(20..60).await;
        }
        field.mend();
    })
}
