//! A trial from beginning to end.

use super::dice::Dice;
use super::field::Field;
use super::ledger::{Reader, story};
use super::site::{Ground, Site};
use super::talk::{Load, Talks, site_ms};
use adapters::store::Direction;
use domain::time::Timestamp;
use futures::future::BoxFuture;
use serde::Serialize;
use std::time::{Duration, Instant};
use testkit::oracle::{Mark, Verdict};

/// What goes wrong; done when it is over.
pub type Harm = for<'f> fn(&'f Field) -> BoxFuture<'f, ()>;

/// One row of the matrix.
#[derive(Clone, Copy)]
pub struct Trial {
    pub ground: Ground,
    pub load: Load,
    pub harm: Harm,
    pub allows: Allows,
}

/// What is no harm in a trial.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allows {
    /// Copies on Telegram, which leaves no trace by which a message that may have arrived could
    /// be found: at most what was under way.
    pub ambiguous: usize,
    /// Words that fail with a reason, since the platform refuses them for good.
    pub failed: bool,
}

impl Trial {
    /// Two companies, everybody talks, this happens.
    pub fn new(harm: Harm) -> Self {
        Self {
            ground: Ground::default(),
            load: Load::default(),
            harm,
            // On a starved machine a claim may run out in any trial.
            allows: Allows {
                ambiguous: 3,
                ..Allows::default()
            },
        }
    }

    pub fn on(mut self, ground: Ground) -> Self {
        self.ground = ground;
        self
    }

    pub fn with(mut self, load: Load) -> Self {
        self.load = load;
        self
    }

    pub fn ambiguous(mut self, copies: usize) -> Self {
        self.allows.ambiguous = copies;
        self
    }

    pub fn may_fail(mut self) -> Self {
        self.allows.failed = true;
        self
    }
}

/// What came of a trial, a line of the long form's report.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub name: String,
    pub seed: u64,
    pub sent: usize,
    pub delivered: usize,
    pub failed: usize,
    pub waiting: usize,
    pub lost: usize,
    pub duplicated: usize,
    pub reordered: usize,
    pub leaked: usize,
    pub recovered_ms: u64,
    /// Copies on Telegram.
    pub ambiguous: usize,
    /// Copies which the receiver tells by their identity.
    pub repeated: usize,
    pub phantom: usize,
    pub corrupted: usize,
    /// What Relevo's own books cannot account for.
    pub unaccounted: i64,
    pub took_ms: u64,
    /// What is not as promised, in words; empty when all is well.
    pub complaints: Vec<String>,
}

/// How long everything may take to arrive once the harm is over.
const QUIET: Duration = Duration::from_secs(150);

/// The short form with one seed, as a test: complains by panicking.
pub async fn short(name: &str, trial: Trial, seed: u64) {
    let outcome = run(name, trial, seed, 1).await;
    println!("{}", serde_json::to_string(&outcome).unwrap());
    assert!(outcome.complaints.is_empty(), "{outcome:#?}");
}

/// One trial with a seed; everything lasts `factor` times as long as in the short form.
pub async fn run(name: &str, trial: Trial, seed: u64, factor: u32) -> Outcome {
    let started = Instant::now();
    let site = Site::open(trial.ground).await;
    let dice = Dice::new(seed);
    let mut load = trial.load;
    load.each *= factor;
    let talks = Talks::open(&site, load, &dice).await;
    let field = Field {
        site,
        dice,
        talks,
        factor,
    };
    let mut reader = Reader::new(&field);
    println!(
        "{name} with seed {seed}: everybody is there after {:?}",
        started.elapsed()
    );
    let harm = async {
        (trial.harm)(&field).await;
        site_ms()
    };
    let talking = field.talks.run(&field.site, &field.dice);
    let ((), over_at) = tokio::join!(talking, harm);
    println!(
        "{name}: all is said and mended after {:?}",
        started.elapsed()
    );
    let waits = quiet(&field, &mut reader, trial.allows, QUIET * factor.min(3)).await;
    let books = reader.complete(&field).await;
    let (verdict, recovered_ms) = (books.judge(), books.recovered_ms(over_at));
    let unaccounted = unaccounted(&field).await;
    let mut outcome = Outcome {
        name: name.to_owned(),
        seed,
        sent: verdict.sent,
        delivered: verdict.delivered,
        failed: verdict.failed,
        // What does not arrive though nothing waits for it is lost.
        waiting: verdict.missing.len().min(waits),
        lost: verdict.missing.len().saturating_sub(waits),
        duplicated: verdict.duplicated,
        reordered: verdict.reordered,
        leaked: verdict.leaked,
        recovered_ms,
        ambiguous: verdict.ambiguous,
        repeated: verdict.repeated + reader.offered_again,
        phantom: verdict.phantom,
        corrupted: verdict.corrupted,
        unaccounted,
        took_ms: u64::try_from(started.elapsed().as_millis()).unwrap(),
        complaints: Vec::new(),
    };
    outcome.complaints = complaints(&outcome, &verdict, waits, trial);
    if !outcome.complaints.is_empty() {
        eprintln!("{}", field.site.logs());
        let pending = field.site.column(PENDING).await;
        eprintln!("--- still to be done ---\n{}", pending.join("\n"));
        let odd = verdict.twice.iter().chain(&verdict.missing);
        let odd = odd.chain(&verdict.late).cloned().collect();
        eprintln!("--- what happened ---\n{}", story(&field, &odd).await);
    }
    outcome
}

