//! What administrators see of what goes on: who is signed in, and how much is asked.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::platform::{PASSWORD, Person, Platform};

const SIGN_INS: &str =
    "query($account: ID, $first: Int, $after: String) { activity { signIns(accountId: $account, first: $first, after: $after) {
    edges { cursor } nodes { id openedAt lastRefreshedAt userAgent address isCurrent account { id email } }
    pageInfo { hasNextPage endCursor } } } }";
const COUNTS: &str = "query($actor: String, $operation: String, $from: DateTime, $until: DateTime) { activity {
    requests(per: HOUR, from: $from, until: $until) { nodes { start actor operation accepted refused failed } }
    requestsByActor(per: DAY, actor: $actor, from: $from, until: $until) { nodes { start actor account { id } operation accepted refused } }
    requestsByOperation(per: DAY, operation: $operation, from: $from, until: $until) { nodes { operation actor accepted refused } } } }";
const GRANT: &str = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { errors { code } } }";
const SIGN_OUT: &str = "mutation { signOut(input: { everywhere: true }) { signedOut } }";

async fn signed_in(platform: &Platform, by: &Person, account: Option<&str>) -> Vec<Value> {
    platform.level().await;
    let data = platform.data(Some(by), SIGN_INS, json!({ "account": account, "first": 50 })).await;
    data["activity"]["signIns"]["nodes"].as_array().expect("sign-ins").clone()
}

/// What was counted, once all that was noted can be read.
async fn counts(platform: &Platform, by: &Person, variables: Value) -> Value {
    platform.services.commands.audit.settle().await.expect("written");
    platform.level().await;
    platform.data(Some(by), COUNTS, variables).await["activity"].clone()
}

#[tokio::test]
async fn who_is_signed_in_is_listed_with_since_when_and_from_where_until_it_is_over() {
    let platform = Platform::start().await;
    let (root, ada) = (platform.person("root", &[Role::Administrator]).await, platform.person("ada", &[]).await);
    let phone = platform.sign_in(&ada.email).await;
    let bob = platform.person("bob", &[]).await;
    let all = signed_in(&platform, &root, None).await;
    let owners: Vec<_> = all.iter().map(|node| node["account"]["id"].clone()).collect();
    assert_eq!(owners, [&bob.id, &ada.id, &ada.id, &root.id].map(|id| json!(id)), "latest first");
    assert_eq!((&all[0]["address"], &all[0]["account"]["email"]), (&json!("127.0.0.1"), &json!(bob.email)));
    assert_eq!(all.iter().filter(|node| node["isCurrent"] == true).count(), 1, "one's own");
    assert!(all[0]["openedAt"].as_str() > all[1]["openedAt"].as_str() && all[0]["lastRefreshedAt"].is_null());
    let refresh = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { errors { code } } }";
    platform.data(None, refresh, json!({ "input": { "refreshToken": phone.refresh_token } })).await;
    let of_ada = signed_in(&platform, &root, Some(&ada.id)).await;
    assert!(of_ada.len() == 2 && of_ada[0]["lastRefreshedAt"].is_string() && of_ada[1]["lastRefreshedAt"].is_null(), "{of_ada:?}");
    platform.data(Some(&phone), SIGN_OUT, json!({})).await;
    assert!(signed_in(&platform, &root, Some(&ada.id)).await.is_empty(), "signing out everywhere ends all");
    assert_eq!(signed_in(&platform, &root, None).await.len(), 2);
    let nobody = json!({ "account": "nonsense" });
    assert_eq!(platform.code(Some(&root), SIGN_INS, nobody).await, "BAD_USER_INPUT");
    for by in [Some(&bob), None] {
        let expected = if by.is_some() { "FORBIDDEN" } else { "UNAUTHENTICATED" };
        assert_eq!(platform.code(by, SIGN_INS, json!({})).await, expected);
    }
}

