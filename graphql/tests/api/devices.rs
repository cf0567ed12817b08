//! Where one is signed in, and ending that.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::platform::{PASSWORD, Platform};

const DEVICES: &str = "query($first: Int, $after: String) { devices(first: $first, after: $after) {
    nodes { id openedAt lastRefreshedAt expiresAt userAgent address isCurrent } pageInfo { hasNextPage endCursor } } }";
const REVOKE: &str = "mutation($input: DeviceRevokeInput!) { deviceRevoke(input: $input) { revoked errors { code field } stale } }";
const REFRESH: &str = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { refreshToken errors { code } } }";

fn nodes(data: &Value) -> &[Value] {
    data["devices"]["nodes"].as_array().expect("devices")
}

#[tokio::test]
async fn devices_are_ones_own_and_tell_from_where_and_since_when() {
    let platform = Platform::start().await;
    let (ada, _bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let sign_in = json!({ "query": "mutation($input: SignInInput!) { signIn(input: $input) { refreshToken } }",
        "variables": { "input": { "email": ada.email, "password": PASSWORD } } });
    let phone = platform.http().header("user-agent", "Phone/1.0").json(&sign_in).send().await.expect("an answer");
    let phone: Value = phone.json().await.expect("JSON");
    let data = platform.data(Some(&ada), DEVICES, json!({})).await;
    let [second, first] = nodes(&data) else { panic!("{data}") };
    assert_eq!((&first["isCurrent"], &second["isCurrent"]), (&json!(true), &json!(false)));
    assert_eq!((&second["userAgent"], &second["address"]), (&json!("Phone/1.0"), &json!("127.0.0.1")));
    assert_eq!(second["lastRefreshedAt"], Value::Null);
    platform.data(None, REFRESH, json!({ "input": { "refreshToken": phone["data"]["signIn"]["refreshToken"] } })).await;
    let data = platform.data(Some(&ada), DEVICES, json!({})).await;
    assert!(nodes(&data)[0]["lastRefreshedAt"].as_str() > second["openedAt"].as_str(), "{data}");
    assert_eq!(platform.code(None, DEVICES, json!({})).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_device_that_is_revoked_is_listed_no_more_and_its_tokens_are_worth_nothing() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let lost = platform.sign_in(&ada.email).await;
    let data = platform.data(Some(&lost), DEVICES, json!({})).await;
    let device = nodes(&data)[0]["id"].clone();
    let input = json!({ "input": { "deviceId": device } });
    let revoked = json!({ "revoked": true, "errors": [], "stale": false });
    for _ in 0..2 {
        assert_eq!(platform.data(Some(&ada), REVOKE, input.clone()).await["deviceRevoke"], revoked);
    }
    assert_eq!(nodes(&platform.data(Some(&ada), DEVICES, json!({})).await).len(), 1);
    let refreshed = platform.data(None, REFRESH, json!({ "input": { "refreshToken": lost.refresh_token } })).await;
    assert_eq!(refreshed["tokenRefresh"]["errors"][0]["code"], "REFRESH_TOKEN_INVALID");
    let status =
        platform.http().bearer_auth(&lost.token).json(&json!({ "query": "{ me { id } }" })).send().await.expect("an answer").status();
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_device_of_somebody_else_is_not_there_not_even_for_administrators() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let administrator = platform.person("root", &[Role::Administrator]).await;
    let data = platform.data(Some(&ada), DEVICES, json!({})).await;
    let device = nodes(&data)[0]["id"].clone();
    let answer = platform.data(Some(&administrator), REVOKE, json!({ "input": { "deviceId": device } })).await;
    assert_eq!(
        answer["deviceRevoke"],
        json!({ "revoked": false, "errors": [{ "code": "DEVICE_NOT_FOUND", "field": "deviceId" }], "stale": false })
    );
    assert_eq!(platform.code(Some(&ada), REVOKE, json!({ "input": { "deviceId": "nonsense" } })).await, "BAD_USER_INPUT");
    assert_eq!(platform.code(None, REVOKE, json!({ "input": { "deviceId": device } })).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn pages_of_devices_list_each_once() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    for _ in 0..4 {
        platform.sign_in(&ada.email).await;
    }
    platform.level().await;
    let (mut seen, mut after) = (vec![], Value::Null);
    loop {
        let data = platform.data(Some(&ada), DEVICES, json!({ "first": 2, "after": after })).await;
        seen.extend(nodes(&data).iter().map(|device| device["id"].clone()));
        after = data["devices"]["pageInfo"]["endCursor"].clone();
        if data["devices"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let count = seen.len();
    seen.sort_by_key(ToString::to_string);
    seen.dedup();
    assert_eq!((count, seen.len()), (5, 5));
}

#[tokio::test]
async fn who_signed_out_everywhere_has_only_what_came_after() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    platform.sign_in(&ada.email).await;
    let data =
        platform.data(Some(&ada), "mutation { signOut(input: { everywhere: true }) { signedOut errors { code } stale } }", json!({})).await;
    assert_eq!(data["signOut"], json!({ "signedOut": true, "errors": [], "stale": false }));
    let again = platform.sign_in(&ada.email).await;
    assert_eq!(nodes(&platform.data(Some(&again), DEVICES, json!({})).await).len(), 1);
    let refreshed = platform.data(None, REFRESH, json!({ "input": { "refreshToken": ada.refresh_token } })).await;
    assert_eq!(refreshed["tokenRefresh"]["errors"][0]["code"], "REFRESH_TOKEN_INVALID");
}
