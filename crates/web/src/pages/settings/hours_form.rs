//! Business hours as form fields and back, and the buttons of the form.

use crate::extract::{Fields, Form};
use crate::i18n::{Lang, is_zone};
use domain::calendar::Country;
use domain::routing::{BusinessHours, DayHours};
use jiff::civil::Date;
use std::str::FromStr;

/// Monday first.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// The most spans of a day.
pub(crate) const SPANS: usize = 6;

/// One day of the form.
pub(crate) struct Day {
    pub key: &'static str,
    pub name: String,
    pub spans: Vec<Span>,
    pub error: Option<String>,
    /// One more span fits.
    pub can_add: bool,
}

/// One span of a day as typed.
pub(crate) struct Span {
    pub number: usize,
    pub from: String,
    pub to: String,
}

/// Fills the form from what is stored.
pub(crate) fn fill(hours: &BusinessHours, form: &mut Form) {
    let fields = &mut form.fields;
    fields.set("time_zone", &hours.time_zone);
    fields.tick("always", hours.week.is_empty());
    fields.set("holidays", hours.holidays.join("\n"));
    fields.set("country", hours.country.map_or("", Country::name));
    for day in &hours.open_on {
        fields.add("open_on", day);
    }
    for (day, hours) in DAYS.into_iter().zip(&hours.week) {
        write(fields, day, &hours.open);
    }
}

/// The seven days as typed: one empty span more than are filled in, and at least one.
pub(crate) fn days(form: &Form, l: Lang) -> Vec<Day> {
    DAYS.into_iter()
        .map(|key| {
            let value = |part: &str, n: usize| form.v(&format!("{key}.{part}{n}")).to_owned();
            let shown = (1..=SPANS)
                .filter(|n| form.on(&format!("{key}.from{n}")))
                .max()
                .unwrap_or(1);
            Day {
                key,
                name: l.word("day", key),
                spans: (1..=shown)
                    .map(|number| Span {
                        number,
                        from: value("from", number),
                        to: value("to", number),
                    })
                    .collect(),
                error: form.e(key).map(str::to_owned),
                can_add: shown < SPANS,
            }
        })
        .collect()
}

/// Does what a button of the form says; whether it was one (and not «save»).
pub(crate) fn work(fields: &mut Fields, operation: &str) -> bool {
    let mut words = operation.split(':');
    let (what, day) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let Some(day) = DAYS.into_iter().find(|d| *d == day) else {
        return match what {
            "refresh" => true,
            "add-day" => {
                let mut lines = fields.lines("holidays");
                lines.extend(fields.some("new_day").filter(|d| !lines.contains(d)));
                lines.sort();
                fields.set("holidays", lines.join("\n"));
                fields.set("new_day", "");
                true
            }
            _ => false,
        };
    };
    match what {
        "add" => {
            let free = (1..=SPANS).find(|n| !fields.on(&format!("{day}.from{n}")));
            if let Some(n) = free {
                fields.set(&format!("{day}.from{n}"), "");
                fields.set(&format!("{day}.to{n}"), "");
            }
        }
        "clear" => clear(fields, day),
        "copy" => {
            let last = if words.next() == Some("all") { 7 } else { 5 };
            for other in DAYS.into_iter().take(last).filter(|other| *other != day) {
                clear(fields, other);
                for n in 1..=SPANS {
                    for part in ["from", "to"] {
                        let name = format!("{day}.{part}{n}");
                        if fields.on(&name) {
                            let value = fields.get(&name).to_owned();
                            fields.set(&format!("{other}.{part}{n}"), value);
                        }
                    }
                }
            }
            fields.tick("always", false);
        }
        _ => return false,
    }
    true
}

fn clear(fields: &mut Fields, day: &str) {
    for n in 1..=SPANS {
        fields.take(&format!("{day}.from{n}"));
        fields.take(&format!("{day}.to{n}"));
    }
}

