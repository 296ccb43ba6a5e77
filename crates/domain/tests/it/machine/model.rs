//! A second, independent book-keeper: it knows nothing of phases and only watches what goes
//! in and out of the machine.

use domain::conversation::Control;
use domain::handoff::{
    Effect, Event, Fact, HandoffPolicy, HandoffState, Ignored, Step, Verdict, step,
};
use domain::ids::{HandoffId, MessageId};
use domain::time::Timestamp;
use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub struct Watch {
    pub state: HandoffState,
    /// Every handoff that began, and whether it ended.
    begun: HashMap<HandoffId, bool>,
    /// Where each message went.
    delivered: HashSet<(&'static str, MessageId)>,
    facts: HashSet<(&'static str, HandoffId)>,
    last_epoch: u32,
}

impl Watch {
    /// Feeds one event and checks everything that must hold.
    pub fn feed(&mut self, event: &Event, policy: &HandoffPolicy, now: Timestamp) -> Step {
        let before = self.state.clone();
        let step = step(&before, event, policy, now);
        assert_eq!(step, domain::handoff::step(&before, event, policy, now));
        self.messages(event, &step, before.control());
        self.handoffs(&step);
        self.timers(event, &step, &before);
        self.silence(event, &step, &before);
        self.repeat(event, &step, policy, now);
        round_trip(&step.next);
        assert!(step.next.recent.len() <= HandoffState::REMEMBERED);
        assert!(step.next.past.len() <= HandoffState::REMEMBERED_HANDOFFS);
        self.state = step.next.clone();
        step
    }

    pub fn open(&self) -> Vec<HandoffId> {
        let open = self.begun.iter().filter(|(_, ended)| !**ended);
        open.map(|(handoff, _)| *handoff).collect()
    }

    fn messages(&mut self, event: &Event, step: &Step, control: Control) {
        for effect in &step.effects {
            let (way, message) = match effect {
                Effect::ForwardToBot { message } => {
                    let listens = step.next.episode().is_some_and(|e| e.bot_listens);
                    let heard = control == Control::Bot || listens;
                    assert!(heard, "forwarded while human");
                    (if listens { "overheard" } else { "inbound" }, *message)
                }
                Effect::RelayToDesk { message, handoff } => {
                    assert_eq!(control, Control::Human, "relayed while bot");
                    assert_eq!(self.open(), [*handoff], "relayed to another handoff");
                    ("inbound", *message)
                }
                Effect::RelayToContact { message } => {
                    assert_eq!(control, Control::Human, "agent speaks while bot");
                    ("outbound", *message)
                }
                _ => continue,
            };
            assert_eq!(
                own_message(event),
                Some(message),
                "a message of another event"
            );
            assert!(
                self.delivered.insert((way, message)),
                "{message} went {way} twice"
            );
        }
        if let Event::BotMessage { message, .. } = event
            && control == Control::Human
        {
            let muted = [Effect::MuteBotMessage { message: *message }];
            assert_eq!(step.effects, muted, "a bot message passed while human");
        }
        if matches!(event, Event::ContactMessage { .. }) {
            let accounted = !step.effects.is_empty() || step.note.is_some();
            assert!(accounted, "a contact's message vanished");
        }
    }

    fn handoffs(&mut self, step: &Step) {
        for effect in &step.effects {
            let Effect::Record(fact) = effect else {
                continue;
            };
            let (name, handoff) = match fact {
                Fact::Requested(episode) => {
                    assert!(self.open().is_empty(), "two handoffs at once");
                    let known = self.begun.insert(episode.handoff, false);
                    assert_eq!(known, None, "a handoff began twice");
                    ("requested", episode.handoff)
                }
                Fact::Ended { handoff, .. } => {
                    let ended = self.begun.insert(*handoff, true);
                    assert_eq!(ended, Some(false), "ended what was not open");
                    ("ended", *handoff)
                }
                Fact::Opened { handoff, .. } => ("opened", *handoff),
                Fact::Accepted { handoff, .. } => ("accepted", *handoff),
                Fact::FirstHuman { handoff, .. } => ("first human", *handoff),
                Fact::Rated { handoff, .. } => ("rated", *handoff),
            };
            if self.begun.contains_key(&handoff) {
                assert!(self.facts.insert((name, handoff)), "{name} twice");
            } else {
                assert_eq!(name, "opened", "{name} of a handoff that never began");
            }
        }
        let open = self.open();
        let under_way: Vec<_> = step.next.episode().map(|e| e.handoff).into_iter().collect();
        assert_eq!(
            open, under_way,
            "an open handoff and human control belong together"
        );
        assert_eq!(step.next.control() == Control::Human, !open.is_empty());
    }

    fn timers(&mut self, event: &Event, step: &Step, before: &HandoffState) {
        let mut running = before.timer.map(|t| (t.kind, t.epoch));
        for effect in &step.effects {
            match effect {
                Effect::ClearTimers => running = None,
                Effect::SetTimer { kind, epoch, .. } => {
                    assert!(*epoch > self.last_epoch, "an epoch came twice");
                    let same_kind = running.is_none_or(|(other, _)| other == *kind);
                    assert!(same_kind, "a second timer was set beside the first");
                    self.last_epoch = *epoch;
                    running = Some((*kind, *epoch));
                }
                _ => {}
            }
        }
        assert_eq!(running, step.next.timer.map(|t| (t.kind, t.epoch)));
        if let Event::Timer { kind, epoch } = event
            && before.timer.map(|t| (t.kind, t.epoch)) != Some((*kind, *epoch))
        {
            assert_eq!(step.note, Some(Ignored::StaleTimer));
            assert_eq!(step.effects, []);
            assert_eq!(step.next, *before);
        }
    }

    /// What is noted changes nothing, but for the exceptions that `Step::note` names.
    fn silence(&self, event: &Event, step: &Step, before: &HandoffState) {
        let Some(note) = step.note else { return };
        assert_eq!(step.next.episode(), before.episode());
        assert_eq!(step.next.timer, before.timer);
        let excepted = match (note, event) {
            (Ignored::CoolingDown, Event::ContactMessage { .. })
            | (Ignored::OtherHandoff, Event::DeskOpened { .. })
            | (Ignored::IgnoredByRule, Event::BotMessage { .. }) => true,
            // cooled down and repeated at once is a repeat of the candidate, not of the message
            (Ignored::Repeated, Event::ContactMessage { verdict, .. }) => {
                matches!(verdict, Verdict::HandOff(_))
            }
            _ => false,
        };
        assert!(excepted || step.effects.is_empty(), "{note:?} with effects");
    }

    /// The same event once more does nothing, unless doing it again is harmless and meant.
    fn repeat(&self, event: &Event, step: &Step, policy: &HandoffPolicy, now: Timestamp) {
        let again = domain::handoff::step(&step.next, event, policy, now);
        let meant = match event {
            Event::BotMessage { .. } | Event::BotUnavailable { .. } => true,
            Event::DeskOpened { handoff, .. } => !self.begun.contains_key(handoff),
            _ => false,
        };
        assert!(meant || again.effects.is_empty(), "{event:?} did it again");
        assert_eq!(again.next.episode(), step.next.episode());
    }
}

fn own_message(event: &Event) -> Option<MessageId> {
    match event {
        Event::ContactMessage { message, .. }
        | Event::BotMessage { message, .. }
        | Event::AgentMessage { message, .. } => Some(*message),
        _ => None,
    }
}

fn round_trip(state: &HandoffState) {
    let written = serde_json::to_string(state).unwrap();
    let read: HandoffState = serde_json::from_str(&written).unwrap();
    assert_eq!(*state, read, "{written}");
}
