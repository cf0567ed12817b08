//! Codes that are sent to who does not have their second factor at hand.

use serde_json::{Value, json};

use crate::{
    platform::{PASSWORD, Person, Platform},
    second_factor::{CONFIRM, ENROLL, shown},
};

const PHONE: &str = "mutation($n: String!) { phoneEnroll(input: { number: $n }) { sent errors { code field } } }";
const PHONE_CONFIRM: &str = "mutation($c: String!) { phoneConfirm(input: { code: $c }) { confirmed errors { code field } } }";
const PHONE_REMOVE: &str = "mutation { phoneRemove { removed errors { code } } }";
const SEND: &str =
    "mutation($input: SecondFactorCodeSendInput!) { secondFactorCodeSend(input: $input) { expiresAt errors { code field } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { challenge errors { code } } }";
const COMPLETE: &str = "mutation($input: SignInCompleteInput!) { signInComplete(input: $input) { accessToken errors { code } } }";

/// Somebody with a second factor that is on, signed in since.
async fn enrolled(platform: &Platform) -> Person {
    let ada = platform.person("ada", &[]).await;
    let data = platform.data(Some(&ada), ENROLL, json!({ "p": PASSWORD })).await;
    let secret = data["totpEnroll"]["secret"].as_str().expect("a secret");
    let data = platform.data(Some(&ada), CONFIRM, json!({ "c": shown(secret) })).await;
    let recovery = data["totpConfirm"]["recoveryCodes"][0].as_str().expect("a code").to_owned();
    let step_up = "mutation($input: StepUpInput!) { stepUp(input: $input) { provenUntil errors { code } } }";
    let data = platform.data(Some(&ada), step_up, json!({ "input": { "currentPassword": PASSWORD, "code": recovery } })).await;
    assert!(data["stepUp"]["provenUntil"].is_string(), "{data}");
    ada
}

#[tokio::test]
async fn a_telephone_is_named_confirmed_and_removed_and_its_code_is_for_nothing_else() {
    let platform = Platform::start().await;
    let ada = enrolled(&platform).await;
    let data = platform.data(Some(&ada), PHONE, json!({ "n": "06 12 34 56 78" })).await;
    assert_eq!(data["phoneEnroll"], json!({ "sent": false, "errors": [{ "code": "PHONE_INVALID", "field": "number" }] }));
    let data = platform.data(Some(&ada), PHONE, json!({ "n": "+33 6 12 34 56 78" })).await;
    assert_eq!(data["phoneEnroll"], json!({ "sent": true, "errors": [] }));
    let data = platform.data(Some(&ada), PHONE_CONFIRM, json!({ "c": "x" })).await;
    assert_eq!(data["phoneConfirm"]["errors"], json!([{ "code": "CODE_WRONG", "field": "code" }]));
    let data = platform.data(Some(&ada), PHONE_CONFIRM, json!({ "c": platform.telephones.last() })).await;
    assert_eq!(data["phoneConfirm"], json!({ "confirmed": true, "errors": [] }));
    let me = platform.data(Some(&ada), "{ me { backupPhone } }", Value::Null).await;
    assert_eq!(me["me"]["backupPhone"], "…78");
    let data = platform.data(None, SIGN_IN, json!({ "input": { "email": ada.email, "password": PASSWORD } })).await;
    let challenge = data["signIn"]["challenge"].as_str().expect("a challenge");
    let send = |channel: &str| json!({ "input": { "challenge": challenge, "channel": channel } });
    let data = platform.data(None, SEND, send("EMAIL")).await;
    assert_eq!(data["secondFactorCodeSend"]["errors"], json!([{ "code": "CHANNEL_OFF", "field": "channel" }]));
    let data = platform.data(None, SEND, send("TEXT")).await;
    assert_eq!(data["secondFactorCodeSend"]["errors"][0]["code"], "CODE_SENT_JUST_NOW", "the one for the telephone");
    let data = platform.data(None, COMPLETE, json!({ "input": { "challenge": challenge, "code": platform.telephones.last() } })).await;
    assert_eq!(data["signInComplete"]["errors"][0]["code"], "CODE_WRONG", "that was for something else");
    let data = platform.data(Some(&ada), PHONE_REMOVE, Value::Null).await;
    assert_eq!(data["phoneRemove"], json!({ "removed": true, "errors": [] }));
    let data = platform.data(None, SEND, send("TEXT")).await;
    assert_eq!(data["secondFactorCodeSend"]["errors"][0]["code"], "PHONE_MISSING");
}
