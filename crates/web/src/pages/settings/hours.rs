//! Business hours: spans of each day, holidays of a country, closed days of one's own.

use super::conflict::{self, Part, Saved};
use super::holidays::{self, HolidayItem};
use super::hours_form::{self, DAYS};
use super::view::{HoursPage, HoursStatus};
use crate::extract::{Form, Manager, Member, Posted};
use crate::i18n::{Dates, Lang};
use crate::pages::parts::{Choice, zones};
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use domain::calendar::Country;
use domain::routing::{BusinessHours, ClosedDay};
use domain::time::Timestamp;
use jiff::tz::TimeZone;

pub(super) async fn show(member: Member) -> Page {
    let mut form = Form::default();
    hours_form::fill(&member.tenant.settings.hours, &mut form);
    let mark = Part::Hours.mark(&member.tenant.settings);
    form.fields.set("mark", mark);
    let hours = member.tenant.settings.hours.clone();
    Ok(html(StatusCode::OK, &page(&member, form, &hours, None)))
}

pub(super) async fn save(Manager(member): Manager, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let l = member.visitor.lang;
    let operation = form.v("op").to_owned();
    if hours_form::work(&mut form.fields, &operation) {
        // The member is still working on it: no complaints yet, but the consequences.
        let mut looked_at = form.clone();
        let hours = hours_form::read(&mut looked_at, l);
        return Ok(html(StatusCode::OK, &page(&member, form, &hours, None)));
    }
    let hours = hours_form::read(&mut form, l);
    if !form.is_fine() {
        let page = page(&member, form, &hours, Some(l.t("wrong-look-below")));
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let mut settings = member.tenant.settings.clone();
    settings.hours = hours;
    match conflict::save(&member, Part::Hours, &settings, form.v("mark")).await? {
        Saved::Done => {
            member.visitor.say("ok", l.t("saved"));
            Ok(member.visitor.go("/settings/hours"))
        }
        Saved::Conflict(told, mark) => {
            form.fields.set("mark", mark);
            let page = HoursPage {
                conflict: Some(told),
                ..page(&member, form, &settings.hours, None)
            };
            Ok(html(StatusCode::CONFLICT, &page))
        }
    }
}

fn page(member: &Member, form: Form, hours: &BusinessHours, problem: Option<String>) -> HoursPage {
    let l = member.visitor.lang;
    let now = member.visitor.app.clock.now();
    HoursPage {
        s: Shell::inside(member, Nav::Settings),
        tab: "hours",
        zones: zones(form.v("time_zone"), l),
        days: hours_form::days(&form, l),
        countries: countries(&form, l),
        proposed: proposed(&form, l),
        holidays: holidays_of(&form, hours, now, l),
        status: status(hours, now, l),
        f: form,
        problem,
        conflict: None,
    }
}

/// The countries to choose from.
pub(crate) fn countries(form: &Form, l: Lang) -> Vec<Choice> {
    let chosen = form.v("country");
    let none = Choice::new("", l.t("hours-country-none"), chosen.is_empty());
    let all = Country::ALL
        .into_iter()
        .map(|c| Choice::new(c.name(), l.word("country", c.name()), c.name() == chosen));
    std::iter::once(none).chain(all).collect()
}

/// The country of the time zone, while none is chosen.
fn proposed(form: &Form, l: Lang) -> Option<String> {
    let country = Country::of_zone(form.v("time_zone")).filter(|_| form.v("country").is_empty())?;
    Some(l.with(
        "hours-country-proposed",
        "country",
        l.word("country", country.name()),
    ))
}

/// The coming holidays of the chosen country: the rest of this year and the next.
pub(crate) fn holidays_of(
    form: &Form,
    hours: &BusinessHours,
    now: Timestamp,
    l: Lang,
) -> Vec<HolidayItem> {
    let zone = TimeZone::get(&hours.time_zone).unwrap_or(TimeZone::UTC);
    let today = now.to_jiff().map(|t| t.to_zoned(zone).date());
    match (Country::from_name(form.v("country")), today) {
        (Some(country), Some(today)) => holidays::coming(country, today, &form.fields, l),
        _ => vec![],
    }
}

/// What happens now and next, in words.
pub(crate) fn status(hours: &BusinessHours, now: Timestamp, l: Lang) -> HoursStatus {
    let told = hours.now(now);
    let why = match told.closed_day {
        Some(ClosedDay::Holiday(name)) => l.with("hours-closed-holiday", "name", name),
        Some(ClosedDay::Own) => l.t("hours-closed-own"),
        None => String::new(),
    };
    let key = if told.open {
        "hours-now-open"
    } else {
        "hours-now-closed"
    };
    let next = told.until.map(|at| {
        let key = if told.open {
            "hours-until-close"
        } else {
            "hours-until-open"
        };
        l.with(key, "when", when(at, hours, now, l))
    });
    HoursStatus {
        open: told.open,
        now: l.t(key),
        why,
        next: next.unwrap_or_else(|| l.t("hours-never-changes")),
    }
}

/// «hoy a las 18:00», «lunes 23 nov, 09:00».
fn when(at: Timestamp, hours: &BusinessHours, now: Timestamp, l: Lang) -> String {
    let dates = Dates::new(l, &hours.time_zone, now);
    let zone = TimeZone::get(&hours.time_zone).unwrap_or(TimeZone::UTC);
    let local = at.to_jiff().map(|t| t.to_zoned(zone));
    let weekday = local.and_then(|z| {
        let day = usize::try_from(z.weekday().to_monday_zero_offset()).ok()?;
        DAYS.get(day).map(|d| l.word("day", d).to_lowercase())
    });
    let told = dates.short(at).text;
    let today = dates.time(at).text == told;
    match weekday {
        Some(_) if today => l.with("hours-today-at", "time", told),
        Some(weekday) => format!("{weekday} {told}"),
        None => told,
    }
}
