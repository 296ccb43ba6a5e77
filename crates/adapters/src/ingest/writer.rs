//! The writers: concurrent submissions share one durable commit, and each is answered only after
//! its own.
//!
//! ```text
//! submit ─▶ lane by tenant ─▶ turns ─▶ [one transaction: up to 128 submissions] ─commit─▶ answers
//!                                                                                  └────▶ announcer ─▶ queue
//! ```
//!
//! A submission that fails makes its whole transaction fail; its neighbours are then carried out
//! one by one, so that nobody pays for another tenant's trouble.

use super::config::Configs;
use super::files::FetchedFile;
use super::shelf::Shelf;
use super::submission::{Outcome, Submission};
use super::told::{self, Came};
use super::turns::Turns;
use super::unit::{AfterCommit, Hold, Unit};
use super::{conversation_topic, tenant_topic, unlocked};
use crate::faults::{Point, point};
use crate::store::{Store, StoreError};
use domain::ids::{ConversationId, TenantId};
use domain::outbound::Wakeup;
use domain::ports::Queue;
use domain::time::Timestamp;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The most submissions that share a commit: past this the gain per row is small and the wait for
/// the last one grows.
const BATCH: usize = 128;
/// Submissions waiting per writer before the caller is told to come back later.
const BACKLOG: usize = 4096;
/// How many of them may be one tenant's.
const SHARE: usize = BACKLOG / 8;
/// Tries of one submission that met a deadlock or a lost connection.
const TRIES: u32 = 3;

/// Why a submission was not taken.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Too much waits already, or we are shutting down: come back later.
    #[error("too busy")]
    Busy,
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

struct Job {
    submission: Submission,
    came: Option<Came>,
    answer: oneshot::Sender<Result<Outcome, IngestError>>,
}

/// The one way into a conversation.
#[derive(Clone)]
pub struct Ingest {
    lanes: Arc<[mpsc::Sender<Job>]>,
    announce: mpsc::Sender<AfterCommit>,
}

impl Ingest {
    /// Starts the writers on the current runtime. They end when the last handle is dropped.
    #[must_use]
    pub fn start(store: Store, queue: Arc<dyn Queue>) -> Self {
        // SQLite has one writer; on PostgreSQL a commit waits for the disk, and others can use
        // that time.
        let writers = if store.is_postgres() { 4 } else { 1 };
        let configs = Configs::default();
        let (announce, announcements) = mpsc::channel(BACKLOG);
        tokio::spawn(announcer(queue, announcements));
        let lanes = (0..writers)
            .map(|_| {
                let (sender, jobs) = mpsc::channel(BACKLOG);
                let hand = Hand {
                    store: store.clone(),
                    configs: configs.clone(),
                    announce: announce.clone(),
                };
                tokio::spawn(writer(hand, jobs));
                sender
            })
            .collect();
        Self { lanes, announce }
    }

    /// Tells open pages that a conversation was changed by others than the writers.
    pub fn changed(&self, tenant: TenantId, conversation: ConversationId) {
        let mut after = AfterCommit::default();
        after.changed.insert((tenant, conversation));
        tell(&self.announce, after);
    }

    /// Carries out a submission; the answer comes after its commit.
    ///
    /// # Errors
    /// [`IngestError::Busy`] at once when too much waits, of this tenant or in all, and somebody
    /// outside asked; our own work waits. Otherwise what the store says.
    pub async fn submit(&self, submission: Submission) -> Result<Outcome, IngestError> {
        self.submit_since(submission, None).await
    }

    /// The same for something that reached this process at `since`, for its trace.
    ///
    /// # Errors
    /// As [`Ingest::submit`].
    pub async fn submit_since(
        &self,
        submission: Submission,
        since: Option<Timestamp>,
    ) -> Result<Outcome, IngestError> {
        let came = Came::now(&submission, since);
        let (answer, answered) = oneshot::channel();
        // One tenant's submissions go through one writer: two of them never lock the same rows.
        let lane = shard(submission.tenant(), self.lanes.len());
        let sender = self.lanes.get(lane).ok_or(IngestError::Busy)?;
        let asked = submission.is_asked();
        let job = Job {
            submission,
            came,
            answer,
        };
        if asked {
            sender.try_send(job).map_err(|_| IngestError::Busy)?;
        } else {
            sender.send(job).await.map_err(|_| IngestError::Busy)?;
        }
        answered.await.map_err(|_| IngestError::Busy)?
    }
}

fn shard(tenant: TenantId, lanes: usize) -> usize {
    let hash = tenant
        .0
        .as_u128()
        .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    usize::try_from((hash >> 96) % (lanes.max(1) as u128)).unwrap_or(0)
}

