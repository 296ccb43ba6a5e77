//! What the pages behind links show.

use crate::pages::shell::Shell;
use askama::Template;

/// One button.
#[derive(Template)]
#[template(path = "confirm_link.html")]
pub(crate) struct ConfirmLinkPage {
    pub s: Shell,
    pub title: String,
    pub text: String,
    pub button: String,
    pub action: &'static str,
    pub token: String,
}

/// A link that is no good any more.
#[derive(Template)]
#[template(path = "link_gone.html")]
pub(crate) struct GonePage {
    pub s: Shell,
    pub text: String,
    pub button: String,
    pub to: &'static str,
}
