//! What people read, in their language. The texts are in `crates/web/locales`.

use actix_web::HttpRequest;
use actix_web::http::header;
use domain::tenant::Language;
use domain::time::Timestamp;
use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid};
use jiff::tz::TimeZone;
use std::borrow::{Borrow, Cow};
use std::collections::HashMap;

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "es",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ES: LanguageIdentifier = langid!("es");
static EN: LanguageIdentifier = langid!("en");
static PT: LanguageIdentifier = langid!("pt");

/// The cookie that keeps the choice of the language switch.
pub const COOKIE: &str = "relevo_lang";

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lang(pub Language);

impl Lang {
    /// The visitor's choice, else the browser's wish, else Spanish.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let wished = || {
            let header = request.headers().get(header::ACCEPT_LANGUAGE)?;
            Self::wished(header.to_str().ok()?)
        };
        Self::chosen(request)
            .or_else(wished)
            .unwrap_or(Self(Language::Es))
    }

    /// What this browser chose with our switch.
    #[must_use]
    pub fn chosen(request: &HttpRequest) -> Option<Self> {
        request.cookie(COOKIE).and_then(|c| Self::named(c.value()))
    }

    /// From `es`, `en` or `pt`.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        match code {
            "es" => Some(Self(Language::Es)),
            "en" => Some(Self(Language::En)),
            "pt" => Some(Self(Language::Pt)),
            _ => None,
        }
    }

    /// The best of an `Accept-Language` header.
    fn wished(header: &str) -> Option<Self> {
        let mut wishes: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|part| {
                let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
                let primary = tag.trim().split('-').next()?.to_ascii_lowercase();
                Some((weight.trim().parse().ok()?, Self::named(&primary)?))
            })
            .collect();
        wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
        wishes.first().map(|(_, lang)| *lang)
    }

    /// The tag of the language, for `lang=`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self.0 {
            Language::Es => "es",
            Language::En => "en",
            Language::Pt => "pt",
        }
    }

    /// Whether this is the language with that tag.
    #[must_use]
    pub fn is(self, code: &str) -> bool {
        self.code() == code
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self.0 {
            Language::Es => &ES,
            Language::En => &EN,
            Language::Pt => &PT,
        }
    }

    /// A text.
    #[must_use]
    pub fn t(self, key: &str) -> String {
        LOCALES.lookup(self.id(), key)
    }

    /// A text whose key ends in a stored name, e.g. `reason-user_request`; the name itself
    /// when there is no such text.
    #[must_use]
    pub fn word(self, prefix: &str, name: &str) -> String {
        let key = format!("{prefix}-{name}");
        LOCALES
            .try_lookup(self.id(), &key)
            .unwrap_or_else(|| name.to_owned())
    }

    /// A text with one thing put in.
    #[must_use]
    pub fn with(self, key: &str, name: &'static str, value: impl AsRef<str>) -> String {
        self.filled(key, &[(name, value.as_ref())])
    }

    /// A text with several things put in.
    #[must_use]
    pub fn filled(self, key: &str, values: &[(&'static str, &str)]) -> String {
        let args: HashMap<Cow<'static, str>, FluentValue<'_>> = values
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(*value)))
            .collect();
        LOCALES.lookup_with_args(self.id(), key, &args)
    }

    /// A text about a number of things (`$count`).
    #[must_use]
    pub fn n(self, key: &str, count: impl Borrow<i64>) -> String {
        let count = FluentValue::from(*count.borrow());
        let args = HashMap::from([(Cow::Borrowed("count"), count)]);
        LOCALES.lookup_with_args(self.id(), key, &args)
    }

    /// A day: «25 dic 2026».
    #[must_use]
    pub fn date(self, date: jiff::civil::Date) -> String {
        format!(
            "{} {} {}",
            date.day(),
            self.month(date.month()),
            date.year()
        )
    }

    /// The short name of a month, 1 to 12.
    #[must_use]
    pub fn month(self, month: i8) -> &'static str {
        const NAMES: [[&str; 12]; 3] = [
            [
                "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic",
            ],
            [
                "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
            ],
            [
                "jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez",
            ],
        ];
        let row = match self.0 {
            Language::Es => &NAMES[0],
            Language::En => &NAMES[1],
            Language::Pt => &NAMES[2],
        };
        usize::try_from(month - 1)
            .ok()
            .and_then(|i| row.get(i))
            .copied()
            .unwrap_or("")
    }
}

