//! Days and open time.

use super::build::T0;
use domain::metrics::{Day, Local, open_between};
use domain::routing::{BusinessHours, DayHours};
use domain::time::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

fn nine_to_six() -> BusinessHours {
    let open = DayHours {
        open: vec![(540, 780), (840, 1080)],
    };
    let mut week = vec![open; 5];
    week.extend([
        DayHours::default(),
        DayHours {
            open: vec![(0, 1440)],
        },
    ]);
    BusinessHours {
        week,
        holidays: vec!["2026-12-25".to_owned(), "2026-12-08".to_owned()],
        ..BusinessHours::default()
    }
}

#[test]
fn a_day_is_the_tenants_day() {
    let at = Timestamp(T0 + 10 * 3_600_000); // 02:00 of the 23rd in UTC
    let local = Local::of("America/Santiago", at);
    assert_eq!((local.day.text().as_str(), local.hour), ("2026-11-22", 23));
    assert_eq!(Local::of("no/where", at).day.text(), "2026-11-23");
    assert_eq!(Day::parse("2026-11-22"), Some(local.day));
    assert_eq!(local.day.weekday(), 6, "a Sunday");
    assert_eq!(Day(0).weekday(), 3, "a Thursday");
    assert_eq!(Day::parse("ayer"), None);
}

#[test]
fn only_the_hours_of_the_tenant_count() {
    // Friday 17:30 to Monday 09:15 in Santiago, with a Sunday that is open all day.
    let from = Timestamp(T0 - 2 * 86_400_000 + 4 * 3_600_000 + 1_800_000);
    let to = Timestamp(T0 + 20 * 3_600_000 + 900_000);
    let open = open_between(&nine_to_six(), from, to);
    assert_eq!(open, Duration::from_secs(30 * 60 + 24 * 3600 + 15 * 60));
    let always = BusinessHours::default();
    assert_eq!(
        open_between(&always, from, to).as_millis(),
        (to.0 - from.0) as u128
    );
    assert_eq!(open_between(&always, to, from), Duration::ZERO);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// The slow way: every minute is asked. Two months, so that clocks change within.
    #[test]
    fn open_time_is_the_minutes_that_are_open(start in 0_i64..60 * 1440, long in 0_i64..5 * 1440, zone in 0_usize..3) {
        let mut hours = nine_to_six();
        hours.time_zone = ["America/Santiago", "Europe/Madrid", "America/Sao_Paulo"][zone].to_owned();
        let from = 1_790_000_000_000 / 60_000 * 60_000 - 60 * 86_400_000 + start * 60_000;
        let minutes = (0..long).filter(|m| hours.is_open(Timestamp(from + m * 60_000))).count();
        let open = open_between(&hours, Timestamp(from), Timestamp(from + long * 60_000));
        prop_assert_eq!(open.as_secs(), minutes as u64 * 60);
    }
}
