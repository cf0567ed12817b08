use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::{Times, Timing};
use crate::{
    booking::{Ticket, Tier, test_runs},
    kernel::Timestamp,
};

fn local(month: u32, day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, month, day).and_then(|day| day.and_hms_opt(hour, 30, 0)).expect("a local time")
}

fn timing(start: NaiveDateTime, end: NaiveDateTime) -> Timing {
    let time_zone = "Europe/Zurich".to_owned();
    Timing { starts_at: start, ends_at: end, opens_at: None, closes_at: None, time_zone, recurrence: None }
}

fn told(timing: &Timing) -> Vec<String> {
    let short = |time: Timestamp| time.format("%m-%dT%H:%MZ").to_string();
    let all = timing.times().unwrap_or_else(|flaws| panic!("{flaws:?}"));
    let tell =
        |times: Times| [Some(times.starts_at), Some(times.ends_at), times.opens_at, times.closes_at].into_iter().flatten().map(short);
    all.into_iter().map(|times| tell(times).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn local_times_are_instants() {
    let one = Timing { opens_at: Some(local(1, 1, 0)), closes_at: Some(local(3, 1, 9)), ..timing(local(3, 28, 9), local(3, 29, 17)) };
    assert_eq!(told(&one), ["03-28T08:30Z 03-29T15:30Z 12-31T23:30Z 03-01T08:30Z"]);
}

#[test]
fn each_of_a_series_is_as_the_first_by_the_clock() {
    let rule = Some("FREQ=WEEKLY;COUNT=2".to_owned());
    let series = Timing {
        recurrence: rule,
        closes_at: Some(local(3, 22, 9)),
        opens_at: Some(local(1, 1, 0)),
        ..timing(local(3, 23, 9), local(3, 23, 17))
    };
    let expected = ["03-23T08:30Z 03-23T16:30Z 12-31T23:30Z 03-22T08:30Z", "03-30T07:30Z 03-30T15:30Z 12-31T23:30Z 03-29T07:30Z"];
    assert_eq!(told(&series), expected);
}

#[test]
fn all_times_that_do_not_exist_or_exist_twice_are_told() {
    let wrong = Timing { closes_at: Some(local(3, 29, 2)), ..timing(local(3, 29, 2), local(10, 25, 2)) };
    let places: Vec<_> = wrong.times().expect_err("flaws").into_iter().map(|flaw| flaw.at).collect();
    assert_eq!(places, ["startsAt", "endsAt", "closesAt"]);
    let nowhere = Timing { time_zone: "Mars/Olympus".to_owned(), ..timing(local(1, 1, 9), local(1, 1, 10)) };
    assert_eq!(nowhere.times().expect_err("flaws")[0].at, "timeZone");
}

#[test]
fn an_end_of_one_of_a_series_that_does_not_exist_is_told() {
    let series = Timing { recurrence: Some("FREQ=WEEKLY;COUNT=2".to_owned()), ..timing(local(3, 21, 9), local(3, 22, 2)) };
    assert_eq!(series.times().expect_err("flaws")[0].at, "endsAt");
}

#[test]
fn what_is_lower_for_who_comes_early_is_so_as_long_before_each_of_a_series() {
    let rule = Some("FREQ=WEEKLY;COUNT=2".to_owned());
    let times = Timing { recurrence: rule, ..timing(local(5, 4, 9), local(5, 4, 17)) }.times().expect("times");
    let first = times[0].starts_at;
    let tier = |until| Tier { until, first: Some(3), price: test_runs::eur(5_000) };
    let tiers = vec![tier(Some(first - TimeDelta::days(10))), tier(None), tier(Some(Timestamp::MAX_UTC))];
    let plan = test_runs::plan(first, vec![Ticket { tiers, ..test_runs::ticket("seat", 10_000) }]);
    let untils = |times: Times| plan.at(times, first).tickets[0].tiers.iter().map(|tier| tier.until).collect::<Vec<_>>();
    assert_eq!(untils(times[0]), [Some(first - TimeDelta::days(10)), None, Some(Timestamp::MAX_UTC)]);
    assert_eq!(untils(times[1]), [Some(first - TimeDelta::days(3)), None, Some(Timestamp::MAX_UTC)]);
}
