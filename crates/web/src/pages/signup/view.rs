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
