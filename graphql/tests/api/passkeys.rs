//! Passkeys, as a browser registers them and signs in by them.

use serde_json::{Value, json};
use test_authenticator::Authenticator;

use crate::platform::{ORIGIN, PASSWORD, Person, Platform};

const REGISTRATION: &str = "mutation { passkeyRegistrationBegin { options challenge expiresAt errors { code } } }";
const REGISTER: &str = "mutation($input: PasskeyRegisterInput!) { passkeyRegister(input: $input) { passkeyId errors { code field } } }";
const BEGIN: &str = "mutation { passkeySignInBegin { options challenge expiresAt errors { code } } }";
const SIGN_IN: &str = "mutation($input: PasskeySignInInput!) { passkeySignIn(input: $input) {
    accessToken refreshToken challenge account { id } errors { code field } } }";
const STEP_UP: &str = "mutation($input: PasskeyStepUpInput!) { passkeyStepUp(input: $input) { provenUntil errors { code field } } }";
const REMOVE: &str = "mutation($input: PasskeyRemoveInput!) { passkeyRemove(input: $input) { removed errors { code field } } }";
const MINE: &str = "{ passkeys { id name lastUsedAt isBackupEligible isBackedUp transports isCopied } }";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// A passkey that somebody has just registered: its id, and the device that has it.
pub(crate) async fn registered(platform: &Platform, person: &Person) -> (String, Authenticator) {
    let data = platform.data(Some(person), REGISTRATION, json!({})).await;
    let begun = &data["passkeyRegistrationBegin"];
    let mut device = Authenticator::new(ORIGIN);
    let credential = device.create(text(&begun["options"]));
    let input = json!({ "challenge": begun["challenge"], "credential": credential, "name": "My telephone" });
    let data = platform.data(Some(person), REGISTER, json!({ "input": input })).await;
    (text(&data["passkeyRegister"]["passkeyId"]).to_owned(), device)
}

async fn shown(platform: &Platform, device: &mut Authenticator) -> Value {
    let data = platform.data(None, BEGIN, json!({})).await;
    let begun = &data["passkeySignInBegin"];
    assert!(begun["expiresAt"].is_string());
    json!({ "challenge": begun["challenge"], "credential": device.get(text(&begun["options"])) })
}

#[tokio::test]
async fn a_passkey_is_registered_named_used_and_removed() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let data = platform.data(Some(&ada), REGISTRATION, json!({})).await;
    let options: Value = serde_json::from_str(text(&data["passkeyRegistrationBegin"]["options"])).expect("JSON");
    assert_eq!(options["rp"], json!({ "id": "nalabo.example.org", "name": "Nalabo" }));
    assert_eq!((&options["user"]["name"], &options["user"]["displayName"]), (&json!("ada@example.org"), &json!("ada")));
    let selection = &options["authenticatorSelection"];
    assert_eq!(
        (&selection["residentKey"], &selection["requireResidentKey"], &selection["userVerification"]),
        (&json!("required"), &json!(true), &json!("required"))
    );
    assert_eq!(options["attestation"], "none");

    let (id, mut device) = registered(&platform, &ada).await;
    let listed = |used: bool, data: &Value| {
        assert_eq!(data["passkeys"][0]["lastUsedAt"].is_string(), used, "{data}");
        let expected = json!({ "id": id, "name": "My telephone", "lastUsedAt": data["passkeys"][0]["lastUsedAt"],
            "isBackupEligible": false, "isBackedUp": false, "transports": ["INTERNAL", "HYBRID"], "isCopied": false });
        assert_eq!(data["passkeys"], json!([expected]));
    };
    listed(false, &platform.data(Some(&ada), MINE, json!({})).await);
    let begun = platform.data(None, BEGIN, json!({})).await;
    let options: Value = serde_json::from_str(text(&begun["passkeySignInBegin"]["options"])).expect("JSON");
    assert_eq!((&options["rpId"], &options["userVerification"]), (&json!("nalabo.example.org"), &json!("required")));
    assert_eq!(options["allowCredentials"], json!([]), "it tells of nobody");

    let data = platform.data(None, SIGN_IN, json!({ "input": shown(&platform, &mut device).await })).await;
    let signed_in = &data["passkeySignIn"];
    assert_eq!((&signed_in["account"]["id"], &signed_in["challenge"]), (&json!(ada.id), &Value::Null));
    let hers = Person {
        id: ada.id.clone(),
        email: ada.email.clone(),
        token: text(&signed_in["accessToken"]).to_owned(),
        refresh_token: text(&signed_in["refreshToken"]).to_owned(),
    };
    listed(true, &platform.data(Some(&hers), MINE, json!({})).await);
    let data = platform.data(Some(&hers), STEP_UP, json!({ "input": shown(&platform, &mut device).await })).await;
    assert!(data["passkeyStepUp"]["provenUntil"].is_string(), "{data}");
    let data = platform.data(Some(&hers), REMOVE, json!({ "input": { "passkeyId": id } })).await;
    assert_eq!(data["passkeyRemove"], json!({ "removed": true, "errors": [] }));
    assert_eq!(platform.data(Some(&hers), MINE, json!({})).await, json!({ "passkeys": [] }));
    let data = platform.data(None, SIGN_IN, json!({ "input": shown(&platform, &mut device).await })).await;
    assert_eq!(data["passkeySignIn"]["errors"], json!([{ "code": "PASSKEY_INVALID", "field": "credential" }]));
    let data = platform.data(Some(&hers), REMOVE, json!({ "input": { "passkeyId": id } })).await;
    assert_eq!(data["passkeyRemove"]["errors"], json!([{ "code": "PASSKEY_NOT_FOUND", "field": "passkeyId" }]));
}

