use super::{IdentityRejection, PhoneNumber};

#[test]
fn a_number_is_one_that_all_the_world_dials() {
    for (text, number) in [("+33 6 12 34 56 78", "+33612345678"), ("+1 (202) 555-0143", "+12025550143"), ("+4930.123456", "+4930123456")] {
        assert_eq!(PhoneNumber::try_new(text).map(|number| number.as_str().to_owned()), Ok(number.to_owned()));
    }
    for wrong in ["", "+", "0612345678", "+0612345678", "+1234567", "+1234567890123456", "+33x612345678", "+٣٣٦١٢٣٤٥٦٧٨", "+33\n612345678"]
    {
        assert_eq!(PhoneNumber::try_new(wrong), Err(IdentityRejection::PhoneInvalid), "{wrong}");
    }
    let number = PhoneNumber::try_new("+33612345678").expect("a number");
    assert_eq!((number.hint(), format!("{number:?}")), ("…78".into(), "…78".into()));
}
