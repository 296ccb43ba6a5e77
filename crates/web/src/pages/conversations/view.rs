//! What the list and the viewer show besides the messages.

use crate::i18n::{Dates, Lang, When};
use crate::pages::parts::{Badge, line_title};
use crate::pages::shell::Shell;
use adapters::store::{ConversationRow, DeadRow, HandoffRow};
use askama::Template;
use domain::handoff::{HandoffState, Phase};
use domain::outbound::Task;

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
    /// The handoff under way: a press that comes late must not end the next one.
    pub handoff: String,
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
            handoff: row
                .conversation
                .state
                .episode()
                .map(|e| e.handoff.to_string())
                .unwrap_or_default(),
            may_act,
            csrf: csrf.to_owned(),
            oob: false,
        }
    }
}

/// The handoffs beside a thread, replaceable by a live update.
#[derive(Template)]
#[template(path = "conversation_episodes.html")]
pub(crate) struct EpisodesView {
    pub l: Lang,
    pub handoffs: Vec<Episode>,
    pub oob: bool,
}

/// What was given up, beside a thread, replaceable by a live update.
#[derive(Template)]
#[template(path = "conversation_stuck.html")]
pub(crate) struct StuckView {
    pub l: Lang,
    pub id: String,
    /// How many rows were given up, shown here or under their message.
    pub count: usize,
    pub dead: Vec<Dead>,
    pub may_act: bool,
    pub csrf: String,
    pub oob: bool,
}

impl StuckView {
    fn count_number(&self) -> i64 {
        i64::try_from(self.count).unwrap_or(i64::MAX)
    }
}

/// The tags of the contact, replaceable by a live update.
#[derive(Template)]
#[template(path = "conversation_tags.html")]
pub(crate) struct TagsView {
    pub l: Lang,
    pub id: String,
    pub tags: Vec<String>,
    pub may_act: bool,
    pub csrf: String,
    pub oob: bool,
}

/// A note between the messages.
#[derive(Template)]
#[template(path = "note.html")]
pub(crate) struct NoteView {
    pub l: Lang,
    pub id: String,
    pub by: String,
    pub text: String,
    pub at: When,
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

/// The ending of a task's text.
pub(crate) fn task_name(task: &Task) -> &'static str {
    match task {
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
        let code = row.code.as_ref().map(|c| format!(" ({c})"));
        Self {
            id: row.id.to_string(),
            what: l.word("task", task_name(&row.task)),
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
    /// How many notes are known to the page.
    pub notes: i64,
    pub head: HeadView,
    pub foot: FootView,
    /// The message before which older ones begin.
    pub older: Option<i64>,
    /// Whether the shown messages reach to the end.
    pub newest: bool,
    /// Messages and notes, written.
    pub entries: Vec<String>,
    pub stuck: StuckView,
    pub tags: TagsView,
    pub episodes: EpisodesView,
    pub facts: Vec<(String, String)>,
    /// Makes a note sent twice one note.
    pub note_id: String,
}

/// Older messages, to be put in the place of the button that asked for them.
#[derive(Template)]
#[template(path = "conversation_older.html")]
pub(crate) struct OlderView {
    pub l: Lang,
    pub id: String,
    pub older: Option<i64>,
    pub entries: Vec<String>,
}

/// A platform's language code in words, where we have them: `es_CL` → «Español».
fn language_name(code: &str, l: Lang) -> String {
    let base = code.split(['-', '_']).next().unwrap_or(code);
    if ["es", "en", "pt"].contains(&base) {
        l.word("try-language", base)
    } else {
        code.to_owned()
    }
}

/// What is known of the contact, label and value.
pub(crate) fn facts(row: &ConversationRow, l: Lang) -> Vec<(String, String)> {
    let profile = &row.contact.profile;
    let handle = profile.username.as_ref().map(|u| format!("@{u}"));
    let language = profile.language.as_deref();
    let known = [
        ("fact-name", profile.name.clone()),
        ("fact-username", handle),
        ("fact-phone", profile.phone.clone()),
        ("fact-email", profile.email.clone()),
        ("fact-language", language.map(|code| language_name(code, l))),
        (
            "fact-channel",
            Some(line_title(row.channel_kind, &row.channel_name, l)),
        ),
    ];
    let attributes = profile.attributes.iter();
    known
        .into_iter()
        .filter_map(|(key, value)| Some((l.t(key), value?)))
        .chain(attributes.map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}
