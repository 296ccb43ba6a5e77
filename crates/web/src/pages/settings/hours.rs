//! Business hours: up to two spans a day, and closed days.

use super::view::HoursPage;
use crate::extract::{Fields, Form, Manager, Member, Posted};
use crate::i18n::{Lang, is_zone};
use crate::pages::parts::zones;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use domain::routing::{BusinessHours, DayHours};
use std::str::FromStr;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// One row of the form.
pub(crate) struct Day {
    pub key: &'static str,
    pub name: String,
    pub from1: String,
    pub to1: String,
    pub from2: String,
    pub to2: String,
}

pub(super) async fn show(member: Member) -> Page {
    let hours = &member.tenant.settings.hours;
    let mut form = Form::default();
    form.fields.set("time_zone", &hours.time_zone);
    form.fields.tick("always", hours.week.is_empty());
    form.fields.set("holidays", hours.holidays.join("\n"));
    for (day, hours) in DAYS.into_iter().zip(&hours.week) {
        for (i, (from, to)) in hours.open.iter().take(2).enumerate() {
            form.fields
                .set(&format!("{day}.from{}", i + 1), clock(*from));
            form.fields.set(&format!("{day}.to{}", i + 1), clock(*to));
        }
    }
    Ok(html(StatusCode::OK, &page(&member, form, None)))
}

pub(super) async fn save(Manager(member): Manager, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let l = member.visitor.lang;
    let hours = read(&mut form, l);
    if !form.is_fine() {
        let page = page(&member, form, Some(l.t("wrong-look-below")));
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let mut settings = member.tenant.settings.clone();
    settings.hours = hours;
    member.store.save_settings(&settings).await?;
    member.visitor.say("ok", l.t("saved"));
    Ok(member.visitor.go("/settings/hours"))
}

fn page(member: &Member, form: Form, problem: Option<String>) -> HoursPage {
    HoursPage {
        s: Shell::inside(member, Nav::Settings),
        tab: "hours",
        zones: zones(form.v("time_zone")),
        days: days(&form.fields, member.visitor.lang),
        f: form,
        problem,
    }
}

/// The seven rows as typed.
pub(crate) fn days(fields: &Fields, l: Lang) -> Vec<Day> {
    DAYS.into_iter()
        .map(|key| {
            let value = |part: &str| fields.get(&format!("{key}.{part}")).to_owned();
            Day {
                key,
                name: l.word("day", key),
                from1: value("from1"),
                to1: value("to1"),
                from2: value("from2"),
                to2: value("to2"),
            }
        })
        .collect()
}

/// Minutes from midnight as `HH:MM`; the end of the day as `00:00`.
fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// `HH:MM` as minutes from midnight.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn read(form: &mut Form, l: Lang) -> BusinessHours {
    let time_zone = form.v("time_zone").to_owned();
    if !is_zone(&time_zone) {
        form.refuse("time_zone", l.t("wrong-zone"));
    }
    let mut week = Vec::new();
    for day in DAYS {
        let mut open = Vec::new();
        for i in 1..=2 {
            let from = form.v(&format!("{day}.from{i}")).to_owned();
            let to = form.v(&format!("{day}.to{i}")).to_owned();
            if from.is_empty() && to.is_empty() {
                continue;
            }
            // Open until midnight is typed as 00:00.
            let end = minutes(&to).map(|m| if m == 0 { 1440 } else { m });
            match (minutes(&from), end) {
                (Some(from), Some(to)) if from < to => open.push((from, to)),
                _ => form.refuse(day, l.t("wrong-span")),
            }
        }
        open.sort_unstable();
        if open.windows(2).any(|w| matches!(w, [a, b] if a.1 > b.0)) {
            form.refuse(day, l.t("wrong-overlap"));
        }
        week.push(DayHours { open });
    }
    let holidays = form.fields.lines("holidays");
    if holidays
        .iter()
        .any(|day| jiff::civil::Date::from_str(day).is_err())
    {
        form.refuse("holidays", l.t("wrong-date"));
    }
    // No hours at all means «always open»; a week of closed days is not what anybody means.
    let always = form.on("always") || week.iter().all(|d| d.open.is_empty());
    BusinessHours {
        time_zone,
        week: if always { Vec::new() } else { week },
        holidays,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tenant::Language;

    fn parsed(body: &str) -> (BusinessHours, Form) {
        let body = format!("time_zone=America%2FSantiago&{body}");
        let mut form = Form::from(Fields::parse(body.as_bytes()));
        (read(&mut form, Lang(Language::Es)), form)
    }

    #[test]
    fn a_day_may_have_two_spans_and_end_at_midnight() {
        let body = "mon.from1=09:00&mon.to1=13:00&mon.from2=15:00&mon.to2=00:00";
        let (hours, form) = parsed(body);
        assert!(form.is_fine());
        assert_eq!(hours.week[0].open, [(540, 780), (900, 1440)]);
        assert!(hours.week[1].open.is_empty());
    }

    #[test]
    fn a_span_that_ends_before_it_begins_is_refused() {
        let (_, form) = parsed("fri.from1=18:00&fri.to1=09:00");
        assert!(form.bad("fri"));
    }

    #[test]
    fn a_holiday_must_be_a_date() {
        let (_, form) = parsed("holidays=2026-12-25%0A18+de+septiembre");
        assert!(form.bad("holidays"));
    }
}
