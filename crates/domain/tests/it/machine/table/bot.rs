//! The bot has control.

use super::super::fixtures::*;
use super::{Row, check, timer};
use domain::handoff::{EndReason, Event, HandoffState, TimerKind, Verdict};

const BEGIN: &[&str] = &[
    "record requested h2 keyword",
    "say «hold on»",
    "open desk h2",
    "event requested h2",
    "timer no_agent #1 in 15 min",
];

#[test]
fn while_the_bot_has_control() {
    check(
        "bot",
        &HandoffState::default(),
        &[
            (
                says(10, "hola"),
                Row("contact", "bot", &["m10 to bot"], "-"),
            ),
            (
                says_under(10, "agente", Verdict::HandOff(request(2, false))),
                Row("contact, rule hands off", "requested", BEGIN, "-"),
            ),
            (
                says_under(10, "hora", answer()),
                Row(
                    "contact, rule answers",
                    "bot",
                    &["say «we open at nine»"],
                    "-",
                ),
            ),
            (
                says_under(10, "spam", ignore()),
                Row("contact, rule ignores", "bot", &[], "ignored_by_rule"),
            ),
            (Event::ContactLeft, Row("left", "bot", &[], "no_handoff")),
            (
                bot_says(10, Verdict::Pass),
                Row("bot speaks", "bot", &[], "-"),
            ),
            (
                bot_says(10, Verdict::HandOff(request(2, false))),
                Row("bot speaks, rule hands off", "requested", BEGIN, "-"),
            ),
            (
                Event::Requested(request(2, false)),
                Row("asked for", "requested", BEGIN, "-"),
            ),
            (
                Event::BotUnavailable {
                    message: m(10),
                    candidate: h(2),
                },
                Row(
                    "bot down",
                    "requested",
                    &[
                        "record requested h2 bot_unavailable",
                        "say «hold on»",
                        "open desk h2",
                        "event requested h2",
                        "timer no_agent #1 in 15 min",
                    ],
                    "-",
                ),
            ),
            (
                opened(9),
                Row(
                    "desk opened too late",
                    "bot",
                    &["record opened h9", "close desk h9"],
                    "other_handoff",
                ),
            ),
            (failed(9), Row("desk failed", "bot", &[], "other_handoff")),
            (gone(9), Row("desk gone", "bot", &[], "other_handoff")),
            (joined(9), Row("agent joins", "bot", &[], "other_handoff")),
            (
                agent_says(9, 10),
                Row("agent speaks", "bot", &[], "other_handoff"),
            ),
            (closed(9), Row("desk closed", "bot", &[], "other_handoff")),
            (
                end(None, EndReason::OperatorForced),
                Row("end", "bot", &[], "no_handoff"),
            ),
            (
                end(Some(9), EndReason::OperatorForced),
                Row("end of another", "bot", &[], "other_handoff"),
            ),
            (
                timer(TimerKind::NoAgent, 0),
                Row("timer", "bot", &[], "stale_timer"),
            ),
        ],
    );
}
