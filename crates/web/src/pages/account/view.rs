//! What the pages of a member's account show.

use super::device::Device;
use crate::extract::Form;
use crate::i18n::When;
use crate::pages::parts::Choice;
use crate::pages::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "account_profile.html")]
pub(crate) struct ProfilePage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    pub email: String,
    pub languages: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "account_security.html")]
pub(crate) struct SecurityPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    /// Whether a second factor is asked for.
    pub factor: bool,
    /// How many recovery codes are left, in words.
    pub codes: String,
    pub codes_low: bool,
}

#[derive(Template)]
#[template(path = "account_factor.html")]
pub(crate) struct FactorPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    /// An SVG of our own making.
    pub qr: String,
    /// The same to be typed.
    pub key: String,
}

#[derive(Template)]
#[template(path = "account_codes.html")]
pub(crate) struct CodesPage {
    pub s: Shell,
    pub tab: &'static str,
    /// Shown this once.
    pub codes: Vec<String>,
}

#[derive(Template)]
#[template(path = "account_logins.html")]
pub(crate) struct LoginsPage {
    pub s: Shell,
    pub tab: &'static str,
    pub logins: Vec<LoginItem>,
}

/// A browser in which the member is logged in.
pub(crate) struct LoginItem {
    pub id: String,
    pub device: Device,
    pub address: String,
    pub begun: When,
    pub seen: When,
    /// Whether it is this one.
    pub here: bool,
}
