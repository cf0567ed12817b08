use super::{count, millionths, share};
use crate::failure::Failure;

#[test]
fn shares_have_two_decimals_at_most() {
    for (percent, hundredths) in [(0.0, 0), (19.0, 1900), (8.1, 810), (4.35, 435), (2.55, 255), (100.0, 10_000)] {
        assert_eq!(share("vatPercent", percent).ok(), Some(hundredths), "{percent}");
    }
    for percent in [-1.0, 100.01, 8.125, f64::NAN, f64::INFINITY] {
        assert!(matches!(share("vatPercent", percent), Err(Failure::BadInput { argument, .. }) if argument == "vatPercent"), "{percent}");
    }
}

#[test]
fn degrees_are_on_earth() {
    for (degrees, expected) in [(47.376_887, 47_376_887), (-180.0, -180_000_000), (180.0, 180_000_000), (8.123_456_789, 8_123_457)] {
        assert_eq!(millionths("venue.coordinates.longitude", degrees, 180).ok(), Some(expected), "{degrees}");
    }
    for degrees in [180.1, -200.0, 1e300, f64::NAN] {
        assert!(millionths("venue.coordinates.longitude", degrees, 180).is_err(), "{degrees}");
    }
}

#[test]
fn counts_are_not_negative() {
    assert_eq!(count::<u32>("capacity", 12).ok(), Some(12));
    for number in [-1, i64::MAX] {
        assert!(count::<u32>("capacity", number).is_err(), "{number}");
    }
    assert_eq!((count::<u8>("priority", 255).ok(), count::<u8>("priority", 256).ok()), (Some(255), None));
}
