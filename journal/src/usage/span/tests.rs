use super::*;

fn asked(days_ago: i64, to: Option<i64>, step: Option<i32>) -> Result<u32, &'static str> {
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("an instant");
    let ago = |days| now - TimeDelta::days(days) + TimeDelta::minutes(1);
    let span = UsageSpan::try_new(None, ago(days_ago), to.map(ago), step, now);
    span.map(|span| span.step).map_err(|refused| refused.field)
}

#[test]
fn what_is_left_out_is_the_finest_that_will_do() {
    assert_eq!([asked(1, None, None), asked(7, None, None), asked(300, None, None)], [Ok(300), Ok(3600), Ok(86_400)]);
}

#[test]
fn what_is_not_kept_or_too_much_is_refused_by_its_field() {
    assert_eq!(asked(1, None, Some(120)), Ok(120));
    for step in [-60, 0, 59, 61] {
        assert_eq!(asked(1, None, Some(step)), Err("step"), "{step}");
    }
    assert_eq!(asked(1, None, Some(60)), Err("step"), "1440 of them");
    assert_eq!(asked(3, None, Some(60)), Err("step"), "it is kept in steps of 300");
    assert_eq!(asked(400, None, None), Err("from"));
    assert_eq!(asked(1, Some(2), None), Err("from"));
    assert_eq!(asked(1, Some(-1200), None), Err("to"));
}
