//! What the settings pages show.

use super::Day;
use crate::extract::Form;
use crate::i18n::{Dates, Lang};
use crate::pages::parts::{Choice, Zone};
use crate::pages::shell::Shell;
use adapters::store::ApiKey;
use askama::Template;

#[derive(Template)]
#[template(path = "settings_texts.html")]
pub(crate) struct TextsPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    pub problem: Option<String>,
    pub languages: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "settings_hours.html")]
pub(crate) struct HoursPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    pub problem: Option<String>,
    pub zones: Vec<Zone>,
    pub days: Vec<Day>,
}

#[derive(Template)]
#[template(path = "settings_developers.html")]
pub(crate) struct DevelopersPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    pub problem: Option<String>,
    /// Shown this once.
    pub new_key: Option<String>,
    pub keys: Vec<KeyItem>,
    pub events_secret: Option<String>,
}

/// A key of the API as listed.
pub(crate) struct KeyItem {
    pub id: String,
    pub name: String,
    pub prefix: String,
    pub used: String,
}

impl KeyItem {
    pub fn of(key: &ApiKey, dates: &Dates, l: Lang) -> Self {
        let used = match key.last_used_at {
            Some(at) => l.with("key-used", "when", dates.short(at).text),
            None => l.t("key-never-used"),
        };
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            used,
        }
    }
}
