//! Any sequence of events, repeated, reordered and late, under many policies.

use super::fixtures::*;
use super::model::Watch;
use domain::conversation::Control;
use domain::handoff::{
    BotDownAction, BotStandby, EndReason, Event, HandoffPolicy, Timeouts, TimerKind, Verdict,
};
use proptest::prelude::*;

/// Which handoff an event speaks of.
#[derive(Clone, Copy, Debug)]
enum Which {
    /// The one under way, or a stranger.
    Current,
    /// One that began so many handoffs ago.
    Earlier(usize),
    /// One that never was.
    Stranger,
}

#[derive(Clone, Debug)]
enum Doing {
    Contact(&'static str, Rule),
    Bot(Rule),
    Asked {
        urgent: bool,
    },
    BotDown,
    Opened(Which),
    Failed(Which),
    Joined(Which),
    Agent(Which),
    Closed(Which),
    Gone(Which),
    End(Option<Which>, EndReason),
    Left,
    /// The running timer, or one with this number.
    Timer(TimerKind, Option<u32>),
    /// An event of up to eight events ago comes once more.
    Repeat(usize),
    Wait(u64),
}

#[derive(Clone, Copy, Debug)]
enum Rule {
    Pass,
    HandOff { urgent: bool },
    Answer,
    Ignore,
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        6 => Just(Which::Current),
        2 => (0..3_usize).prop_map(Which::Earlier),
        1 => Just(Which::Stranger),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        4 => Just(Rule::Pass),
        3 => any::<bool>().prop_map(|urgent| Rule::HandOff { urgent }),
        1 => Just(Rule::Answer),
        1 => Just(Rule::Ignore),
    ]
}

fn doing() -> impl Strategy<Value = Doing> {
    let words = prop::sample::select(vec!["hola", "5", "⭐⭐", "salir", "", "🙂"]);
    let reasons = prop::sample::select(EndReason::ALL);
    let kinds = prop::sample::select(vec![
        TimerKind::NoAgent,
        TimerKind::AgentSilent,
        TimerKind::UserSilent,
    ]);
    prop_oneof![
        6 => (words, rule()).prop_map(|(w, r)| Doing::Contact(w, r)),
        3 => rule().prop_map(Doing::Bot),
        3 => any::<bool>().prop_map(|urgent| Doing::Asked { urgent }),
        1 => Just(Doing::BotDown),
        4 => which().prop_map(Doing::Opened),
        1 => which().prop_map(Doing::Failed),
        3 => which().prop_map(Doing::Joined),
        5 => which().prop_map(Doing::Agent),
        2 => which().prop_map(Doing::Closed),
        1 => which().prop_map(Doing::Gone),
        1 => (prop::option::of(which()), reasons).prop_map(|(w, r)| Doing::End(w, r)),
        1 => Just(Doing::Left),
        3 => (kinds, prop::option::of(0..6_u32)).prop_map(|(k, e)| Doing::Timer(k, e)),
        4 => (0..8_usize).prop_map(Doing::Repeat),
        3 => (0..40_u64).prop_map(Doing::Wait),
    ]
}

fn policies() -> impl Strategy<Value = HandoffPolicy> {
    let timeout = || prop::sample::select(vec![0_u32, 10]);
    let choices = (any::<bool>(), any::<bool>());
    (timeout(), timeout(), timeout(), 0..10_u32, choices).prop_map(
        |(no_agent, agent, user, cooldown, (answer, listens))| HandoffPolicy {
            timeouts: Timeouts {
                no_agent_minutes: no_agent,
                agent_silent_minutes: agent,
                user_silent_minutes: user,
            },
            cooldown_minutes: cooldown,
            bot_down: if answer {
                BotDownAction::Answer
            } else {
                BotDownAction::HandOff
            },
            bot_standby: if listens {
                BotStandby::Listens
            } else {
                BotStandby::Waits
            },
            ..policy()
        },
    )
}

/// Turns doings into events with fresh ids, as ingest does.
#[derive(Default)]
struct World {
    watch: Watch,
    fed: Vec<Event>,
    candidates: Vec<u128>,
    ids: u128,
}

impl World {
    fn fresh(&mut self) -> u128 {
        self.ids += 1;
        self.ids
    }

    fn candidate(&mut self) -> u128 {
        let id = self.fresh();
        self.candidates.push(id);
        id
    }

    fn handoff(&self, which: Which) -> u128 {
        let current = self.watch.state.episode().map(|e| e.handoff.0.as_u128());
        match which {
            Which::Current => current.unwrap_or(u128::MAX),
            Which::Earlier(back) => {
                let earlier = self.candidates.iter().rev().nth(back);
                earlier.copied().unwrap_or(u128::MAX)
            }
            Which::Stranger => u128::MAX,
        }
    }

    fn verdict(&mut self, rule: Rule) -> Verdict {
        match rule {
            Rule::Pass => Verdict::Pass,
            Rule::HandOff { urgent } => Verdict::HandOff(request(self.candidate(), urgent)),
            Rule::Answer => answer(),
            Rule::Ignore => ignore(),
        }
    }

    fn event(&mut self, doing: &Doing) -> Option<Event> {
        Some(match *doing {
            Doing::Contact(words, rule) => {
                let verdict = self.verdict(rule);
                says_under(self.fresh(), words, verdict)
            }
            Doing::Bot(rule) => {
                let verdict = self.verdict(rule);
                bot_says(self.fresh(), verdict)
            }
            Doing::Asked { urgent } => Event::Requested(request(self.candidate(), urgent)),
            Doing::BotDown => Event::BotUnavailable {
                message: m(self.fresh()),
                candidate: h(self.candidate()),
            },
            Doing::Opened(which) => opened(self.handoff(which)),
            Doing::Failed(which) => failed(self.handoff(which)),
            Doing::Joined(which) => joined(self.handoff(which)),
            Doing::Agent(which) => {
                let handoff = self.handoff(which);
                agent_says(handoff, self.fresh())
            }
            Doing::Closed(which) => closed(self.handoff(which)),
            Doing::Gone(which) => gone(self.handoff(which)),
            Doing::End(which, reason) => end(which.map(|w| self.handoff(w)), reason),
            Doing::Left => Event::ContactLeft,
            Doing::Timer(kind, None) => {
                let running = self.watch.state.timer;
                Event::Timer {
                    kind: running.map_or(kind, |t| t.kind),
                    epoch: running.map_or(0, |t| t.epoch),
                }
            }
            Doing::Timer(kind, Some(epoch)) => Event::Timer { kind, epoch },
            Doing::Repeat(back) => self.fed.iter().rev().nth(back)?.clone(),
            Doing::Wait(_) => return None,
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_contact_has_one_owner_and_every_message_one_way(
        policy in policies(),
        doings in prop::collection::vec(doing(), 1..60),
    ) {
        let mut world = World::default();
        let mut now = NOON;
        for doing in &doings {
            if let Doing::Wait(n) = doing {
                now = now.after(minutes(*n));
            }
            if let Some(event) = world.event(doing) {
                world.watch.feed(&event, &policy, now);
                if !matches!(doing, Doing::Repeat(_)) {
                    world.fed.push(event);
                }
            }
        }
        world.watch.feed(&end(None, EndReason::OperatorForced), &policy, now);
        prop_assert_eq!(world.watch.state.control(), Control::Bot);
        prop_assert!(world.watch.open().is_empty());
        prop_assert_eq!(world.watch.state.timer, None);
    }
}
