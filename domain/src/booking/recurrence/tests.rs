use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::{LONGEST, starts};

fn local(month: u32, day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, month, day).and_then(|day| day.and_hms_opt(hour, 0, 0)).expect("a local time")
}

fn given(rule: &str, start: NaiveDateTime) -> Vec<String> {
    let all = starts(rule, start, Tz::Europe__Zurich).unwrap_or_else(|flaw| panic!("{rule}: {flaw}"));
    all.iter().map(|time| time.format("%m-%dT%H:%MZ").to_string()).collect()
}

fn refused(rule: &str, start: NaiveDateTime) -> String {
    let flaw = starts(rule, start, Tz::Europe__Zurich).expect_err(rule);
    assert_eq!(flaw.at, "recurrence", "{rule}");
    flaw.expected
}

#[test]
fn a_series_keeps_the_local_time_over_a_change_of_clocks() {
    // A Monday; clocks are put forward on 29 March.
    assert_eq!(given("FREQ=WEEKLY;COUNT=3", local(3, 23, 9)), ["03-23T08:00Z", "03-30T07:00Z", "04-06T07:00Z"]);
    assert_eq!(given("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", local(3, 23, 9)), ["03-23T08:00Z", "03-25T08:00Z", "03-30T07:00Z"]);
}

#[test]
fn an_end_is_a_day_a_local_time_or_an_instant() {
    let start = local(6, 1, 9);
    let expected = ["06-01T07:00Z", "06-02T07:00Z"];
    for end in ["20260602", "20260602T090000", "20260602T070000Z", "20260603T065959Z"] {
        assert_eq!(given(&format!("FREQ=DAILY;UNTIL={end}"), start), expected, "{end}");
    }
    assert_eq!(given("FREQ=DAILY;UNTIL=20260602T085959", start), expected[..1]);
    for end in ["", "soon", "20260231", "20260602T25"] {
        assert!(refused(&format!("FREQ=DAILY;UNTIL={end}"), start).starts_with("UNTIL as"), "{end}");
    }
}

#[test]
fn a_rule_without_an_end_is_refused() {
    assert_eq!(refused("FREQ=WEEKLY", local(6, 1, 9)), "a rule with an end: COUNT or UNTIL");
    assert_eq!(refused("FREQ=DAILY;COUNT=3;UNTIL=20260604", local(6, 1, 9)), "either COUNT or UNTIL");
    assert_eq!(refused("FREQ=DAILY;UNTIL=20260604;UNTIL=20260605", local(6, 1, 9)), "one UNTIL at most");
}

#[test]
fn a_rule_has_as_many_times_as_can_be_held() {
    assert_eq!(given(&format!("FREQ=DAILY;COUNT={LONGEST}"), local(1, 1, 9)).len(), usize::from(LONGEST));
    for rule in ["FREQ=DAILY;COUNT=201", "FREQ=HOURLY;UNTIL=20301231", "FREQ=HOURLY;COUNT=4294967295"] {
        assert_eq!(refused(rule, local(6, 1, 9)), "a rule that gives at most 200 times", "{rule}");
    }
}

#[test]
fn nobody_looks_for_long_for_times_that_are_too_many_or_hardly_ever_come() {
    let list = |most: u8| (0..most).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    let crowded = format!("FREQ=YEARLY;BYMONTH=6;BYHOUR={};BYMINUTE={};BYSECOND={};UNTIL=20301231", list(24), list(60), list(60));
    assert_eq!(refused(&crowded, local(6, 1, 0)), "a rule that gives at most 200 times");
    for freq in ["MINUTELY", "SECONDLY"] {
        let rule = format!("FREQ={freq};BYHOUR=9;BYMINUTE=0;BYSECOND=0;COUNT=200");
        assert_eq!(refused(&rule, local(6, 1, 9)), "a FREQ of HOURLY, or one that is more seldom");
    }
    assert_eq!(refused("FREQ=YEARLY;INTERVAL=30;COUNT=5", local(6, 1, 9)), "a rule whose times are within a hundred years");
    assert_eq!(given("FREQ=YEARLY;INTERVAL=30;COUNT=4", local(6, 1, 9)).len(), 4);
    assert_eq!(refused("FREQ=YEARLY;UNTIL=21270101", local(6, 1, 9)), "an UNTIL within a hundred years of the start");
}

#[test]
fn what_is_no_rule_is_refused() {
    for rule in ["", "weekly", "FREQ=WEEKLY;COUNT=x", "FREQ=MONTHLY;BYMONTHDAY=45;COUNT=2", "FREQ=DAILY;COUNT=2\nDTSTART:20260101T000000Z"]
    {
        assert!(refused(rule, local(6, 1, 9)).starts_with("a rule of RFC 5545"), "{rule}");
    }
    for rule in ["FREQ=WEEKLY;BYDAY=TU;COUNT=2", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "FREQ=DAILY;COUNT=0"] {
        let expected = refused(rule, local(6, 1, 9));
        assert!(expected.contains("first time") || expected.contains("at most"), "{rule}: {expected}");
    }
}

#[test]
fn a_series_with_a_time_that_does_not_exist_or_exists_twice_is_refused() {
    let gap = refused("FREQ=DAILY;COUNT=3", local(3, 28, 2));
    assert!(gap.contains("put forward over 2026-03-29T02:00:00"), "{gap}");
    let twice = refused("FREQ=DAILY;COUNT=3", local(10, 24, 2));
    assert!(twice.contains("put back over 2026-10-25T02:00:00"), "{twice}");
}
