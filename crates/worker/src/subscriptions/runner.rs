//! One tenant's subscription.

use super::backoff::{Backoff, fraction};
use super::health::Health;
use super::hold::{Hold, Stop};
use super::repair::{Listed, Repaired, repair};
use super::{Parts, Settings};
use adapters::faults::{Point, point};
use domain::desk::DeskAccount;
use domain::ids::TenantId;
use domain::ports::{
    Batch, Cursor, Heard, InboxError, PollError, PollFailure, Subscription, SubscriptionHealth,
    SubscriptionState,
};
use futures::future::join;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Runs one tenant until it stops.
pub(super) struct Runner {
    parts: Parts,
    settings: Arc<Settings>,
    tenant: TenantId,
    hold: Hold,
    health: Health,
    retry: Backoff,
    parked: Backoff,
    /// Whether the channel groups are asked for.
    groups: bool,
    /// When refused groups are asked for again.
    groups_again: Instant,
    /// Something may be missing: list before newer events are recorded.
    gap: bool,
    /// Nobody read for a while since the last answer: a poll failed, something was listed, or storing
    /// took long.
    away: bool,
    /// When to list although nothing seems to be missing.
    check_at: Instant,
    listed_at: Option<Instant>,
    /// Until then events are not held back by a desk that cannot be listed.
    let_through_until: Instant,
    listed: Listed,
}

/// While an answer is stored for longer than this, a short queue may run over.
const UNREAD: Duration = Duration::from_secs(1);

/// What follows a poll.
enum Then {
    PollAgain,
    SubscribeAnew,
}

impl Runner {
    pub(super) fn new(parts: Parts, settings: Arc<Settings>, tenant: TenantId, hold: Hold) -> Self {
        let (high, low) = tenant.0.as_u64_pair();
        let now = Instant::now();
        // Not all tenants of a restarted worker list at the same moment.
        let first_check = settings
            .check_every
            .mul_f64(0.5 + fraction(high ^ low) / 2.0);
        Self {
            health: Health::new(settings.report_every),
            retry: Backoff::new(settings.retry, tenant),
            parked: Backoff::new(settings.parked, tenant),
            groups: true,
            groups_again: now,
            gap: false,
            away: true,
            check_at: now + first_check,
            listed_at: None,
            let_through_until: now,
            listed: Listed::default(),
            parts,
            settings,
            tenant,
            hold,
        }
    }

    /// Runs until it is told to stop.
    pub(super) async fn run(mut self) -> Stop {
        let stop = match self.subscribed().await {
            Ok(never) => match never {},
            Err(stop) => stop,
        };
        if stop != Stop::Lost {
            let last = self.health.stopped();
            self.send(&last).await;
        }
        tracing::info!(tenant = %self.tenant, ?stop, "subscription stopped");
        stop
    }

    async fn subscribed(&mut self) -> Result<Infallible, Stop> {
        let account = self.account().await?;
        let mut cursor = self.cursor(&account).await?;
        loop {
            let events = Arc::clone(&self.parts.events);
            match events.subscribe(&account, cursor, self.groups) {
                Ok(mut stream) => {
                    self.health.groups(self.groups);
                    while let Then::PollAgain =
                        self.turn(&account, stream.as_mut(), &mut cursor).await?
                    {
                    }
                }
                Err(error) => self.failed(&error).await?,
            }
        }
    }

