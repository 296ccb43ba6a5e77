//! Desired against running.

use super::backoff::Backoff;
use super::hold::{Hold, Stop};
use super::runner::Runner;
use super::{Parts, Settings};
use crate::crew::Crew;
use domain::ids::TenantId;
use domain::ports::{Crew as List, DesiredSubscription, SubscriptionHealth, SubscriptionState};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// Keeps one runner per tenant that should be subscribed and is this worker's share.
pub struct Supervisor {
    parts: Parts,
    settings: Arc<Settings>,
    crew: Crew,
    pacer: Arc<Pacer>,
    tasks: JoinSet<Stop>,
    tenants: HashMap<Id, TenantId>,
    running: HashMap<TenantId, Running>,
    /// Tenants that are not to be tried before an instant.
    resting: HashMap<TenantId, Rest>,
    /// What should be subscribed, on whichever worker.
    desired: Vec<DesiredSubscription>,
    /// The epoch in which we joined the others, and from when we take tenants since.
    joined: Option<(i64, Instant)>,
}

struct Running {
    version: i64,
    cancel: CancellationToken,
    since: Instant,
}

struct Rest {
    until: Instant,
    /// Grows while a runner keeps failing.
    backoff: Option<Backoff>,
}

impl Supervisor {
    /// `crew` says which tenants are ours.
    #[must_use]
    pub fn new(parts: Parts, settings: Settings, crew: Crew) -> Self {
        let pacer = Pacer::new(settings.starts_per_second);
        Self {
            parts,
            settings: Arc::new(settings),
            crew,
            pacer: Arc::new(pacer),
            tasks: JoinSet::new(),
            tenants: HashMap::new(),
            running: HashMap::new(),
            resting: HashMap::new(),
            desired: Vec::new(),
            joined: None,
        }
    }

