//! The fault plan: which requests go wrong, and how.
//!
//! A plan is a list of rules; the first rule that matches and still has a turn decides. Rules about
//! answers (`delay`, `status`, `reset_*`, `hang`, `garbage`, `slow`) are applied by the middleware
//! in `server.rs`; rules about what a platform *sends* (`duplicate`, `reorder`, `drop`, `delay`)
//! are applied by the sender, which asks with [`Direction::Outgoing`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// Which simulator a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultService {
    /// Telegram's Bot API.
    Telegram,
    /// WhatsApp, Messenger and Instagram.
    Graph,
    /// Let's Talk's REST API.
    LetsTalk,
    /// PubNub: its answers, and with the sending kinds the messages it spreads.
    PubNub,
    /// The webhooks which the channels send out.
    Webhook,
}

/// Whether somebody calls the simulator or the simulator sends something by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A request that has arrived.
    Incoming,
    /// A webhook or a PubNub message on its way out.
    Outgoing,
}

/// What a rule may look at. For outgoing things `path` is the URL's path or the PubNub channel.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'a> {
    /// Incoming or outgoing.
    pub direction: Direction,
    /// The HTTP method; `SEND` for PubNub messages.
    pub method: &'a str,
    /// Path with query, or the channel.
    pub path: &'a str,
    /// The body, empty when there is none.
    pub body: &'a [u8],
}

/// The condition of a rule; what is left out matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Match {
    /// HTTP method, in capitals.
    pub method: Option<String>,
    /// A piece of the path with query.
    pub path_contains: Option<String>,
    /// A piece of the body.
    pub body_contains: Option<String>,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// The request waits this long and is then carried out.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// This answer instead of the real one; nothing is carried out.
    Status {
        /// HTTP status code.
        status: u16,
        /// Headers of the answer.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Body of the answer.
        #[serde(default)]
        body: String,
        /// The body is padded with spaces up to this many bytes.
        #[serde(default)]
        pad_to: u64,
        /// When true the request is carried out first and only its answer is replaced.
        #[serde(default)]
        after: bool,
    },
    /// The connection is cut before anything is carried out.
    ResetBefore,
    /// The request is carried out, then the connection is cut without an answer.
    ResetAfter,
    /// Nothing happens for this long, then the connection is cut.
    Hang {
        /// Milliseconds.
        ms: u64,
    },
    /// `200` with bytes that are neither JSON nor UTF-8; nothing is carried out.
    Garbage {
        /// When true the request is carried out first.
        #[serde(default)]
        after: bool,
    },
    /// The request is carried out and its answer trickles, one byte at a time.
    Slow {
        /// Milliseconds before each byte.
        ms_per_byte: u64,
    },
    /// What is sent is sent this many times in all.
    Duplicate {
        /// Total number of copies.
        copies: u32,
        /// PubNub only: each copy is published anew, with a publish timetoken of its own.
        #[serde(default)]
        fresh: bool,
    },
    /// What is sent waits until this many are together, and leaves in reverse order.
    Reorder {
        /// How many are held back.
        window: u32,
    },
    /// What is sent is lost.
    Drop,
}

impl Action {
    /// Whether the action fits this direction.
    fn fits(&self, direction: Direction, service: FaultService, method: Option<&str>) -> bool {
        let sending = matches!(
            self,
            Self::Duplicate { .. } | Self::Reorder { .. } | Self::Drop
        );
        match direction {
            Direction::Incoming => !sending && method != Some("SEND"),
            // A webhook may also be answered late; a PubNub delay means its HTTP answers unless
            // the rule asks for `SEND`.
            Direction::Outgoing => {
                sending
                    || (matches!(self, Self::Delay { .. })
                        && (service == FaultService::Webhook || method == Some("SEND")))
            }
        }
    }
}

/// A rule as it is posted to the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultRule {
    /// The simulator it is about.
    pub service: FaultService,
    /// Its condition.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What goes wrong.
    pub action: Action,
    /// How often at most; `null` means for ever.
    #[serde(default)]
    pub times: Option<u64>,
    /// From 0 to 1: how likely each match is taken.
    #[serde(default = "always")]
    pub probability: f64,
    /// Seed of the dice, so that a run can be repeated.
    #[serde(default)]
    pub seed: u64,
}

fn always() -> f64 {
    1.0
}

impl FaultRule {
    /// A rule that always applies to every request of `service`.
    #[must_use]
    pub fn new(service: FaultService, action: Action) -> Self {
        Self {
            service,
            matches: Match::default(),
            action,
            times: None,
            probability: 1.0,
            seed: 0,
        }
    }