/// An instant as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// RFC 3339, for machines.
    pub iso: String,
    /// The exact instant in the tenant's zone, shown on hover.
    pub title: String,
    /// Short words: the time today, the day otherwise.
    pub text: String,
}

/// Tells instants in one language and one time zone.
#[derive(Clone, Debug)]
pub struct Dates {
    lang: Lang,
    zone: TimeZone,
    now: Timestamp,
}

impl Dates {
    /// `zone` is an IANA name; an unknown one counts as UTC.
    #[must_use]
    pub fn new(lang: Lang, zone: &str, now: Timestamp) -> Self {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        Self { lang, zone, now }
    }

    /// The time today, day and time this year, day and year otherwise.
    #[must_use]
    pub fn short(&self, at: Timestamp) -> When {
        self.tell(at, |z, today| {
            let day = format!("{} {}", z.day(), self.lang.month(z.month()));
            if z.date() == today.date() {
                z.strftime("%H:%M").to_string()
            } else if z.year() == today.year() {
                format!("{day}, {}", z.strftime("%H:%M"))
            } else {
                format!("{day} {}", z.year())
            }
        })
    }

    /// Only the time of day.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> When {
        self.tell(at, |z, _| z.strftime("%H:%M").to_string())
    }

    /// Day and time to the millisecond, for what is measured.
    #[must_use]
    pub fn exact(&self, at: Timestamp) -> When {
        self.tell(at, |z, today| {
            let time = z.strftime("%H:%M:%S%.3f").to_string();
            if z.date() == today.date() {
                time
            } else {
                format!("{} {}, {time}", z.day(), self.lang.month(z.month()))
            }
        })
    }

    /// The day, as a heading between messages.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        self.tell(at, |z, today| {
            if z.date() == today.date() {
                self.lang.t("today")
            } else {
                format!("{} {} {}", z.day(), self.lang.month(z.month()), z.year())
            }
        })
        .text
    }

    /// «25 dic 2026, 14:05:09 (UTC-03)».
    fn whole(&self, z: &jiff::Zoned) -> String {
        let zone = z.strftime("%Z").to_string();
        let utc = if zone.starts_with(['+', '-']) {
            "UTC"
        } else {
            ""
        };
        let (day, time) = (self.lang.date(z.date()), z.strftime("%H:%M:%S"));
        format!("{day}, {time} ({utc}{zone})")
    }

    fn tell(&self, at: Timestamp, words: impl Fn(&jiff::Zoned, &jiff::Zoned) -> String) -> When {
        let zoned = |t: Timestamp| t.to_jiff().map(|j| j.to_zoned(self.zone.clone()));
        match (zoned(at), zoned(self.now)) {
            (Some(z), Some(today)) => When {
                iso: at.to_rfc3339(),
                title: self.whole(&z),
                text: words(&z, &today),
            },
            _ => When {
                iso: at.to_rfc3339(),
                title: at.to_rfc3339(),
                text: at.to_rfc3339(),
            },
        }
    }
}

/// The time zones a form offers first.
pub const ZONES: [&str; 20] = [
    "America/Santiago",
    "America/Argentina/Buenos_Aires",
    "America/Asuncion",
    "America/Bogota",
    "America/Caracas",
    "America/Costa_Rica",
    "America/Guatemala",
    "America/Guayaquil",
    "America/La_Paz",
    "America/Lima",
    "America/Mexico_City",
    "America/Montevideo",
    "America/New_York",
    "America/Panama",
    "America/Santo_Domingo",
    "America/Sao_Paulo",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Madrid",
    "UTC",
];

/// Whether a time zone is known.
#[must_use]
pub fn is_zone(name: &str) -> bool {
    !name.is_empty() && TimeZone::get(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_first_wish_that_we_speak_wins() {
        assert_eq!(
            Lang::wished("fr;q=0.9, pt-BR;q=0.8, en;q=0.7"),
            Some(Lang(Language::Pt))
        );
        assert_eq!(Lang::wished("de, fr"), None);
    }

    #[test]
    fn an_instant_is_told_in_the_tenants_zone() {
        let now = Timestamp(1_795_363_200_000); // 2026-11-22T16:00:00Z
        let dates = Dates::new(Lang(Language::Es), "America/Santiago", now);
        assert_eq!(dates.short(now).text, "13:00");
        assert_eq!(
            dates.short(Timestamp(now.0 - 86_400_000)).text,
            "21 nov, 13:00"
        );
    }
}
