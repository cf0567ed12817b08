//! Communities: who founds, joins and looks after them, and who sees who is of them.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::platform::{Person, Platform};

const FOUND: &str = "mutation($input: CommunityFoundInput!) { communityFound(input: $input) {
    community { id name description state isMember memberCount founder { id } } errors { code field } stale } }";
const JOIN: &str = "mutation($input: CommunityJoinInput!) { communityJoin(input: $input) {
    community { isMember memberCount } errors { code field } } }";
const LEAVE: &str = "mutation($input: CommunityLeaveInput!) { communityLeave(input: $input) {
    community { isMember memberCount } errors { code field } } }";
const REVISE: &str = "mutation($input: CommunityReviseInput!) { communityRevise(input: $input) {
    community { name description } errors { code field } } }";
const CLOSE: &str = "mutation($input: CommunityCloseInput!) { communityClose(input: $input) {
    community { state memberCount members { nodes { joinedAt } } } errors { code field } } }";
const REMOVE: &str = "mutation($input: CommunityMemberRemoveInput!) { communityMemberRemove(input: $input) {
    community { memberCount } errors { code field } } }";
const MEMBERS: &str = "query($id: ID!) { community(id: $id) { memberCount members { nodes { account { id } } } } }";

async fn founded(platform: &Platform, by: &Person) -> String {
    let input = json!({ "name": "Gophers", "description": "Go, together." });
    let data = platform.data(Some(by), FOUND, json!({ "input": input })).await;
    data["communityFound"]["community"]["id"].as_str().unwrap_or_else(|| panic!("no community: {data}")).to_owned()
}

fn of(community: &str) -> Value {
    json!({ "input": { "communityId": community } })
}

/// Who is of a community, as somebody sees it.
async fn members(platform: &Platform, by: Option<&Person>, community: &str) -> Value {
    platform.data(by, MEMBERS, json!({ "id": community })).await["community"]["members"].clone()
}

fn listed(people: &[&Person]) -> Value {
    let nodes: Vec<_> = people.iter().map(|person| json!({ "account": { "id": person.id } })).collect();
    json!({ "nodes": nodes })
}

#[tokio::test]
async fn people_found_communities_and_others_find_and_join_them() {
    let platform = Platform::start().await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    assert_eq!(platform.code(None, FOUND, json!({ "input": { "name": "Gophers" } })).await, "UNAUTHENTICATED");
    let refused = platform.data(Some(&ada), FOUND, json!({ "input": { "name": " " } })).await;
    assert_eq!(refused["communityFound"]["errors"], json!([{ "code": "NAME_INVALID", "field": "name" }]));
    let input = json!({ "name": "Gophers", "description": "Go, together." });
    let data = platform.data(Some(&ada), FOUND, json!({ "input": input })).await;
    let mut community = data["communityFound"]["community"].clone();
    let id = community["id"].take();
    let expected = json!({ "id": null, "name": "Gophers", "description": "Go, together.", "state": "OPEN", "isMember": true,
        "memberCount": 1, "founder": { "id": ada.id } });
    assert_eq!((community, &data["communityFound"]["stale"]), (expected, &json!(false)));
    let id = id.as_str().expect("an id");

    let list = "{ communities(first: 5) { totalCount nodes { id name isMember } } }";
    let seen = platform.data(None, list, json!({})).await;
    let node = json!({ "id": id, "name": "Gophers", "isMember": false });
    assert_eq!(seen["communities"], json!({ "totalCount": 1, "nodes": [node] }), "by who is not signed in");
    let joined = platform.data(Some(&bob), JOIN, of(id)).await;
    assert_eq!(joined["communityJoin"]["community"], json!({ "isMember": true, "memberCount": 2 }));
    let left = platform.data(Some(&bob), LEAVE, of(id)).await;
    assert_eq!(left["communityLeave"]["community"], json!({ "isMember": false, "memberCount": 1 }));
    let stays = platform.data(Some(&ada), LEAVE, of(id)).await;
    assert_eq!(stays["communityLeave"]["errors"], json!([{ "code": "FOUNDER_STAYS", "field": null }]));
    let nowhere = platform.data(Some(&bob), JOIN, of("com_00000000000000000000000000000001")).await;
    assert_eq!(nowhere["communityJoin"]["errors"], json!([{ "code": "NOT_FOUND", "field": "communityId" }]));
    assert_eq!(platform.code(Some(&bob), JOIN, of(&ada.id)).await, "BAD_USER_INPUT");
    let node = platform.data(None, "query($id: ID!) { node(id: $id) { ... on Community { name } } }", json!({ "id": id })).await;
    assert_eq!(node["node"], json!({ "name": "Gophers" }));
}

