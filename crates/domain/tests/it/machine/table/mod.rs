//! One row per (phase, event) pair, written by hand: where it leads, what is done, and why not.

mod active;
mod bot;
mod requested;
mod waiting;

use super::fixtures::*;
use super::render;
use domain::handoff::{
    BotDownAction, BotStandby, Event, HandoffPolicy, HandoffState, TimerKind, Verdict, step,
};

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
fn a_bot_that_listens_hears_everything_once_and_gets_no_backlog() {
    let mut policy = policy();
    policy.bot_standby = BotStandby::Listens;
    let mut state = HandoffState::default();
    let mut feed = |event: Event, policy: &HandoffPolicy| {
        let step = step(&state, &event, policy, NOON);
        state = step.next.clone();
        render::effects(&step, NOON)
    };
    let asked = says_under(10, "agente", Verdict::HandOff(request(1, true)));
    assert!(feed(asked, &policy).contains(&"m10 to bot".to_owned()));
    assert_eq!(
        feed(says(11, "hola"), &policy),
        ["m11 to desk h1", "m11 to bot"]
    );
    // What the tenant decides meanwhile holds from the next handoff on.
    policy.bot_standby = BotStandby::Waits;
    assert_eq!(
        feed(says(12, "?"), &policy),
        ["m12 to desk h1", "m12 to bot"]
    );
    assert_eq!(feed(bot_says(13, Verdict::Pass), &policy), ["mute m13"]);
    let ended = feed(failed(1), &policy);
    assert!(
        ended.contains(&"backlog h1 to nobody".to_owned()),
        "{ended:?}"
    );
    let _ = feed(Event::Requested(request(2, true)), &policy);
    assert_eq!(feed(says(14, "hola"), &policy), ["m14 to desk h2"]);
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
