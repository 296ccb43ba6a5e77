//! The words of a mail, as plain text and as HTML.

use crate::i18n::Lang;
use crate::pages::error::PageError;
use askama::Template;

/// The words of a mail.
#[derive(Clone, Template)]
#[template(path = "mail.html")]
pub struct Letter {
    /// The language.
    pub l: Lang,
    /// The subject, also the heading.
    pub subject: String,
    /// What it is about, in one paragraph.
    pub words: String,
    /// A button: its words and where it leads.
    pub button: Option<(String, String)>,
    /// What else the reader should know: how long the link is good, what to do if it was not them.
    pub foot: String,
}

impl Letter {
    /// From the texts `mail-<key>-subject`, `-text`, `-button` (with a link only) and `-foot`,
    /// with `values` put in. Words that a stranger can choose do not belong into a mail to an
    /// address that is not proven: it would carry them under our name.
    #[must_use]
    pub fn of(l: Lang, key: &str, values: &[(&'static str, &str)], link: Option<String>) -> Self {
        let text = |part: &str| l.filled(&format!("mail-{key}-{part}"), values);
        Self {
            subject: text("subject"),
            words: text("text"),
            foot: text("foot"),
            button: link.map(|to| (text("button"), to)),
            l,
        }
    }

    /// As plain text; the link stands on a line of its own.
    #[must_use]
    pub fn text(&self) -> String {
        let link = match &self.button {
            Some((label, to)) => format!("{label}:\n{to}\n\n"),
            None => String::new(),
        };
        let hello = self.l.t("mail-hello");
        let words = &self.words;
        format!("{hello}\n\n{words}\n\n{link}{}\n\n-- \nRelevo\n", self.foot)
    }

    /// As HTML that loads nothing.
    ///
    /// # Errors
    /// The template cannot be written.
    pub fn html(&self) -> Result<String, PageError> {
        self.render()
            .map_err(|e| PageError::Broken(format!("mail: {e}")))
    }
}
