//! What the home page shows.

use crate::i18n::Lang;
use crate::pages::conversations::list_view::Talk;
use crate::pages::shell::Shell;
use askama::Template;
use domain::tenant::Role;

/// One entry of the checklist.
pub(crate) struct Step {
    pub done: bool,
    /// The first that is not done.
    pub next: bool,
    pub title: String,
    pub text: String,
    pub button: String,
    pub href: String,
    /// Whether the member's role lets them do it.
    pub may: bool,
}

/// What is done of the checklist, in order.
pub(crate) struct Progress {
    pub channel: bool,
    pub bot: bool,
    pub desk: bool,
    pub rule: bool,
    pub handoff: bool,
    /// Where the bot is connected: the first channel without one.
    pub bot_href: String,
}

/// The checklist, with the first open step marked.
pub(crate) fn steps(l: Lang, progress: &Progress, role: Role) -> Vec<Step> {
    let entries = [
        ("channel", progress.channel, "/channels/new"),
        ("bot", progress.bot, progress.bot_href.as_str()),
        ("desk", progress.desk, "/desk"),
        ("rule", progress.rule, "/rules"),
        ("handoff", progress.handoff, "/test-chat"),
    ];
    let next = entries.iter().position(|(_, done, _)| !done);
    entries
        .iter()
        .enumerate()
        .map(|(i, (name, done, href))| Step {
            done: *done,
            next: Some(i) == next,
            title: l.t(&format!("todo-{name}")),
            text: l.t(&format!("todo-{name}-text")),
            button: l.t(&format!("todo-{name}-button")),
            href: (*href).to_owned(),
            may: role
                >= if *name == "handoff" {
                    Role::Supervisor
                } else {
                    Role::Admin
                },
        })
        .collect()
}

#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    pub s: Shell,
    pub greeting: String,
    pub steps: Vec<Step>,
    pub done: usize,
    pub progress: String,
    pub open: u64,
    pub failed: u64,
    pub channels: usize,
    /// The latest conversations, once everything is set up.
    pub talks: Vec<Talk>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tenant::Language;

    #[test]
    fn the_first_open_step_is_next() {
        let progress = Progress {
            channel: true,
            bot: false,
            desk: true,
            rule: false,
            handoff: false,
            bot_href: "/channels/1".to_owned(),
        };
        let steps = steps(Lang(Language::Es), &progress, Role::Supervisor);
        let next: Vec<_> = steps.iter().map(|s| s.next).collect();
        assert_eq!(next, [false, true, false, false, false]);
        let may: Vec<_> = steps.iter().map(|s| s.may).collect();
        assert_eq!(may, [false, false, false, false, true]);
    }
}
