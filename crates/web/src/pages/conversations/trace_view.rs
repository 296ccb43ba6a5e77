//! The way of one message: steps in their order, with the time between them.

use super::thread::label;
use super::view::task_name;
use crate::i18n::{Dates, Lang, When};
use crate::pages::shell::Shell;
use adapters::store::{HandoffRow, Trace, TracePart, Work};
use askama::Template;
use domain::message::{Author, DeliveryStatus, Message};
use domain::time::Timestamp;

/// One step of a message's way.
pub(crate) struct Step {
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub at: When,
    /// Since the step before, e.g. `+38 ms`; empty for the first.
    pub gap: String,
    /// Label and value; values are shown as they came.
    pub details: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "trace.html")]
pub(crate) struct TracePage {
    pub s: Shell,
    pub contact: String,
    pub by: String,
    pub words: String,
    /// The conversation, opened at the message.
    pub back: String,
    pub steps: Vec<Step>,
    pub total: String,
}

impl TracePage {
    pub fn of(message: &Message, contact: String, steps: Vec<(Timestamp, Step)>, s: Shell) -> Self {
        let l = s.l;
        let by = match message.author {
            Author::Contact => contact.clone(),
            Author::Bot => l.t("author-bot"),
            Author::System => l.t("author-system"),
            Author::Agent => message
                .author_name
                .clone()
                .unwrap_or_else(|| l.t("author-agent")),
        };
        let words = message.content.words().map(str::to_owned);
        let first = steps
            .iter()
            .map(|s| s.0)
            .find(|at| *at >= message.received_at);
        let total = match (first, steps.last()) {
            (Some(first), Some((last, _))) => span(last.0 - first.0),
            _ => String::new(),
        };
        Self {
            back: format!(
                "/conversations/{}?at={}#m-{}",
                message.conversation, message.seq, message.seq
            ),
            words: words.unwrap_or_else(|| label(&message.content, l)),
            steps: steps.into_iter().map(|(_, step)| step).collect(),
            contact,
            by,
            total,
            s,
        }
    }
}

/// `38 ms`, `4.2 s`, `3 min`, `2 h`.
fn span(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min", ms / 60_000),
        _ => format!("{} h", ms / 3_600_000),
    }
}

struct Road<'a> {
    l: Lang,
    dates: &'a Dates,
    steps: Vec<(Timestamp, Step)>,
}

impl Road<'_> {
    fn add(
        &mut self,
        at: Timestamp,
        (tone, icon): (&'static str, &'static str),
        title: String,
        details: Vec<(String, String)>,
    ) {
        let step = Step {
            tone,
            icon,
            title,
            at: self.dates.exact(at),
            gap: String::new(),
            details,
        };
        self.steps.push((at, step));
    }

    fn detail(&self, key: &str, value: impl Into<String>) -> (String, String) {
        (self.l.t(key), value.into())
    }

    fn work(&mut self, work: &Work) {
        let l = self.l;
        let what = l.word("task", task_name(&work.task));
        self.add(
            work.queued_at,
            ("", "clock"),
            l.with("trace-queued", "what", &what),
            Vec::new(),
        );
        if let Some(at) = work.first_try_at {
            self.add(
                at,
                ("", "send"),
                l.with("trace-try", "what", &what),
                Vec::new(),
            );
        }
        for tried in &work.tries {
            let mut details = vec![self.detail("trace-answer", tried.error.clone())];
            if let Some(code) = &tried.code {
                details.push(self.detail("trace-code", code.clone()));
            }
            if tried.ambiguous {
                details.push((String::new(), l.t("trace-ambiguous")));
            }
            let title = l.with("trace-failed-try", "what", &what);
            self.add(tried.at, ("danger", "circle-x"), title, details);
        }
        let (tone, icon, key) = match work.state.as_str() {
            "done" => ("ok", "circle-check", "trace-done"),
            "dead" => ("danger", "ban", "trace-dead"),
            "discarded" => ("", "trash-2", "trace-discarded"),
            _ => ("warn", "clock", "trace-waiting"),
        };
        let at = match work.ended_at {
            Some(at) => Some(at),
            // A first try is under way, or it waits for its turn: no step of its own.
            None => (!work.tries.is_empty()).then_some(work.next_at),
        };
        if let Some(at) = at {
            self.add(at, (tone, icon), l.with(key, "what", &what), Vec::new());
        }
    }

    /// The conversation at the desk. All of its beginning for the message that led to it.
    fn handoff(&mut self, handoff: &HandoffRow, led: bool) {
        let l = self.l;
        let desk = handoff.desk_conversation.map(|id| id.to_string());
        let desk: Vec<_> = desk
            .map(|id| self.detail("trace-desk-id", id))
            .into_iter()
            .collect();
        if !led {
            // Where it was said is told with the step that stored it.
            if let Some((_, stored)) = self.steps.iter_mut().find(|(_, s)| s.icon == "inbox") {
                stored.details.extend(desk);
            }
            return;
        }
        let agent = handoff.agent.as_ref().and_then(|a| a.name.clone());
        let agent: Vec<_> = agent
            .map(|name| self.detail("trace-agent", name))
            .into_iter()
            .collect();
        self.add(
            handoff.requested_at,
            ("", "headset"),
            l.t("trace-requested"),
            Vec::new(),
        );
        if let Some(at) = handoff.opened_at {
            self.add(at, ("ok", "circle-check"), l.t("trace-opened"), desk);
        }
        if let Some(at) = handoff.accepted_at {
            self.add(
                at,
                ("accent", "user-round-check"),
                l.t("trace-accepted"),
                agent,
            );
        }
        if let Some(at) = handoff.first_human_at {
            self.add(
                at,
                ("accent", "message-circle"),
                l.t("trace-first-human"),
                Vec::new(),
            );
        }
    }

    fn part(&mut self, part: &TracePart, many: bool) {
        let l = self.l;
        let number = (part.number + 1).to_string();
        let title = |key: &str| match many {
            true => format!("{} ({})", l.t(key), l.with("trace-part", "number", &number)),
            false => l.t(key),
        };
        if let Some(at) = part.sent_at {
            let id = part.external_id.clone();
            let mut details: Vec<_> = id
                .map(|id| self.detail("trace-platform-id", id))
                .into_iter()
                .collect();
            details.push(self.detail("trace-our-id", part.identity.to_string()));
            self.add(at, ("ok", "check"), title("trace-sent"), details);
        }
        if let Some(at) = part.delivered_at {
            self.add(
                at,
                ("ok", "check-check"),
                title("trace-delivered"),
                Vec::new(),
            );
        }
        if let Some(at) = part.read_at {
            self.add(
                at,
                ("accent", "check-check"),
                title("trace-read"),
                Vec::new(),
            );
        }
        if let Some(at) = part.failed_at {
            self.add(
                at,
                ("danger", "circle-alert"),
                title("trace-refused"),
                Vec::new(),
            );
        }
    }
}

