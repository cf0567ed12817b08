//! Codes beside the password, as a program for the telephone makes them, and showing anew who one is.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::platform::{PASSWORD, Person, Platform};

pub(crate) const ENROLL: &str =
    "mutation($p: String!) { totpEnroll(input: { currentPassword: $p }) { secret uri qrCode errors { code field } } }";
pub(crate) const CONFIRM: &str = "mutation($c: String!) { totpConfirm(input: { code: $c }) { recoveryCodes errors { code field } } }";
const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { challenge accessToken refreshToken errors { code field } } }";
const COMPLETE: &str = "mutation($input: SignInCompleteInput!) { signInComplete(input: $input) {
    accessToken refreshToken account { hasSecondFactor } errors { code field } } }";
const STEP_UP: &str = "mutation($input: StepUpInput!) { stepUp(input: $input) { provenUntil errors { code field } } }";
const REGENERATE: &str = "mutation { recoveryCodesRegenerate { recoveryCodes errors { code } } }";
const DISABLE: &str = "mutation { totpDisable { disabled errors { code } } }";

/// What a telephone shows by now (RFC 6238).
pub(crate) fn shown(secret: &str) -> String {
    let seed = BASE32_NOPAD.decode(secret.as_bytes()).expect("base32");
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&seed).expect("a key");
    mac.update(&(chrono::Utc::now().timestamp() / 30).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] % 16);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().expect("four bytes")) % 0x8000_0000;
    format!("{:06}", number % 1_000_000)
}

async fn enrolled(platform: &Platform) -> (Person, Vec<String>) {
    let ada = platform.person("ada", &[]).await;
    let data = platform.data(Some(&ada), ENROLL, json!({ "p": PASSWORD })).await;
    let enrolment = &data["totpEnroll"];
    let secret = enrolment["secret"].as_str().expect("a secret");
    assert_eq!(secret.len(), 32, "160 bits");
    let uri = format!("otpauth://totp/nalabo:ada%40example.org?secret={secret}&issuer=nalabo&algorithm=SHA1&digits=6&period=30");
    assert_eq!(enrolment["uri"], json!(uri));
    assert!(enrolment["qrCode"].as_str().is_some_and(|svg| svg.starts_with("<?xml") && svg.contains("<svg") && svg.ends_with("</svg>")));
    let data = platform.data(Some(&ada), CONFIRM, json!({ "c": shown(secret) })).await;
    let codes = data["totpConfirm"]["recoveryCodes"].as_array().unwrap_or_else(|| panic!("{data}"));
    (ada, codes.iter().map(|code| code.as_str().expect("text").to_owned()).collect())
}

#[tokio::test]
async fn a_password_gives_a_challenge_and_a_code_gives_tokens() {
    let platform = Platform::start().await;
    let (ada, codes) = enrolled(&platform).await;
    assert_eq!(codes.len(), 10);
    let data = platform.data(None, SIGN_IN, json!({ "input": { "email": ada.email, "password": PASSWORD } })).await;
    assert_eq!((&data["signIn"]["accessToken"], &data["signIn"]["refreshToken"]), (&Value::Null, &Value::Null));
    let challenge = data["signIn"]["challenge"].as_str().expect("a challenge");
    let complete = |code: &str| json!({ "input": { "challenge": challenge, "code": code } });
    let data = platform.data(None, COMPLETE, complete("000000")).await;
    assert_eq!(data["signInComplete"]["errors"][0], json!({ "code": "CODE_WRONG", "field": "code" }));
    let data = platform.data(None, COMPLETE, complete(&codes[0])).await;
    assert!(data["signInComplete"]["accessToken"].is_string(), "{data}");
    assert_eq!(data["signInComplete"]["account"]["hasSecondFactor"], true);
    let data = platform.data(None, COMPLETE, complete(&codes[0])).await;
    assert_eq!(data["signInComplete"]["errors"][0]["code"], "CODE_WRONG");
    let refused = platform.http().bearer_auth(challenge).json(&json!({ "query": "{ me { id } }" })).send().await.expect("an answer");
    assert_eq!(refused.status(), 401, "a challenge is no token");
    let at_once = json!({ "input": { "email": ada.email, "password": PASSWORD, "code": codes[1] } });
    let data = platform.data(None, SIGN_IN, at_once.clone()).await;
    assert!(data["signIn"]["accessToken"].is_string() && data["signIn"]["challenge"].is_null(), "{data}");
    let data = platform.data(None, SIGN_IN, at_once).await;
    assert_eq!(data["signIn"]["errors"][0], json!({ "code": "CODE_WRONG", "field": "code" }));
    assert_eq!(platform.data(Some(&ada), "{ me { hasSecondFactor } }", json!({})).await["me"]["hasSecondFactor"], true);
}

