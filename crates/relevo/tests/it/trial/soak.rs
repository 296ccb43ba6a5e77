//! The long form: every trial over many seeds, written down as JSON. `scripts/soak` runs it.

use super::run::{Outcome, run};
use super::table;
use futures::{FutureExt as _, StreamExt as _};
use serde::Serialize;
use std::panic::AssertUnwindSafe;

/// The report, as far as it has come.
#[derive(Default, Serialize)]
struct Report {
    seeds: u64,
    trials: usize,
    messages: usize,
    /// What is not as promised, with the seed by which it comes again.
    complaints: Vec<String>,
    scenarios: Vec<Outcome>,
}

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
    let jobs = usize::try_from(number("RELEVO_SOAK_JOBS", 1)).unwrap();
    let file = std::env::var("RELEVO_SOAK_REPORT").unwrap_or("soak.json".to_owned());
    let only = std::env::var("RELEVO_SOAK_ONLY").unwrap_or_default();
    let all = (first..first + seeds).flat_map(|seed| {
        let chosen = table::all().filter(|(name, _)| name.contains(&only));
        chosen.map(move |(name, trial)| (name, trial, seed))
    });
    let tried = all.map(|(name, trial, seed)| async move {
        // A task of its own: one that breaks off does not end the others.
        let trial = run(name, trial(), seed, factor);
        let ended = tokio::spawn(AssertUnwindSafe(trial).catch_unwind()).await;
        (name, seed, ended.ok().and_then(Result::ok))
    });
    let mut tried = futures::stream::iter(tried).buffer_unordered(jobs.max(1));
    let mut report = Report {
        seeds,
        ..Report::default()
    };
    while let Some((name, seed, outcome)) = tried.next().await {
        report.trials += 1;
        match outcome {
            Some(outcome) => {
                println!("{}", serde_json::to_string(&outcome).unwrap());
                let complaints = outcome.complaints.iter();
                let told = complaints.map(|it| format!("{name} with seed {seed}: {it}"));
                report.complaints.extend(told);
                report.messages += outcome.sent;
                report.scenarios.push(outcome);
            }
            None => report
                .complaints
                .push(format!("{name} with seed {seed}: broke off")),
        }
        // Whoever looks while it runs sees what there is.
        let document = serde_json::to_string_pretty(&report).unwrap();
        std::fs::write(&file, document + "\n").unwrap();
    }
    let lost = report.scenarios.iter().map(|it| it.lost).sum::<usize>();
    // None in N: with 95 % confidence fewer than 3 in N.
    println!(
        "{} trials, {} messages, {lost} lost; {} complaints",
        report.trials,
        report.messages,
        report.complaints.len()
    );
    assert!(report.complaints.is_empty(), "{:#?}", report.complaints);
}
