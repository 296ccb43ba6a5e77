//! What a tenant decides about its handoffs.

use crate::message::{OptionAction, OptionItem, OptionList};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Texts, timeouts and what happens at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HandoffPolicy {
    /// What contacts are told; an empty text is not said.
    pub texts: PolicyTexts,
    /// How long to wait for whom.
    pub timeouts: Timeouts,
    /// What happens when a handoff ends.
    pub close: ClosePolicy,
    /// Minutes after a release in which rules do not hand off again (unless urgent).
    pub cooldown_minutes: u32,
    /// Words by which the contact ends the handoff, compared accent- and case-insensitively
    /// as a whole message.
    pub end_words: Vec<String>,
    /// What the bot hears while a human has control. What it says is muted either way.
    pub bot_standby: BotStandby,
    /// What happens when the bot's endpoint stays down.
    pub bot_down: BotDownAction,
    /// Minutes without any success after which the bot's endpoint counts as down.
    pub bot_down_after_minutes: u32,
    /// Minutes after which an unreachable desk fails the handoff.
    pub desk_down_after_minutes: u32,
    /// How many of the last messages open the conversation at the desk.
    pub transcript_messages: u32,
    /// Put the agent's name before their words.
    pub agent_name_prefix: bool,
    /// Synthetic e-mail of a contact at the desk: `{channel}`, `{contact}`, `{tenant}`.
    pub client_email: String,
    /// Send files that Let's Talk does not accept as a link instead of `application/octet-stream`.
    pub foreign_files_as_link: bool,
}

impl Default for HandoffPolicy {
    fn default() -> Self {
        Self {
            texts: PolicyTexts::default(),
            timeouts: Timeouts::default(),
            close: ClosePolicy::default(),
            cooldown_minutes: 0,
            end_words: Vec::new(),
            bot_standby: BotStandby::default(),
            bot_down: BotDownAction::default(),
            bot_down_after_minutes: 2,
            desk_down_after_minutes: 10,
            transcript_messages: 50,
            agent_name_prefix: false,
            client_email: "{channel}-{contact}@{tenant}.relevo.invalid".to_owned(),
            foreign_files_as_link: false,
        }
    }
}

impl HandoffPolicy {
    /// The policy as it holds inside or outside business hours: outside, who asks for a person is
    /// told so.
    #[must_use]
    pub fn when(&self, open: bool) -> Cow<'_, Self> {
        if open || self.texts.out_of_hours.trim().is_empty() {
            return Cow::Borrowed(self);
        }
        let mut closed = self.clone();
        closed.texts.requested.clone_from(&self.texts.out_of_hours);
        Cow::Owned(closed)
    }
}

/// What contacts are told. The defaults are Spanish; a tenant writes its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyTexts {
    /// When a handoff is requested.
    pub requested: String,
    /// When an agent joins; `{agente}` is their name ([`crate::variables`]).
    pub agent_joined: String,
    /// Stands for `{agente}` when the desk did not tell the name.
    pub agent_unnamed: String,
    /// When the agent has closed.
    pub goodbye: String,
    /// Said instead of `requested` outside business hours; empty = `requested` is said then, too.
    pub out_of_hours: String,
    /// When nobody came in time.
    pub nobody_available: String,
    /// When the handoff ended because somebody fell silent.
    pub inactive: String,
    /// When the desk could not be reached.
    pub error: String,
    /// When the bot does not answer and the policy is to say so.
    pub bot_down: String,
}