fn write(fields: &mut Fields, day: &str, spans: &[(u16, u16)]) {
    for (n, (from, to)) in (1..).zip(spans.iter().take(SPANS)) {
        fields.set(&format!("{day}.from{n}"), clock(*from));
        fields.set(&format!("{day}.to{n}"), clock(*to));
    }
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

/// Reads the form; what is wrong is said beside its field.
pub(crate) fn read(form: &mut Form, l: Lang) -> BusinessHours {
    let time_zone = form.v("time_zone").to_owned();
    if !is_zone(&time_zone) {
        form.refuse("time_zone", l.t("wrong-zone"));
    }
    let week: Vec<DayHours> = DAYS.into_iter().map(|day| read_day(form, day, l)).collect();
    let mut holidays = form.fields.lines("holidays");
    if holidays.iter().any(|day| Date::from_str(day).is_err()) {
        form.refuse("holidays", l.t("wrong-date"));
    }
    holidays.sort();
    holidays.dedup();
    // No hours at all means «always open»; a week of closed days is not what anybody means.
    let always = form.on("always") || week.iter().all(|d| d.open.is_empty());
    let open_on = form.fields.all("open_on");
    BusinessHours {
        time_zone,
        week: if always { Vec::new() } else { week },
        country: Country::from_name(form.v("country")),
        open_on: open_on
            .filter(|day| Date::from_str(day).is_ok())
            .take(200)
            .map(str::to_owned)
            .collect(),
        holidays,
    }
}

fn read_day(form: &mut Form, day: &str, l: Lang) -> DayHours {
    let mut open = Vec::new();
    for n in 1..=SPANS {
        let from = form.v(&format!("{day}.from{n}")).to_owned();
        let to = form.v(&format!("{day}.to{n}")).to_owned();
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
    DayHours { open }
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
    fn hours_survive_the_form() {
        let body = "mon.from1=09:00&mon.to1=13:00&mon.from2=15:00&mon.to2=00:00&mon.from3=&mon.to3=\
            &country=cl&open_on=2026-12-08&open_on=2027-09-17&holidays=2026-12-24";
        let (hours, form) = parsed(body);
        assert!(form.is_fine());
        assert_eq!(hours.week[0].open, [(540, 780), (900, 1440)]);
        assert!(hours.week[1].open.is_empty());
        assert_eq!((hours.country, hours.open_on.len()), (Some(Country::Cl), 2));
        let mut again = Form::default();
        fill(&hours, &mut again);
        assert_eq!(read(&mut again, Lang(Language::Es)), hours);
    }

    #[test]
    fn a_span_that_ends_before_it_begins_is_refused() {
        let (_, form) = parsed("fri.from1=18:00&fri.to1=09:00");
        assert!(form.bad("fri"));
        let (_, form) = parsed("fri.from1=09:00&fri.to1=14:00&fri.from2=13:00&fri.to2=18:00");
        assert!(form.bad("fri"));
    }

    #[test]
    fn a_closed_day_must_be_a_date() {
        let (_, form) = parsed("holidays=2026-12-25%0A18+de+septiembre");
        assert!(form.bad("holidays"));
    }

    #[test]
    fn a_day_is_copied_cleared_and_gets_one_more_span() {
        let body = b"mon.from1=09:00&mon.to1=18:00&tue.from1=10:00&tue.to1=11:00&tue.from2=12:00\
            &tue.to2=13:00&sat.from1=10:00&sat.to1=12:00&always=on";
        let mut fields = Fields::parse(body);
        assert!(work(&mut fields, "copy:mon:week"));
        assert_eq!(
            (fields.get("tue.from1"), fields.on("tue.from2")),
            ("09:00", false)
        );
        assert_eq!(fields.get("sat.to1"), "12:00", "not at the weekend");
        assert!(!fields.on("always"));
        assert!(work(&mut fields, "copy:mon:all"));
        assert_eq!(fields.get("sun.to1"), "18:00");
        assert!(work(&mut fields, "add:mon") && fields.on("mon.from2"));
        assert!(work(&mut fields, "clear:mon") && !fields.on("mon.from1"));
        fields.set("new_day", "2026-12-24");
        assert!(work(&mut fields, "add-day"));
        assert_eq!(fields.get("holidays"), "2026-12-24");
        assert!(!work(&mut fields, "save") && !work(&mut fields, "copy:xyz:all"));
    }
}
