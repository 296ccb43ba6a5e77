//! The whole transition table as one readable snapshot: phases × events.

use super::fixtures::*;
use super::render;
use domain::handoff::{EndReason, Event, TimerKind, Verdict};
use std::fmt::Write;

/// The columns: one of each thing that can happen. Handoff 1 is the one under way, 9 a stranger.
fn events() -> Vec<(&'static str, Event)> {
    let timer = |kind, epoch| Event::Timer { kind, epoch };
    vec![
        ("contact: hola", says(10, "hola")),
        ("contact: 4", says(10, "4")),
        ("contact: ¡Salir!", says(10, "¡Salir!")),
        (
            "contact: a photo",
            Event::ContactMessage {
                message: m(10),
                words: None,
                rates: false,
                verdict: Verdict::Pass,
            },
        ),
        (
            "contact, rule hands off",
            says_under(10, "agente", Verdict::HandOff(request(2, false))),
        ),
        (
            "contact, rule hands off urgently",
            says_under(10, "agente", Verdict::HandOff(request(2, true))),
        ),
        ("contact, rule answers", says_under(10, "hora", answer())),
        ("contact, rule ignores", says_under(10, "spam", ignore())),
        ("contact leaves", Event::ContactLeft),
        ("bot speaks", bot_says(10, Verdict::Pass)),
        (
            "bot speaks, rule hands off",
            bot_says(10, Verdict::HandOff(request(2, false))),
        ),
        ("bot speaks, rule answers", bot_says(10, answer())),
        ("bot speaks, rule ignores", bot_says(10, ignore())),
        ("asked for", Event::Requested(request(2, false))),
        ("asked for urgently", Event::Requested(request(2, true))),
        ("asked for again", Event::Requested(request(1, true))),
        (
            "bot down",
            Event::BotUnavailable {
                message: m(10),
                candidate: h(2),
            },
        ),
        ("desk opened", opened(1)),
        ("desk opened for another", opened(9)),
        ("desk failed", failed(1)),
        ("desk failed for another", failed(9)),
        ("agent joins", joined(1)),
        ("agent joins another", joined(9)),
        ("agent speaks", agent_says(1, 10)),
        ("agent speaks in another", agent_says(9, 10)),
        ("desk closed", closed(1)),
        ("desk closed for another", closed(9)),
        ("desk gone", gone(1)),
        ("desk gone for another", gone(9)),
        ("end", end(None, EndReason::OperatorForced)),
        ("end this one", end(Some(1), EndReason::OutOfHours)),
        ("end another", end(Some(9), EndReason::OperatorForced)),
        ("timer no_agent #1", timer(TimerKind::NoAgent, 1)),
        ("timer agent_silent #2", timer(TimerKind::AgentSilent, 2)),
        ("timer user_silent #2", timer(TimerKind::UserSilent, 2)),
        ("timer agent_silent #3", timer(TimerKind::AgentSilent, 3)),
        ("timer stale", timer(TimerKind::NoAgent, 77)),
    ]
}

#[test]
fn the_transition_table_is_as_drawn() {
    let mut picture = String::new();
    for (name, state) in phases() {
        writeln!(picture, "## {name}: {}\n", render::state(&state)).unwrap();
        for (what, event) in events() {
            let step = at(&state, &event, NOON);
            let next = if step.next.phase == state.phase && step.next.timer == state.timer {
                "stays".to_owned()
            } else {
                format!("→ {}", render::state(&step.next))
            };
            write!(picture, "{what}: {next}").unwrap();
            if let Some(note) = step.note {
                write!(picture, " ({})", note.name()).unwrap();
            }
            writeln!(picture).unwrap();
            for effect in render::effects(&step, NOON) {
                writeln!(picture, "    {effect}").unwrap();
            }
        }
        writeln!(picture).unwrap();
    }
    insta::assert_snapshot!(picture);
}
