//! What the list is asked for: read from the address, and written back into every link of the page.

use crate::extract::Fields;
use adapters::store::{Beyond, ConversationFilter, Cursor};
use domain::search::SearchTerms;
use domain::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Phases that can be asked for.
const PHASES: [&str; 5] = ["human", "requested", "waiting", "active", "bot"];
/// The longest tag or search text that is looked at, in characters.
const LONGEST: usize = 200;

/// What the list is asked for. Whatever in the address means nothing counts as not asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub filter: ConversationFilter,
    /// What was typed into the search, as typed.
    pub q: String,
    pub terms: Option<SearchTerms>,
    /// What of the address meant something, in its order.
    kept: Vec<(&'static str, String)>,
}

impl Asked {
    /// `zone` is the tenant's: a day begins and ends there.
    pub fn parse(fields: &Fields, zone: &str) -> Self {
        let mut asked = Self::default();
        let given = |name: &str| {
            let text: String = fields.get(name).chars().take(LONGEST).collect();
            Some(text).filter(|t| !t.is_empty())
        };
        if let Some(q) = given("q") {
            asked.terms = SearchTerms::parse(&q);
            if asked.terms.is_some() {
                asked.kept.push(("q", q.clone()));
            }
            asked.q = q;
        }
        let filter = &mut asked.filter;
        let mut keep = |name, value: &str| asked.kept.push((name, value.to_owned()));
        if let Some(phase) = given("state").filter(|p| PHASES.contains(&p.as_str())) {
            keep("state", &phase);
            filter.phase = Some(phase);
        }
        if let Some(channel) = given("channel").and_then(|c| c.parse().ok()) {
            filter.channel = Some(channel);
            keep("channel", &channel.to_string());
        }
        if let Some(rule) = given("rule").and_then(|r| r.parse().ok()) {
            filter.rule = Some(rule);
            keep("rule", &rule.to_string());
        }
        if let Some(agent) = given("agent").and_then(|a| a.parse::<i64>().ok()) {
            filter.agent = Some(agent);
            keep("agent", &agent.to_string());
        }
        if let Some(tag) = given("tag") {
            keep("tag", &tag);
            filter.tag = Some(tag);
        }
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        if let Some(day) = given("from").and_then(|d| d.parse::<Date>().ok()) {
            filter.from = begin(day, &zone);
            keep("from", &day.to_string());
        }
        if let Some(day) = given("until").and_then(|d| d.parse::<Date>().ok()) {
            filter.until = day.tomorrow().ok().and_then(|next| begin(next, &zone));
            keep("until", &day.to_string());
        }
        if fields.on("failed") {
            filter.failed_only = true;
            keep("failed", "1");
        }
        asked
    }

    /// What was kept under this name; empty if nothing.
    pub fn value(&self, name: &str) -> &str {
        let found = self.kept.iter().find(|(n, _)| *n == name);
        found.map_or("", |(_, v)| v.as_str())
    }

    /// Whether anything narrows the list.
    pub fn is_narrow(&self) -> bool {
        !self.kept.is_empty()
    }

    /// How many of the less common filters are on.
    pub fn rare(&self) -> usize {
        let rare = ["rule", "agent", "tag", "from", "until"];
        self.kept.iter().filter(|(n, _)| rare.contains(n)).count()
    }

    /// An address with what was asked, and more.
    pub fn address(&self, path: &str, more: &[(&str, String)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.kept {
            query.append_pair(name, value);
        }
        for (name, value) in more {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }
}

fn begin(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let zoned = day.to_zoned(zone.clone()).ok()?;
    Some(Timestamp(zoned.timestamp().as_millisecond()))
}

/// Where a list goes on, and which way.
pub(crate) enum Way {
    /// The newest.
    First,
    /// Older than this.
    Before(Cursor),
    /// Newer than this.
    After(Cursor),
}

impl Way {
    /// `before` or `after` as `<milliseconds>_<conversation id>`; anything else is the beginning.
    pub fn parse(fields: &Fields) -> Self {
        match (cursor(fields.get("before")), cursor(fields.get("after"))) {
            (Some(before), _) => Self::Before(before),
            (None, Some(after)) => Self::After(after),
            _ => Self::First,
        }
    }
}

/// Where a search goes on.
pub(crate) fn beyond(fields: &Fields) -> Option<Beyond> {
    let older = fields.get("before").parse().ok().map(Beyond::Older);
    older.or_else(|| fields.get("after").parse().ok().map(Beyond::Newer))
}

fn cursor(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('_')?;
    Some(Cursor {
        at: Timestamp(at.parse().ok()?),
        id: id.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked::parse(&Fields::parse(query.as_bytes()), "America/Santiago")
    }

    #[test]
    fn a_damaged_cursor_is_the_beginning() {
        for text in ["", "x", "1_x", "x_00000000-0000-0000-0000-000000000000"] {
            assert_eq!(cursor(text), None);
        }
        assert!(cursor("17_00000000-0000-0000-0000-000000000000").is_some());
    }

    #[test]
    fn what_means_something_is_kept_in_the_address() {
        let asked = asked(
            "q=env%C3%ADo&state=human&state=x&agent=7&tag=a%26b&until=2026-11-22&failed=1&x=1",
        );
        let address = asked.address("/conversations", &[("before", "1_2".to_owned())]);
        assert_eq!(
            address,
            "/conversations?q=env%C3%ADo&state=human&agent=7&tag=a%26b&until=2026-11-22&failed=1&before=1_2"
        );
        assert_eq!(asked.rare(), 3);
        // Midnight in Santiago is three o'clock in Greenwich.
        assert_eq!(asked.filter.until, Some(Timestamp(1_795_402_800_000)));
    }

    #[test]
    fn nonsense_is_not_asked() {
        let asked = asked("state=x&channel=1&rule=%00&agent=a&from=hoy&until=2026-13-40&q=%3F");
        assert!(!asked.is_narrow());
        assert_eq!(asked.filter, ConversationFilter::default());
        assert_eq!(asked.address("/conversations", &[]), "/conversations");
    }
}
