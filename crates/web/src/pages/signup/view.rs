//! What the sign-up page shows.

use crate::extract::Form;
use crate::pages::parts::Zone;
use crate::pages::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "signup.html")]
pub(crate) struct SignupPage {
    pub s: Shell,
    pub f: Form,
    pub zones: Vec<Zone>,
    pub problem: Option<String>,
}

/// «Look into your mail».
#[derive(Template)]
#[template(path = "sent.html")]
pub(crate) struct SentPage {
    pub s: Shell,
    pub email: String,
    pub lead: String,
    /// Where the form that sends it once more goes.
    pub again: &'static str,
    /// Whether the demo's outbox has it.
    pub outbox: bool,
    pub problem: Option<String>,
}
