//! What the log's page shows.

use super::words::{self, Told};
use crate::i18n::{Dates, Lang, When};
use crate::pages::parts::Choice;
use crate::pages::shell::Shell;
use adapters::store::AuditLine;
use askama::Template;
use domain::audit::{Actor, ObjectKind};
use domain::ids::MemberId;

#[derive(Template)]
#[template(path = "settings_audit.html")]
pub(crate) struct AuditPage {
    pub s: Shell,
    pub tab: &'static str,
    pub filtered: bool,
    pub people: Vec<Choice>,
    pub kinds: Vec<Choice>,
    /// Only about this one thing; empty for everything.
    pub object: String,
    pub from: String,
    pub until: String,
    pub days: Vec<Day>,
    /// Whether newer lines are on another page.
    pub newest: bool,
    pub older: Option<String>,
}

/// The lines of one day, newest first.
pub(crate) struct Day {
    pub name: String,
    pub lines: Vec<Line>,
}

/// One line.
pub(crate) struct Line {
    pub icon: &'static str,
    pub who: String,
    /// Somebody of the host, not of the company.
    pub host: bool,
    pub did: String,
    pub href: Option<String>,
    pub at: When,
    pub address: String,
    pub told: Vec<Told>,
    pub summary: String,
}

/// The lines by day.
pub(crate) fn days(lines: &[AuditLine], dates: &Dates, l: Lang) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for line in lines {
        let name = dates.day(line.at);
        let shown = Line::of(line, dates, l);
        match days.last_mut() {
            Some(day) if day.name == name => day.lines.push(shown),
            _ => days.push(Day {
                name,
                lines: vec![shown],
            }),
        }
    }
    days
}

impl Line {
    fn of(line: &AuditLine, dates: &Dates, l: Lang) -> Self {
        let told = words::told(&line.differences, l);
        let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
        Self {
            icon: words::icon(line.object.kind),
            who: words::who(&line.actor, l),
            host: matches!(line.actor, Actor::Operator { .. }),
            did: words::did(line, l),
            href: words::href(line),
            at: dates.time(line.at),
            address: line.address.clone().unwrap_or_default(),
            summary: l.n("audit-changes", count),
            told,
        }
    }
}

/// The choice of a person.
pub(crate) fn people(known: &[(MemberId, String)], on: Option<MemberId>, l: Lang) -> Vec<Choice> {
    let all = Choice::new("", l.t("audit-everybody"), on.is_none());
    let each = known
        .iter()
        .map(|(id, name)| Choice::new(id.to_string(), name, on == Some(*id)));
    std::iter::once(all).chain(each).collect()
}

/// The choice of a kind of thing.
pub(crate) fn kinds(on: Option<ObjectKind>, l: Lang) -> Vec<Choice> {
    let all = Choice::new("", l.t("audit-everything"), on.is_none());
    let each = ObjectKind::ALL.iter().map(|kind| {
        let name = kind.name();
        Choice::new(name, l.word("audit-kind", name), on == Some(*kind))
    });
    std::iter::once(all).chain(each).collect()
}
