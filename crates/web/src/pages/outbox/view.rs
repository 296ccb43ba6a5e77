//! What the demo's outbox shows.

use crate::i18n::When;
use crate::pages::shell::Shell;
use askama::Template;
use domain::ports::Mail;

/// A mail that would have been sent.
pub(crate) struct MailItem {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// The link in it, as a path of ours.
    pub link: Option<String>,
    pub when: When,
}

impl MailItem {
    /// `home` is our own address with a slash at the end.
    pub fn of(mail: Mail, when: When, home: &str) -> Self {
        let link = mail.text.lines().find_map(|line| line.strip_prefix(home));
        Self {
            link: link.map(|path| format!("/{path}")),
            to: mail.to,
            subject: mail.subject,
            text: mail.text,
            when,
        }
    }
}

#[derive(Template)]
#[template(path = "outbox.html")]
pub(crate) struct OutboxPage {
    pub s: Shell,
    pub mails: Vec<MailItem>,
}
