//! Changing one's password.

use serde_json::{Value, json};

use crate::{
    platform::{PASSWORD, Platform},
    socket::Socket,
};

const CHANGE: &str = "mutation($input: PasswordChangeInput!) { passwordChange(input: $input) { changed errors { code field } stale } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code field } } }";
const NEW: &str = "quite another horse";

fn change(current: &str, new: &str) -> Value {
    json!({ "input": { "currentPassword": current, "password": new } })
}

#[tokio::test]
async fn a_changed_password_is_good_and_closes_what_is_open_elsewhere() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let other = platform.sign_in(&ada.email).await;
    let (mut here, mut there) = (Socket::of(&platform, &ada).await, Socket::of(&platform, &other).await);
    let data = platform.data(Some(&ada), CHANGE, change(PASSWORD, NEW)).await;
    assert_eq!(data["passwordChange"], json!({ "changed": true, "errors": [], "stale": false }));
    assert_eq!(there.closed().await, 4403);
    here.say(json!({ "type": "ping" })).await;
    assert_eq!(here.hear().await["type"], "pong");
    let input = json!({ "input": { "email": ada.email, "password": PASSWORD } });
    assert_eq!(platform.data(None, SIGN_IN, input).await["signIn"]["errors"][0]["code"], "CREDENTIALS_WRONG");
    let input = json!({ "input": { "email": ada.email, "password": NEW } });
    assert!(platform.data(None, SIGN_IN, input).await["signIn"]["accessToken"].is_string());
}

#[tokio::test]
async fn what_is_wrong_is_told_by_its_field() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    for (input, code, field) in [
        (change("not my password", NEW), "PASSWORD_WRONG", "currentPassword"),
        (change(PASSWORD, "short"), "PASSWORD_INVALID", "password"),
        (change(PASSWORD, "password12345678"), "PASSWORD_COMMON", "password"),
    ] {
        let data = platform.data(Some(&ada), CHANGE, input).await;
        let expected = json!({ "changed": false, "errors": [{ "code": code, "field": field }], "stale": false });
        assert_eq!(data["passwordChange"], expected);
    }
    assert_eq!(platform.code(None, CHANGE, change(PASSWORD, NEW)).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn too_many_tries_are_answered_alike_for_somebody_and_for_nobody() {
    let platform = Platform::start().await;
    platform.person("ada", &[]).await;
    let mut last = Vec::new();
    for email in ["ada@example.org", "nobody@example.org"] {
        let input = json!({ "input": { "email": email, "password": "a wrong password" } });
        let mut answer = Value::Null;
        // Five are free; after that each may have waited long enough while others were looked at.
        for _ in 0..12 {
            answer = platform.data(None, SIGN_IN, input.clone()).await;
            if answer["signIn"]["errors"][0]["code"] == "TOO_MANY_TRIES" {
                break;
            }
        }
        last.push(answer);
    }
    assert_eq!(last[0], last[1]);
    assert_eq!(last[0]["signIn"], json!({ "accessToken": null, "errors": [{ "code": "TOO_MANY_TRIES", "field": null }] }));
}
