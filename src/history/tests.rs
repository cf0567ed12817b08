use super::*;

#[test]
fn moments_are_positions_days_and_instants() {
    assert_eq!("12".parse(), Ok(Moment::Position(Position(12))));
    let noon = DateTime::from_timestamp(1_793_534_400, 0).expect("a time");
    assert_eq!("2026-11-01T12:00:00Z".parse(), Ok(Moment::Instant(noon)));
    assert_eq!("2026-11-01T14:00:00+02:00".parse(), Ok(Moment::Instant(noon)));
    assert_eq!("2026-11-01".parse(), Ok(Moment::Instant(noon - chrono::TimeDelta::hours(12))));
    for bad in ["-1", "", "yesterday", "2026-13-01", "2026-11-01 12:00"] {
        assert!(bad.parse::<Moment>().is_err(), "{bad}");
    }
}