    /// Poll, list if something may be missing, record. Listing and polling start together, and
    /// what the poll brought is recorded after what the listing brought: in the order of speaking.
    async fn turn(
        &mut self,
        account: &DeskAccount,
        stream: &mut dyn Subscription,
        cursor: &mut Cursor,
    ) -> Result<Then, Stop> {
        let now = Instant::now();
        if !self.groups && now >= self.groups_again {
            self.groups = true;
            return Ok(Then::SubscribeAnew);
        }
        let age = self.parts.clock.now().since(cursor.at());
        let stale = !self.health.is_connected() && age > self.settings.stale;
        self.gap |= stale;
        let look = (self.gap && now >= self.let_through_until) || now >= self.check_at;

        let poll = timeout(self.settings.watchdog, stream.next());
        let polled = if look {
            let (parts, fence) = (self.parts.clone(), self.hold.fence());
            let listing = repair(&parts, account, fence, &mut self.listed, self.gap);
            let both = join(listing, poll);
            let (repaired, polled) = self.hold.during(both).await?;
            self.repaired(repaired)?;
            polled
        } else {
            self.hold.during(poll).await?
        };
        match polled {
            Ok(Ok(batch)) => {
                self.answered(account, &batch).await?;
                // Nobody read from the answer until the listing was done.
                self.away |= look;
                *cursor = batch.cursor;
                Ok(Then::PollAgain)
            }
            Ok(Err(error)) if self.groups && blames_groups(&error) => {
                tracing::warn!(tenant = %self.tenant, %error, "going on without channel groups");
                self.groups = false;
                self.groups_again = Instant::now() + self.settings.groups_again;
                self.health.noted(error.detail);
                Ok(Then::SubscribeAnew)
            }
            Ok(Err(error)) => {
                self.failed(&error).await?;
                Ok(Then::PollAgain)
            }
            Err(_) => {
                metrics::counter!("relevo_realtime_watchdog_total").increment(1);
                self.failed(&PollError {
                    failure: PollFailure::Down,
                    retry_after: None,
                    detail: "sin respuesta por demasiado tiempo".to_owned(),
                })
                .await?;
                Ok(Then::SubscribeAnew)
            }
        }
    }

    /// Everything of the answer is durable, with its cursor, when this returns.
    async fn answered(&mut self, account: &DeskAccount, batch: &Batch) -> Result<(), Stop> {
        point(Point::AfterPoll);
        // The answer may be the newest part of something longer: the older part goes first.
        let began = Instant::now();
        let away = std::mem::replace(&mut self.away, false);
        self.gap |= batch.may_have_overflowed(away);
        let holds = !batch.events.is_empty() && Instant::now() >= self.let_through_until;
        let mut tries = 0;
        while self.gap && holds {
            if tries == self.settings.repair_tries {
                self.let_through_until = Instant::now() + self.settings.let_through;
                break;
            }
            if tries > 0 {
                let wait = self.retry.next();
                self.pause(wait).await?;
            }
            tries += 1;
            let (parts, fence) = (self.parts.clone(), self.hold.fence());
            let listing = repair(&parts, account, fence, &mut self.listed, true);
            let repaired = self.hold.during(listing).await?;
            self.repaired(repaired)?;
        }
        loop {
            let (parts, fence) = (self.parts.clone(), self.hold.fence());
            let record = parts
                .inbox
                .record(self.tenant, fence, &batch.events, Some(batch.cursor));
            match self.hold.during(record).await? {
                Ok(recorded) => {
                    point(Point::AfterCursor);
                    metrics::counter!("relevo_realtime_events_total")
                        .increment(recorded.new as u64);
                    metrics::counter!("relevo_realtime_repeated_total")
                        .increment(recorded.repeated as u64);
                    break;
                }
                Err(InboxError::Fenced) => return Err(Stop::Lost),
                Err(error) => self.unstored(&error).await?,
            }
        }
        let poison = |h: &&domain::ports::RealtimeEvent| matches!(h.heard, Heard::Poison { .. });
        let poisoned = batch.events.iter().filter(poison).count();
        if poisoned > 0 {
            self.list_soon();
            tracing::warn!(tenant = %self.tenant, poisoned, "entries set aside");
            self.health.noted(match poisoned {
                1 => "llegó un aviso que no se pudo leer; quedó guardado".to_owned(),
                many => {
                    format!("llegaron {many} avisos que no se pudieron leer; quedaron guardados")
                }
            });
        }
        self.away |= began.elapsed() > UNREAD;
        self.retry.reset();
        self.parked.reset();
        let now = self.parts.clock.now();
        self.health.answered(now, !batch.events.is_empty());
        self.report().await
    }

    fn repaired(&mut self, repaired: Result<Repaired, InboxError>) -> Result<(), Stop> {
        match repaired {
            Ok(Repaired { new, failed }) => {
                self.health.repaired(new);
                self.gap = failed.is_some();
                if let Some(error) = failed {
                    self.health.noted(error);
                }
            }
            Err(InboxError::Fenced) => return Err(Stop::Lost),
            Err(error) => self.health.noted(error.to_string()),
        }
        let now = Instant::now();
        self.listed_at = Some(now);
        self.check_at = now + self.settings.check_every;
        Ok(())
    }

