use uuid::Uuid;

use super::{IdError, TypedId};
use crate::kernel::{AccountId, EnvironmentId, SessionId, SignInId, WorkshopId};

const ID: Uuid = Uuid::from_u128(0x0192_f0c1_2233_7abc_8def_0011_2233_4455);

fn is_written_under<I: TypedId + PartialEq + std::fmt::Debug>(prefix: &str) {
    let text = I::from(ID).to_string();
    assert_eq!(text, format!("{prefix}_0192f0c122337abc8def001122334455"));
    assert_eq!(text.parse(), Ok(I::from(ID)));
    assert_eq!(I::PREFIX, prefix);
}

#[test]
fn every_kind_of_id_is_written_under_its_prefix_and_read_back() {
    is_written_under::<AccountId>("acc");
    is_written_under::<SignInId>("sgn");
    is_written_under::<WorkshopId>("wks");
    is_written_under::<SessionId>("ses");
    is_written_under::<EnvironmentId>("env");
}

#[test]
fn an_id_of_another_kind_is_refused_and_the_expected_prefix_named() {
    let refused = SessionId(ID).to_string().parse::<WorkshopId>();
    assert_eq!(refused, Err(IdError { prefix: "wks" }));
    assert_eq!(IdError { prefix: "wks" }.to_string(), "expected an id of the form wks_<32 hexadecimal digits>");
}

#[test]
fn text_that_is_not_an_id_is_refused() {
    let bare = ID.simple().to_string();
    let hyphenated = format!("acc_{}", ID.hyphenated());
    let long = format!("acc_{bare}0");
    let not_hexadecimal = format!("acc_{}g", &bare[1..]);
    let wide = format!("acc_{}", "é".repeat(16));
    for text in ["", "acc", "acc_", "acc_1", &bare, &hyphenated, &long, &not_hexadecimal, &wide, &format!(" acc_{bare}")] {
        assert_eq!(text.parse::<AccountId>(), Err(IdError { prefix: "acc" }), "{text}");
    }
}

#[test]
fn ids_are_stored_without_their_prefix() {
    let stored = serde_json::to_value(AccountId(ID)).expect("an id is JSON");
    assert_eq!(stored, serde_json::json!("0192f0c1-2233-7abc-8def-001122334455"));
    assert_eq!(serde_json::from_value::<AccountId>(stored).expect("the id that was stored"), AccountId(ID));
}
