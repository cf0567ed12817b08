use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
}

#[test]
fn the_older_the_coarser() {
    let days = |days: i64| at(-days * 86_400);
    let kept = [0, 1, 6, 7, 365, 366].map(|age| kept_step(days(age), at(0)));
    assert_eq!(kept, [Some(0), Some(300), Some(300), Some(3600), Some(3600), None]);
}

#[test]
fn steps_are_summed_up_whole_and_a_part_at_a_time() {
    let [day, week, year] = Thinning::all(at(123));
    assert_eq!((day.before % (300 * SECOND), week.before % (3600 * SECOND), year.into), (0, 0, None));
    assert!(day.before <= at(123 - 86_400).timestamp_micros());
    let oldest = at(-10 * 86_400 + 77).timestamp_micros();
    let end = day.part(oldest);
    assert!(end % (300 * SECOND) == 0 && end > oldest && end <= oldest + 3600 * SECOND);
    assert_eq!(day.part(day.before - 1), day.before, "never beyond what is due");
}
