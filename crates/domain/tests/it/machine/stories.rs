//! What a table of single steps cannot show: what one step leaves for the next.

use super::fixtures::*;
use super::render;
use domain::handoff::{
    AgentRef, ClosePolicy, EndReason, Event, HandoffPolicy, HandoffState, Phase, Timeouts, Verdict,
    step,
};

/// Every effect of these events, one after the other, at the same instant.
fn story(events: &[Event]) -> (HandoffState, Vec<String>) {
    let mut told = Vec::new();
    let state = events.iter().fold(HandoffState::default(), |state, event| {
        let step = at(&state, event, NOON);
        told.extend(render::effects(&step, NOON));
        step.next
    });
    (state, told)
}

#[test]
fn an_agent_faster_than_our_own_call_is_not_lost() {
    let (state, told) = story(&[
        Event::Requested(request(1, true)),
        agent_says(1, 10),
        says(11, "gracias"),
        joined(1),
        opened(1),
    ]);
    assert_eq!(
        render::state(&state),
        "active h1 at 500 with agent 7 who answered, agent_silent #3"
    );
    assert_eq!(
        told,
        [
            "record requested h1 keyword",
            "say «hold on»",
            "open desk h1",
            "event requested h1",
            "timer no_agent #1 in 15 min",
            "record accepted h1",
            "say «Ana is here»",
            "event accepted h1",
            "m10 to contact",
            "event message m10",
            "record first human h1",
            "stop timers",
            "timer user_silent #2 in 20 min",
            "m11 to desk h1",
            "stop timers",
            "timer agent_silent #3 in 10 min",
            "record opened h1",
        ]
    );
}

#[test]
fn a_conversation_that_opens_after_the_end_is_closed_once() {
    let ended = after(&[
        Event::Requested(request(1, true)),
        end(None, EndReason::OperatorForced),
        Event::Requested(request(2, true)),
    ]);
    let late = at(&ended, &opened(1), NOON);
    assert_eq!(
        render::effects(&late, NOON),
        ["record opened h1", "close desk h1"]
    );
    assert_eq!(late.next.phase, ended.phase);
    let again = at(&late.next, &opened(1), NOON);
    assert_eq!(again.effects, []);
    assert_eq!(render::note(again.note), "repeated");
}

#[test]
fn a_failed_opening_with_an_agent_inside_is_closed_as_well() {
    let early = after(&[Event::Requested(request(1, true)), joined(1)]);
    assert_eq!(
        render::effects(&at(&early, &failed(1), NOON), NOON),
        [
            "say «no luck»",
            "tell desk: error",
            "close desk h1",
            "«/start» to bot",
            "event ended h1 error",
            "stop timers",
            "record ended h1 error",
        ]
    );
}

#[test]
fn a_contact_who_goes_on_asking_does_not_wait_longer_for_the_agents_silence_to_count() {
    let waiting_for_agent = after(&[
        Event::Requested(request(1, true)),
        opened(1),
        joined(1),
        says(10, "hola"),
    ]);
    let step = at(&waiting_for_agent, &says(11, "¿hola?"), NOON);
    assert_eq!(render::effects(&step, NOON), ["m11 to desk h1"]);
    assert_eq!(step.next.timer, waiting_for_agent.timer);
}

#[test]
fn a_rating_is_recorded_and_not_shown_to_the_bot() {
    let asked = after(&[
        Event::Requested(request(1, true)),
        opened(1),
        agent_says(1, 10),
        closed(1),
    ]);
    let rated = at(&asked, &says(11, "5 - excelente"), NOON);
    assert_eq!(
        render::effects(&rated, NOON),
        ["record rated h1 5", "say «thanks»"]
    );
    let next = at(&rated.next, &says(12, "5"), NOON);
    assert_eq!(render::effects(&next, NOON), ["m12 to bot"]);
}

#[test]
fn another_message_closes_the_rating_question() {
    let asked = after(&[
        Event::Requested(request(1, true)),
        opened(1),
        agent_says(1, 10),
        closed(1),
    ]);
    let other = at(&asked, &says(11, "otra pregunta"), NOON);
    assert_eq!(render::effects(&other, NOON), ["m11 to bot"]);
    let late = at(&other.next, &says(12, "5"), NOON);
    assert_eq!(render::effects(&late, NOON), ["m12 to bot"]);
}

