//! One row per (phase, event) pair, written by hand: where it leads, what is done, and why not.

mod active;
mod bot;
mod requested;
mod waiting;

use super::fixtures::*;
use super::render;
use domain::handoff::{BotDownAction, Event, HandoffState, TimerKind, step};

struct Row(
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

fn check(name: &str, state: &HandoffState, rows: &[(Event, Row)]) {
    for (event, Row(what, next, effects, note)) in rows {
        let step = at(state, event, NOON);
        let pair = format!("{name} × {what}");
        assert_eq!(step.next.phase_name(), *next, "{pair}: next phase");
        assert_eq!(render::effects(&step, NOON), *effects, "{pair}: effects");
        assert_eq!(render::note(step.note), *note, "{pair}: note");
    }
}

fn timer(kind: TimerKind, epoch: u32) -> Event {
    Event::Timer { kind, epoch }
}

#[test]
fn a_bot_that_is_down_is_answered_for_if_the_policy_says_so() {
    let mut policy = policy();
    policy.bot_down = BotDownAction::Answer;
    let event = Event::BotUnavailable {
        message: m(10),
        candidate: h(2),
    };
    let step = step(&HandoffState::default(), &event, &policy, NOON);
    assert_eq!(step.next, HandoffState::default());
    assert_eq!(render::effects(&step, NOON), ["say «bot is ill»"]);
}
