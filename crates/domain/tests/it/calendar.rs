//! Public holidays against the dates that the countries published.

use domain::calendar::{Country, holiday_on, holidays};
use jiff::civil::Date;
use proptest::prelude::*;

fn dates(country: Country, year: i16) -> String {
    let mut days: Vec<String> = holidays(country, year)
        .iter()
        .map(|holiday| holiday.date.strftime("%m-%d").to_string())
        .collect();
    days.dedup();
    days.join(" ")
}

#[test]
fn the_holidays_of_each_country_are_those_of_its_calendar() {
    use Country::{Ar, Br, Cl, Co, Es, Mx, Pe};
    let table = [
        (
            Cl,
            2025,
            "01-01 04-18 04-19 05-01 05-21 06-20 06-29 07-16 08-15 09-18 09-19 10-12 10-31 11-01 12-08 12-25",
        ),
        (
            Cl,
            2026,
            "01-01 04-03 04-04 05-01 05-21 06-21 06-29 07-16 08-15 09-18 09-19 10-12 10-31 11-01 12-08 12-25",
        ),
        (
            Cl,
            2027,
            "01-01 03-26 03-27 05-01 05-21 06-21 06-28 07-16 08-15 09-17 09-18 09-19 10-11 10-31 11-01 12-08 12-25",
        ),
        (
            Cl,
            2028,
            "01-01 04-14 04-15 05-01 05-21 06-20 06-26 07-16 08-15 09-18 09-19 10-09 10-27 11-01 12-08 12-25",
        ),
        (
            Ar,
            2025,
            "01-01 03-03 03-04 03-24 04-02 04-18 05-01 05-25 06-16 06-20 07-09 08-17 10-10 11-24 12-08 12-25",
        ),
        (
            Ar,
            2026,
            "01-01 02-16 02-17 03-24 04-02 04-03 05-01 05-25 06-15 06-20 07-09 08-17 10-12 11-09 11-23 12-08 12-25",
        ),
        (
            Ar,
            2027,
            "01-01 02-08 02-09 03-24 03-26 04-02 05-01 05-25 06-20 06-21 07-09 08-16 10-11 11-20 12-08 12-25",
        ),
        (
            Ar,
            2028,
            "01-01 02-28 02-29 03-24 04-02 04-14 05-01 05-25 06-17 06-20 07-09 08-21 10-16 11-20 12-08 12-25",
        ),
        (
            Pe,
            2025,
            "01-01 04-17 04-18 05-01 06-07 06-29 07-23 07-28 07-29 08-06 08-30 10-08 11-01 12-08 12-09 12-25",
        ),
        (
            Pe,
            2026,
            "01-01 04-02 04-03 05-01 06-07 06-29 07-23 07-28 07-29 08-06 08-30 10-08 11-01 12-08 12-09 12-25",
        ),
        (
            Pe,
            2027,
            "01-01 03-25 03-26 05-01 06-07 06-29 07-23 07-28 07-29 08-06 08-30 10-08 11-01 12-08 12-09 12-25",
        ),
        (
            Pe,
            2028,
            "01-01 04-13 04-14 05-01 06-07 06-29 07-23 07-28 07-29 08-06 08-30 10-08 11-01 12-08 12-09 12-25",
        ),
        (
            Co,
            2025,
            "01-01 01-06 03-24 04-17 04-18 05-01 06-02 06-23 06-30 07-20 08-07 08-18 10-13 11-03 11-17 12-08 12-25",
        ),
        (
            Co,
            2026,
            "01-01 01-12 03-23 04-02 04-03 05-01 05-18 06-08 06-15 06-29 07-13 07-20 08-07 08-17 10-12 11-02 11-16 12-08 12-25",
        ),
        (
            Co,
            2027,
            "01-01 01-11 03-22 03-25 03-26 05-01 05-10 05-31 06-07 07-05 07-12 07-20 08-07 08-16 10-18 11-01 11-15 12-08 12-25",
        ),
        (
            Co,
            2028,
            "01-01 01-10 03-20 04-13 04-14 05-01 05-29 06-19 06-26 07-03 07-10 07-20 08-07 08-21 10-16 11-06 11-13 12-08 12-25",
        ),
        (Mx, 2024, "01-01 02-05 03-18 05-01 09-16 10-01 11-18 12-25"),
        (Mx, 2025, "01-01 02-03 03-17 05-01 09-16 11-17 12-25"),
        (Mx, 2026, "01-01 02-02 03-16 05-01 09-16 11-16 12-25"),
        (Mx, 2027, "01-01 02-01 03-15 05-01 09-16 11-15 12-25"),
        (Mx, 2028, "01-01 02-07 03-20 05-01 09-16 11-20 12-25"),
        (
            Br,
            2025,
            "01-01 04-18 04-21 05-01 09-07 10-12 11-02 11-15 11-20 12-25",
        ),
        (
            Br,
            2026,
            "01-01 04-03 04-21 05-01 09-07 10-12 11-02 11-15 11-20 12-25",
        ),
        (
            Br,
            2027,
            "01-01 03-26 04-21 05-01 09-07 10-12 11-02 11-15 11-20 12-25",
        ),
        (
            Br,
            2028,
            "01-01 04-14 04-21 05-01 09-07 10-12 11-02 11-15 11-20 12-25",
        ),
        (
            Es,
            2025,
            "01-01 01-06 04-18 05-01 08-15 10-12 11-01 12-06 12-08 12-25",
        ),
        (
            Es,
            2026,
            "01-01 01-06 04-03 05-01 08-15 10-12 11-01 12-06 12-08 12-25",
        ),
        (
            Es,
            2027,
            "01-01 01-06 03-26 05-01 08-15 10-12 11-01 12-06 12-08 12-25",
        ),
        (
            Es,
            2028,
            "01-01 01-06 04-14 05-01 08-15 10-12 11-01 12-06 12-08 12-25",
        ),
    ];
    for (country, year, expected) in table {
        assert_eq!(dates(country, year), expected, "{country:?} {year}");
    }
}

