//! What the pages about a forgotten password show.

use crate::extract::Form;
use crate::pages::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "forgot.html")]
pub(crate) struct ForgotPage {
    pub s: Shell,
    pub f: Form,
    pub problem: Option<String>,
    /// Whether this house sends mails at all.
    pub mails: bool,
}

#[derive(Template)]
#[template(path = "reset.html")]
pub(crate) struct ResetPage {
    pub s: Shell,
    pub f: Form,
    pub token: String,
}
