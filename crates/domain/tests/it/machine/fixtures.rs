//! A policy with everything switched on, states reached by real steps, and short names.

use domain::handoff::{
    AgentRef, ClosePolicy, EndReason, Event, HandoffOptions, HandoffPolicy, HandoffReason,
    HandoffRequest, HandoffState, PolicyTexts, RatingPolicy, Step, Timeouts, Verdict, step,
};
use domain::ids::{HandoffId, MessageId, RuleId};
use domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// The instant at which the tables are read.
pub const NOON: Timestamp = Timestamp(1_800_000_000_000);

pub fn h(n: u128) -> HandoffId {
    HandoffId(Uuid::from_u128(n))
}

pub fn m(n: u128) -> MessageId {
    MessageId(Uuid::from_u128(n))
}

pub fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

pub fn ana() -> AgentRef {
    AgentRef {
        id: 7,
        name: Some("Ana".to_owned()),
    }
}

pub fn policy() -> HandoffPolicy {
    let text = str::to_owned;
    HandoffPolicy {
        texts: PolicyTexts {
            requested: text("hold on"),
            agent_joined: text("{agent} is here"),
            agent_unnamed: text("someone"),
            goodbye: text("goodbye"),
            nobody_available: text("nobody there"),
            out_of_hours: text("closed now"),
            inactive: text("so quiet"),
            error: text("no luck"),
            bot_down: text("bot is ill"),
        },
        timeouts: Timeouts {
            no_agent_minutes: 15,
            agent_silent_minutes: 10,
            user_silent_minutes: 20,
        },
        close: ClosePolicy {
            goodbye: true,
            rating: Some(RatingPolicy {
                question: text("how was it"),
                thanks: text("thanks"),
                wait_minutes: 60,
                ..RatingPolicy::default()
            }),
            restart_bot_with: text("/start"),
        },
        cooldown_minutes: 5,
        end_words: vec![text("salir"), text("Terminar chat")],
        ..HandoffPolicy::default()
    }
}

pub fn request(n: u128, urgent: bool) -> HandoffRequest {
    HandoffRequest {
        candidate: h(n),
        reason: HandoffReason::Keyword,
        rule: Some(RuleId(Uuid::from_u128(40))),
        options: HandoffOptions::default(),
        close: None,
        urgent,
    }
}

pub fn says(n: u128, words: &str) -> Event {
    says_under(n, words, Verdict::Pass)
}

pub fn says_under(n: u128, words: &str, verdict: Verdict) -> Event {
    Event::ContactMessage {
        message: m(n),
        words: Some(words.to_owned()),
        rates: false,
        verdict,
    }
}

pub fn bot_says(n: u128, verdict: Verdict) -> Event {
    Event::BotMessage {
        message: m(n),
        numbered: false,
        verdict,
    }
}

pub fn answer() -> Verdict {
    Verdict::Answer {
        rule: RuleId(Uuid::from_u128(41)),
        text: "we open at nine".to_owned(),
    }
}

pub fn ignore() -> Verdict {
    Verdict::Ignore {
        rule: RuleId(Uuid::from_u128(42)),
    }
}

pub fn opened(n: u128) -> Event {
    Event::DeskOpened {
        handoff: h(n),
        desk_conversation: 500,
    }
}

pub fn joined(n: u128) -> Event {
    Event::AgentJoined {
        handoff: h(n),
        agent: ana(),
    }
}

pub fn agent_says(handoff: u128, message: u128) -> Event {
    Event::AgentMessage {
        handoff: h(handoff),
        message: m(message),
        agent: ana(),
    }
}

pub fn closed(n: u128) -> Event {
    Event::DeskClosed { handoff: h(n) }
}

pub fn failed(n: u128) -> Event {
    Event::DeskFailed { handoff: h(n) }
}

pub fn gone(n: u128) -> Event {
    Event::DeskGone { handoff: h(n) }
}

pub fn end(only: Option<u128>, reason: EndReason) -> Event {
    Event::EndRequested {
        handoff: only.map(h),
        reason,
    }
}

/// The state after these events, all at the same instant.
pub fn after(events: &[Event]) -> HandoffState {
    after_at(events, NOON)
}

pub fn after_at(events: &[Event], now: Timestamp) -> HandoffState {
    events.iter().fold(HandoffState::default(), |state, event| {
        step(&state, event, &policy(), now).next
    })
}

pub fn at(state: &HandoffState, event: &Event, now: Timestamp) -> Step {
    step(state, event, &policy(), now)
}

/// The rows of every table: where a conversation can stand. Handoff 1 is under way or the
/// last one.
pub fn phases() -> Vec<(&'static str, HandoffState)> {
    let asked = Event::Requested(request(1, true));
    let an_hour_ago = NOON.before(minutes(61));
    vec![
        ("bot", HandoffState::default()),
        (
            "bot, cooling down",
            after_at(
                &[
                    asked.clone(),
                    opened(1),
                    end(None, EndReason::OperatorForced),
                ],
                NOON.before(minutes(1)),
            ),
        ),
        (
            "bot, rating asked",
            after_at(
                &[asked.clone(), opened(1), agent_says(1, 90), closed(1)],
                NOON.before(minutes(10)),
            ),
        ),
        (
            "bot, rating expired",
            after_at(
                &[asked.clone(), opened(1), agent_says(1, 90), closed(1)],
                an_hour_ago,
            ),
        ),
        ("requested", after(std::slice::from_ref(&asked))),
        (
            "requested, agent joined early",
            after(&[asked.clone(), joined(1)]),
        ),
        (
            "requested, agent wrote early",
            after(&[asked.clone(), agent_says(1, 90)]),
        ),
        ("waiting", after(&[asked.clone(), opened(1)])),
        (
            "active, joined",
            after(&[asked.clone(), opened(1), joined(1)]),
        ),
        (
            "active, agent spoke last",
            after(&[asked.clone(), opened(1), agent_says(1, 90)]),
        ),
        (
            "active, contact spoke last",
            after(&[asked, opened(1), agent_says(1, 90), says(91, "hola")]),
        ),
    ]
}
