//! From wake-ups to lanes in hand.

use super::breaker::Breakers;
use super::doubt::Doubt;
use super::inherit;
use super::lane::{Answered, Left, work_off};
use super::pace::Pace;
use super::read::Marked;
use crate::Context;
use crate::crew::Crew;
use adapters::store::Turn;
use adapters::together::Together;
use domain::ids::TenantId;
use domain::outbound::Wakeup;
use domain::ports::Delivery;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How much is done at once, and how often is looked again.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Lanes in hand over all tenants.
    pub lanes: usize,
    /// Lanes in hand of one tenant: one that is slow or flooded leaves room for the others.
    pub lanes_per_tenant: usize,
    /// How often the outbox is swept for what the queue forgot.
    pub sweep: Duration,
    /// How long a claim is held by a worker that lives; longer than the longest request.
    pub hold: Duration,
    /// How long lanes in hand may go on after a stop was asked for.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lanes: 512,
            lanes_per_tenant: 64,
            sweep: Duration::from_secs(2),
            hold: Duration::from_secs(20),
            grace: Duration::from_secs(15),
        }
    }
}

/// Wake-ups taken from the queue at once.
const MOST: usize = 128;
/// How long one look into the queue waits.
const WAIT: Duration = Duration::from_secs(2);
/// Wake-ups that another worker took and did not acknowledge for so long are taken over.
const IDLE: Duration = Duration::from_secs(30);

/// How often it is looked whether the pause of a connection is over.
const FIND_OUT: Duration = Duration::from_millis(250);

pub(super) struct Shared {
    pub(super) context: Context,
    pub(super) settings: Settings,
    pub(super) crew: Crew,
    pub(super) breakers: Breakers,
    pub(super) pace: Pace,
    pub(super) doubt: Doubt,
    pub(super) marked: Marked,
    pub(super) turns: Together<Turn, Answered>,
    lanes: Semaphore,
    tenants: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
    /// Lanes in hand; `true` = woken again meanwhile, look once more.
    in_hand: Mutex<HashMap<Wakeup, bool>>,
    pub(super) tracker: TaskTracker,
    pub(super) cancel: CancellationToken,
}

/// Works off lanes until cancelled; then lets those in hand finish their row.
pub async fn run(context: Context, settings: Settings, crew: Crew, cancel: CancellationToken) {
    let consumer = crew.name().to_owned();
    let shared = Arc::new(Shared {
        crew,
        breakers: Breakers::default(),
        pace: Pace::default(),
        doubt: Doubt::new(context.clock.now()),
        marked: Marked::default(),
        turns: Together::default(),
        lanes: Semaphore::new(settings.lanes),
        tenants: Mutex::default(),
        in_hand: Mutex::default(),
        tracker: TaskTracker::new(),
        cancel: cancel.clone(),
        context,
        settings,
    });
    tokio::join!(
        pull(&shared, &consumer),
        sweep(&shared),
        find_out(&shared),
        recover(&shared, &consumer),
        inherit::run(&shared)
    );
    shared.tracker.close();
    if tokio::time::timeout(settings.grace, shared.tracker.wait())
        .await
        .is_err()
    {
        tracing::warn!("lanes were still in hand at the end of the grace; their claims run out");
    }
}

/// Takes wake-ups from the queue.
async fn pull(shared: &Arc<Shared>, consumer: &str) {
    while !shared.cancel.is_cancelled() {
        // Leave wake-ups to other workers while we have our hands full.
        let room = tokio::select! {
            () = shared.cancel.cancelled() => return,
            permit = shared.lanes.acquire() => permit,
        };
        drop(room);
        let next = tokio::select! {
            () = shared.cancel.cancelled() => return,
            next = shared.context.queue.next(consumer, MOST, WAIT) => next,
        };
        match next {
            Ok(deliveries) => shared.receive(deliveries),
            Err(error) => {
                metrics::counter!("relevo_queue_errors").increment(1);
                tracing::warn!(%error, "no wake-ups from the queue; the sweep goes on");
                pause(shared, Duration::from_secs(1)).await;
            }
        }
    }
}

/// Finds what the queue forgot: after its loss, and what is due again.
async fn sweep(shared: &Arc<Shared>) {
    while !shared.cancel.is_cancelled() {
        match shared.context.store.due_lanes(500).await {
            Ok(due) => due.into_iter().for_each(|wakeup| shared.take(wakeup)),
            Err(error) => {
                shared.doubt.unwell(shared.context.clock.now());
                tracing::warn!(%error, "the outbox could not be swept");
            }
        }
        pause(shared, shared.settings.sweep).await;
    }
}

