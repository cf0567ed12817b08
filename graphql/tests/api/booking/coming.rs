//! Who came, and who did not.

use serde_json::{Value, json};

use super::{REGISTRATION, comes, done, error, in_a_month, of, organiser, published, refused, run, state, with};
use crate::platform::Platform;

#[tokio::test]
async fn who_comes_is_checked_in_once_and_that_is_taken_back() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let (_, registration, _) = comes(&platform, &id, "ada").await;
    let selection = "registration { state checkedInAt }";
    let answer = done(&platform, &grace, "registrationCheckIn", selection, of(&registration)).await;
    assert_eq!(answer["registration"]["state"], "ATTENDED");
    assert_ne!(answer["registration"]["checkedInAt"], Value::Null);
    assert_eq!(refused(&platform, &grace, "registrationCheckIn", of(&registration)).await, error("WRONG_STAGE", "registrationId"));
    let answer = done(&platform, &grace, "registrationUndoCheckIn", selection, of(&registration)).await;
    assert_eq!(answer["registration"], json!({ "state": "CONFIRMED", "checkedInAt": null }));
    assert_eq!(refused(&platform, &grace, "registrationUndoCheckIn", of(&registration)).await, error("WRONG_STAGE", "registrationId"));
}

#[tokio::test]
async fn who_did_not_come_is_told_by_the_end_and_that_is_taken_back() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let (_, first, _) = comes(&platform, &id, "ada").await;
    let (bob, second, _) = comes(&platform, &id, "bob").await;
    let came = |registration: &str| with(of(registration), json!({ "came": true }));
    assert_eq!(refused(&platform, &grace, "registrationRecordNoShow", of(&first)).await, error("WRONG_STAGE", "registrationId"));
    assert_eq!(refused(&platform, &grace, "runComplete", json!({ "runId": id })).await, error("NOT_ENDED", "runId"));

    let later = platform.later(in_a_month).await;
    for (mutation, input, expected) in [
        ("registrationRecordNoShow", of(&first), "NO_SHOW"),
        ("registrationRecordNoShow", came(&first), "CONFIRMED"),
        ("registrationCheckIn", of(&first), "ATTENDED"),
    ] {
        let answer = done(&later, &grace, mutation, REGISTRATION, input).await;
        assert_eq!(answer["registration"]["state"], expected, "{mutation}");
    }
    let answer = done(&later, &grace, "runComplete", "run { state }", json!({ "runId": id })).await;
    assert_eq!(answer["run"]["state"], "COMPLETED");
    assert_eq!(state(&platform, &bob, &second).await, "NO_SHOW");
    let answer = done(&later, &grace, "registrationRecordNoShow", REGISTRATION, came(&second)).await;
    assert_eq!(answer["registration"]["state"], "ATTENDED", "of a run that is over");
}
