use async_graphql::{ScalarType, Value};

use super::LocalDateTime;

#[test]
fn a_local_time_is_read_with_seconds_and_without() {
    for text in ["2026-12-01T09:30", "2026-12-01T09:30:00"] {
        let time = LocalDateTime::parse(text.into()).expect("a time");
        assert_eq!(time.to_value(), Value::from("2026-12-01T09:30:00"));
    }
}

#[test]
fn what_is_no_local_time_is_found_out() {
    for text in
        ["", "2026-12-01", "2026-13-01T09:30", "2026-12-01T09:30Z", "2026-12-01T09:30+01:00", "+12026-12-01T09:30", "1969-12-01T09:30"]
    {
        assert!(!LocalDateTime::is_valid(&text.into()), "{text}");
        assert!(LocalDateTime::parse(text.into()).is_err(), "{text}");
    }
    assert!(!LocalDateTime::is_valid(&1.into()));
}