/// Sends a lane ahead for each connection whose pause is over.
async fn find_out(shared: &Arc<Shared>) {
    while !shared.cancel.is_cancelled() {
        pause(shared, FIND_OUT).await;
        shared.unpark(shared.breakers.to_find_out(shared.context.clock.now()));
    }
}

/// Takes over from workers that died with wake-ups in their hands.
async fn recover(shared: &Arc<Shared>, consumer: &str) {
    while !shared.cancel.is_cancelled() {
        pause(shared, IDLE / 3).await;
        match shared.context.queue.recover(consumer, IDLE, MOST).await {
            Ok(found) => shared.receive(found),
            Err(error) => tracing::debug!(%error, "nothing recovered from the queue"),
        }
    }
}

pub(super) async fn pause(shared: &Shared, span: Duration) {
    tokio::select! {
        () = shared.cancel.cancelled() => {}
        () = tokio::time::sleep(span) => {}
    }
}

impl Shared {
    /// Takes the lanes of these wake-ups in hand. The work is in the database, so a wake-up may be
    /// forgotten once its lane is in hand: should we die, the sweep finds the lane.
    fn receive(self: &Arc<Self>, deliveries: Vec<Delivery>) {
        if deliveries.is_empty() {
            return;
        }
        deliveries.iter().for_each(|d| self.take(d.wakeup));
        let queue = Arc::clone(&self.context.queue);
        self.tracker.spawn(async move {
            if let Err(error) = queue.ack(&deliveries).await {
                tracing::debug!(%error, "wake-ups could not be acknowledged and will come again");
            }
        });
    }

    /// Takes a lane in hand, unless it is: then it is looked at once more afterwards.
    pub(super) fn take(self: &Arc<Self>, wakeup: Wakeup) {
        {
            let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
            match in_hand.entry(wakeup) {
                Entry::Occupied(mut again) => {
                    again.insert(true);
                    return;
                }
                Entry::Vacant(free) => {
                    free.insert(false);
                }
            }
        }
        let shared = Arc::clone(self);
        self.tracker.spawn(async move { shared.hold(wakeup).await });
    }

    /// Whether the lane, which is in hand, was woken again.
    pub(super) fn is_woken(&self, wakeup: Wakeup) -> bool {
        let in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        in_hand.get(&wakeup).is_some_and(|again| *again)
    }

    /// Takes up again the lanes that were put down for a connection which is back.
    pub(super) fn unpark(self: &Arc<Self>, lanes: Vec<Wakeup>) {
        if lanes.is_empty() {
            return;
        }
        let shared = Arc::clone(self);
        self.tracker.spawn(async move {
            if let Err(error) = shared.context.store.due_at_once(&lanes).await {
                tracing::warn!(%error, lanes = lanes.len(), "lanes wait although their connection is back");
            }
            lanes.into_iter().for_each(|lane| shared.take(lane));
        });
    }

    async fn hold(self: &Arc<Self>, wakeup: Wakeup) {
        let tenant = self.tenant(wakeup.tenant);
        let guard = InHand {
            shared: self,
            wakeup,
        };
        loop {
            let left = {
                // First the tenant's own room, then everybody's: whoever waits for its own does
                // not take from the others.
                let (Ok(_own), Ok(_all)) = (tenant.acquire().await, self.lanes.acquire().await)
                else {
                    break;
                };
                work_off(self, wakeup).await
            };
            if let Left::Until(at) = left
                && let Err(error) = self.context.queue.wake_at(wakeup, at).await
            {
                tracing::debug!(%error, "a later wake-up could not be set; the sweep finds it");
            }
            let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
            match in_hand.get_mut(&wakeup) {
                Some(again) if *again && !self.cancel.is_cancelled() => *again = false,
                _ => {
                    in_hand.remove(&wakeup);
                    break;
                }
            }
        }
        drop(guard);
    }

    fn tenant(&self, id: TenantId) -> Arc<Semaphore> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() > 20_000 {
            // Only those nobody waits for; the others come back when they have work.
            tenants.retain(|_, room| Arc::strong_count(room) > 1);
        }
        tenants
            .entry(id)
            .or_insert_with(|| Arc::new(Semaphore::new(self.settings.lanes_per_tenant)))
            .clone()
    }
}

/// A lane in hand; let go also when its task panics, so that the lane is not stuck for ever.
struct InHand<'a> {
    shared: &'a Shared,
    wakeup: Wakeup,
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut in_hand = self
                .shared
                .in_hand
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            in_hand.remove(&self.wakeup);
        }
    }
}