#[tokio::test]
async fn pages_of_sign_ins_list_each_once() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    for _ in 0..4 {
        platform.sign_in(&root.email).await;
    }
    platform.level().await;
    let (mut seen, mut after) = (vec![], Value::Null);
    loop {
        let data = platform.data(Some(&root), SIGN_INS, json!({ "first": 2, "after": after })).await;
        let page = &data["activity"]["signIns"];
        seen.extend(page["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].to_string()));
        assert_eq!(page["edges"].as_array().map(Vec::len), page["nodes"].as_array().map(Vec::len));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((count, seen.len()), (5, 5));
}

#[tokio::test]
async fn requests_and_refusals_are_counted_by_who_asked_and_for_what() {
    let platform = Platform::start().await;
    let (root, ada) = (platform.person("root", &[Role::Administrator]).await, platform.person("ada", &[]).await);
    let grant = json!({ "input": { "accountId": ada.id, "role": "author" } });
    for _ in 0..3 {
        assert_eq!(platform.code(Some(&ada), GRANT, grant.clone()).await, "FORBIDDEN");
    }
    platform.data(Some(&root), GRANT, grant).await;
    let data = counts(&platform, &root, json!({ "actor": ada.id, "operation": "roleGrant" })).await;
    let sum = |list: &str, what: &str| -> i64 {
        data[list]["nodes"].as_array().expect("nodes").iter().map(|node| node[what].as_i64().expect("a number")).sum()
    };
    assert_eq!((sum("requestsByOperation", "accepted"), sum("requestsByOperation", "refused")), (1, 3), "{data}");
    assert_eq!((sum("requestsByActor", "accepted"), sum("requestsByActor", "refused")), (1, 3), "she signed in: {data}");
    assert!(sum("requests", "accepted") >= 3 && sum("requests", "refused") == 3 && sum("requests", "failed") == 0, "{data}");
    let [by_actor, by_operation, all] = ["requestsByActor", "requestsByOperation", "requests"].map(|list| &data[list]["nodes"][0]);
    assert_eq!((&by_actor["actor"], &by_actor["account"]["id"], &by_actor["operation"]), (&json!(ada.id), &json!(ada.id), &Value::Null));
    assert_eq!((&by_operation["operation"], &by_operation["actor"]), (&json!("roleGrant"), &Value::Null));
    assert_eq!((&all["operation"], &all["actor"]), (&Value::Null, &Value::Null));
    let everybody = counts(&platform, &root, json!({})).await;
    let actors: Vec<_> = everybody["requestsByActor"]["nodes"].as_array().expect("nodes").iter().map(|node| &node["actor"]).collect();
    assert!(actors.contains(&&json!(ada.id)) && actors.contains(&&json!(root.id)), "{everybody}");
    assert!(!everybody.to_string().contains("system:"), "{everybody}");
    let operations = everybody["requestsByOperation"]["nodes"].to_string();
    assert!(operations.contains("\"activity\""), "who looks at it is in it: {everybody}");
    for range in [json!({ "until": "2020-01-01T00:00:00Z" }), json!({ "from": "2100-01-01T00:00:00Z" })] {
        let none = counts(&platform, &root, range).await;
        assert!(none["requests"]["nodes"] == json!([]) && none["requestsByActor"]["nodes"] == json!([]), "{none}");
    }
    let malformed = "{ activity { requests(per: DAY, after: \"x\") { nodes { start } } } }";
    assert_eq!(platform.code(Some(&root), malformed, json!({})).await, "BAD_USER_INPUT");
    let many = "{ activity { requests(per: DAY, first: 101) { nodes { start } } } }";
    assert_eq!(platform.code(Some(&root), many, json!({})).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_sign_in_with_a_new_program_is_shown_to_administrators_and_to_its_owner() {
    const ALERTS: &str = "query($filter: SignInAlertFilter, $first: Int, $after: String) { activity {
        alerts(filter: $filter, first: $first, after: $after) { nodes { id at reasons account { id } userAgent address closedAt
            whereabout { country place } tooFarFrom { country } } pageInfo { hasNextPage endCursor } } } }";
    const DEVICES: &str = "{ devices { nodes { id userAgent unusual } } }";
    let platform = Platform::start().await;
    let (root, ada) = (platform.person("root", &[Role::Administrator]).await, platform.person("ada", &[]).await);
    let looked = "{ events(last: 50) { nodes { type } } }";
    for (number, agent) in ["Laptop/1.0", "Laptop/1.1", "Phone/1.0", "Tablet/1.0"].into_iter().enumerate() {
        let variables = json!({ "input": { "email": ada.email, "password": PASSWORD } });
        let body =
            json!({ "query": "mutation($input: SignInInput!) { signIn(input: $input) { account { id } } }", "variables": variables });
        let answer = platform.http().header("user-agent", agent).json(&body).send().await.expect("an answer");
        assert!(answer.status().is_success());
        // Each is known before the next comes.
        let is_seen = |data: &Value| data.to_string().matches("\"SignInSeen").count() > number;
        platform.until(&root, looked, json!({}), is_seen).await;
    }
    platform.level().await;
    let alerts = async |variables: Value| platform.data(Some(&root), ALERTS, variables).await["activity"]["alerts"].clone();
    let first = alerts(json!({ "first": 1 })).await;
    let [tablet] = &first["nodes"].as_array().expect("nodes")[..] else { panic!("{first}") };
    let expected = json!({ "id": tablet["id"], "at": tablet["at"], "reasons": ["NEW_DEVICE"], "account": { "id": ada.id },
        "userAgent": "Tablet/1.0", "address": "127.0.0.1", "closedAt": null, "whereabout": null, "tooFarFrom": null });
    assert_eq!((tablet, &first["pageInfo"]["hasNextPage"]), (&expected, &json!(true)));
    let second = alerts(json!({ "first": 5, "after": first["pageInfo"]["endCursor"] })).await;
    let agents = |page: &Value| page["nodes"].as_array().expect("nodes").iter().map(|node| node["userAgent"].clone()).collect::<Vec<_>>();
    assert_eq!(
        (agents(&second), &second["pageInfo"]["hasNextPage"]),
        (vec![json!("Phone/1.0")], &json!(false)),
        "one version is as another"
    );
    for (filter, count) in [
        (json!({ "accountId": ada.id, "reason": "NEW_DEVICE" }), 2),
        (json!({ "accountId": root.id }), 0),
        (json!({ "reason": "TOO_FAR" }), 0),
        (json!({ "from": tablet["at"] }), 1),
        (json!({ "until": tablet["at"] }), 1),
    ] {
        assert_eq!(agents(&alerts(json!({ "filter": filter })).await).len(), count, "{filter}");
    }
    let devices = platform.data(Some(&ada), DEVICES, json!({})).await;
    let own = |agent: &str| devices["devices"]["nodes"].as_array().expect("nodes").iter().find(|node| node["userAgent"] == agent).cloned();
    let (phone, laptop) = (own("Phone/1.0").expect("there"), own("Laptop/1.1").expect("there"));
    assert_eq!((&phone["unusual"], &laptop["unusual"]), (&json!(["NEW_DEVICE"]), &json!([])));
    assert_eq!(platform.code(Some(&ada), ALERTS, json!({})).await, "FORBIDDEN");
    assert_eq!(platform.code(Some(&root), ALERTS, json!({ "filter": { "accountId": "x" } })).await, "BAD_USER_INPUT");
    let erase = "mutation($input: AccountEraseInput!) { accountErase(input: $input) { errors { code } } }";
    platform.data(Some(&root), erase, json!({ "input": { "accountId": ada.id, "reason": "asked for" } })).await;
    // What is personal goes with the person.
    let is_gone = |data: &Value| agents(&data["activity"]["alerts"]) == [Value::Null, Value::Null];
    platform.until(&root, ALERTS, json!({}), is_gone).await;
}
