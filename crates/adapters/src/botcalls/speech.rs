//! Whether a call is speech, towards whom, and what is said.

use domain::contact::ContactAddress;
use domain::message::Content;

/// The two families of platforms, each with its way to say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The Telegram Bot API.
    Telegram,
    /// Meta's Graph API.
    Graph,
}

/// What a call is.
#[derive(Clone, Debug, PartialEq)]
pub enum Speech {
    /// A message to a contact: gated and recorded.
    Sends {
        /// To whom; `None` where only the platform knows (a reply to a comment, a plug-in's
        /// reference): not gated, recorded once the platform has told who it was.
        to: Option<ContactAddress>,
        /// What.
        content: Content,
    },
    /// Something the contact sees that is no message of its own (typing, an edit, a reaction):
    /// gated, not recorded.
    Shows(Whom),
    /// Nothing that a contact sees.
    Neutral,
    /// It may be speech and cannot be read; the platform's words for it.
    Unreadable(&'static str),
}

/// How a call names the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// By their address.
    Contact(ContactAddress),
    /// By a message of theirs (WhatsApp's read marks).
    Message(String),
    /// By a tap of theirs (Telegram's callback queries).
    Tap(String),
}

/// An id as a platform gives them out: short, without blanks at its ends or control characters.
pub(super) fn id(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.len() <= 256 && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}
