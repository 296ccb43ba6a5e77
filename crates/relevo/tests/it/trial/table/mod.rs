//! The trials by what is mistreated; the numbers are those of the fault matrix.

mod channels;
mod desk;
mod disk;
mod inbound;
mod mixed;
mod postgres;
mod power;
mod processes;
mod redis;
mod steps;
mod stream;

use super::run::Trial;

/// A name, and how the trial is made.
pub type Entry = (&'static str, fn() -> Trial);

/// Every trial there is.
pub fn all() -> impl Iterator<Item = Entry> {
    let files: [&'static [Entry]; 11] = [
        steps::ALL,
        processes::ALL,
        redis::ALL,
        postgres::ALL,
        disk::ALL,
        power::ALL,
        desk::ALL,
        channels::ALL,
        stream::ALL,
        inbound::ALL,
        mixed::ALL,
    ];
    files.into_iter().flatten().copied()
}
