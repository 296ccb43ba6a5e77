//! Steps as lines that a person can read.

use domain::handoff::{
    BotEvent, DeskNote, Effect, Fact, HandoffState, Ignored, Phase, RunningTimer, Step,
};
use domain::ids::{HandoffId, MessageId};
use domain::time::Timestamp;

pub fn note(note: Option<Ignored>) -> &'static str {
    note.map_or("-", Ignored::name)
}

pub fn effects(step: &Step, now: Timestamp) -> Vec<String> {
    step.effects.iter().map(|e| effect(e, now)).collect()
}

/// The state in one line; messages remembered are left out.
pub fn state(state: &HandoffState) -> String {
    let mut line = match &state.phase {
        Phase::Bot { rating: None, .. } => "bot".to_owned(),
        Phase::Bot {
            rating: Some(wait), ..
        } => format!("bot awaiting rating of {}", hid(wait.handoff)),
        Phase::Requested { episode, early } => match early {
            None => format!("requested {}", hid(episode.handoff)),
            Some(e) => format!(
                "requested {} with agent {}{}",
                hid(episode.handoff),
                e.agent.id,
                if e.answered { " who answered" } else { "" }
            ),
        },
        Phase::Waiting {
            episode,
            desk_conversation,
        } => format!("waiting {} at {desk_conversation}", hid(episode.handoff)),
        Phase::Active {
            episode,
            desk_conversation,
            agent,
            answered,
        } => format!(
            "active {} at {desk_conversation} with agent {}{}",
            hid(episode.handoff),
            agent.id,
            if *answered { " who answered" } else { "" }
        ),
    };
    if let Some(RunningTimer { kind, epoch }) = state.timer {
        line.push_str(&format!(", {} #{epoch}", kind.name()));
    }
    line
}

fn effect(effect: &Effect, now: Timestamp) -> String {
    match effect {
        Effect::ForwardToBot { message } => format!("{} to bot", mid(*message)),
        Effect::OpenDesk { handoff } => format!("open desk {}", hid(*handoff)),
        Effect::RelayToDesk { handoff, message } => {
            format!("{} to desk {}", mid(*message), hid(*handoff))
        }
        Effect::RelayToContact { message } => format!("{} to contact", mid(*message)),
        Effect::MuteBotMessage { message } => format!("mute {}", mid(*message)),
        Effect::Say(notice) if notice.rating.is_some() => format!("ask «{}»", notice.text),
        Effect::Say(notice) => format!("say «{}»", notice.text),
        Effect::TellDesk { note, .. } => match note {
            DeskNote::ContactEnded => "tell desk: contact ended".to_owned(),
            DeskNote::Ended(reason) => format!("tell desk: {}", reason.name()),
        },
        Effect::CloseDesk { handoff } => format!("close desk {}", hid(*handoff)),
        Effect::BotEvent(event) => match event {
            BotEvent::Requested { handoff } => format!("event requested {}", hid(*handoff)),
            BotEvent::Accepted { handoff } => format!("event accepted {}", hid(*handoff)),
            BotEvent::Ended { handoff, reason } => {
                format!("event ended {} {}", hid(*handoff), reason.name())
            }
            BotEvent::AgentMessage { message, .. } => format!("event message {}", mid(*message)),
        },
        Effect::SyntheticToBot { text } => format!("«{text}» to bot"),
        Effect::ReturnBacklog { handoff, heard } => {
            let to = if *heard { "nobody" } else { "bot" };
            format!("backlog {} to {to}", hid(*handoff))
        }
        Effect::SetTimer { kind, epoch, due } => format!(
            "timer {} #{epoch} in {} min",
            kind.name(),
            due.since(now).as_secs() / 60
        ),
        Effect::ClearTimers => "stop timers".to_owned(),
        Effect::Record(fact) => match fact {
            Fact::Requested(e) => {
                format!("record requested {} {}", hid(e.handoff), e.reason.name())
            }
            Fact::Opened { handoff, .. } => format!("record opened {}", hid(*handoff)),
            Fact::Accepted { handoff, .. } => format!("record accepted {}", hid(*handoff)),
            Fact::FirstHuman { handoff, .. } => format!("record first human {}", hid(*handoff)),
            Fact::Ended { handoff, reason } => {
                format!("record ended {} {}", hid(*handoff), reason.name())
            }
            Fact::Rated { handoff, stars } => format!("record rated {} {stars}", hid(*handoff)),
        },
    }
}

fn hid(id: HandoffId) -> String {
    format!("h{}", id.0.as_u128())
}

fn mid(id: MessageId) -> String {
    format!("m{}", id.0.as_u128())
}
