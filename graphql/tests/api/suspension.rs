//! Accounts that administrators suspend.

use domain::identity::Role;
use serde_json::json;

use crate::{
    platform::{PASSWORD, Platform},
    socket::Socket,
};

const SUSPEND: &str =
    "mutation($input: AccountSuspendInput!) { accountSuspend(input: $input) { account { suspendedAt } errors { code field } } }";
const REINSTATE: &str =
    "mutation($input: AccountReinstateInput!) { accountReinstate(input: $input) { account { suspendedAt } errors { code } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";

#[tokio::test]
async fn a_suspended_account_is_out_until_it_is_reinstated() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let mut socket = Socket::of(&platform, &ada).await;
    let input = |reason: &str| json!({ "input": { "accountId": ada.id, "reason": reason } });
    assert_eq!(platform.code(Some(&ada), SUSPEND, input("for fun")).await, "FORBIDDEN");
    let unreasonable = platform.data(Some(&root), SUSPEND, input("")).await;
    assert_eq!(unreasonable["accountSuspend"]["errors"], json!([{ "code": "REASON_INVALID", "field": "reason" }]));
    let suspended = platform.data(Some(&root), SUSPEND, input("shared with others")).await;
    assert!(suspended["accountSuspend"]["account"]["suspendedAt"].is_string(), "{suspended}");
    assert_eq!(socket.closed().await, 4403);
    let request = platform.http().bearer_auth(&ada.token).json(&json!({ "query": "{ me { id } }" }));
    assert_eq!(request.send().await.expect("an answer").status(), reqwest::StatusCode::UNAUTHORIZED);
    let again = platform.data(None, SIGN_IN, json!({ "input": { "email": ada.email, "password": PASSWORD } })).await;
    assert_eq!(again["signIn"], json!({ "accessToken": null, "errors": [{ "code": "SUSPENDED" }] }));
    let reinstated = platform.data(Some(&root), REINSTATE, json!({ "input": { "accountId": ada.id } })).await;
    assert_eq!(reinstated["accountReinstate"], json!({ "account": { "suspendedAt": null }, "errors": [] }));
    platform.sign_in(&ada.email).await;
}
