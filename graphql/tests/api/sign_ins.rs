//! Tokens: getting, using, refreshing and losing them.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::platform::{PASSWORD, Person, Platform};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
    accessToken refreshToken accessTokenExpiresAt refreshTokenExpiresAt account { email } errors { code message field } } }";
const REFRESH: &str = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) {
    accessToken refreshToken account { id } errors { code } } }";
const SIGN_OUT: &str = "mutation { signOut { signedOut errors { code } stale } }";

/// The status and the code that a token is answered with.
async fn refused(platform: &Platform, authorization: &str) -> (StatusCode, Value) {
    let request = platform.http().header("authorization", authorization).json(&json!({ "query": "{ me { id } }" }));
    let response = request.send().await.expect("an answer");
    let status = response.status();
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body.get("data"), None);
    (status, body["errors"][0]["extensions"]["code"].clone())
}

#[tokio::test]
async fn signing_in_gives_tokens_and_when_they_expire() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let data = platform.data(None, SIGN_IN, json!({ "input": { "email": ada.email, "password": PASSWORD } })).await;
    let payload = &data["signIn"];
    assert_eq!(payload["account"]["email"], "ada@example.org");
    let instant =
        |field: &str| payload[field].as_str().and_then(|text| text.parse::<chrono::DateTime<chrono::Utc>>().ok()).expect("an instant");
    assert!(instant("accessTokenExpiresAt") < instant("refreshTokenExpiresAt"));
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let wrong = platform.data(None, SIGN_IN, json!({ "input": { "email": ada.email, "password": "wrong password" } })).await;
    let unknown = platform.data(None, SIGN_IN, json!({ "input": { "email": "eve@example.org", "password": PASSWORD } })).await;
    assert_eq!(wrong, unknown);
    assert_eq!(wrong["signIn"]["errors"][0]["code"], "CREDENTIALS_WRONG");
    assert_eq!(wrong["signIn"]["accessToken"], Value::Null);
}

#[tokio::test]
async fn a_token_that_is_no_good_is_refused() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let forged = format!("Bearer {}x", ada.token);
    for authorization in ["Bearer nonsense", "Bearer", "Basic YTpi", forged.as_str()] {
        assert_eq!(refused(&platform, authorization).await, (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")), "{authorization}");
    }
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let platform = Platform::of(TimeDelta::minutes(-1), |_| {}).await;
    let ada = platform.person("ada", &[]).await;
    let expired = refused(&platform, &format!("Bearer {}", ada.token)).await;
    assert_eq!(expired, (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")));
}

#[tokio::test]
async fn a_token_is_worth_nothing_after_signing_out() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let other_device = platform.sign_in(&ada.email).await;
    let data = platform.data(Some(&ada), SIGN_OUT, json!({})).await;
    assert_eq!(data["signOut"], json!({ "signedOut": true, "errors": [], "stale": false }));
    let after = refused(&platform, &format!("Bearer {}", ada.token)).await;
    assert_eq!(after, (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")));
    let refreshed = platform.data(None, REFRESH, json!({ "input": { "refreshToken": ada.refresh_token } })).await;
    assert_eq!(refreshed["tokenRefresh"]["errors"][0]["code"], "REFRESH_TOKEN_INVALID");
    assert_eq!(platform.data(Some(&other_device), "{ me { id } }", json!({})).await["me"]["id"], ada.id);
    assert_eq!(platform.code(None, SIGN_OUT, json!({})).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_used_refresh_token_ends_the_sign_in_but_for_who_asks_twice_at_once() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let input = json!({ "input": { "refreshToken": ada.refresh_token } });
    let data = platform.data(None, REFRESH, input.clone()).await;
    let token = data["tokenRefresh"]["accessToken"].as_str().expect("a token").to_owned();
    assert_eq!(data["tokenRefresh"]["account"]["id"], ada.id);
    let again = Person { token, ..ada };
    assert_eq!(platform.data(Some(&again), "{ me { id } }", json!({})).await["me"]["id"], again.id);
    let data = platform.data(None, REFRESH, input.clone()).await;
    let sibling = json!({ "input": { "refreshToken": data["tokenRefresh"]["refreshToken"].as_str().expect("within the grace") } });
    platform.data(None, REFRESH, sibling.clone()).await;
    for input in [input, sibling] {
        let data = platform.data(None, REFRESH, input).await;
        assert_eq!(data["tokenRefresh"]["errors"][0]["code"], "REFRESH_TOKEN_INVALID");
    }
    let after = refused(&platform, &format!("Bearer {}", again.token)).await;
    assert_eq!(after, (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")));
}