#[tokio::test]
async fn where_it_is_on_no_password_is_looked_at_for_another() {
    let platform = Platform::start().await;
    let (ada, codes) = enrolled(&platform).await;
    let begun = platform.data(None, SIGN_IN, json!({ "input": { "email": ada.email, "password": PASSWORD } })).await;
    let complete = |code: &str| json!({ "input": { "challenge": begun["signIn"]["challenge"], "code": code } });
    for password in [PASSWORD, "not my password", PASSWORD, PASSWORD] {
        let data = platform.data(None, COMPLETE, complete("000000")).await;
        assert_eq!(data["signInComplete"]["errors"][0]["code"], "CODE_WRONG");
        let data = platform.data(Some(&ada), ENROLL, json!({ "p": password })).await;
        assert_eq!((&data["totpEnroll"]["secret"], &data["totpEnroll"]["errors"][0]["code"]), (&Value::Null, &json!("SECOND_FACTOR_ON")));
    }
    let data = platform.data(None, COMPLETE, complete(&codes[0])).await;
    assert_eq!(data["signInComplete"]["errors"][0]["code"], "TOO_MANY_TRIES");
}

#[tokio::test]
async fn the_password_and_the_address_are_changed_after_showing_it() {
    let platform = Platform::start().await;
    let (ada, codes) = enrolled(&platform).await;
    let password = "mutation($p: String!) {
        passwordChange(input: { currentPassword: $p, password: \"quite another horse\" }) { changed errors { code } }
    }";
    let address = "mutation($p: String!) {
        emailChange(input: { currentPassword: $p, email: \"new@example.org\" }) { requested errors { code } }
    }";
    for act in [password, address] {
        assert_eq!(platform.code(Some(&ada), act, json!({ "p": PASSWORD })).await, "STEP_UP_REQUIRED");
    }
    let input = json!({ "currentPassword": PASSWORD, "code": codes[0] });
    platform.data(Some(&ada), STEP_UP, json!({ "input": input })).await;
    let data = platform.data(Some(&ada), address, json!({ "p": PASSWORD })).await;
    assert_eq!(data["emailChange"], json!({ "requested": true, "errors": [] }));
    let data = platform.data(Some(&ada), password, json!({ "p": PASSWORD })).await;
    assert_eq!(data["passwordChange"], json!({ "changed": true, "errors": [] }));
}

#[tokio::test]
async fn what_is_on_is_changed_after_showing_password_and_code() {
    let platform = Platform::start().await;
    let (ada, codes) = enrolled(&platform).await;
    for act in [REGENERATE, DISABLE] {
        assert_eq!(platform.code(Some(&ada), act, json!({})).await, "STEP_UP_REQUIRED", "signed in before there was a factor");
    }
    let step_up = async |input: Value| platform.data(Some(&ada), STEP_UP, json!({ "input": input })).await["stepUp"].clone();
    for (input, code, field) in [
        (json!({ "currentPassword": PASSWORD }), "CODE_REQUIRED", "code"),
        (json!({ "currentPassword": PASSWORD, "code": "000000" }), "CODE_WRONG", "code"),
        (json!({ "currentPassword": "not my password", "code": codes[0] }), "PASSWORD_WRONG", "currentPassword"),
    ] {
        assert_eq!(step_up(input).await, json!({ "provenUntil": null, "errors": [{ "code": code, "field": field }] }));
    }
    let proven = step_up(json!({ "currentPassword": PASSWORD, "code": codes[0] })).await;
    assert!(proven["provenUntil"].is_string(), "{proven}");
    let data = platform.data(Some(&ada), REGENERATE, json!({})).await;
    assert_eq!(data["recoveryCodesRegenerate"]["recoveryCodes"].as_array().map(Vec::len), Some(10), "{data}");
    let data = platform.data(Some(&ada), DISABLE, json!({})).await;
    assert_eq!(data["totpDisable"], json!({ "disabled": true, "errors": [] }));
    platform.sign_in(&ada.email).await;
    let nobodys = [(ENROLL, json!({ "p": PASSWORD })), (CONFIRM, json!({ "c": "000000" })), (REGENERATE, json!({})), (DISABLE, json!({}))];
    for (mutation, variables) in nobodys {
        assert_eq!(platform.code(None, mutation, variables).await, "UNAUTHENTICATED");
    }
    let input = json!({ "input": { "currentPassword": PASSWORD } });
    assert_eq!(platform.code(None, STEP_UP, input).await, "UNAUTHENTICATED");
}
