//! Who came, and who did not.

use commands::Request;
use domain::identity::Role;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    REGISTRATION, comes, done, error, in_a_month, local, of, on_the_day, organiser, published, query, refused, run, soon, state, with,
};
use crate::platform::Platform;

#[tokio::test]
async fn who_comes_is_checked_in_once_and_that_is_taken_back() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(soon())).await;
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

/// What somebody shows at the door.
async fn code_of(platform: &Platform, registration: &str) -> String {
    let id = registration.parse().expect("an id");
    let code = platform.services.commands.booking.check_in_code(&Request::system("test"), id).await.expect("answered");
    code.expect("a code").expose_secret().to_owned()
}

fn shown(code: &str) -> Value {
    json!({ "code": code })
}

#[tokio::test]
async fn who_shows_their_code_is_checked_in_once_whichever_way_they_are_told_of() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(soon())).await;
    let (_, registration, _) = comes(&platform, &id, "ada").await;
    let code = code_of(&platform, &registration).await;
    let keyed = with(shown(&code), json!({ "idempotencyKey": "door" }));
    let selection = "registration { id state }";
    let came = json!({ "id": registration, "state": "ATTENDED" });
    assert_eq!(done(&platform, &grace, "registrationCheckIn", selection, keyed.clone()).await["registration"], came);
    assert_eq!(done(&platform, &grace, "registrationCheckIn", selection, keyed).await["registration"], came, "it is the same request");
    for again in [shown(&code), of(&registration)] {
        assert_eq!(refused(&platform, &grace, "registrationCheckIn", again).await, error("WRONG_STAGE", "registrationId"));
    }
    done(&platform, &grace, "registrationUndoCheckIn", selection, of(&registration)).await;
    // Scanners end what they read with a line.
    let scanned = shown(&format!("{code}\n"));
    assert_eq!(done(&platform, &grace, "registrationCheckIn", selection, scanned).await["registration"], came);
}

#[tokio::test]
async fn a_code_that_is_forged_or_of_another_organisers_run_lets_nobody_in() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(soon())).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let code = code_of(&platform, &registration).await;
    let (said, signature) = code.rsplit_once('.').expect("a signature");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let tampered = format!("{said}.{first}{}", &signature[1..]);
    for forged in ["", "nonsense", "a.b.c", tampered.as_str(), grace.token.as_str()] {
        let refused = refused(&platform, &grace, "registrationCheckIn", shown(forged)).await;
        assert_eq!(refused, error("CHECK_IN_CODE_INVALID", "code"), "{forged}");
    }
    let other = platform.person("other", &[Role::Organiser]).await;
    let hidden = error("REGISTRATION_NOT_FOUND", "registrationId");
    assert_eq!(refused(&platform, &other, "registrationCheckIn", shown(&code)).await, hidden);
    let check_in = query("registrationCheckIn", "");
    assert_eq!(platform.code(Some(&ada), &check_in, json!({ "input": shown(&code) })).await, "FORBIDDEN");
    assert_eq!(platform.code(None, &check_in, json!({ "input": shown("nonsense") })).await, "UNAUTHENTICATED");
    assert_eq!(state(&platform, &ada, &registration).await, "CONFIRMED");
}

#[tokio::test]
async fn at_a_door_nobody_is_let_in_by_what_is_for_another_run() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let (id, other) = (published(&platform, &grace, run(soon())).await, published(&platform, &grace, run(soon())).await);
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let code = code_of(&platform, &registration).await;
    let (here, there) = (json!({ "runId": id }), json!({ "runId": other }));
    let by_code = with(shown(&code), there.clone());
    assert_eq!(refused(&platform, &grace, "registrationCheckIn", by_code).await, error("CHECK_IN_CODE_INVALID", "code"));
    let by_id = with(of(&registration), there);
    assert_eq!(refused(&platform, &grace, "registrationCheckIn", by_id).await, error("REGISTRATION_NOT_FOUND", "registrationId"));
    assert_eq!(state(&platform, &ada, &registration).await, "CONFIRMED");
    let nowhere = with(shown(&code), json!({ "runId": registration }));
    let answer = platform.answer(Some(&grace), &query("registrationCheckIn", ""), json!({ "input": nowhere })).await;
    assert_eq!(answer["errors"][0]["extensions"]["argument"], "runId", "{answer}");
    for by in [shown(&code), of(&registration)] {
        let selection = "registration { state run { id } }";
        let answer = done(&platform, &grace, "registrationCheckIn", selection, with(by, here.clone())).await;
        assert_eq!(answer["registration"], json!({ "state": "ATTENDED", "run": { "id": id } }));
        done(&platform, &grace, "registrationUndoCheckIn", "", of(&registration)).await;
    }
}

#[tokio::test]
async fn who_comes_days_ahead_is_told_from_when_on_people_are_checked_in() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    for by in [shown(&code_of(&platform, &registration).await), of(&registration)] {
        assert_eq!(refused(&platform, &grace, "registrationCheckIn", by).await, error("CHECK_IN_TOO_EARLY", "registrationId"));
    }
    let query = "mutation($input: RegistrationCheckInInput!) { registrationCheckIn(input: $input) { errors { possibleFrom } } }";
    let told = platform.data(Some(&grace), query, json!({ "input": of(&registration) })).await;
    let from = format!("{}:00+00:00", local(29, 9));
    assert_eq!(told["registrationCheckIn"]["errors"], json!([{ "possibleFrom": from }]));
    assert_eq!(state(&platform, &ada, &registration).await, "CONFIRMED");
    let on_the_day = platform.later(on_the_day).await;
    done(&on_the_day, &grace, "registrationCheckIn", "", of(&registration)).await;
    assert_eq!(state(&platform, &ada, &registration).await, "ATTENDED");
}

#[tokio::test]
async fn who_has_come_is_said_in_one_way_and_not_in_two() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let both = with(of(&registration), shown(&code_of(&platform, &registration).await));
    for (input, argument) in [(json!({}), "registrationId"), (both, "code")] {
        let answer = platform.answer(Some(&grace), &query("registrationCheckIn", ""), json!({ "input": input })).await;
        let error = &answer["errors"][0];
        let said = (&error["extensions"]["code"], &error["extensions"]["argument"]);
        assert_eq!(said, (&json!("BAD_USER_INPUT"), &json!(argument)), "{answer}");
    }
    assert_eq!(state(&platform, &ada, &registration).await, "CONFIRMED");
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