/// The steps in their order.
pub(crate) fn steps(
    message: &Message,
    trace: &Trace,
    handoff: Option<&HandoffRow>,
    dates: &Dates,
    l: Lang,
) -> Vec<(Timestamp, Step)> {
    let mut road = Road {
        l,
        dates,
        steps: Vec::new(),
    };
    let outside = matches!(message.author, Author::Contact | Author::Agent);
    if outside {
        let key = match message.author {
            Author::Agent => "trace-said-agent",
            _ => "trace-said",
        };
        let id = message.external_id.clone();
        let details = id.map(|id| road.detail("trace-platform-id", id));
        let details = details.into_iter().collect();
        road.add(message.sent_at, ("", "user"), l.t(key), details);
    }
    let mut details = Vec::new();
    if let Some((channel, place)) = trace.origin.as_deref().and_then(|o| o.split_once(' ')) {
        details.push(road.detail("trace-realtime", channel));
        details.push(match place.strip_prefix("lt:") {
            Some(_) => (String::new(), l.t("trace-repaired")),
            None => road.detail("trace-timetoken", place),
        });
    }
    road.add(
        message.received_at,
        ("ok", "inbox"),
        l.t("trace-stored"),
        details,
    );
    if let Some(decided) = &trace.decided {
        let name = trace.rule.as_ref().map(|(_, name)| name.clone());
        let name = name.map(|n| n.unwrap_or_else(|| l.t("filter-gone")));
        let what = match decided.as_str() {
            "answer" | "ignore" => l.word("trace-rule", decided),
            reason => l.with("trace-rule-hand-off", "reason", l.word("reason", reason)),
        };
        let mut details = vec![(String::new(), what)];
        details.extend(name.map(|n| road.detail("trace-rule", n)));
        road.add(
            message.received_at,
            ("accent", "list-checks"),
            l.t("trace-decided"),
            details,
        );
    }
    for work in &trace.work {
        road.work(work);
    }
    if let Some(handoff) = handoff {
        road.handoff(handoff, message.handoff.is_none());
    }
    for part in &trace.parts {
        road.part(part, trace.parts.len() > 1);
    }
    if message.status == DeliveryStatus::Muted {
        road.add(
            message.received_at,
            ("warn", "ban"),
            l.t("status-muted"),
            Vec::new(),
        );
    }
    if trace.doubtful
        && let Some(last) = road.steps.last().map(|(at, _)| *at)
    {
        road.add(
            last,
            ("warn", "triangle-alert"),
            l.t("talk-doubtful"),
            Vec::new(),
        );
    }
    let mut steps = road.steps;
    steps.sort_by_key(|(at, _)| *at);
    let mut before = None;
    for (at, step) in &mut steps {
        if let Some(before) = before {
            step.gap = format!("+{}", span(at.0 - before));
        }
        before = Some(at.0);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        let table = [
            (0, "0 ms"),
            (999, "999 ms"),
            (4_250, "4.2 s"),
            (61_000, "1 min"),
            (7_300_000, "2 h"),
        ];
        for (ms, told) in table {
            assert_eq!(span(ms), told);
        }
    }
}
