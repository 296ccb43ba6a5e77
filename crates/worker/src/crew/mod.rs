//! This worker among the others: it shows that it lives, and knows who else does.
//!
//! One heartbeat per process, however many tenants it serves. From the list of the living follows
//! who holds which tenant ([`share`]) and whose claims are left behind; nobody has to say so for
//! each of them.

mod share;

use adapters::net::Right;
use domain::ids::TenantId;
use domain::ports::{Crew as List, CrewMember, Duty, Queue, QueueError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// How often it shows itself, and for how long the others believe it.
#[derive(Clone, Copy, Debug)]
pub struct Pulse {
    /// From one heartbeat to the next.
    pub every: Duration,
    /// A worker that kept silent for so long is dead. Together with `every` this is how long the
    /// tenants of a killed worker stay deaf.
    pub ttl: Duration,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            every: Duration::from_millis(500),
            ttl: Duration::from_millis(2500),
        }
    }
}

/// What this worker knows of all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The list of the last heartbeat that was answered; empty before the first one.
    pub list: List,
    /// Whether the others must still believe that we live. Not so when the queue has been out of
    /// reach for half of the ttl: then they may be about to give us up.
    pub proven: bool,
}

/// This worker among the others.
///
/// A cheap handle: clones are the same worker.
#[derive(Clone)]
pub struct Crew(Arc<Inner>);

struct Inner {
    name: String,
    pulse: Pulse,
    queue: Arc<dyn Queue>,
    view: watch::Sender<View>,
    draining: AtomicBool,
    /// When the last answered heartbeat was sent; locked while one is under way.
    last: Mutex<Option<Instant>>,
    proven_until: watch::Sender<Option<Instant>>,
}

impl Crew {
    /// `name` is this process's own, new with every start.
    #[must_use]
    pub fn new(queue: Arc<dyn Queue>, name: impl Into<String>, pulse: Pulse) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            pulse,
            queue,
            view: watch::Sender::default(),
            draining: AtomicBool::new(false),
            last: Mutex::default(),
            proven_until: watch::Sender::default(),
        }))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The view now, and its changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<View> {
        self.0.view.subscribe()
    }

    /// The name to claim under, as long as the others must believe that this worker lives: what it
    /// takes in hand under it is given to somebody else soon after it died. Without one only time
    /// tells.
    #[must_use]
    pub fn claimant(&self) -> Option<String> {
        let view = self.0.view.borrow();
        let until = *self.0.proven_until.borrow();
        until
            .is_some_and(|until| Instant::now() < until)
            .then(|| view.list.member(self.name()).map(claimant))?
    }

    /// The right to carry out what was claimed `by` this name and is held until then: it lapses with
    /// the claim's time, and before that when the others may have given this worker up, or have.
    #[must_use]
    pub fn right(&self, by: Option<String>, until: Instant) -> Right {
        let crew = self.clone();
        Arc::new(move || {
            let ours = by.is_none() || crew.claimant() == by;
            ours && Instant::now() < until
        })
    }

    /// Whether a tenant is this worker's own among those that take tenants.
    #[must_use]
    pub fn holds(&self, list: &List, tenant: TenantId) -> bool {
        share::holder(list, tenant) == Some(self.name())
    }

    /// Waits until this worker is on the list: whoever asks what it holds before hears «nothing»,
    /// and would come back only after a whole round.
    pub async fn joined(&self) {
        let mut view = self.watch();
        // The sender lives as long as this worker.
        let _ = view
            .wait_for(|view| view.list.member(self.name()).is_some())
            .await;
    }

    /// How long a worker that has just joined waits before it takes its share from the living: so
    /// they have heard of it, and let go.
    #[must_use]
    pub fn courtesy(&self) -> Duration {
        self.0.pulse.every * 2
    }

    /// Shows itself until cancelled, then leaves. Cancel it when nothing is in hand any more.
    pub async fn run(&self, cancel: CancellationToken) {
        let mut tick = interval(self.0.pulse.every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                _ = tick.tick() => self.beat().await,
            }
        }
        let left = timeout(self.0.pulse.ttl, self.0.queue.depart(self.name())).await;
        if !matches!(left, Ok(Ok(()))) {
            tracing::warn!("this worker could not say goodbye; the others will miss it");
        }
    }

    /// Takes no tenants any more, and says so at once.
    pub async fn drain(&self) {
        self.0.draining.store(true, Ordering::SeqCst);
        self.beat().await;
    }

    async fn beat(&self) {
        let inner = &self.0;
        let mut last = inner.last.lock().await;
        let duty = match inner.draining.load(Ordering::SeqCst) {
            true => Duty::Draining,
            false => Duty::Working,
        };
        let sent = Instant::now();
        let asked = inner.queue.beat(&inner.name, duty, inner.pulse.ttl);
        let answer = timeout(inner.pulse.ttl / 2, asked)
            .await
            .unwrap_or_else(|_| Err(QueueError("no answer to a heartbeat".to_owned())));
        match answer {
            Ok(list) => {
                *last = Some(sent);
                inner
                    .proven_until
                    .send_replace(Some(sent + inner.pulse.ttl / 2));
                self.seen(list);
            }
            Err(error) => {
                metrics::counter!("relevo_heartbeats_lost_total").increment(1);
                tracing::warn!(%error, "no heartbeat: nobody takes over from anybody meanwhile");
                let proven = last.is_some_and(|at| at.elapsed() < inner.pulse.ttl / 2);
                inner.view.send_if_modified(|view| {
                    let lost = view.proven && !proven;
                    view.proven = proven;
                    lost
                });
            }
        }
    }

    fn seen(&self, list: List) {
        metrics::gauge!("relevo_workers").set(list.members.len() as f64);
        let view = View { list, proven: true };
        self.0.view.send_if_modified(|before| {
            let changed = *before != view;
            if before.list.epoch != view.list.epoch {
                tracing::info!(
                    epoch = view.list.epoch,
                    workers = view.list.members.len(),
                    "the workers have changed"
                );
            }
            *before = view;
            changed
        });
    }
}

/// The name under which a worker claims: with the epoch in which it joined, so that one who came
/// back after it was given up is not taken for who it was before.
#[must_use]
pub fn claimant(member: &CrewMember) -> String {
    format!("{}@{}", member.name, member.joined)
}

/// Whether a claim's name belongs to a dead worker, by this list: it had joined when the list was
/// made, and is not on it. One that joined later is not on it either, and lives.
#[must_use]
pub fn is_dead(list: &List, claimed_by: &str) -> bool {
    let Some((_, joined)) = claimed_by.rsplit_once('@') else {
        return false;
    };
    let had_joined = joined.parse().is_ok_and(|joined: i64| joined <= list.epoch);
    had_joined && !list.members.iter().any(|m| claimant(m) == claimed_by)
}
