//! What the log-in pages show.

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

#[derive(Template)]
#[template(path = "login_code.html")]
pub(crate) struct CodePage {
    pub s: Shell,
    pub f: Form,
    pub problem: Option<String>,
}