impl Default for PolicyTexts {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            requested: text(
                "Te comunico con una persona de nuestro equipo. Enseguida te atienden.",
            ),
            agent_joined: String::new(),
            out_of_hours: text(
                "Ahora estamos fuera de horario. Dejamos tu mensaje a nuestro equipo y te responderán en cuanto vuelvan.",
            ),
            agent_unnamed: text("una persona de nuestro equipo"),
            goodbye: String::new(),
            nobody_available: text(
                "En este momento no hay nadie disponible. Puedes seguir conversando conmigo y volver a pedirlo cuando quieras.",
            ),
            inactive: text(
                "Cerramos la conversación porque no hubo más mensajes. Si nos necesitas, escríbenos de nuevo.",
            ),
            error: text(
                "No pudimos comunicarte con una persona. Sigo aquí para ayudarte; inténtalo de nuevo en unos minutos.",
            ),
            bot_down: text(
                "Tenemos un problema para responderte ahora. Inténtalo de nuevo en unos minutos, por favor.",
            ),
        }
    }
}

/// How long to wait for whom, in minutes; zero switches a timer off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timeouts {
    /// From the request until an agent joins.
    pub no_agent_minutes: u32,
    /// From the contact's word until the agent's.
    pub agent_silent_minutes: u32,
    /// From the agent's word until the contact's.
    pub user_silent_minutes: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            no_agent_minutes: 15,
            agent_silent_minutes: 0,
            user_silent_minutes: 0,
        }
    }
}

/// What happens when a handoff ends; parts combine. The bot always gets `handoff.ended`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClosePolicy {
    /// Say the goodbye text when the agent closes.
    pub goodbye: bool,
    /// Ask for a rating when the agent closes, if a human has written at all.
    pub rating: Option<RatingPolicy>,
    /// Hand the bot this text so that its flow restarts, e.g. `/start`; empty = no.
    pub restart_bot_with: String,
}

/// The rating question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RatingPolicy {
    /// The question; the answers 1 to 5 are offered below it.
    pub question: String,
    /// What is said to an answer; empty = nothing.
    pub thanks: String,
    /// How the answers 1 to 5 look.
    pub scale: RatingScale,
    /// Minutes for which an answer is waited for; zero = the question is not asked.
    pub wait_minutes: u32,
}

impl Default for RatingPolicy {
    fn default() -> Self {
        Self {
            question: "¿Cómo te atendimos? Elige del 1 (mal) al 5 (excelente).".to_owned(),
            thanks: "¡Gracias por tu opinión!".to_owned(),
            scale: RatingScale::default(),
            wait_minutes: 60,
        }
    }
}

/// How the answers 1 to 5 to the rating question look. Whatever they look like, a typed number is
/// understood, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatingScale {
    /// ⭐ to ⭐⭐⭐⭐⭐.
    #[default]
    Stars,
    /// 1 to 5.
    Numbers,
    /// 😞 to 😀, with the number.
    Faces,
}

impl RatingScale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Stars, Self::Numbers, Self::Faces];

    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stars => "stars",
            Self::Numbers => "numbers",
            Self::Faces => "faces",
        }
    }

    /// From the stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scale| scale.name() == name)
    }

    /// The question with its five answers. Each says its number when it is tapped.
    #[must_use]
    pub fn options(self, question: String) -> OptionList {
        const FACES: [&str; 5] = ["😞", "🙁", "😐", "🙂", "😀"];
        let item = |(number, face): (usize, &str)| OptionItem {
            label: match self {
                Self::Stars => "⭐".repeat(number),
                Self::Numbers => number.to_string(),
                Self::Faces => format!("{face} {number}"),
            },
            action: OptionAction::Reply {
                message: number.to_string(),
            },
        };
        OptionList {
            title: question,
            items: (1..).zip(FACES).map(item).collect(),
        }
    }
}

/// What the bot hears while a human has control. Nothing it says reaches the contact then, whatever
/// is chosen here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotStandby {
    /// Nothing: it goes on where it was, or from the beginning.
    #[default]
    Waits,
    /// All that the contact says, as ever: it knows afterwards what was talked about.
    Listens,
}

/// What happens when the bot's endpoint stays down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotDownAction {
    /// Open a handoff.
    #[default]
    HandOff,
    /// Say the text of [`PolicyTexts::bot_down`].
    Answer,
}
