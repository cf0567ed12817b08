use chrono::TimeDelta;

use super::{Mebibytes, Minutes, Points, Seconds};

#[test]
fn points_stay_at_the_top_instead_of_wrapping() {
    assert_eq!(Points(2).plus(Points(3)), Points(5));
    assert_eq!(Points(u32::MAX).plus(Points(1)), Points(u32::MAX));
}

#[test]
fn units_convert_without_loss_at_both_ends() {
    assert_eq!(TimeDelta::from(Minutes(2)), TimeDelta::seconds(120));
    assert_eq!(TimeDelta::from(Seconds(u32::MAX)).num_seconds(), i64::from(u32::MAX));
    assert_eq!(TimeDelta::from(Minutes(u32::MAX)).num_minutes(), i64::from(u32::MAX));
    assert_eq!((Mebibytes(1).bytes(), Mebibytes(u32::MAX).bytes()), (1_048_576, 4_503_599_626_321_920));
}

#[test]
fn quantities_are_plain_numbers_in_json_and_in_text() {
    assert_eq!(serde_json::to_string(&[Points(7)]).expect("JSON"), "[7]");
    assert_eq!(Minutes(90).to_string(), "90");
}
