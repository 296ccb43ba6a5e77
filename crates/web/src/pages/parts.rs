//! Small pieces that several screens show.

use crate::i18n::{Lang, ZONES};
use crate::pages::shell::Shell;
use askama::Template;
use domain::channel::ChannelKind;

/// A coloured word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Badge {
    /// `ok`, `warn`, `danger`, `accent`, `bot` or empty.
    pub tone: &'static str,
    pub label: String,
    /// More words; empty if there is nothing to say.
    pub why: String,
}

impl Badge {
    pub fn new(tone: &'static str, label: String) -> Self {
        Self {
            tone,
            label,
            why: String::new(),
        }
    }
}

/// One choice of a select or of check boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub value: String,
    pub label: String,
    pub on: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>, on: bool) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            on,
        }
    }
}

/// One choice of a time-zone select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    pub name: String,
    pub label: String,
    pub selected: bool,
}

/// The usual zones, and `selected` if it is another one.
pub(crate) fn zones(selected: &str, l: Lang) -> Vec<Zone> {
    let extra = Some(selected).filter(|s| !s.is_empty() && !ZONES.contains(s));
    let names = ZONES.into_iter().chain(extra);
    names
        .map(|name| Zone {
            name: name.to_owned(),
            label: zone_label(name, l),
            selected: name == selected,
        })
        .collect()
}

/// The regions of the zone names that have a name in every language.
const REGIONS: [&str; 7] = [
    "Africa", "America", "Asia", "Atlantic", "Europe", "Indian", "Pacific",
];

/// `America/Argentina/Buenos_Aires` → `Buenos Aires`, with the region behind it.
fn zone_label(name: &str, l: Lang) -> String {
    let city = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
    match name.split_once('/') {
        Some((region, _)) => {
            let key = format!("region-{}", region.to_lowercase());
            let told = if REGIONS.contains(&region) {
                l.t(&key)
            } else {
                region.to_owned()
            };
            format!("{city} ({told})")
        }
        None => city,
    }
}

/// The three languages by their own names.
pub(crate) fn languages(selected: &str) -> Vec<Choice> {
    [("es", "Español"), ("en", "English"), ("pt", "Português")]
        .into_iter()
        .map(|(code, name)| Choice::new(code, name, code == selected))
        .collect()
}

/// What a kind of channel is called: the platforms by their own names, our test chat in the
/// language of who reads.
pub(crate) fn kind_title(kind: ChannelKind, l: Lang) -> String {
    match kind {
        ChannelKind::Test => l.t("test-chat-title"),
        _ => kind.title().to_owned(),
    }
}

/// What a line is called: as its company named it, our test chat in the language of who reads,
/// whoever opened it first.
pub(crate) fn line_title(kind: ChannelKind, name: &str, l: Lang) -> String {
    match kind {
        ChannelKind::Test => kind_title(kind, l),
        _ => name.to_owned(),
    }
}

/// Asks before something that cannot be undone.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(crate) struct ConfirmPage {
    pub s: Shell,
    pub title: String,
    pub lines: Vec<String>,
    /// Where the form goes.
    pub action: String,
    pub button: String,
    /// Where «cancel» goes.
    pub back: String,
}

/// Answers a `GET` for an address that only forms go to: a form that was refused leaves it in the
/// browser's bar, and the switches for language and theme come back to it.
pub(crate) fn back_to(page: &'static str) -> actix_web::Route {
    actix_web::web::get().to(move || async move {
        actix_web::HttpResponse::SeeOther()
            .insert_header((actix_web::http::header::LOCATION, page))
            .finish()
    })
}

/// A file size for people.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!(
            "{}.{} MB",
            bytes / 1_048_576,
            bytes % 1_048_576 * 10 / 1_048_576
        ),
    }
}

/// `true` when an e-mail address has a plausible shape; the mail itself proves the rest.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    let fine = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    !local.is_empty()
        && text.len() <= 254
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && text.chars().filter(|c| *c == '@').count() == 1
        && local.chars().all(fine)
        && host.chars().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tenant::Language;

    #[test]
    fn an_address_without_a_host_is_no_email() {
        assert!(is_email("ana@example.com"));
        for bad in ["ana", "ana@", "@x.cl", "a@b", "a b@c.cl", "a@b@c.cl"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_zone_outside_the_usual_ones_stays_chosen() {
        let zones = zones("Asia/Tokyo", Lang(Language::Es));
        assert!(zones.iter().any(|z| z.name == "Asia/Tokyo" && z.selected));
    }
}
