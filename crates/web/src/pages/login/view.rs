//! What the log-in page shows.

use crate::extract::Form;
use crate::pages::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage {
    pub s: Shell,
    pub f: Form,
    pub problem: Option<String>,
}
