//! Processes that die at a named step of a message's way (F1 to F5): early, since on a slow machine most
//! is said before the last of them has its fault.

use crate::trial::field::Field;
use crate::trial::run::Trial;
use crate::trial::site::{Ground, Seat};
use crate::trial::trials;
use crate::wait::soon;
use futures::future::BoxFuture;

trials! {
    f01_web_dies_after_storing_and_before_the_200:
        at_step(web("after_store:abort@3"));
    #[ignore = "long form"]
    f02_web_dies_before_the_commit:
        at_step(web("before_commit:abort@3"));
    f02_web_dies_after_the_commit_and_before_the_wake_up:
        at_step(web("before_wake:abort@3"));
    f03_a_worker_dies_after_the_call_and_before_its_result_is_stored:
        at_step(worker("after_call:abort@3")).ambiguous(2);
    f05_a_worker_dies_between_the_stream_and_the_commit:
        at_step(worker("after_poll:abort@2")).ambiguous(6);
    #[ignore = "long form"]
    f05_a_worker_dies_before_the_commit_of_events_and_cursor:
        at_step(worker("before_commit:abort@4")).ambiguous(6);
    f05_a_worker_dies_after_the_cursor_and_before_the_next_poll:
        at_step(worker("after_cursor:abort@2")).ambiguous(6);
    a_worker_hangs_after_the_call_for_longer_than_others_believe_in_it:
        at_step(worker("after_call:pause=4000@3"));
    a_worker_stands_still_before_a_call_and_wakes_up_when_another_has_taken_over:
        Trial::new(one_stands_still).on(worker("before_call:stand=4000@2"));
}

fn web(fault: &'static str) -> Ground {
    Ground {
        web_fault: Some(fault),
        ..Ground::default()
    }
}

fn worker(fault: &'static str) -> Ground {
    Ground {
        worker_fault: Some(fault),
        ..Ground::default()
    }
}

/// Both processes of the kind have the fault and meet it.
fn at_step(ground: Ground) -> Trial {
    Trial::new(both_strike).on(ground)
}

/// The other worker lives meanwhile, and believes it dead.
fn one_stands_still(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.site.arm(&[Seat::WorkerA]).await;
        field.said(1.0).await;
        let struck = || field.site.has_struck(Seat::WorkerA).then_some(());
        soon("strike of the fault", struck, || field.site.logs()).await;
    })
}

fn both_strike(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let seats = Seat::ALL
            .into_iter()
            .filter(|seat| field.site.has_fault(*seat));
        let seats: Vec<Seat> = seats.collect();
        field.site.arm(&seats).await;
        field.said(1.0).await;
        let struck = || {
            let one = seats.iter().any(|seat| field.site.has_struck(*seat));
            one.then_some(())
        };
        soon("strike of the fault", struck, || field.site.logs()).await;
    })
}
