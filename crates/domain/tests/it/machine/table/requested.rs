//! The desk is being opened.

use super::super::fixtures::*;
use super::{Row, check, timer};
use domain::handoff::{EndReason, Event, TimerKind, Verdict};

#[test]
fn while_the_desk_is_being_opened() {
    check(
        "requested",
        &after(&[Event::Requested(request(1, true))]),
        &[
            (
                says(10, "hola"),
                Row("contact", "requested", &["m10 to desk h1"], "-"),
            ),
            (
                says_under(10, "agente", Verdict::HandOff(request(2, true))),
                Row(
                    "contact, verdict is not looked at",
                    "requested",
                    &["m10 to desk h1"],
                    "-",
                ),
            ),
            (
                says(10, "terminar CHAT"),
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
                bot_says(10, Verdict::HandOff(request(2, true))),
                Row("bot speaks", "requested", &["mute m10"], "-"),
            ),
            (
                Event::Requested(request(2, true)),
                Row("asked for", "requested", &[], "already_handed_off"),
            ),
            (
                Event::BotUnavailable {
                    message: m(10),
                    candidate: h(2),
                },
                Row("bot down", "requested", &[], "already_handed_off"),
            ),
            (
                opened(1),
                Row("desk opened", "waiting", &["record opened h1"], "-"),
            ),
            (
                failed(1),
                Row(
                    "desk failed",
                    "bot",
                    &[
                        "say «no luck»",
                        "backlog h1 to bot",
                        "event ended h1 error",
                        "stop timers",
                        "record ended h1 error",
                    ],
                    "-",
                ),
            ),
            (gone(1), Row("desk gone", "requested", &[], "overtaken")),
            (
                failed(9),
                Row("desk failed, other", "requested", &[], "other_handoff"),
            ),
            (
                joined(1),
                Row(
                    "agent joins early",
                    "requested",
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
                    "agent speaks early",
                    "requested",
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
                agent_says(9, 10),
                Row("agent speaks elsewhere", "requested", &[], "other_handoff"),
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
                end(None, EndReason::OperatorForced),
                Row(
                    "end",
                    "bot",
                    &[
                        "tell desk: operator_forced",
                        "close desk h1",
                        "backlog h1 to bot",
                        "event ended h1 operator_forced",
                        "stop timers",
                        "record ended h1 operator_forced",
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
                        "backlog h1 to bot",
                        "event ended h1 no_agent_timeout",
                        "stop timers",
                        "record ended h1 no_agent_timeout",
                    ],
                    "-",
                ),
            ),
            (
                timer(TimerKind::NoAgent, 0),
                Row("stale timer", "requested", &[], "stale_timer"),
            ),
        ],
    );
}