#[test]
fn after_a_numbered_menu_only_a_tap_on_the_questions_own_answers_rates() {
    let asked = after(&[
        Event::Requested(request(1, true)),
        opened(1),
        agent_says(1, 10),
        closed(1),
        Event::BotMessage {
            message: m(11),
            numbered: true,
            verdict: Verdict::Pass,
        },
    ]);
    let typed = at(&asked, &says(12, "2"), NOON);
    assert_eq!(render::effects(&typed, NOON), ["m12 to bot"]);
    let tap = |n: u128| Event::ContactMessage {
        message: m(n),
        words: Some("2".to_owned()),
        rates: true,
        verdict: Verdict::Pass,
    };
    let tapped = at(&asked, &tap(12), NOON);
    assert_eq!(
        render::effects(&tapped, NOON),
        ["record rated h1 2", "say «thanks»"]
    );
    // Having answered the bot's question, the contact has left ours behind.
    let late = at(&typed.next, &tap(13), NOON);
    assert_eq!(render::effects(&late, NOON), ["m13 to bot"]);
}

#[test]
fn the_cooldown_ends_to_the_minute_and_does_not_hold_the_urgent() {
    let released = after(&[
        Event::Requested(request(1, true)),
        end(None, EndReason::OperatorForced),
    ]);
    let rule = says_under(10, "agente", Verdict::HandOff(request(2, false)));
    let urgent = says_under(10, "agente", Verdict::HandOff(request(2, true)));
    let just_before = NOON
        .after(minutes(5))
        .before(std::time::Duration::from_millis(1));
    let held = at(&released, &rule, just_before);
    assert_eq!(render::effects(&held, NOON), ["m10 to bot"]);
    assert_eq!(render::note(held.note), "cooling_down");
    assert_eq!(
        at(&released, &urgent, just_before).next.phase_name(),
        "requested"
    );
    let later = at(&released, &rule, NOON.after(minutes(5)));
    assert_eq!(later.next.phase_name(), "requested");
}

#[test]
fn an_agent_without_a_name_is_introduced_all_the_same() {
    let waiting = after(&[Event::Requested(request(1, true)), opened(1)]);
    let event = Event::AgentJoined {
        handoff: h(1),
        agent: AgentRef { id: 8, name: None },
    };
    let step = at(&waiting, &event, NOON);
    assert!(render::effects(&step, NOON).contains(&"say «someone is here»".to_owned()));
}

#[test]
fn a_rules_own_notice_and_close_policy_count() {
    let mut wanted = request(1, true);
    wanted.options.notice = Some(String::new());
    wanted.close = Some(ClosePolicy::default());
    let (_, told) = story(&[
        Event::Requested(wanted),
        opened(1),
        agent_says(1, 10),
        closed(1),
    ]);
    assert!(!told.iter().any(|t| t.contains("hold on")), "{told:?}");
    assert!(!told.iter().any(|t| t.contains("goodbye")), "{told:?}");
    assert!(!told.iter().any(|t| t.starts_with("ask")), "{told:?}");
    assert!(!told.iter().any(|t| t.contains("/start")), "{told:?}");
}

#[test]
fn timers_that_are_switched_off_are_never_set() {
    let policy = HandoffPolicy {
        timeouts: Timeouts {
            no_agent_minutes: 0,
            agent_silent_minutes: 0,
            user_silent_minutes: 0,
        },
        ..policy()
    };
    let events = [
        Event::Requested(request(1, true)),
        opened(1),
        joined(1),
        says(10, "hola"),
        agent_says(1, 11),
    ];
    let mut state = HandoffState::default();
    for event in events {
        let step = step(&state, &event, &policy, NOON);
        assert!(
            !render::effects(&step, NOON)
                .iter()
                .any(|e| e.contains("timer")),
            "{event:?}"
        );
        state = step.next;
    }
    assert_eq!(state.timer, None);
}

#[test]
fn a_state_written_before_timers_were_kept_is_still_read() {
    let old = r#"{"phase":{"phase":"bot"},"epoch":3}"#;
    let state: HandoffState = serde_json::from_str(old).unwrap();
    assert!(matches!(state.phase, Phase::Bot { rating: None, .. }));
    assert_eq!(state.epoch, 3);
}
