//! What the settings pages show.

use super::conflict::SettingsConflict;
use super::holidays::HolidayItem;
use super::hours_form::Day;
use super::text_fields::TextField;
use crate::extract::Form;
use crate::i18n::{Dates, Lang};
use crate::pages::parts::{Badge, Choice, Zone};
use crate::pages::preview::Preview;
use crate::pages::shell::Shell;
use adapters::store::ApiKey;
use askama::Template;
use domain::api_key::{Scope, Scopes};
use domain::channel::Channel;
use domain::time::Timestamp;

#[derive(Template)]
#[template(path = "settings_texts.html")]
pub(crate) struct TextsPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    pub problem: Option<String>,
    pub conflict: Option<SettingsConflict>,
    pub languages: Vec<Choice>,
    pub texts: Vec<TextField>,
    pub scales: Vec<Choice>,
    /// The synthetic address of a made-up contact.
    pub email: String,
    /// The name of the text whose look is shown; empty = none.
    pub shown: String,
    pub preview: Option<Preview>,
}

#[derive(Template)]
#[template(path = "settings_hours.html")]
pub(crate) struct HoursPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    pub problem: Option<String>,
    pub conflict: Option<SettingsConflict>,
    pub zones: Vec<Zone>,
    pub days: Vec<Day>,
    pub countries: Vec<Choice>,
    /// Words that propose the country of the time zone.
    pub proposed: Option<String>,
    pub holidays: Vec<HolidayItem>,
    pub status: HoursStatus,
}

/// What happens now, and next.
pub(crate) struct HoursStatus {
    pub open: bool,
    pub now: String,
    /// Why it is closed the whole day; empty otherwise.
    pub why: String,
    pub next: String,
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
    pub scopes: Vec<ScopeField>,
    pub expiries: Vec<Choice>,
    pub channels: Vec<Choice>,
    pub events_secret: Option<String>,
}

/// A key of the API as listed.
pub(crate) struct KeyItem {
    pub id: String,
    pub name: String,
    pub prefix: String,
    pub used: String,
    /// What it may do and where, in words; empty for everything.
    pub limits: Vec<String>,
    pub until: Option<Badge>,
}

/// A kind of call that a key may be allowed.
pub(crate) struct ScopeField {
    pub name: String,
    pub label: String,
    pub hint: String,
    pub on: bool,
}

/// The choices of a new key.
pub(crate) fn key_fields(form: &Form, l: Lang) -> (Vec<ScopeField>, Vec<Choice>) {
    let scopes = Scope::ALL.into_iter().map(|scope| {
        let name = format!("scope_{}", scope.name());
        ScopeField {
            label: l.word("key-scope", scope.name()),
            hint: l.word("key-scope-hint", scope.name()),
            on: form.on(&name),
            name,
        }
    });
    let chosen = form.v("expires");
    let never = Choice::new("", l.t("key-no-end"), chosen.is_empty());
    let days = [30_i64, 90, 365].map(|n| {
        let value = n.to_string();
        let on = chosen == value;
        Choice::new(value, l.n("key-ends-in", n), on)
    });
    (
        scopes.collect(),
        std::iter::once(never).chain(days).collect(),
    )
}

impl KeyItem {
    pub fn of(key: &ApiKey, lines: &[Channel], now: Timestamp, dates: &Dates, l: Lang) -> Self {
        let mut limits = Vec::new();
        if key.scopes != Scopes::all() {
            let may = Scope::ALL.into_iter().filter(|s| key.scopes.allows(*s));
            limits.extend(may.map(|s| l.word("key-scope", s.name())));
        }
        if key.channels.is_some() {
            let reached = lines.iter().filter(|c| key.reaches(c.id));
            limits.extend(reached.map(|c| c.name.clone()));
        }
        let until = key.expires_at.map(|at| {
            if at <= now {
                Badge::new("warn", l.t("key-ended"))
            } else {
                Badge::new("", l.with("key-until", "when", dates.day(at)))
            }
        });
        let used = match key.last_used_at {
            Some(at) => l.with("key-used", "when", dates.short(at).text),
            None => l.t("key-never-used"),
        };
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            used,
            limits,
            until,
        }
    }
}
