//! Roles that are held within a community, as they are given, shown and felt.

use chrono::Utc;
use domain::identity::Role;
use serde_json::{Value, json};

use crate::platform::{Person, Platform};

const GRANT: &str = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) {
    account { roles { role { id } } rolesWithin { community { id name } role { id } until } } errors { code field } } }";
const REVOKE: &str = "mutation($input: RoleRevokeInput!) { roleRevoke(input: $input) {
    account { rolesWithin { role { id } } } errors { code field } } }";
const REVISE: &str = "mutation($input: CommunityReviseInput!) { communityRevise(input: $input) { errors { code } } }";
const MEMBERS: &str = "query($id: ID!) { community(id: $id) { members { nodes { account { id } } } } }";

async fn founded(platform: &Platform, by: &Person, name: &str) -> String {
    let found = "mutation($input: CommunityFoundInput!) { communityFound(input: $input) { community { id } } }";
    let data = platform.data(Some(by), found, json!({ "input": { "name": name } })).await;
    data["communityFound"]["community"]["id"].as_str().unwrap_or_else(|| panic!("no community: {data}")).to_owned()
}

fn moderator(whom: &Person, within: &Value) -> Value {
    json!({ "input": { "accountId": whom.id, "role": "moderator", "within": within } })
}

/// The codes that a revision is refused with.
async fn revised(platform: &Platform, by: &Person, community: &str) -> Value {
    let input = json!({ "communityId": community, "description": "Revised." });
    platform.data(Some(by), REVISE, json!({ "input": input })).await["communityRevise"]["errors"].clone()
}

#[tokio::test]
async fn a_moderator_of_one_community_is_shown_as_that_and_moderates_no_other() {
    let platform = Platform::start().await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let root = platform.person("root", &[Role::Administrator]).await;
    let (here, there) = (founded(&platform, &bob, "Here").await, founded(&platform, &bob, "There").await);
    let granted = platform.data(Some(&root), GRANT, moderator(&ada, &json!(here))).await;
    let held = json!([{ "community": { "id": here, "name": "Here" }, "role": { "id": "moderator" }, "until": null }]);
    let account = json!({ "roles": [{ "role": { "id": "learner" } }], "rolesWithin": held });
    assert_eq!(granted["roleGrant"], json!({ "account": account, "errors": [] }));
    let mine = platform.data(Some(&ada), "{ me { roles { role { id } } rolesWithin { role { id } } } }", json!({})).await;
    let within = json!([{ "role": { "id": "moderator" } }]);
    assert_eq!(mine["me"], json!({ "roles": [{ "role": { "id": "learner" } }], "rolesWithin": within }));
    let others = "query($id: ID!) { node(id: $id) { ... on Account { rolesWithin { role { id } } } } }";
    assert_eq!(platform.data(Some(&bob), others, json!({ "id": ada.id })).await["node"], Value::Null);

    let permissions = async |within: Value| {
        let query = "query($within: ID) { permissions(within: $within) { name } }";
        let data = platform.data(Some(&ada), query, json!({ "within": within })).await;
        let names = data["permissions"].as_array().expect("a list").iter().map(|it| it["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(permissions(Value::Null).await, ["session:take"]);
    assert_eq!(permissions(json!(here)).await, ["session:take", "workshop:manage", "community:moderate"]);
    assert_eq!(permissions(json!(there)).await, ["session:take"]);

    assert_eq!(revised(&platform, &ada, &here).await, json!([]));
    assert_eq!(revised(&platform, &ada, &there).await, json!([{ "code": "NOT_FOUND" }]));
    let members = async |id: &str| platform.data(Some(&ada), MEMBERS, json!({ "id": id })).await["community"]["members"].clone();
    assert_eq!(members(&here).await, json!({ "nodes": [{ "account": { "id": bob.id } }] }));
    assert_eq!(members(&there).await, Value::Null);
    assert_eq!(platform.code(Some(&ada), "{ accounts { totalCount } }", json!({})).await, "FORBIDDEN");

    let past = "query($at: DateTime!) { asOf(at: $at) { accounts { nodes { rolesWithin { community { name } } } } } }";
    platform.level().await;
    let at = json!({ "at": Utc::now() });
    let mut answer = platform.answer(Some(&root), past, at.clone()).await;
    while answer["errors"][0]["extensions"]["code"] == "NOT_READY" {
        answer = platform.answer(Some(&root), past, at.clone()).await;
    }
    let shown = answer["data"]["asOf"]["accounts"]["nodes"].to_string();
    assert!(shown.contains("Here") && !shown.contains("There"), "{answer}");

    let revoked = platform.data(Some(&root), REVOKE, moderator(&ada, &json!(here))).await;
    assert_eq!(revoked["roleRevoke"], json!({ "account": { "rolesWithin": [] }, "errors": [] }));
    assert_eq!(revised(&platform, &ada, &here).await, json!([{ "code": "NOT_FOUND" }]), "with the next request");
}

#[tokio::test]
async fn what_is_wrong_with_a_role_within_a_community_is_said() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let root = platform.person("root", &[Role::SuperAdministrator]).await;
    let here = founded(&platform, &ada, "Here").await;
    let give = |role: &str, within: &str| json!({ "input": { "accountId": ada.id, "role": role, "within": within } });
    let nowhere = "com_00000000000000000000000000000001";
    for (input, code, field) in [
        (give("super_administrator", &here), "ROLE_NOT_WITHIN", "within"),
        (give("administrator", &here), "ROLE_NOT_WITHIN", "within"),
        (give("moderator", nowhere), "COMMUNITY_NOT_FOUND", "within"),
        (give("rol_00000000000000000000000000000001", &here), "ROLE_NOT_FOUND", "role"),
    ] {
        let data = platform.data(Some(&root), GRANT, input).await;
        assert_eq!(data["roleGrant"]["errors"], json!([{ "code": code, "field": field }]));
    }
    assert_eq!(platform.code(Some(&root), GRANT, give("moderator", &ada.id)).await, "BAD_USER_INPUT");
    // Whoever founded it gives no roles within it by that.
    assert_eq!(platform.code(Some(&ada), GRANT, give("moderator", &here)).await, "FORBIDDEN");
    assert_eq!(platform.code(None, GRANT, give("moderator", &here)).await, "UNAUTHENTICATED");
}
