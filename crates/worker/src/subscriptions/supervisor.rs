//! Desired against running.

use super::backoff::Backoff;
use super::hold::{Hold, Stop};
use super::runner::Runner;
use super::{Parts, Settings};
use domain::ids::TenantId;
use domain::ports::{DesiredSubscription, SubscriptionHealth, SubscriptionState};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// Keeps one runner per tenant that should be subscribed and whose lease this worker gets.
pub struct Supervisor {
    parts: Parts,
    settings: Arc<Settings>,
    owner: String,
    pacer: Arc<Pacer>,
    tasks: JoinSet<Option<Stop>>,
    tenants: HashMap<Id, TenantId>,
    running: HashMap<TenantId, Running>,
    /// Tenants that are not to be tried before an instant.
    resting: HashMap<TenantId, Rest>,
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
    /// `owner` names this worker process among all; leases are held under it.
    #[must_use]
    pub fn new(parts: Parts, settings: Settings, owner: impl Into<String>) -> Self {
        let pacer = Pacer::new(settings.starts_per_second);
        Self {
            parts,
            settings: Arc::new(settings),
            owner: owner.into(),
            pacer: Arc::new(pacer),
            tasks: JoinSet::new(),
            tenants: HashMap::new(),
            running: HashMap::new(),
            resting: HashMap::new(),
        }
    }

    /// Runs until `cancel`; then stops all runners, which give their leases back.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut tick = interval(self.settings.reconcile);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended),
                _ = tick.tick() => {
                    let desired = tokio::select! {
                        () = cancel.cancelled() => break,
                        desired = self.parts.inbox.desired() => desired,
                    };
                    match desired {
                        Ok(desired) => self.reconcile(&desired),
                        Err(error) => tracing::warn!(%error, "desired subscriptions unknown"),
                    }
                }
            }
        }
        self.stop().await;
    }

    fn reconcile(&mut self, desired: &[DesiredSubscription]) {
        let wanted: HashMap<TenantId, i64> =
            desired.iter().map(|d| (d.tenant, d.version)).collect();
        for (tenant, running) in &self.running {
            if wanted.get(tenant) != Some(&running.version) {
                // Removed, or changed: it starts anew once it has ended.
                running.cancel.cancel();
            }
        }
        let now = Instant::now();
        let known: HashSet<&TenantId> = wanted.keys().collect();
        self.resting.retain(|tenant, _| known.contains(tenant));
        for (tenant, version) in wanted {
            let rests = self.resting.get(&tenant).is_some_and(|r| r.until > now);
            if !rests && !self.running.contains_key(&tenant) {
                self.start(tenant, version);
            }
        }
        metrics::gauge!("relevo_subscriptions_running").set(self.running.len() as f64);
    }

    fn start(&mut self, tenant: TenantId, version: i64) {
        let cancel = CancellationToken::new();
        let (parts, settings) = (self.parts.clone(), Arc::clone(&self.settings));
        let (owner, pacer) = (self.owner.clone(), Arc::clone(&self.pacer));
        let told = cancel.clone();
        let task = self.tasks.spawn(async move {
            let mut hold = Hold::take(&parts, tenant, &owner, settings.lease, told).await?;
            if let Err(stop) = hold.during(pacer.turn()).await {
                hold.release().await;
                return Some(stop);
            }
            tracing::info!(%tenant, "subscription started");
            Some(Runner::new(parts, settings, tenant, hold).run().await)
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

    fn ended(&mut self, ended: Result<(Id, Option<Stop>), JoinError>) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some(tenant) = self.tenants.remove(&id) else {
            return;
        };
        let ran = self.running.remove(&tenant);
        match ended {
            // Told to stop: if it is still wanted, it starts with the next comparison.
            Ok((_, Some(Stop::Told))) => {
                self.resting.remove(&tenant);
            }
            Ok((_, None | Some(Stop::Lost | Stop::Gone))) => {
                self.rest(tenant, self.settings.reclaim, None);
            }
            Err(error) => self.crashed(tenant, ran, &error),
        }
    }

    /// A panic is a fault of ours: it is shown, and the tenant is not left alone. The lease is
    /// still in our name, so the next runner takes it over.
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
            tracing::warn!("subscriptions did not stop in time; their leases will run out");
            self.tasks.abort_all();
        }
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
