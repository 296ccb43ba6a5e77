//! Trials: one fault of the matrix each, over companies whose contacts, bots and agents all talk
//! meanwhile, and a verdict by an oracle that stands outside of Relevo.
//!
//! ```text
//! table/*   name, ground, harm          what goes wrong
//! seat      a process, started again   how
//! site      processes and servers       where
//! talk      contacts, agents            who talks meanwhile
//! ledger    simulators' ledgers         what arrived, read over HTTP
//! run       all of it in order ─▶ testkit::oracle ─▶ Outcome
//! soak      every trial over many seeds, as JSON
//! ```

mod dice;
mod field;
mod ledger;
mod run;
mod seat;
mod site;
mod soak;
mod table;
mod talk;

/// A row of a table: its test, and its place in the long form.
macro_rules! trials {
    ($($(#[$about:meta])* $name:ident: $trial:expr;)*) => {
        /// All trials of this file.
        pub const ALL: &[(&str, fn() -> $crate::trial::run::Trial)] =
            &[$((stringify!($name), || $trial)),*];
        $(
            $(#[$about])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::trial::run::short(stringify!($name), $trial, 1).await;
            }
        )*
    };
}
use trials;