#[tokio::test]
async fn who_is_of_a_community_those_see_who_are_and_moderators() {
    let platform = Platform::start().await;
    let (ada, bob, eve) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await, platform.person("eve", &[]).await);
    let moderator = platform.person("moderator", &[Role::Moderator]).await;
    let id = founded(&platform, &ada).await;
    platform.data(Some(&bob), JOIN, of(&id)).await;
    for sees in [&ada, &bob, &moderator] {
        assert_eq!(members(&platform, Some(sees), &id).await, listed(&[&bob, &ada]), "{}", sees.email);
    }
    assert_eq!(members(&platform, Some(&eve), &id).await, Value::Null);
    assert_eq!(members(&platform, None, &id).await, Value::Null);
    platform.data(Some(&bob), LEAVE, of(&id)).await;
    assert_eq!(members(&platform, Some(&bob), &id).await, Value::Null);
    let closed = platform.data(Some(&ada), CLOSE, of(&id)).await;
    assert_eq!(closed["communityClose"]["community"], json!({ "state": "CLOSED", "memberCount": 0, "members": null }));
    assert_eq!(members(&platform, Some(&moderator), &id).await, Value::Null);
    let list = platform.data(Some(&ada), "{ communities { totalCount } }", json!({})).await;
    assert_eq!(list["communities"]["totalCount"], 0, "one that is closed is not listed");
}

#[tokio::test]
async fn whoever_founded_it_and_moderators_look_after_it_and_nobody_else() {
    let platform = Platform::start().await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let moderator = platform.person("moderator", &[Role::Moderator]).await;
    let id = founded(&platform, &ada).await;
    platform.data(Some(&bob), JOIN, of(&id)).await;
    let revise = |name: &str| json!({ "input": { "communityId": id, "name": name } });
    let remove = |whom: &Person| json!({ "input": { "communityId": id, "accountId": whom.id } });
    let not_found = json!([{ "code": "NOT_FOUND", "field": "communityId" }]);
    assert_eq!(platform.data(Some(&bob), REVISE, revise("Bob's")).await["communityRevise"]["errors"], not_found);
    assert_eq!(platform.data(Some(&bob), REMOVE, remove(&ada)).await["communityMemberRemove"]["errors"], not_found);
    assert_eq!(platform.data(Some(&bob), CLOSE, of(&id)).await["communityClose"]["errors"], not_found);
    let revised = platform.data(Some(&moderator), REVISE, revise("Rustaceans")).await;
    let expected = json!({ "name": "Rustaceans", "description": "Go, together." });
    assert_eq!(revised["communityRevise"]["community"], expected, "what is left out stays");
    let removed = platform.data(Some(&ada), REMOVE, remove(&bob)).await;
    assert_eq!(removed["communityMemberRemove"], json!({ "community": { "memberCount": 1 }, "errors": [] }));
    let again = platform.data(Some(&ada), REMOVE, remove(&bob)).await;
    assert_eq!(again["communityMemberRemove"]["errors"], json!([{ "code": "NOT_MEMBER", "field": "accountId" }]));
    let back = platform.data(Some(&bob), JOIN, of(&id)).await;
    assert_eq!(back["communityJoin"]["errors"], json!([{ "code": "REMOVED", "field": "communityId" }]));
}

#[tokio::test]
async fn what_happened_to_a_community_is_told_and_who_is_erased_is_of_it_no_more() {
    let platform = Platform::start().await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let root = platform.person("root", &[Role::Administrator]).await;
    let id = founded(&platform, &ada).await;
    platform.data(Some(&bob), JOIN, of(&id)).await;
    let erase = "mutation($input: AccountEraseInput!) { accountErase(input: $input) { errors { code } } }";
    let input = json!({ "accountId": bob.id, "reason": "asked for" });
    platform.data(Some(&root), erase, json!({ "input": input })).await;
    let alone = |data: &Value| data["community"]["memberCount"] == 1;
    platform.until(&root, MEMBERS, json!({ "id": id }), alone).await;
    assert_eq!(members(&platform, Some(&root), &id).await, listed(&[&ada]));
    let history = "query($id: ID!) { history(nodeId: $id) { nodes { sentence event { type } } } }";
    let told = platform.data(Some(&root), history, json!({ "id": id })).await;
    let nodes = told["history"]["nodes"].as_array().expect("a list");
    let types: Vec<_> = nodes.iter().map(|node| node["event"]["type"].as_str().expect("a name")).collect();
    assert_eq!(types, ["CommunityFounded", "CommunityJoined", "CommunityLeft"]);
    let sentence = nodes[0]["sentence"].as_str().expect("a sentence");
    assert!(sentence.starts_with("Community founded by ") && sentence.contains("name Gophers"), "{sentence}");
}
