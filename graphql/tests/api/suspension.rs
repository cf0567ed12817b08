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

#[tokio::test]
async fn who_holds_more_comes_back_by_somebody_who_holds_as_much() {
    let platform = Platform::start().await;
    let (rogue, owner) =
        (platform.person("rogue", &[Role::Administrator]).await, platform.person("owner", &[Role::SuperAdministrator]).await);
    let define = "mutation($input: RoleDefineInput!) { roleDefine(input: $input) { role { id } } }";
    let role = json!({ "input": { "name": "Caretaker", "permissions": ["account:manage"] } });
    let role = platform.data(Some(&owner), define, role).await["roleDefine"]["role"]["id"].clone();
    let bob = platform.person("bob", &[]).await;
    let grant = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { errors { code } } }";
    let granted = platform.data(Some(&owner), grant, json!({ "input": { "accountId": bob.id, "role": role } })).await;
    assert_eq!(granted["roleGrant"]["errors"], json!([]));
    platform.data(Some(&owner), SUSPEND, json!({ "input": { "accountId": rogue.id, "reason": "a coup" } })).await;
    let input = || json!({ "input": { "accountId": rogue.id } });
    let refused = platform.data(Some(&bob), REINSTATE, input()).await;
    assert_eq!(refused["accountReinstate"], json!({ "account": null, "errors": [{ "code": "MORE_THAN_HELD" }] }));
    let reinstated = platform.data(Some(&owner), REINSTATE, input()).await;
    assert_eq!(reinstated["accountReinstate"], json!({ "account": { "suspendedAt": null }, "errors": [] }));
}

#[tokio::test]
async fn somebody_who_owns_the_platform_can_always_come_in() {
    let platform = Platform::start().await;
    let (one, two) = (platform.person("one", &[Role::SuperAdministrator]).await, platform.person("two", &[Role::SuperAdministrator]).await);
    let suspended = platform.data(Some(&one), SUSPEND, json!({ "input": { "accountId": two.id, "reason": "a quarrel" } })).await;
    assert_eq!(suspended["accountSuspend"]["errors"], json!([]));
    let last = json!([{ "code": "LAST_SUPER_ADMINISTRATOR" }]);
    let revoke = "mutation($input: RoleRevokeInput!) { roleRevoke(input: $input) { errors { code } } }";
    let own = json!({ "input": { "accountId": one.id, "role": "super_administrator" } });
    assert_eq!(platform.data(Some(&one), revoke, own).await["roleRevoke"]["errors"], last);
    let erase = "mutation($input: AccountEraseInput!) { accountErase(input: $input) { errors { code } } }";
    let own = json!({ "input": { "accountId": one.id } });
    assert_eq!(platform.data(Some(&one), erase, own).await["accountErase"]["errors"], last);
}

#[tokio::test]
async fn administrators_do_not_have_their_own_role_run_out() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let grant = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { errors { code field } } }";
    let until = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let own = json!({ "input": { "accountId": root.id, "role": "administrator", "until": until } });
    let refused = platform.data(Some(&root), grant, own).await;
    assert_eq!(refused["roleGrant"]["errors"], json!([{ "code": "OWN_ROLE", "field": "role" }]));
}
