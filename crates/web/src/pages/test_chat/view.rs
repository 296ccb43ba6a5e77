//! What the test chat shows: the thread as the contact sees it, and what happens behind it.

use crate::i18n::{Dates, Lang, When};
use crate::pages::conversations::thread::is_shown;
use crate::pages::shell::Shell;
use adapters::store::{ConversationRow, HandoffRow, StoredDesk};
use askama::Template;
use domain::handoff::Phase;
use domain::message::{Author, Content, DeliveryStatus, Message, OptionAction};

/// What is not connected yet, with the way there.
pub(crate) struct Missing {
    pub text: String,
    pub href: &'static str,
    pub button: String,
}

impl Missing {
    pub fn of(desk: Option<&StoredDesk>, rules: bool, l: Lang) -> Vec<Self> {
        let state = desk.and_then(|d| d.health.get("state")?.as_str());
        let desk = match (desk, state) {
            (None, _) => Some("desk"),
            (Some(_), None | Some("connected" | "starting" | "")) => None,
            (Some(_), Some(_)) => Some("desk-down"),
        };
        let rule = (!rules).then_some("rule");
        let href = |what| match what {
            "rule" => "/rules",
            "desk-down" => "/desk/doctor",
            _ => "/desk",
        };
        let all = [desk, rule].into_iter().flatten();
        all.map(|what| Self {
            text: l.t(&format!("test-chat-no-{what}")),
            href: href(what),
            button: l.t(&format!("test-chat-no-{what}-button")),
        })
        .collect()
    }
}

/// A button under a message.
pub(crate) struct Button {
    pub label: String,
    /// What tapping it posts; `None` for a link.
    pub tap: Option<String>,
    pub href: String,
}

/// What a bubble holds beside words.
pub(crate) enum More {
    Nothing,
    Photo { src: String, alt: String },
    File { href: String, name: String },
}

/// One message on the contact's screen.
pub(crate) struct Bubble {
    /// `me`, `them` or `said-by-us`.
    pub side: &'static str,
    /// `bot`, `agent` or empty.
    pub css: &'static str,
    pub icon: &'static str,
    pub by: String,
    pub words: String,
    pub more: More,
    pub buttons: Vec<Button>,
    pub at: When,
}

/// What reached the contact's screen, oldest first.
pub(crate) fn bubbles(messages: &[Message], dates: &Dates, l: Lang) -> Vec<Bubble> {
    let reached = |m: &&Message| {
        m.author == Author::Contact
            || matches!(
                m.status,
                DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Read
            )
    };
    let mut voice = None;
    messages
        .iter()
        .filter(reached)
        .map(|m| {
            let who = (m.author, m.author_name.clone());
            let same = voice.as_ref() == Some(&who);
            voice = Some(who);
            bubble(m, same, dates, l)
        })
        .collect()
}

fn bubble(m: &Message, same_voice: bool, dates: &Dates, l: Lang) -> Bubble {
    let (side, css, icon) = match m.author {
        Author::Contact => ("me", "", "user"),
        Author::Bot => ("them", "bot", "bot"),
        Author::Agent => ("them", "agent", "headset"),
        Author::System => ("said-by-us", "", "info"),
    };
    let by = match m.author {
        Author::Bot => l.t("author-bot"),
        Author::Agent => m.author_name.clone().unwrap_or_else(|| l.t("author-agent")),
        Author::Contact | Author::System => String::new(),
    };
    let (words, more, buttons) = shown(m, l);
    Bubble {
        side,
        css,
        icon,
        by: if same_voice { String::new() } else { by },
        words,
        more,
        buttons,
        at: dates.time(m.sent_at),
    }
}

