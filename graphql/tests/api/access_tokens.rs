//! Tokens for programs, by HTTP and by web socket.

use chrono::{TimeDelta, Utc};
use domain::identity::Role;
use serde_json::{Value, json};

use crate::{
    platform::{Person, Platform},
    socket::Socket,
};

const CREATE: &str = "mutation($input: AccessTokenCreateInput!) {
    accessTokenCreate(input: $input) { accessTokenId token errors { code field } } }";
const REVOKE: &str = "mutation($input: AccessTokenRevokeInput!) { accessTokenRevoke(input: $input) { revoked errors { code field } } }";
const LIST: &str = "{ accessTokens { nodes { id name scopes lastUsedAt } } }";

/// A program in the stead of somebody, and the id of its token.
async fn program(platform: &Platform, owner: &Person, scopes: &[&str]) -> (Person, String) {
    let input = json!({ "name": "my pipeline", "scopes": scopes, "expiresAt": Utc::now() + TimeDelta::days(30) });
    let data = platform.data(Some(owner), CREATE, json!({ "input": input })).await;
    let text = |name: &str| data["accessTokenCreate"][name].as_str().unwrap_or_else(|| panic!("{data}")).to_owned();
    let (id, email, refresh_token) = (owner.id.clone(), owner.email.clone(), String::new());
    (Person { id, email, token: text("token"), refresh_token }, text("accessTokenId"))
}

#[tokio::test]
async fn a_program_comes_in_its_owners_stead_and_may_what_its_scopes_say() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let (program, token) = program(&platform, &root, &["event:read"]).await;
    let found = platform.data(Some(&root), LIST, json!({})).await;
    let unused = json!({ "id": token, "name": "my pipeline", "scopes": ["event:read"], "lastUsedAt": null });
    assert_eq!(found["accessTokens"]["nodes"], json!([unused]));
    assert_eq!(platform.data(Some(&program), "{ me { id } }", json!({})).await["me"]["id"], root.id.as_str());
    platform.data(Some(&program), "{ events(first: 1) { nodes { position } } }", json!({})).await;
    for (query, variables) in [
        ("{ accounts { nodes { id } } }", json!({})),
        (LIST, json!({})),
        ("{ devices { nodes { id address } } }", json!({})),
        ("{ passkeys { id } }", json!({})),
        ("{ linkedProviders { identity } }", json!({})),
        (CREATE, json!({ "input": { "name": "more", "scopes": ["session:take"], "expiresAt": Utc::now() + TimeDelta::days(1) } })),
        (REVOKE, json!({ "input": { "accessTokenId": token } })),
    ] {
        assert_eq!(platform.code(Some(&program), query, variables).await, "FORBIDDEN", "{query}");
    }
    let found = platform.data(Some(&root), LIST, json!({})).await;
    assert!(found["accessTokens"]["nodes"][0]["lastUsedAt"].is_string(), "{found}");
}

#[tokio::test]
async fn a_token_that_is_revoked_ends_requests_and_sockets() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let (program, token) = program(&platform, &root, &["event:read"]).await;
    let mut socket = Socket::of(&platform, &program).await;
    socket.subscribe("1", "subscription { events { type } }", json!({})).await;
    let revoke = json!({ "input": { "accessTokenId": token } });
    let revoked = platform.data(Some(&root), REVOKE, revoke.clone()).await;
    assert_eq!(revoked["accessTokenRevoke"], json!({ "revoked": true, "errors": [] }));
    assert_eq!(socket.closed().await, 4403);
    let refused =
        platform.http().bearer_auth(&program.token).json(&json!({ "query": "{ me { id } }" })).send().await.expect("an answer").status();
    assert_eq!(refused, 401);
    assert_eq!(platform.data(Some(&root), LIST, json!({})).await["accessTokens"]["nodes"], json!([]));
    let others = platform.person("bob", &[]).await;
    let error = platform.data(Some(&others), REVOKE, revoke).await["accessTokenRevoke"]["errors"][0].clone();
    assert_eq!(error, json!({ "code": "TOKEN_NOT_FOUND", "field": "accessTokenId" }));
    assert_eq!(platform.code(None, LIST, Value::Null).await, "UNAUTHENTICATED");
}