/// One writer: takes what waits in turn, and goes on taking in while a transaction runs.
async fn writer(mut hand: Hand, mut jobs: mpsc::Receiver<Job>) {
    let mut turns = Turns::new();
    let mut fresh = Vec::with_capacity(BATCH);
    loop {
        if turns.len() == 0 {
            if jobs.recv_many(&mut fresh, BATCH).await == 0 {
                return;
            }
            admit(&mut fresh, &mut turns);
        }
        // Whatever came meanwhile may share the commit.
        if !jobs.is_empty() && turns.len() < BACKLOG {
            jobs.recv_many(&mut fresh, BATCH).await;
            admit(&mut fresh, &mut turns);
        }
        let work = hand.carry(turns.take(BATCH));
        tokio::pin!(work);
        let mut open = true;
        loop {
            tokio::select! {
                biased;
                () = &mut work => break,
                count = jobs.recv_many(&mut fresh, BATCH), if open && turns.len() < BACKLOG => {
                    open = count > 0;
                    admit(&mut fresh, &mut turns);
                }
            }
        }
    }
}

/// Puts new jobs in line. A tenant that has too much waiting is sent away by itself.
fn admit(fresh: &mut Vec<Job>, turns: &mut Turns<Job>) {
    for job in fresh.drain(..) {
        let tenant = job.submission.tenant();
        if job.submission.is_asked() && turns.of(tenant) >= SHARE {
            metrics::counter!("relevo_ingest_refused").increment(1);
            // A caller that went away needs no answer.
            let _ = job.answer.send(Err(IngestError::Busy));
        } else {
            turns.push(tenant, job);
        }
    }
}

/// What a writer works with.
struct Hand {
    store: Store,
    configs: Configs,
    announce: mpsc::Sender<AfterCommit>,
}

impl Hand {
    /// Carries out a batch in one transaction, or one by one if that fails, and answers each.
    async fn carry(&mut self, batch: Vec<Job>) {
        let Self {
            store,
            configs,
            announce,
        } = self;
        let (submissions, answers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|job| ((job.submission, job.came), job.answer))
            .unzip();
        metrics::histogram!("relevo_ingest_batch").record(submissions.len() as f64);
        if submissions.len() > 1 {
            match guarded(store, configs, &submissions, announce).await {
                Ok(outcomes) => {
                    for (answer, outcome) in answers.into_iter().zip(outcomes) {
                        // A caller that went away does not undo what was committed.
                        let _ = answer.send(Ok(outcome));
                    }
                    return;
                }
                // Nobody's own trouble: each by itself would only wait for the database again.
                Err(StoreError::Unavailable(why)) if store.ping().await.is_err() => {
                    for answer in answers {
                        let _ = answer.send(Err(StoreError::Unavailable(why.clone()).into()));
                    }
                    return;
                }
                Err(_) => {}
            }
        }
        for (answer, submission) in answers.into_iter().zip(submissions) {
            let _ = answer.send(alone(store, configs, submission, announce).await);
        }
    }
}