#[tokio::test]
async fn what_comes_is_told_what_is_wrong_with_it_by_field() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let (_, mut device) = registered(&platform, &ada).await;
    let good = shown(&platform, &mut device).await;
    let with = |name: &str, value: Value| {
        let mut input = good.clone();
        input[name] = value;
        json!({ "input": input })
    };
    for (input, code, field) in [
        (with("credential", json!("{}")), "PASSKEY_INVALID", "credential"),
        (with("credential", json!("\u{0}")), "PASSKEY_INVALID", "credential"),
        (with("credential", json!(format!("{}{}", text(&good["credential"]), " ".repeat(17_000)))), "PASSKEY_INVALID", "credential"),
        (with("challenge", json!("")), "PASSKEY_CHALLENGE_INVALID", "challenge"),
    ] {
        let answer = platform.answer(None, SIGN_IN, input).await;
        // What has a zero in it is told already where arguments are read.
        if answer.get("errors").is_some() {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        } else {
            assert_eq!(answer["data"]["passkeySignIn"]["errors"], json!([{ "code": code, "field": field }]));
        }
    }
    let data = platform.data(None, SIGN_IN, json!({ "input": good })).await;
    assert!(data["passkeySignIn"]["accessToken"].is_string(), "nothing of that used the challenge: {data}");
    let begun = platform.data(Some(&ada), REGISTRATION, json!({})).await;
    let begun = &begun["passkeyRegistrationBegin"];
    let credential = Authenticator::new(ORIGIN).create(text(&begun["options"]));
    let input = json!({ "challenge": begun["challenge"], "credential": credential, "name": " " });
    let data = platform.data(Some(&ada), REGISTER, json!({ "input": input })).await;
    assert_eq!(data["passkeyRegister"]["errors"], json!([{ "code": "PASSKEY_NAME_INVALID", "field": "name" }]));
}

#[tokio::test]
async fn the_refresh_token_goes_into_a_cookie_where_that_is_wanted() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let (_, mut device) = registered(&platform, &ada).await;
    let mut input = shown(&platform, &mut device).await;
    input["delivery"] = json!("COOKIE");
    let response = platform.http().json(&json!({ "query": SIGN_IN, "variables": { "input": input } })).send().await.expect("an answer");
    let cookie = response.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(cookie.contains("nalabo-refresh=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let answer: Value = response.json().await.expect("JSON");
    assert_eq!(answer["data"]["passkeySignIn"]["refreshToken"], Value::Null);
    assert!(answer["data"]["passkeySignIn"]["accessToken"].is_string(), "{answer}");
    let password = json!({ "input": { "email": ada.email, "password": PASSWORD } });
    let query = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
    assert!(platform.data(None, query, password).await["signIn"]["accessToken"].is_string(), "a password is as good as before");
}