fn shown(m: &Message, l: Lang) -> (String, More, Vec<Button>) {
    let plain = |words: String| (words, More::Nothing, Vec::new());
    match &m.content {
        Content::Options(list) => {
            let buttons = list.items.iter().enumerate().map(|(i, item)| Button {
                label: item.label.clone(),
                tap: match item.action {
                    OptionAction::Reply { .. } => Some(format!("{}:{i}", m.id)),
                    OptionAction::Link { .. } => None,
                },
                href: match &item.action {
                    OptionAction::Link { url } if url.starts_with("https://") => url.clone(),
                    _ => String::new(),
                },
            });
            (list.title.clone(), More::Nothing, buttons.collect())
        }
        Content::Media {
            attachment,
            caption,
        } => {
            let kind = l.word("kind", attachment.kind.name());
            let words = caption.clone().unwrap_or_default();
            let Some(file) = &attachment.stored else {
                return plain(if words.is_empty() { kind } else { words });
            };
            let src = format!("/files/{}", file.id);
            let name = Some(file.name.clone()).filter(|n| !n.is_empty());
            let name = name.unwrap_or(kind);
            let more = if file.mime.starts_with("image/") && is_shown(file) {
                More::Photo { src, alt: name }
            } else {
                More::File { href: src, name }
            };
            (words, more, Vec::new())
        }
        Content::Location(place) => {
            let (lat, lon) = (place.latitude, place.longitude);
            let at = format!("{lat:.5}, {lon:.5}");
            plain(place.name.clone().unwrap_or(at))
        }
        other => plain(match other.words() {
            Some(words) => words.to_owned(),
            None => l.word("kind", other.kind()),
        }),
    }
}

/// The thread; sent again as a whole whenever it changes.
#[derive(Template)]
#[template(path = "test_chat_thread.html")]
pub(crate) struct ThreadView {
    pub hello: Option<String>,
    pub bubbles: Vec<Bubble>,
}

/// One step of a handoff.
pub(crate) struct TraceStep {
    pub done: bool,
    pub title: String,
    pub detail: String,
    pub at: Option<When>,
}

/// What happens behind the thread; sent again as a whole whenever it changes.
#[derive(Template)]
#[template(path = "test_chat_trace.html")]
pub(crate) struct TraceView {
    pub l: Lang,
    pub says: String,
    pub tone: &'static str,
    pub steps: Vec<TraceStep>,
    pub href: Option<String>,
    pub complete: bool,
    /// A handoff is under way.
    pub open: bool,
}

/// What became of the latest handoff.
pub(crate) fn trace(
    row: Option<&ConversationRow>,
    handoff: Option<&HandoffRow>,
    dates: &Dates,
    l: Lang,
) -> TraceView {
    let phase = row.map(|r| &r.conversation.state.phase);
    let (tone, says) = match phase {
        None | Some(Phase::Bot { .. }) => ("bot", l.t("test-chat-with-bot")),
        Some(Phase::Requested { .. }) => ("warn", l.t("foot-requested")),
        Some(Phase::Waiting { .. }) => ("warn", l.t("test-chat-waiting")),
        Some(Phase::Active { agent, .. }) => (
            "accent",
            match &agent.name {
                Some(name) => l.with("test-chat-with-agent", "agent", name),
                None => l.t("foot-active-unnamed"),
            },
        ),
    };
    let step = |name: &str, at, detail: Option<String>| TraceStep {
        done: Option::is_some(&at),
        title: l.t(&format!("test-chat-step-{name}")),
        detail: detail.unwrap_or_default(),
        at: at.map(|at| dates.time(at)),
    };
    let h = handoff;
    let reason = h.map(|h| l.word("reason", h.reason.name()));
    let agent = h.and_then(|h| h.agent.as_ref()?.name.clone());
    let end = h
        .and_then(|h| h.end_reason)
        .map(|e| l.word("end", e.name()));
    let steps = vec![
        step("asked", h.map(|h| h.requested_at), reason),
        step("opened", h.and_then(|h| h.opened_at), None),
        step(
            "agent",
            h.and_then(|h| h.first_human_at.or(h.accepted_at)),
            agent,
        ),
        step("ended", h.and_then(|h| h.ended_at), end),
    ];
    TraceView {
        l,
        says,
        tone,
        complete: steps.iter().all(|s| s.done),
        open: h.is_some_and(|h| h.ended_at.is_none()),
        steps,
        href: row.map(|r| format!("/conversations/{}", r.conversation.id)),
    }
}

#[derive(Template)]
#[template(path = "test_chat.html")]
pub(crate) struct TestChatPage {
    pub s: Shell,
    pub missing: Vec<Missing>,
    pub thread: ThreadView,
    pub trace: TraceView,
    pub problem: Option<String>,
    pub typed: String,
}
