//! Open at the desk, nobody has taken it.

use super::super::fixtures::*;
use super::{Row, check, timer};
use domain::handoff::{EndReason, Event, TimerKind, Verdict};

#[test]
fn while_nobody_has_taken_it() {
    check(
        "waiting",
        &after(&[Event::Requested(request(1, true)), opened(1)]),
        &[
            (
                says(10, "hola"),
                Row("contact", "waiting", &["m10 to desk h1"], "-"),
            ),
            (
                says(10, "salir"),
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
                bot_says(10, Verdict::Pass),
                Row("bot speaks", "waiting", &["mute m10"], "-"),
            ),
            (
                Event::Requested(request(2, true)),
                Row("asked for", "waiting", &[], "already_handed_off"),
            ),
            (
                Event::BotUnavailable {
                    message: m(10),
                    candidate: h(2),
                },
                Row("bot down", "waiting", &[], "already_handed_off"),
            ),
            (
                opened(1),
                Row("desk opened again", "waiting", &[], "repeated"),
            ),
            (
                opened(9),
                Row(
                    "desk opened for another",
                    "waiting",
                    &["record opened h9", "close desk h9"],
                    "other_handoff",
                ),
            ),
            (failed(1), Row("desk failed", "waiting", &[], "overtaken")),
            (
                joined(1),
                Row(
                    "agent joins",
                    "active",
                    &[
                        "record accepted h1",
                        "say «Ana is here»",
                        "event accepted h1",
                        "stop timers",
                        "timer agent_silent #2 in 10 min",
                    ],
                    "-",
                ),
            ),
            (
                agent_says(1, 10),
                Row(
                    "agent speaks",
                    "active",
                    &[
                        "record accepted h1",
                        "say «Ana is here»",
                        "event accepted h1",
                        "m10 to contact",
                        "event message m10",
                        "record first human h1",
                        "stop timers",
                        "timer user_silent #2 in 20 min",
                    ],
                    "-",
                ),
            ),
            (
                joined(9),
                Row("agent joins another", "waiting", &[], "other_handoff"),
            ),
            (
                closed(1),
                Row(
                    "desk closed",
                    "bot",
                    &[
                        "say «goodbye»",
                        "«/start» to bot",
                        "event ended h1 agent_closed",
                        "stop timers",
                        "record ended h1 agent_closed",
                    ],
                    "-",
                ),
            ),
            (
                closed(9),
                Row("desk closed, other", "waiting", &[], "other_handoff"),
            ),
            (
                end(Some(1), EndReason::ChannelWindowClosed),
                Row(
                    "end",
                    "bot",
                    &[
                        "tell desk: channel_window_closed",
                        "close desk h1",
                        "«/start» to bot",
                        "event ended h1 channel_window_closed",
                        "stop timers",
                        "record ended h1 channel_window_closed",
                    ],
                    "-",
                ),
            ),
            (
                timer(TimerKind::NoAgent, 1),
                Row(
                    "timer",
                    "bot",
                    &[
                        "say «nobody there»",
                        "tell desk: no_agent_timeout",
                        "close desk h1",
                        "«/start» to bot",
                        "event ended h1 no_agent_timeout",
                        "stop timers",
                        "record ended h1 no_agent_timeout",
                    ],
                    "-",
                ),
            ),
            (
                timer(TimerKind::UserSilent, 1),
                Row("another timer", "waiting", &[], "stale_timer"),
            ),
        ],
    );
}
