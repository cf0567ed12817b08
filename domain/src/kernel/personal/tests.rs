use serde_json::{from_value, json, to_value};
use uuid::Uuid;

use super::Personal;
use crate::kernel::AccountId;

const ADA: AccountId = AccountId(Uuid::from_u128(1));

fn name() -> Personal<String> {
    Personal::new(ADA, "Ada".to_owned())
}

#[test]
fn an_open_value_is_written_with_its_subject_for_the_journal_to_seal() {
    let written = to_value(name()).expect("a value is JSON");
    assert_eq!(written, json!({ "$personal": { "subject": Uuid::from_u128(1), "value": "Ada" } }));
    assert_eq!(from_value::<Personal<String>>(written).expect("what was written"), name());
}

#[test]
fn a_sealed_value_keeps_its_subject_and_shows_no_value() {
    let stored = json!({ "$personal": { "subject": Uuid::from_u128(1), "sealed": "v1.AAAA" } });
    let sealed: Personal<u32> = from_value(stored.clone()).expect("a sealed value of any type");
    assert_eq!(sealed, Personal::sealed(ADA, "v1.AAAA".to_owned()));
    assert_eq!((sealed.subject(), sealed.as_open(), sealed.as_sealed()), (ADA, None, Some("v1.AAAA")));
    assert_eq!(to_value(sealed).expect("a sealed value is JSON"), stored);
}

#[test]
fn an_open_value_is_not_taken_for_a_sealed_one() {
    assert_eq!((name().subject(), name().as_open(), name().as_sealed()), (ADA, Some(&"Ada".to_owned()), None));
}

#[test]
fn debug_output_hides_the_value_open_or_sealed() {
    let shown = "Personal(acc_00000000000000000000000000000001)";
    assert_eq!(format!("{:?}", name()), shown);
    assert_eq!(format!("{:?}", Personal::<String>::sealed(ADA, "v1.AAAA".to_owned())), shown);
}

#[test]
fn what_cannot_be_read_is_not_repeated_in_the_error() {
    let unreadable = json!({ "$personal": { "subject": Uuid::from_u128(1), "value": "secret" } });
    let error = from_value::<Personal<u32>>(unreadable).expect_err("text where a number belongs");
    assert!(!error.to_string().contains("secret"), "{error}");
}
