//! An agent has it.

use super::super::fixtures::*;
use super::{Row, check, timer};
use domain::handoff::{EndReason, Event, TimerKind};

#[test]
fn while_an_agent_has_it() {
    check(
        "active",
        &after(&[
            Event::Requested(request(1, true)),
            opened(1),
            agent_says(1, 90),
        ]),
        &[
            (
                says(10, "hola"),
                Row(
                    "contact",
                    "active",
                    &[
                        "m10 to desk h1",
                        "stop timers",
                        "timer agent_silent #3 in 10 min",
                    ],
                    "-",
                ),
            ),
            (
                says(10, "4"),
                Row(
                    "contact says a number",
                    "active",
                    &[
                        "m10 to desk h1",
                        "stop timers",
                        "timer agent_silent #3 in 10 min",
                    ],
                    "-",
                ),
            ),
            (
                says(10, "Sálir"),
                Row(
                    "contact ends",
                    "bot",
                    &[
                        "tell desk: contact ended",
                        "close desk h1",
                        "«/start» to bot",
                        "event ended h1 user_ended",
                        "stop timers",
                        "record ended h1 user_ended",
                    ],
                    "-",
                ),
            ),
            (
                Event::ContactLeft,
                Row(
                    "left",
                    "bot",
                    &[
                        "tell desk: contact ended",
                        "close desk h1",
                        "event ended h1 user_ended",
                        "stop timers",
                        "record ended h1 user_ended",
                    ],
                    "-",
                ),
            ),
            (
                bot_says(10, ignore()),
                Row("bot speaks", "active", &["mute m10"], "-"),
            ),
            (
                Event::Requested(request(2, true)),
                Row("asked for", "active", &[], "already_handed_off"),
            ),
            (
                Event::BotUnavailable {
                    message: m(10),
                    candidate: h(2),
                },
                Row("bot down", "active", &[], "already_handed_off"),
            ),
            (
                opened(1),
                Row("desk opened again", "active", &[], "repeated"),
            ),
            (failed(1), Row("desk failed", "active", &[], "overtaken")),
            (
                gone(1),
                Row(
                    "desk gone",
                    "bot",
                    &[
                        "say «no luck»",
                        "«/start» to bot",
                        "event ended h1 error",
                        "stop timers",
                        "record ended h1 error",
                    ],
                    "-",
                ),
            ),
            (
                joined(1),
                Row("agent joins after all", "active", &[], "repeated"),
            ),
            (
                agent_says(1, 10),
                Row(
                    "agent speaks",
                    "active",
                    &[
                        "m10 to contact",
                        "event message m10",
                        "timer user_silent #3 in 20 min",
                    ],
                    "-",
                ),
            ),
            (
                agent_says(1, 90),
                Row(
                    "agent speaks again, same message",
                    "active",
                    &[],
                    "repeated",
                ),
            ),
            (
                agent_says(9, 10),
                Row("agent speaks elsewhere", "active", &[], "other_handoff"),
            ),
            (
                closed(1),
                Row(
                    "desk closed",
                    "bot",
                    &[
                        "say «goodbye»",
                        "ask «how was it»",
                        "«/start» to bot",
                        "event ended h1 agent_closed",
                        "stop timers",
                        "record ended h1 agent_closed",
                    ],
                    "-",
                ),
            ),
            (
                end(None, EndReason::OutOfHours),
                Row(
                    "end",
                    "bot",
                    &[
                        "say «nobody there»",
                        "tell desk: out_of_hours",
                        "close desk h1",
                        "«/start» to bot",
                        "event ended h1 out_of_hours",
                        "stop timers",
                        "record ended h1 out_of_hours",
                    ],
                    "-",
                ),
            ),
            (
                timer(TimerKind::UserSilent, 2),
                Row(
                    "timer",
                    "bot",
                    &[
                        "say «so quiet»",
                        "tell desk: user_inactive",
                        "close desk h1",
                        "«/start» to bot",
                        "event ended h1 user_inactive",
                        "stop timers",
                        "record ended h1 user_inactive",
                    ],
                    "-",
                ),
            ),
            (
                timer(TimerKind::UserSilent, 1),
                Row("stale timer", "active", &[], "stale_timer"),
            ),
        ],
    );
}