#[test]
fn a_second_of_january_on_a_monday_is_a_holiday_in_chile() {
    assert!(dates(Country::Cl, 2023).starts_with("01-01 01-02 "));
    assert!(
        dates(Country::Cl, 2023).contains("10-27"),
        "Tuesday 31 October"
    );
    assert!(dates(Country::Cl, 2024).contains("09-18 09-19 09-20"));
    assert!(
        dates(Country::Cl, 2029).contains("11-02"),
        "Wednesday 31 October"
    );
}

#[test]
fn a_country_is_found_by_its_name_and_its_clock() {
    for country in Country::ALL {
        assert_eq!(Country::from_name(country.name()), Some(country));
    }
    assert_eq!(
        Country::of_zone("America/Argentina/Cordoba"),
        Some(Country::Ar)
    );
    assert_eq!(Country::of_zone("UTC"), None);
}

proptest! {
    #[test]
    fn every_holiday_lies_in_its_year_in_order_and_is_found_by_its_date(
        index in 0..7_usize, year in 1900..2200_i16,
    ) {
        let country = Country::ALL[index];
        let days = holidays(country, year);
        prop_assert!(days.len() >= 7);
        prop_assert!(days.is_sorted());
        for day in &days {
            prop_assert_eq!(day.date.year(), year);
            prop_assert!(holiday_on(country, day.date).is_some());
        }
    }

    #[test]
    fn easter_is_a_sunday_between_the_22nd_of_march_and_the_25th_of_april(year in 1900..2200_i16) {
        let friday = holidays(Country::Es, year)
            .into_iter()
            .find(|day| day.name == "Viernes Santo")
            .unwrap()
            .date;
        let easter = friday.tomorrow().unwrap().tomorrow().unwrap();
        prop_assert_eq!(easter.weekday(), jiff::civil::Weekday::Sunday);
        let from = Date::new(year, 3, 22).unwrap();
        let to = Date::new(year, 4, 25).unwrap();
        prop_assert!((from..=to).contains(&easter), "{}", easter);
    }

    #[test]
    fn a_year_without_a_law_of_today_has_no_holidays(year in prop_oneof![-9999..1900_i16, 2200..=9999_i16]) {
        prop_assert!(holidays(Country::Cl, year).is_empty());
    }
}