    /// At most so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only when the path (with query) or the PubNub channel contains this.
    #[must_use]
    pub fn path(mut self, piece: &str) -> Self {
        self.matches.path_contains = Some(piece.to_owned());
        self
    }

    /// Only for this HTTP method, or `SEND`.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.matches.method = Some(method.to_owned());
        self
    }

    /// Only when the body contains this.
    #[must_use]
    pub fn body(mut self, piece: &str) -> Self {
        self.matches.body_contains = Some(piece.to_owned());
        self
    }

    /// With this probability, by dice of this seed.
    #[must_use]
    pub fn chance(mut self, probability: f64, seed: u64) -> Self {
        self.probability = probability;
        self.seed = seed;
        self
    }
}

/// A rule of the plan with its count.
#[derive(Clone, Debug, Serialize)]
pub struct FaultView {
    /// The id that removes it.
    pub id: u64,
    /// How often it has struck.
    pub hits: u64,
    /// The rule.
    #[serde(flatten)]
    pub rule: FaultRule,
}

#[derive(Debug)]
struct Planned {
    id: u64,
    hits: u64,
    rule: FaultRule,
    dice: StdRng,
}

/// The plan. Asking an empty plan costs one atomic load.
#[derive(Debug, Default)]
pub struct Faults {
    plan: Mutex<Vec<Planned>>,
    size: AtomicUsize,
    with_body: AtomicUsize,
    next_id: AtomicU64,
}

impl Faults {
    /// Adds a rule behind the others and answers its id.
    pub fn add(&self, rule: FaultRule) -> u64 {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed) + 1;
        let dice = StdRng::seed_from_u64(rule.seed);
        let mut plan = self.lock();
        plan.push(Planned {
            id,
            hits: 0,
            rule,
            dice,
        });
        self.recount(&plan);
        id
    }

    /// Removes a rule; answers whether it was there.
    pub fn remove(&self, id: u64) -> bool {
        let mut plan = self.lock();
        let before = plan.len();
        plan.retain(|planned| planned.id != id);
        self.recount(&plan);
        plan.len() < before
    }

    /// Removes all rules.
    pub fn clear(&self) {
        let mut plan = self.lock();
        plan.clear();
        self.recount(&plan);
    }

    /// All rules with their hits, in the order in which they are asked.
    #[must_use]
    pub fn list(&self) -> Vec<FaultView> {
        self.lock()
            .iter()
            .map(|planned| FaultView {
                id: planned.id,
                hits: planned.hits,
                rule: planned.rule.clone(),
            })
            .collect()
    }

    /// How often the rule has struck.
    #[must_use]
    pub fn hits(&self, id: u64) -> u64 {
        self.lock()
            .iter()
            .find(|planned| planned.id == id)
            .map_or(0, |planned| planned.hits)
    }

    /// Whether there is no rule at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.size.load(Ordering::Acquire) == 0
    }

    /// Whether some rule wants to see bodies.
    #[must_use]
    pub fn reads_bodies(&self) -> bool {
        self.with_body.load(Ordering::Acquire) > 0
    }

    /// What goes wrong with this request, if anything; counts a hit.
    pub fn decide(&self, service: FaultService, facts: &RequestFacts<'_>) -> Option<Action> {
        if self.is_empty() {
            return None;
        }
        let mut plan = self.lock();
        plan.iter_mut().find_map(|planned| {
            let rule = &planned.rule;
            let taken = rule.service == service
                && rule
                    .action
                    .fits(facts.direction, service, rule.matches.method.as_deref())
                && rule.times.is_none_or(|times| planned.hits < times)
                && matches(&rule.matches, facts)
                && (rule.probability >= 1.0 || planned.dice.random::<f64>() < rule.probability);
            taken.then(|| {
                planned.hits += 1;
                planned.rule.action.clone()
            })
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Planned>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recount(&self, plan: &[Planned]) {
        let bodies = plan
            .iter()
            .filter(|planned| planned.rule.matches.body_contains.is_some())
            .count();
        self.with_body.store(bodies, Ordering::Release);
        self.size.store(plan.len(), Ordering::Release);
    }
}

fn matches(wanted: &Match, facts: &RequestFacts<'_>) -> bool {
    wanted
        .method
        .as_deref()
        .is_none_or(|method| method.eq_ignore_ascii_case(facts.method))
        && wanted
            .path_contains
            .as_deref()
            .is_none_or(|piece| facts.path.contains(piece))
        && wanted
            .body_contains
            .as_deref()
            .is_none_or(|piece| contains(facts.body, piece.as_bytes()))
}

fn contains(body: &[u8], piece: &[u8]) -> bool {
    piece.is_empty() || body.windows(piece.len()).any(|window| window == piece)
}
