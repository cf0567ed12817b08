//! Programs that do something by themselves.

use chrono::{TimeDelta, Utc};
use domain::identity::{Role, mail::Occasion};
use serde_json::{Value, json};

use crate::{
    mails::{ASK, RESET},
    platform::{Person, Platform},
    socket::Socket,
};

const CREATE: &str = "mutation($input: ServiceAccountCreateInput!) { serviceAccountCreate(input: $input) {
    serviceAccountId token errors { code field } } }";
const REVOKE: &str =
    "mutation($input: ServiceAccountRevokeInput!) { serviceAccountRevoke(input: $input) { revoked errors { code field } } }";
const LIST: &str = "{ serviceAccounts { edges { node { id name scopes creator { displayName } lastUsedAt } } } }";

fn input(scopes: &[&str]) -> Value {
    json!({ "input": { "name": "nightly reports", "scopes": scopes, "expiresAt": Utc::now() + TimeDelta::days(30) } })
}

#[tokio::test]
async fn a_service_account_comes_with_its_token_until_it_is_revoked() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let data = platform.data(Some(&root), CREATE, input(&["cluster:read", "session:manage", "event:read"])).await;
    let created = &data["serviceAccountCreate"];
    assert_eq!(created["errors"], json!([]));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let program = Person {
        id: text(&created["serviceAccountId"]),
        email: String::new(),
        token: text(&created["token"]),
        refresh_token: String::new(),
    };
    platform.data(Some(&program), "{ clusters { edges { cursor } } }", Value::Null).await;
    platform.data(Some(&program), "{ sessions(filter: { everybody: true }) { edges { cursor } } }", Value::Null).await;
    for query in
        ["{ accounts { edges { cursor } } }", "{ sessions { edges { cursor } } }", "{ me { id } }", "mutation { signOut { signedOut } }"]
    {
        assert_eq!(platform.code(Some(&program), query, Value::Null).await, "FORBIDDEN", "{query}");
    }
    let listed = platform.data(Some(&root), LIST, Value::Null).await;
    let node = &listed["serviceAccounts"]["edges"][0]["node"];
    assert_eq!((&node["id"], &node["creator"]["displayName"]), (&json!(program.id), &json!("root")));
    assert_eq!(node["scopes"], json!(["cluster:read", "event:read", "session:manage"]));
    assert!(node["lastUsedAt"].is_string() && !listed.to_string().contains(&program.token), "{listed}");
    let mut socket = Socket::of(&platform, &program).await;
    socket.subscribe("1", "subscription { events { __typename } }", Value::Null).await;
    let revoke = json!({ "input": { "serviceAccountId": program.id } });
    let data = platform.data(Some(&root), REVOKE, revoke).await;
    assert_eq!(data["serviceAccountRevoke"], json!({ "revoked": true, "errors": [] }));
    assert_eq!(socket.closed().await, 4403);
    let request = platform.http().bearer_auth(&program.token).json(&json!({ "query": "{ me { id } }" }));
    assert_eq!(request.send().await.expect("an answer").status(), reqwest::StatusCode::UNAUTHORIZED);
    assert_eq!(platform.data(Some(&root), LIST, Value::Null).await["serviceAccounts"]["edges"], json!([]));
}

#[tokio::test]
async fn it_may_no_more_than_whoever_makes_it() {
    let platform = Platform::start().await;
    let (root, ada) = (platform.person("root", &[Role::Administrator]).await, platform.person("ada", &[]).await);
    assert_eq!(platform.code(Some(&ada), CREATE, input(&["session:take"])).await, "FORBIDDEN");
    for (scopes, code) in [(&["platform:own"][..], "SCOPES_NOT_HELD"), (&["everything"], "SCOPES_INVALID"), (&[], "SCOPES_INVALID")] {
        let data = platform.data(Some(&root), CREATE, input(scopes)).await;
        assert_eq!(data["serviceAccountCreate"]["errors"], json!([{ "code": code, "field": "scopes" }]));
    }
    let unknown = json!({ "input": { "serviceAccountId": "svc_0192f0c122337abc8def000000000050" } });
    let data = platform.data(Some(&root), REVOKE, unknown).await;
    assert_eq!(data["serviceAccountRevoke"]["errors"], json!([{ "code": "SERVICE_ACCOUNT_NOT_FOUND", "field": "serviceAccountId" }]));
}

#[tokio::test]
async fn it_ends_with_whatever_was_made_before_the_owner_of_the_address_came() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let data = platform.data(Some(&root), CREATE, input(&["cluster:read"])).await;
    let token = data["serviceAccountCreate"]["token"].as_str().expect("a token");
    let status = async || {
        let request = platform.http().bearer_auth(token).json(&json!({ "query": "{ clusters { edges { cursor } } }" }));
        request.send().await.expect("an answer").status()
    };
    assert_eq!(status().await, reqwest::StatusCode::OK);
    platform.data(None, ASK, json!({ "input": { "email": root.email } })).await;
    let link = platform.mailbag.token(&root.email, Occasion::ResetPassword).await;
    let reset = platform.data(None, RESET, json!({ "input": { "token": link, "password": "the owner's passphrase" } })).await;
    assert_eq!(reset["passwordReset"]["errors"], json!([]));
    assert_eq!(status().await, reqwest::StatusCode::UNAUTHORIZED);
}
