//! What the list and the viewer show besides the messages.

use super::thread::MessageView;
use crate::i18n::{Dates, Lang, When};
use crate::pages::parts::{Badge, Choice};
use crate::pages::shell::Shell;
use adapters::store::{ConversationRow, DeadRow, HandoffRow};
use askama::Template;
use domain::handoff::{HandoffState, Phase};
use domain::message::Author;
use domain::outbound::Task;

/// A conversation as the list shows it.
pub(crate) struct Talk {
    pub id: String,
    pub kind: &'static str,
    pub contact: String,
    pub channel: String,
    pub by: String,
    pub words: String,
    pub at: When,
    pub failed: i64,
    pub failed_label: String,
    pub state: Badge,
}

impl Talk {
    pub fn of(row: &ConversationRow, dates: &Dates, l: Lang) -> Self {
        let by = match row.last_author {
            Some(Author::Bot) => l.t("author-bot"),
            Some(Author::Agent) => l.t("author-agent"),
            _ => String::new(),
        };
        Self {
            id: row.conversation.id.to_string(),
            kind: row.channel_kind.name(),
            contact: contact_name(row, l),
            channel: row.channel_name.clone(),
            by,
            words: row.last_words.clone(),
            at: dates.short(row.conversation.last_message_at),
            failed: row.failed,
            failed_label: l.n("talk-failed", row.failed),
            state: state(&row.conversation.state, l),
        }
    }
}

/// The best name we know of a contact.
pub(crate) fn contact_name(row: &ConversationRow, l: Lang) -> String {
    let profile = &row.contact.profile;
    let handle = profile.username.as_ref().map(|u| format!("@{u}"));
    profile
        .name
        .clone()
        .or(handle)
        .or_else(|| profile.phone.clone())
        .unwrap_or_else(|| l.t("contact-unnamed"))
}

/// Who has control, in a word.
pub(crate) fn state(state: &HandoffState, l: Lang) -> Badge {
    let tone = match state.phase {
        Phase::Bot { .. } => "bot",
        Phase::Requested { .. } | Phase::Waiting { .. } => "warn",
        Phase::Active { .. } => "accent",
    };
    Badge::new(tone, l.word("phase", state.phase_name()))
}

#[derive(Template)]
#[template(path = "conversations.html")]
pub(crate) struct ConversationsPage {
    pub s: Shell,
    pub states: Vec<Choice>,
    pub channels: Vec<Choice>,
    pub failed_only: bool,
    pub filtered: bool,
    pub talks: Vec<Talk>,
    pub older: Option<String>,
}

/// The badge above a thread, replaceable by a live update.
#[derive(Template)]
#[template(path = "conversation_head.html")]
pub(crate) struct HeadView {
    pub state: Badge,
    pub oob: bool,
}

/// The bar below a thread: who has control and what can be done about it.
#[derive(Template)]
#[template(path = "conversation_foot.html")]
pub(crate) struct FootView {
    pub l: Lang,
    pub conversation: String,
    pub says: String,
    pub with_bot: bool,
    pub may_act: bool,
    pub csrf: String,
    pub oob: bool,
}

impl FootView {
    pub fn of(row: &ConversationRow, may_act: bool, csrf: &str, l: Lang) -> Self {
        let says = match &row.conversation.state.phase {
            Phase::Bot { .. } => l.t("foot-bot"),
            Phase::Requested { .. } => l.t("foot-requested"),
            Phase::Waiting { .. } => l.t("foot-waiting"),
            Phase::Active { agent, .. } => match &agent.name {
                Some(name) => l.with("foot-active", "agent", name),
                None => l.t("foot-active-unnamed"),
            },
        };
        Self {
            l,
            conversation: row.conversation.id.to_string(),
            says,
            with_bot: matches!(row.conversation.state.phase, Phase::Bot { .. }),
            may_act,
            csrf: csrf.to_owned(),
            oob: false,
        }
    }
}

/// One handoff beside the thread.
pub(crate) struct Episode {
    pub title: String,
    pub at: When,
    pub detail: String,
    pub open: bool,
}

impl Episode {
    pub fn of(row: &HandoffRow, dates: &Dates, l: Lang) -> Self {
        let agent = row.agent.as_ref().and_then(|a| a.name.clone());
        let ended = row.end_reason.map(|r| l.word("end", r.name()));
        let rating = row.rating.map(|r| l.with("rated", "stars", r.to_string()));
        let parts: Vec<String> = [agent, ended, rating].into_iter().flatten().collect();
        Self {
            title: l.word("reason", row.reason.name()),
            at: dates.short(row.requested_at),
            detail: parts.join(" · "),
            open: row.ended_at.is_none(),
        }
    }
}

/// A row given up that belongs to no shown message.
pub(crate) struct Dead {
    pub id: String,
    pub what: String,
    pub why: String,
}

impl Dead {
    pub fn of(row: &DeadRow, l: Lang) -> Self {
        let what = match &row.task {
            Task::SendToContact { .. } => "send_to_contact",
            Task::OpenDesk { .. } => "open_desk",
            Task::PostToDesk { .. } => "post_to_desk",
            Task::NoteToDesk { .. } => "note_to_desk",
            Task::AssignGroup { .. } => "assign_group",
            Task::CloseDesk { .. } => "close_desk",
            Task::ForwardWebhook { .. } | Task::SyntheticToBot { .. } => "to_bot",
            Task::BotEvent { .. } => "bot_event",
            Task::FetchMedia { .. } => "fetch_media",
            Task::LearnName {} => "learn_name",
        };
        let code = row.code.as_ref().map(|c| format!(" ({c})"));
        Self {
            id: row.id.to_string(),
            what: l.word("task", what),
            why: format!("{}{}", row.error, code.unwrap_or_default()),
        }
    }
}

#[derive(Template)]
#[template(path = "conversation.html")]
pub(crate) struct ConversationPage {
    pub s: Shell,
    pub id: String,
    pub kind: &'static str,
    pub contact: String,
    pub channel: String,
    pub last_seq: i64,
    pub head: HeadView,
    pub foot: FootView,
    pub older: Option<String>,
    /// Whether the shown messages reach to the end.
    pub newest: bool,
    pub messages: Vec<MessageView>,
    pub dead: Vec<Dead>,
    pub facts: Vec<(String, String)>,
    pub tags: Vec<String>,
    pub handoffs: Vec<Episode>,
}

/// What is known of the contact, label and value.
pub(crate) fn facts(row: &ConversationRow, l: Lang) -> Vec<(String, String)> {
    let profile = &row.contact.profile;
    let handle = profile.username.as_ref().map(|u| format!("@{u}"));
    let known = [
        ("fact-name", profile.name.clone()),
        ("fact-username", handle),
        ("fact-phone", profile.phone.clone()),
        ("fact-email", profile.email.clone()),
        ("fact-language", profile.language.clone()),
        ("fact-channel", Some(row.channel_name.clone())),
    ];
    let attributes = profile.attributes.iter();
    known
        .into_iter()
        .filter_map(|(key, value)| Some((l.t(key), value?)))
        .chain(attributes.map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}