    /// A listing tells more than an event: what is missing here may stand there. Not more often
    /// than once a minute: odd entries may come by the thousand.
    fn list_soon(&mut self) {
        let due = self.listed_at.map(|at| at + Duration::from_secs(60));
        match due {
            Some(due) if due > Instant::now() => self.check_at = self.check_at.min(due),
            _ => self.gap = true,
        }
    }

    async fn failed(&mut self, error: &PollError) -> Result<(), Stop> {
        let failure = match error.failure {
            PollFailure::Refused { .. } => "refused",
            PollFailure::Rejected => "rejected",
            PollFailure::Down => "down",
        };
        self.away = true;
        metrics::counter!("relevo_realtime_poll_errors_total", "failure" => failure).increment(1);
        let (state, wait) = match error.failure {
            PollFailure::Refused { .. } => (SubscriptionState::Refused, self.parked.next()),
            PollFailure::Rejected | PollFailure::Down => {
                (SubscriptionState::Retrying, self.retry.next())
            }
        };
        tracing::debug!(tenant = %self.tenant, %error, ?wait, "poll failed");
        self.health.failed(state, error.detail.clone());
        self.report().await?;
        self.pause(wait.max(error.retry_after.unwrap_or_default()))
            .await
    }

    async fn unstored(&mut self, error: &InboxError) -> Result<(), Stop> {
        tracing::warn!(tenant = %self.tenant, %error, "not stored, trying again");
        self.away = true;
        self.health.noted(error.to_string());
        let wait = self.retry.next();
        self.pause(wait).await
    }

    async fn account(&mut self) -> Result<DeskAccount, Stop> {
        loop {
            let parts = self.parts.clone();
            match self.hold.during(parts.inbox.account(self.tenant)).await? {
                Ok(account) => return account.ok_or(Stop::Gone),
                Err(error) => self.unstored(&error).await?,
            }
        }
    }

    /// Where to read on. A first start stores the stream's own time before its first poll: a poll
    /// without a cursor would forget everything before its answer.
    async fn cursor(&mut self, account: &DeskAccount) -> Result<Cursor, Stop> {
        let parts = self.parts.clone();
        loop {
            match self.hold.during(parts.inbox.cursor(self.tenant)).await? {
                Ok(Some(cursor)) => return Ok(cursor),
                Ok(None) => break,
                Err(error) => self.unstored(&error).await?,
            }
        }
        let first = loop {
            match self.hold.during(parts.events.now(account)).await? {
                Ok(cursor) => break cursor,
                Err(error) => self.failed(&error).await?,
            }
        };
        loop {
            let fence = self.hold.fence();
            let record = parts.inbox.record(self.tenant, fence, &[], Some(first));
            match self.hold.during(record).await? {
                Ok(_) => {
                    // What was said before this instant is not on the stream: a conversation may
                    // be open already.
                    self.gap = true;
                    return Ok(first);
                }
                Err(InboxError::Fenced) => return Err(Stop::Lost),
                Err(error) => self.unstored(&error).await?,
            }
        }
    }

    async fn pause(&mut self, wait: Duration) -> Result<(), Stop> {
        self.hold.during(sleep(wait)).await
    }

    async fn report(&mut self) -> Result<(), Stop> {
        let Some(health) = self.health.due(self.parts.clock.now()) else {
            return Ok(());
        };
        let parts = self.parts.clone();
        let sent = self.hold.during(parts.inbox.report(self.tenant, &health));
        if let Err(error) = sent.await? {
            tracing::debug!(tenant = %self.tenant, %error, "health not reported");
        }
        Ok(())
    }

    async fn send(&self, health: &SubscriptionHealth) {
        let sent = self.parts.inbox.report(self.tenant, health);
        if !matches!(timeout(Duration::from_secs(2), sent).await, Ok(Ok(()))) {
            tracing::debug!(tenant = %self.tenant, "health not reported");
        }
    }
}

/// Groups that are empty, unknown or not allowed fail the whole poll.
fn blames_groups(error: &PollError) -> bool {
    matches!(
        error.failure,
        PollFailure::Rejected | PollFailure::Refused { group: true }
    )
}
