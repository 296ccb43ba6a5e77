//! Many contacts and agents who all talk at once, and what came of it.

use crate::desk::Desk;
use crate::house::Part;
use crate::phone::Phone;
use crate::wait::within;
use crate::world::World;
use domain::channel::ChannelKind;
use futures::future::join_all;
use sandbox::ledger::Service;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many talk, and how much.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub contacts: usize,
    /// Messages of each contact, and as many of each agent.
    pub each: usize,
}

/// Words under way in one conversation before the next one is said: those who talk do not wait
/// for each answer, but stop when nothing comes for long.
const AHEAD: usize = 8;
/// Longest time for all of it.
const LONG: Duration = Duration::from_secs(240);

/// A contact and the agent who has them.
struct Pair<'w> {
    phone: Phone<'w>,
    desk: Desk<'w>,
    name: String,
}

impl Pair<'_> {
    /// The words of one side, in order.
    fn words(&self, side: &str, each: usize) -> Vec<String> {
        (0..each)
            .map(|n| format!("{side} {} {n:03}", self.name))
            .collect()
    }

    fn arrived_there(&self) -> Vec<String> {
        let mut texts = self.desk.texts();
        texts.retain(|text| text.starts_with("contacto "));
        texts
    }

    fn arrived_here(&self) -> Vec<String> {
        let mut texts = self.phone.texts();
        texts.retain(|text| text.starts_with("agente "));
        texts
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Agents' words that the contact read twice, on Telegram and elsewhere.
    pub repeated_on_telegram: usize,
    pub repeated_elsewhere: usize,
    pub took: Duration,
}

impl Load {
    /// Lets everybody talk while `trouble` happens, and judges: everything arrived, in order in
    /// each conversation, nothing twice at the desk. `trouble` can ask how many messages have
    /// arrived so far, both ways together.
    pub async fn run<R: Future<Output = ()>>(
        self,
        world: &World,
        trouble: impl FnOnce(std::sync::Arc<AtomicUsize>) -> R,
    ) -> Outcome {
        let pairs = self.pairs(world).await;
        let started = Instant::now();
        let progress = std::sync::Arc::new(AtomicUsize::new(0));
        let talking = async {
            let sides = pairs.iter().map(|pair| async {
                tokio::join!(self.contact(pair, &progress), self.agent(pair, &progress));
            });
            join_all(sides).await;
        };
        tokio::join!(talking, trouble(progress.clone()));
        world.balances().await;
        let mut outcome = self.judge(world, &pairs);
        outcome.took = started.elapsed();
        println!("{self:?}: {outcome:?}");
        outcome
    }

    async fn pairs(self, world: &World) -> Vec<Pair<'_>> {
        let kinds: Vec<ChannelKind> = world.company.lines.iter().map(|it| it.kind).collect();
        let all = (0..self.contacts).map(|n| {
            let kind = kinds[n % kinds.len()];
            async move {
                let contact = format!("54911555{n:05}");
                let phone = world.phone(kind, &contact);
                phone.says("quiero hablar con una persona");
                let desk = world.desk(&contact).await;
                desk.joins();
                let name = format!("{}-{n:02}", kind.name());
                desk.says(&format!("Hola, {name}"));
                phone.sees(&format!("Hola, {name}")).await;
                Pair { phone, desk, name }
            }
        });
        join_all(all).await
    }

    async fn contact(self, pair: &Pair<'_>, progress: &AtomicUsize) {
        let words = pair.words("contacto", self.each);
        let mut counted = 0;
        let mut count = |arrived: usize| {
            progress.fetch_add(arrived - counted, Ordering::SeqCst);
            counted = arrived;
        };
        for (n, text) in words.iter().enumerate() {
            let id = pair.phone.says(text);
            pair.phone.taken(&id).await;
            let enough = (n + 1).saturating_sub(AHEAD);
            count(wait_for(pair, enough, "desk", || pair.arrived_there()).await);
        }
        count(wait_for(pair, self.each, "desk", || pair.arrived_there()).await);
    }

    async fn agent(self, pair: &Pair<'_>, progress: &AtomicUsize) {
        let words = pair.words("agente", self.each);
        let mut counted = 0;
        let mut count = |arrived: usize| {
            progress.fetch_add(arrived.saturating_sub(counted), Ordering::SeqCst);
            counted = arrived;
        };
        for (n, text) in words.iter().enumerate() {
            pair.desk.says(text);
            let enough = (n + 1).saturating_sub(AHEAD);
            count(wait_for(pair, enough, "phone", || pair.arrived_here()).await);
        }
        count(wait_for(pair, self.each, "phone", || pair.arrived_here()).await);
    }

    fn judge(self, world: &World, pairs: &[Pair<'_>]) -> Outcome {
        let mut outcome = Outcome::default();
        for pair in pairs {
            let there = pair.arrived_there();
            assert_eq!(there, pair.words("contacto", self.each), "{}", pair.name);
            let mut here = pair.arrived_here();
            let all = here.len();
            here.dedup();
            let repeated = all - here.len();
            if pair.name.starts_with("telegram") {
                outcome.repeated_on_telegram += repeated;
            } else {
                outcome.repeated_elsewhere += repeated;
            }
            assert_eq!(here, pair.words("agente", self.each), "{}", pair.name);
        }
        let ledger = &world.sandbox.core.ledger;
        assert_eq!(ledger.count(Service::LetsTalk, "duplicate_remote_id"), 0);
        outcome
    }
}

/// Until so many different ones have arrived; answers how many.
async fn wait_for(
    pair: &Pair<'_>,
    enough: usize,
    place: &str,
    arrived: impl Fn() -> Vec<String>,
) -> usize {
    let different = || {
        let mut all = arrived();
        all.dedup();
        all.len()
    };
    let look = || Some(different()).filter(|there| *there >= enough);
    let what = format!("{enough} messages at the {place} of {}", pair.name);
    within(LONG, what, look, || format!("{:#?}", arrived())).await
}

/// Until so many messages have arrived, both ways together.
pub async fn reached(progress: &AtomicUsize, count: usize) {
    let look = || (progress.load(Ordering::SeqCst) >= count).then_some(());
    within(LONG, format!("progress to {count}"), look, || {
        progress.load(Ordering::SeqCst).to_string()
    })
    .await;
}

/// What stops a process.
#[derive(Clone, Copy, Debug)]
pub enum Blow {
    /// `kill -9`.
    Kill,
    /// SIGTERM.
    Stop,
}

/// Takes a process down and starts it again.
pub async fn strike(world: &World, blow: Blow, parts: &[Part]) {
    for part in parts {
        match blow {
            Blow::Kill => world.house.kill(*part),
            Blow::Stop => world.house.stop(*part).await,
        }
    }
    for part in parts {
        world.house.start(*part).await;
    }
}
