//! Refresh tokens that browsers keep.

use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::{
    platform::{PASSWORD, Platform},
    socket::Socket,
};

const SIGN_IN: &str =
    "mutation($email: String!, $password: String!) { signIn(input: { email: $email, password: $password, delivery: COOKIE }) {
    accessToken refreshToken errors { code } } }";
const REFRESH: &str = "mutation { tokenRefresh { accessToken refreshToken errors { code } } }";
const SIGN_OUT: &str = "mutation { signOut { signedOut errors { code } } }";

/// The answer, and the cookie that is set with it.
async fn ask(platform: &Platform, headers: &[(&str, &str)], query: &str, variables: Value) -> (Value, Option<String>) {
    let request = platform.http().json(&json!({ "query": query, "variables": variables }));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.expect("an answer");
    let cookie = response.headers().get(SET_COOKIE).map(|value| value.to_str().expect("text").to_owned());
    (response.json().await.expect("JSON"), cookie)
}

/// Name and value of a cookie, without its attributes.
fn pair(cookie: &str) -> &str {
    cookie.split(';').next().expect("a pair")
}

async fn signed_in(platform: &Platform) -> (Value, String) {
    let ada = platform.person("ada", &[]).await;
    let (answer, cookie) = ask(platform, &[], SIGN_IN, json!({ "email": ada.email, "password": PASSWORD })).await;
    (answer["data"]["signIn"].clone(), cookie.expect("a cookie"))
}

#[tokio::test]
async fn a_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
    let platform = Platform::start().await;
    let (payload, cookie) = signed_in(&platform).await;
    assert!(payload["accessToken"].is_string() && payload["refreshToken"].is_null(), "{payload}");
    assert!(cookie.starts_with("__Host-nalabo-refresh="), "{cookie}");
    let attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    assert!(attributes[0].starts_with("Max-Age=6047") || attributes[0] == "Max-Age=604800", "{cookie}");
    assert_eq!(attributes[1..], ["Path=/", "HttpOnly", "SameSite=Strict", "Secure"]);
}

#[tokio::test]
async fn while_developing_there_need_be_no_tls() {
    let platform = Platform::with(|options| options.development = true).await;
    let (_, cookie) = signed_in(&platform).await;
    assert!(
        cookie.starts_with("nalabo-refresh=") && !cookie.contains("Secure") && cookie.contains("HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_cookie_is_traded_for_the_next() {
    let platform = Platform::start().await;
    let (_, cookie) = signed_in(&platform).await;
    let others = format!("theme=dark; {}; more", pair(&cookie));
    let (answer, next) = ask(&platform, &[("cookie", &others)], REFRESH, json!({})).await;
    let payload = &answer["data"]["tokenRefresh"];
    assert!(payload["accessToken"].is_string() && payload["refreshToken"].is_null(), "{answer}");
    let next = next.expect("a cookie");
    assert_ne!(pair(&next), pair(&cookie));
    let (answer, _) = ask(&platform, &[("cookie", pair(&next))], REFRESH, json!({})).await;
    assert!(answer["data"]["tokenRefresh"]["accessToken"].is_string(), "{answer}");
    let (answer, forgotten) = ask(&platform, &[("cookie", pair(&cookie))], REFRESH, json!({})).await;
    assert_eq!(answer["data"]["tokenRefresh"]["errors"][0]["code"], "REFRESH_TOKEN_INVALID");
    assert!(forgotten.is_some_and(|cookie| cookie.starts_with("__Host-nalabo-refresh=; Max-Age=0;")));
}

#[tokio::test]
async fn a_cookie_signs_nobody_in() {
    let platform = Platform::start().await;
    let (_, cookie) = signed_in(&platform).await;
    let (answer, _) = ask(&platform, &[("cookie", pair(&cookie))], "{ me { id } }", json!({})).await;
    assert_eq!(answer["data"]["me"], Value::Null);
    let (answer, _) = ask(&platform, &[("cookie", pair(&cookie))], "{ devices { nodes { id } } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_cookie_is_not_looked_at_for_pages_from_elsewhere() {
    let platform = Platform::with(|options| options.origins = vec!["https://app.example.org".into()]).await;
    let (_, cookie) = signed_in(&platform).await;
    for origin in ["https://evil.example.org", "null"] {
        for mutation in [REFRESH, SIGN_OUT] {
            let (answer, set) = ask(&platform, &[("cookie", pair(&cookie)), ("origin", origin)], mutation, json!({})).await;
            assert!(answer["errors"].is_array() && set.is_none(), "{origin}: {answer}");
        }
    }
    let (answer, _) = ask(&platform, &[("cookie", pair(&cookie)), ("origin", "https://app.example.org")], REFRESH, json!({})).await;
    assert!(answer["data"]["tokenRefresh"]["accessToken"].is_string(), "{answer}");
    let (answer, _) = ask(&platform, &[], REFRESH, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn who_has_but_the_cookie_can_sign_out_and_the_browser_forgets_it() {
    let platform = Platform::start().await;
    let (payload, cookie) = signed_in(&platform).await;
    let (answer, forgotten) = ask(&platform, &[("cookie", pair(&cookie))], SIGN_OUT, json!({})).await;
    assert_eq!(answer["data"]["signOut"], json!({ "signedOut": true, "errors": [] }));
    assert!(forgotten.is_some_and(|cookie| cookie.starts_with("__Host-nalabo-refresh=; Max-Age=0;")));
    let authorization = format!("Bearer {}", payload["accessToken"].as_str().expect("a token"));
    let (answer, _) = ask(&platform, &[("authorization", &authorization)], "{ me { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let (answer, _) = ask(&platform, &[("cookie", pair(&cookie))], SIGN_OUT, json!({})).await;
    assert_eq!(answer["data"]["signOut"]["errors"][0]["code"], "REFRESH_TOKEN_INVALID");
}

#[tokio::test]
async fn a_web_socket_sets_no_cookie() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let mut socket = Socket::of(&platform, &ada).await;
    socket.subscribe("1", SIGN_IN, json!({ "email": ada.email, "password": PASSWORD })).await;
    let heard = socket.hear().await;
    let text = heard.to_string();
    assert!(text.contains("BAD_USER_INPUT") && !text.contains("accessToken\":\"ey"), "{text}");
}