    /// Runs until `cancel`; then stops all runners and hands their tenants over.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut tick = interval(self.settings.reconcile);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut view = self.crew.watch();
        loop {
            let waiting = self.next_start();
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(ended) = self.tasks.join_next_with_id() => {
                    self.ended(ended);
                    // Several end together when hands change: one look for all of them.
                    while let Some(ended) = self.tasks.try_join_next_with_id() {
                        self.ended(ended);
                    }
                }
                // Hands change at once, without asking the database who should be subscribed.
                Ok(()) = view.changed() => {}
                () = sleep_until(waiting) => {}
                _ = tick.tick() => {
                    let desired = tokio::select! {
                        () = cancel.cancelled() => break,
                        desired = self.parts.inbox.desired() => desired,
                    };
                    match desired {
                        Ok(desired) => self.desired = desired,
                        Err(error) => tracing::warn!(%error, "desired subscriptions unknown"),
                    }
                }
            }
            let list = view.borrow_and_update().list.clone();
            self.reconcile(&list);
        }
        self.stop().await;
    }

    /// When something that waits may be started; far away when nothing does.
    fn next_start(&self) -> Instant {
        let now = Instant::now();
        let rests = self.resting.values().map(|rest| rest.until);
        let courtesy = self.joined.iter().map(|(_, from)| *from);
        let next = rests.chain(courtesy).filter(|at| *at > now).min();
        next.unwrap_or_else(|| now + self.settings.reconcile)
    }

    /// Compares what should run here with what does.
    fn reconcile(&mut self, list: &List) {
        let now = Instant::now();
        self.notice_joining(list, now);
        let known: HashSet<TenantId> = self.desired.iter().map(|d| d.tenant).collect();
        self.resting.retain(|tenant, _| known.contains(tenant));
        let wanted: HashMap<TenantId, i64> = self
            .desired
            .iter()
            .filter(|d| self.crew.holds(list, d.tenant))
            .map(|d| (d.tenant, d.version))
            .collect();
        for (tenant, running) in &self.running {
            if wanted.get(tenant) != Some(&running.version) {
                // Removed, somebody else's, or changed: then it starts anew once it has ended.
                running.cancel.cancel();
            }
        }
        let welcome = self.joined.is_some_and(|(_, from)| from <= now);
        for (tenant, version) in wanted {
            let rests = self.resting.get(&tenant).is_some_and(|r| r.until > now);
            if welcome && !rests && !self.running.contains_key(&tenant) {
                self.start(tenant, version, list.epoch);
            }
        }
        metrics::gauge!("relevo_subscriptions_running").set(self.running.len() as f64);
    }

    /// Whoever joins lets the others hear of it before it takes tenants out of their hands. One
    /// that was given up for dead and comes back has lost its tenants meanwhile.
    fn notice_joining(&mut self, list: &List, now: Instant) {
        let name = self.crew.name();
        let Some(me) = list.member(name) else { return };
        match self.joined {
            Some((epoch, _)) if epoch == me.joined => {}
            before => {
                let wait = match list.has_others(name) || !list.settled {
                    true => self.crew.courtesy(),
                    false => Duration::ZERO,
                };
                self.joined = Some((me.joined, now + wait));
                // While it is not settled, everybody comes back at the same time to what they had.
                if before.is_some() && list.settled {
                    self.running.values().for_each(|r| r.cancel.cancel());
                }
            }
        }
    }

    fn start(&mut self, tenant: TenantId, version: i64, fence: i64) {
        let cancel = CancellationToken::new();
        let (parts, settings) = (self.parts.clone(), Arc::clone(&self.settings));
        let pacer = Arc::clone(&self.pacer);
        let hold = Hold::new(fence, cancel.clone());
        let task = self.tasks.spawn(async move {
            if let Err(stop) = hold.during(pacer.turn()).await {
                return stop;
            }
            tracing::info!(%tenant, "subscription started");
            Runner::new(parts, settings, tenant, hold).run().await
        });
        self.tenants.insert(task.id(), tenant);
        self.running.insert(
            tenant,
            Running {
                version,
                cancel,
                since: Instant::now(),
            },
        );
    }

    fn ended(&mut self, ended: Result<(Id, Stop), JoinError>) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some(tenant) = self.tenants.remove(&id) else {
            return;
        };
        let ran = self.running.remove(&tenant);
        match ended {
            // Told to stop: if it is still wanted here, it starts with the next comparison.
            Ok((_, Stop::Told)) => {
                self.resting.remove(&tenant);
            }
            Ok((_, Stop::Lost | Stop::Gone)) => {
                self.rest(tenant, self.settings.reclaim, None);
            }
            Err(error) => self.crashed(tenant, ran, &error),
        }
    }

    /// A panic is a fault of ours: it is shown, and the tenant is not left alone.
    fn crashed(&mut self, tenant: TenantId, ran: Option<Running>, error: &JoinError) {
        metrics::counter!("relevo_subscription_panics_total").increment(1);
        tracing::error!(%tenant, panicked = error.is_panic(), "subscription crashed");
        let limits = self.settings.retry;
        let long_run = ran.is_some_and(|r| r.since.elapsed() > limits.1 * 2);
        let mut backoff = self
            .resting
            .remove(&tenant)
            .and_then(|rest| rest.backoff)
            .filter(|_| !long_run)
            .unwrap_or_else(|| Backoff::new(limits, tenant));
        let wait = backoff.next();
        self.rest(tenant, wait, Some(backoff));
        let inbox = Arc::clone(&self.parts.inbox);
        tokio::spawn(async move {
            let health = SubscriptionHealth {
                state: SubscriptionState::Retrying,
                last_error: Some("la suscripción falló y arranca de nuevo".to_owned()),
                ..SubscriptionHealth::default()
            };
            if let Err(error) = inbox.report(tenant, &health).await {
                tracing::debug!(%tenant, %error, "health not reported");
            }
        });
    }

    fn rest(&mut self, tenant: TenantId, wait: Duration, backoff: Option<Backoff>) {
        let until = Instant::now() + wait;
        self.resting.insert(tenant, Rest { until, backoff });
    }

    async fn stop(mut self) {
        for running in self.running.values() {
            running.cancel.cancel();
        }
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(self.settings.stop_within, all).await.is_err() {
            tracing::warn!("subscriptions did not stop in time and are dropped");
            self.tasks.abort_all();
        }
        self.crew.drain().await;
    }
}

/// Lets first polls through one after the other.
struct Pacer {
    gap: Duration,
    next: Mutex<Instant>,
}

impl Pacer {
    fn new(per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1) / per_second.max(1),
            next: Mutex::new(Instant::now()),
        }
    }

    async fn turn(&self) {
        let mine = {
            let mut next = self.next.lock().await;
            let mine = (*next).max(Instant::now());
            *next = mine + self.gap;
            mine
        };
        sleep_until(mine).await;
    }
}
