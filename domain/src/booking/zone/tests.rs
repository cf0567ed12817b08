use chrono::{NaiveDate, NaiveDateTime};

use super::{instant, named};

fn local(day: (i32, u32, u32), hour: u32, minute: u32) -> NaiveDateTime {
    let (year, month, day) = day;
    NaiveDate::from_ymd_opt(year, month, day).and_then(|day| day.and_hms_opt(hour, minute, 0)).expect("a local time")
}

#[test]
fn a_local_time_is_an_instant() {
    let zurich = named("Europe/Zurich").expect("a zone");
    let at = |day, hour| instant(local(day, hour, 30), zurich, "startsAt").expect("an instant").to_rfc3339();
    assert_eq!(at((2026, 1, 15), 9), "2026-01-15T08:30:00+00:00");
    assert_eq!(at((2026, 7, 15), 9), "2026-07-15T07:30:00+00:00");
    let kathmandu = named("Asia/Kathmandu").expect("a zone");
    let noon = instant(local((2026, 1, 1), 12, 0), kathmandu, "startsAt").expect("an instant");
    assert_eq!(noon.to_rfc3339(), "2026-01-01T06:15:00+00:00");
}

#[test]
fn a_local_time_that_does_not_exist_or_exists_twice_is_refused() {
    let zurich = named("Europe/Zurich").expect("a zone");
    let refused = |day, hour| instant(local(day, hour, 30), zurich, "startsAt").expect_err("no instant").to_string();
    assert_eq!(
        refused((2026, 3, 29), 2),
        "startsAt: expected a local time that exists; clocks are put forward over 2026-03-29T02:30:00 in Europe/Zurich"
    );
    assert_eq!(
        refused((2026, 10, 25), 2),
        "startsAt: expected a local time that exists once; clocks are put back over 2026-10-25T02:30:00 in Europe/Zurich"
    );
    // Half an hour before and after, there is no doubt.
    assert!(instant(local((2026, 3, 29), 1, 59), zurich, "startsAt").is_ok());
    assert!(instant(local((2026, 3, 29), 3, 0), zurich, "startsAt").is_ok());
}

#[test]
fn a_zone_is_one_of_the_database() {
    for unknown in ["", "Zurich", "Europe/Atlantis", "UTC+1", "europe zurich"] {
        assert_eq!(named(unknown).expect_err("no zone").at, "timeZone", "{unknown}");
    }
    assert!(named("UTC").is_ok());
}