/// Carries out one submission by itself, again if the database asks for it.
async fn alone(
    store: &Store,
    configs: &Configs,
    submission: (Submission, Option<Came>),
    announce: &mpsc::Sender<AfterCommit>,
) -> Result<Outcome, IngestError> {
    let submissions = [submission];
    let mut tries = 0;
    loop {
        tries += 1;
        match guarded(store, configs, &submissions, announce).await {
            Ok(mut outcomes) => return outcomes.pop().ok_or(IngestError::Busy),
            // What was taken for new was stored meanwhile: now it is seen.
            Err(error)
                if tries < TRIES
                    && matches!(error, StoreError::Unavailable(_) | StoreError::Conflict(_)) =>
            {
                metrics::counter!("relevo_ingest_retries").increment(1);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// A defect met by one submission must not end the writer, and with it everybody's service: the
/// transaction is undone like any other that failed.
async fn guarded(
    store: &Store,
    configs: &Configs,
    submissions: &[(Submission, Option<Came>)],
    announce: &mpsc::Sender<AfterCommit>,
) -> Result<Vec<Outcome>, StoreError> {
    AssertUnwindSafe(commit(store, configs, submissions, announce))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            metrics::counter!("relevo_ingest_panics").increment(1);
            tracing::error!("a submission met a defect and was undone");
            Err(StoreError::corrupt("submission", "it met a defect"))
        })
}

async fn commit(
    store: &Store,
    configs: &Configs,
    submissions: &[(Submission, Option<Came>)],
    announce: &mpsc::Sender<AfterCommit>,
) -> Result<Vec<Outcome>, StoreError> {
    let mut after = AfterCommit::default();
    let outcomes = match unlocked::carry(store, configs, submissions, &mut after).await {
        Some(outcomes) => outcomes,
        None => locked(store, configs, submissions, &mut after).await?,
    };
    told::tell(std::mem::take(&mut after.told), submissions.len());
    after.shelf = Shelf::default();
    tell(announce, after);
    Ok(outcomes)
}

/// Carries out submissions in a transaction, with what they touch locked.
async fn locked(
    store: &Store,
    configs: &Configs,
    submissions: &[(Submission, Option<Came>)],
    after: &mut AfterCommit,
) -> Result<Vec<Outcome>, StoreError> {
    let tx = store.begin().await?;
    let mut outcomes = Vec::with_capacity(submissions.len());
    let now = store.clock().now();
    let mut unit = Unit {
        hold: Hold::Locks(&tx),
        store,
        configs,
        now,
        after,
        came: None,
    };
    let all = submissions.iter().map(|(submission, _)| submission);
    let told_of = unit.lock_in_order(all.clone()).await?;
    let done = unit.mark_done(all).await?;
    unit.lay_parts(told_of).await?;
    for (number, (submission, came)) in submissions.iter().enumerate() {
        if done.contains(&number) {
            outcomes.push(Outcome::Done);
            continue;
        }
        (unit.now, unit.came) = (store.clock().now(), *came);
        outcomes.push(unit.carry(submission).await?);
    }
    (unit.now, unit.came) = (now, None);
    unit.write_all().await?;
    crate::store::count_matches(&tx, std::mem::take(&mut after.matched), now).await?;
    let mut counted: Vec<_> = std::mem::take(&mut after.counted).into_iter().collect();
    counted.sort_unstable();
    for (what, times) in counted {
        crate::store::metrics::append(&tx, &what, times).await?;
    }
    point(Point::BeforeCommit);
    tx.commit().await?;
    Ok(outcomes)
}

/// Nobody waits for the queue: what it is not told, the sweep finds.
fn tell(announce: &mpsc::Sender<AfterCommit>, after: AfterCommit) {
    if announce.try_send(after).is_err() {
        metrics::counter!("relevo_wakeups_dropped").increment(1);
    }
}

impl Unit<'_> {
    pub(super) async fn carry(&mut self, submission: &Submission) -> Result<Outcome, StoreError> {
        Ok(match submission {
            Submission::Webhook(hook) => Outcome::Webhook(self.webhook(hook).await?),
            Submission::Desk(batch) => Outcome::Desk(self.desk(batch).await?),
            Submission::BotSays(said) => Outcome::Bot(self.bot_says(said).await?),
            Submission::BotSaid(news) => {
                self.bot_said(news).await?;
                Outcome::Done
            }
            Submission::Tried(tried) => match self.tried(tried).await? {
                true => Outcome::Done,
                false => Outcome::TooLate,
            },
            Submission::Command(command) => Outcome::Command(self.command(command).await?),
            Submission::Timer(due) => {
                self.timer(due).await?;
                Outcome::Done
            }
            Submission::Fetched(fetched) => {
                let FetchedFile {
                    tenant,
                    conversation,
                    message,
                    file,
                } = fetched;
                let file = Ok(file.clone());
                self.keep_file((*tenant, *conversation), *message, &file)
                    .await?;
                Outcome::Done
            }
        })
    }
}

/// Tells the queue what was committed. Whatever it cannot tell, the sweep finds.
async fn announcer(queue: Arc<dyn Queue>, mut announcements: mpsc::Receiver<AfterCommit>) {
    let mut batch = Vec::with_capacity(BATCH);
    while announcements.recv_many(&mut batch, BATCH).await > 0 {
        let mut all = AfterCommit::default();
        for after in batch.drain(..) {
            all.wake.extend(after.wake);
            all.wake_at.extend(after.wake_at);
            all.changed.extend(after.changed);
        }
        point(Point::BeforeWake);
        let wake: Vec<Wakeup> = all.wake.into_iter().collect();
        let mut failed = None;
        if !wake.is_empty() {
            failed = queue.wake(&wake).await.err();
        }
        for (wakeup, at) in all.wake_at {
            failed = queue.wake_at(wakeup, at).await.err().or(failed);
        }
        let news = all.changed.into_iter().flat_map(|(tenant, conversation)| {
            let id = conversation.to_string();
            [
                (conversation_topic(conversation), id.clone().into()),
                (tenant_topic(tenant), id.into()),
            ]
        });
        let news: Vec<_> = news.collect();
        if !news.is_empty() {
            failed = queue.publish(&news).await.err().or(failed);
        }
        if let Some(error) = failed {
            metrics::counter!("relevo_queue_errors").increment(1);
            tracing::warn!(%error, "the queue could not be told; the sweep will find the work");
        }
    }
}
