//! When humans are there.

use domain::calendar::Country;
use domain::routing::{BusinessHours, ClosedDay, DayHours, HoursProblem};
use domain::tenant::Language;
use domain::time::Timestamp;

fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    Timestamp(instant.as_millisecond())
}

fn office(zone: &str) -> BusinessHours {
    let day = || DayHours {
        open: vec![(9 * 60, 13 * 60), (14 * 60, 18 * 60)],
    };
    let mut week: Vec<DayHours> = (0..5).map(|_| day()).collect();
    week.push(DayHours {
        open: vec![(22 * 60, 1440)],
    });
    week.push(DayHours {
        open: vec![(0, 2 * 60)],
    });
    BusinessHours {
        time_zone: zone.to_owned(),
        week,
        holidays: vec!["2027-01-06".to_owned(), "never".to_owned()],
        ..BusinessHours::default()
    }
}

#[test]
fn the_clock_is_the_one_on_the_tenants_wall() {
    let santiago = office("America/Santiago"); // UTC−3 in January, UTC−4 in July
    let table = [
        ("2027-01-04T11:59:59Z", false),
        ("2027-01-04T12:00:00Z", true),
        ("2027-01-04T15:59:59Z", true),
        ("2027-01-04T16:00:00Z", false),
        ("2027-01-04T17:00:00Z", true),
        ("2027-01-04T21:00:00Z", false),
        ("2027-01-06T12:30:00Z", false), // a holiday
        ("2027-01-07T12:30:00Z", true),
        ("2027-07-05T12:30:00Z", false), // winter: half past eight
        ("2027-07-05T13:30:00Z", true),
        ("2027-01-10T01:30:00Z", true), // Saturday 22:30, over midnight
        ("2027-01-10T04:59:00Z", true), // Sunday 01:59
        ("2027-01-10T05:00:00Z", false),
    ];
    for (instant, open) in table {
        assert_eq!(santiago.is_open(at(instant)), open, "{instant}");
    }
}

#[test]
fn without_hours_it_is_always_open_but_on_holidays() {
    let mut hours = BusinessHours {
        week: Vec::new(),
        ..office("America/Santiago")
    };
    assert!(hours.is_open(at("2027-01-05T03:00:00Z")));
    assert!(!hours.is_open(at("2027-01-07T02:00:00Z"))); // still the 6th in Santiago
    hours.holidays.clear();
    assert!(hours.is_open(Timestamp(i64::MAX)));
    assert!(hours.is_open(Timestamp(i64::MIN)));
}

#[test]
fn an_unknown_zone_is_read_as_utc_and_reported() {
    let hours = office("America/Macondo");
    assert!(hours.is_open(at("2027-01-04T09:00:00Z")));
    assert!(!hours.is_open(at("2027-01-04T08:59:00Z")));
    let problems = hours.validate();
    assert_eq!(
        problems,
        [
            HoursProblem::UnknownZone {
                name: "America/Macondo".to_owned()
            },
            HoursProblem::BadHoliday {
                date: "never".to_owned()
            },
        ]
    );
    assert_eq!(
        problems[0].text(Language::Es),
        "No conocemos la zona horaria «America/Macondo»."
    );
}

#[test]
fn a_span_that_is_none_is_reported_and_left_out() {
    let hours = BusinessHours {
        time_zone: "UTC".to_owned(),
        week: vec![
            DayHours {
                open: vec![(22 * 60, 6 * 60), (600, 600), (1400, 1500)],
            };
            8
        ],
        holidays: vec![],
        ..BusinessHours::default()
    };
    assert_eq!(hours.validate().len(), 1 + 8 * 3);
    assert!(!hours.is_open(at("2027-01-04T23:00:00Z")));
    assert!(
        hours.validate()[1]
            .text(Language::Es)
            .contains("de 22:00 a 06:00")
    );
}

#[test]
fn the_default_hours_are_sound() {
    assert_eq!(BusinessHours::default().validate(), []);
}

#[test]
fn a_country_closes_its_holidays_but_for_the_days_excepted() {
    let mut hours = BusinessHours {
        country: Some(Country::Cl),
        ..office("America/Santiago")
    };
    let friday = at("2027-09-17T13:30:00Z"); // before a Saturday the 18th
    assert!(!hours.is_open(friday));
    assert_eq!(
        hours.now(friday).closed_day,
        Some(ClosedDay::Holiday("Feriado de Fiestas Patrias"))
    );
    hours.open_on.push("2027-09-17".to_owned());
    assert!(hours.is_open(friday));
    hours.holidays.push("2027-09-17".to_owned());
    assert_eq!(hours.now(friday).closed_day, Some(ClosedDay::Own));
}

#[test]
fn the_next_change_is_told() {
    let hours = office("America/Santiago");
    let table = [
        ("2027-01-04T12:00:00Z", true, Some("2027-01-04T16:00:00Z")),
        ("2027-01-04T16:30:00Z", false, Some("2027-01-04T17:00:00Z")),
        ("2027-01-05T22:00:00Z", false, Some("2027-01-07T12:00:00Z")), // the 6th is closed
        ("2027-01-10T01:30:00Z", true, Some("2027-01-10T05:00:00Z")),  // through midnight
    ];
    for (now, open, until) in table {
        let told = hours.now(at(now));
        assert_eq!((told.open, told.until), (open, until.map(at)), "{now}");
    }
    let always = BusinessHours::default();
    let told = always.now(at("2027-01-04T12:00:00Z"));
    assert_eq!((told.open, told.until), (true, None));
}
