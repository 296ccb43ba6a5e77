//! PostgreSQL's disk is full, slow, or fails (F16, F17).

use crate::trial::field::Field;
use crate::trial::run::Trial;
use crate::trial::site::Ground;
use crate::trial::trials;
use crate::wait::within;
use futures::future::BoxFuture;
use std::time::Duration;
use testkit::Mood;

trials! {
    f16_the_disk_is_full_for_a_while: Trial::new(full).on(DISK).ambiguous(6);
    f17_the_disk_takes_its_time: Trial::new(slow).on(DISK).ambiguous(6);
    f17_the_disk_fails_to_keep_what_it_was_given: Trial::new(failing).on(DISK).ambiguous(6);
}

const DISK: Ground = Ground {
    own_postgres: true,
    disk: true,
    ..Ground::PLAIN
};

/// Longest wait for the disk to strike, and for PostgreSQL to come back.
const LONG: Duration = Duration::from_secs(120);

/// Until the disk has done to PostgreSQL what its mood says.
async fn struck(field: &Field, mood: Mood, times: u64) {
    let disk = field.site.disk.as_ref().unwrap();
    let before = disk.strikes();
    disk.becomes(mood).unwrap();
    let look = || (disk.strikes() >= before + times).then_some(());
    within(LONG, format!("{mood:?}"), look, || {
        disk.strikes().to_string()
    })
    .await;
}

/// The disk is well again. PostgreSQL may have ended itself rather than go on with a log that it
/// could not write; whoever runs it starts it again.
async fn well(field: &Field) {
    field
        .site
        .disk
        .as_ref()
        .unwrap()
        .becomes(Mood::Well)
        .unwrap();
    let postgres = field.site.postgres.as_ref().unwrap();
    let look = || {
        // While it recovers it does not answer yet, and a second one is refused.
        let up = postgres.answers() || postgres.up().is_ok();
        up.then_some(())
    };
    within(LONG, "PostgreSQL".to_owned(), look, String::new).await;
}

fn full(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        struck(field, Mood::Full, 3).await;
        field.last(1500..2500).await;
        well(field).await;
    })
}

fn slow(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        struck(field, Mood::Slow(Duration::from_millis(200)), 5).await;
        field.last(3000..4000).await;
        struck(field, Mood::Slow(Duration::from_secs(3)), 2).await;
        well(field).await;
    })
}

/// What could not be synced counts as lost by PostgreSQL itself: it crashes and recovers from what
/// it knows to be there, and nobody was told anything else.
fn failing(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.3).await;
        struck(field, Mood::Failing, 1).await;
        field.last(500..1500).await;
        well(field).await;
    })
}
