//! The power of PostgreSQL's machine fails: its disk forgets what was not synced (F40).

use crate::trial::field::Field;
use crate::trial::run::Trial;
use crate::trial::site::Ground;
use crate::trial::trials;
use futures::future::BoxFuture;
use testkit::Kept;

trials! {
    f40_the_power_fails_under_postgres: Trial::new(fails).on(POWER).ambiguous(6);
}

const POWER: Ground = Ground {
    own_postgres: true,
    power: true,
    ..Ground::PLAIN
};

/// Three times; the second time the disk keeps some of what it had not been asked to keep.
fn fails(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let (power, postgres) = (&field.site.power, &field.site.postgres);
        let (power, postgres) = (power.as_ref().unwrap(), postgres.as_ref().unwrap());
        let data = postgres.data();
        field.said(0.1).await;
        postgres.kill9().unwrap();
        power.begins(&data).unwrap();
        postgres.up().unwrap();
        let mut lost = 0;
        let some = Kept::Some(field.dice.next());
        for (share, kept) in [(0.3, Kept::Nothing), (0.5, some), (0.8, Kept::Nothing)] {
            field.said(share).await;
            postgres.kill9().unwrap();
            lost += power.fails(&data, kept).unwrap();
            // It names a process that may seem to live, since nobody took notice of its end.
            let _ = std::fs::remove_file(data.join("postmaster.pid"));
            postgres.up().unwrap();
        }
        println!("f40: {lost} bytes that nobody had been promised were lost");
        assert!(lost > 0, "the disk forgot nothing");
    })
}
