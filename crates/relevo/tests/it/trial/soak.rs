//! The long form: every trial over many seeds, written down as JSON. `scripts/soak` runs it.

use super::run::{Outcome, run};
use super::table;
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;

fn number(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|it| it.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "hours; by scripts/soak"]
async fn every_trial_over_many_seeds() {
    let seeds = number("RELEVO_SOAK_SEEDS", 1);
    let first = number("RELEVO_SOAK_FIRST", 1);
    let factor = u32::try_from(number("RELEVO_SOAK_FACTOR", 3)).unwrap();
    let report = std::env::var("RELEVO_SOAK_REPORT").unwrap_or("soak.json".to_owned());
    let only = std::env::var("RELEVO_SOAK_ONLY").unwrap_or_default();
    let mut all: Vec<Outcome> = Vec::new();
    let mut complaints = Vec::new();
    for seed in first..first + seeds {
        for (name, trial) in table::all().filter(|(name, _)| name.contains(&only)) {
            let tried = AssertUnwindSafe(run(name, trial(), seed, factor));
            match tried.catch_unwind().await {
                Ok(outcome) => {
                    println!("{}", serde_json::to_string(&outcome).unwrap());
                    if !outcome.complaints.is_empty() {
                        complaints.push(format!("{name} with seed {seed}"));
                    }
                    all.push(outcome);
                }
                Err(_) => complaints.push(format!("{name} with seed {seed} broke off")),
            }
            // Whoever looks while it runs sees what there is.
            let document = serde_json::json!({"scenarios": &all, "complaints": &complaints});
            std::fs::write(&report, format!("{document:#}\n")).unwrap();
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}