const PENDING: &str = "select concat_ws(' ', id, lane, task, 'tried', attempts, 'due in',
        next_at - (extract(epoch from now()) * 1000)::bigint, 'ms', claimed_by, ambiguous, error)
    from outbox where state = 'pending' order by id limit 40";

/// Until all has arrived and nothing is on its way, in two looks one after the other; answers what
/// Relevo says is on its way at the last one.
async fn quiet(field: &Field, reader: &mut Reader, allows: Allows, patience: Duration) -> usize {
    let started = Instant::now();
    let mut quiet_looks = 0;
    loop {
        let verdict = reader.complete(field).await.judge();
        let arrived = verdict.missing.is_empty() && (allows.failed || verdict.failed == 0);
        let waits = waiting(field).await;
        quiet_looks = if arrived && waits == 0 {
            quiet_looks + 1
        } else {
            0
        };
        if quiet_looks == 2 || started.elapsed() > patience {
            return waits;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

fn complaints(outcome: &Outcome, verdict: &Verdict, waits: usize, trial: Trial) -> Vec<String> {
    let zero = [
        ("lost", outcome.lost),
        ("waiting", outcome.waiting.max(waits)),
        ("duplicated", outcome.duplicated),
        ("reordered", outcome.reordered),
        ("leaked", outcome.leaked),
        ("phantom", outcome.phantom),
        ("corrupted", outcome.corrupted),
        ("refused", verdict.refused),
    ];
    let mut all: Vec<String> = zero
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    if outcome.unaccounted != 0 {
        all.push(format!("{} unaccounted in the books", outcome.unaccounted));
    }
    if outcome.ambiguous > trial.allows.ambiguous {
        all.push(format!("{} copies on Telegram", outcome.ambiguous));
    }
    if outcome.failed > 0 && !trial.allows.failed {
        all.push(format!("{} failed", outcome.failed));
    }
    let some = |marks: Vec<&Mark>| {
        let some: Vec<String> = marks.iter().take(12).map(|it| it.to_string()).collect();
        some.join(", ")
    };
    if !verdict.twice.is_empty() {
        all.push(format!("twice: {}", some(verdict.twice.iter().collect())));
    }
    if !verdict.missing.is_empty() {
        all.push(format!(
            "missing: {}",
            some(verdict.missing.iter().collect())
        ));
    }
    if !verdict.late.is_empty() {
        all.push(format!("late: {}", some(verdict.late.iter().collect())));
    }
    all
}

/// What is on its way by Relevo's own books. The bot hears the answers to its calls itself.
async fn waiting(field: &Field) -> usize {
    let mut all = 0;
    for balance in books(field).await {
        if balance.direction != Direction::BotToContact {
            all += balance.waiting;
        }
    }
    usize::try_from(all).unwrap_or(usize::MAX)
}

async fn unaccounted(field: &Field) -> i64 {
    let books = books(field).await;
    books.iter().map(|it| it.unaccounted().abs()).sum()
}

async fn books(field: &Field) -> Vec<adapters::store::Balance> {
    let mut all = Vec::new();
    for company in &field.site.companies {
        let tenant = field.site.parts.store.tenant(company.tenant);
        // The database may be on its way back.
        match tenant.ledger(Timestamp(0)).await {
            Ok(books) => all.extend(books),
            Err(error) => eprintln!("the books cannot be read yet: {error}"),
        }
    }
    all
}
