//! Clusters, and the environments on them.

use commands::Request;
use domain::{
    environments::environment::Placement,
    identity::Role,
    kernel::{ClusterId, EnvironmentId},
};
use serde_json::{Value, json};

use crate::{
    platform::{Person, Platform, content},
    socket::Socket,
};

const CLUSTER: &str = "{ id name server labels { key value } weight limit taken isDefault schedule health version
    capacity { nodes cpuMillicores memoryMebibytes storageMebibytes pods } hasMetrics warnings removedAt
    credentials { kind version fingerprint expiresAt } }";
const SECRET: &str = "s3cret-token";

fn register(name: &str, token: &str) -> Value {
    let profile = json!({ "name": name, "labels": [{ "key": "region", "value": "eu" }], "limit": 2 });
    let server = format!("https://{name}.example.org");
    json!({ "input": { "profile": profile, "access": { "token": { "server": server, "token": token } } } })
}

/// What becomes of a mutation: its payload.
async fn mutate(platform: &Platform, by: &Person, mutation: &str, variables: Value) -> Value {
    let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ cluster {CLUSTER} errors {{ code field message }} stale }} }}"
    );
    platform.data(Some(by), &query, variables).await[mutation].clone()
}

pub(crate) async fn registered(platform: &Platform, by: &Person, name: &str) -> String {
    let payload = mutate(platform, by, "clusterRegister", register(name, SECRET)).await;
    payload["cluster"]["id"].as_str().unwrap_or_else(|| panic!("no cluster: {payload}")).to_owned()
}

fn which(cluster: &str) -> Value {
    json!({ "input": { "clusterId": cluster } })
}

#[tokio::test]
async fn a_cluster_is_registered_and_what_it_is_connected_with_is_not_shown() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let payload = mutate(&platform, &admin, "clusterRegister", register("frankfurt", SECRET)).await;
    assert_eq!((&payload["errors"], &payload["stale"]), (&json!([]), &json!(false)));
    let cluster = &payload["cluster"];
    let shown = json!({
        "id": cluster["id"], "name": "frankfurt", "server": "https://frankfurt.example.org", "labels": [{ "key": "region", "value": "eu" }],
        "weight": 100, "limit": 2, "taken": 0, "isDefault": true, "schedule": "OPEN", "health": "HEALTHY", "version": "v1.36.0",
        "capacity": { "nodes": 2, "cpuMillicores": 8000, "memoryMebibytes": 16384, "storageMebibytes": 100_000, "pods": 110 },
        "hasMetrics": true, "warnings": [], "removedAt": null,
        "credentials": { "kind": "TOKEN", "version": 1, "fingerprint": cluster["credentials"]["fingerprint"], "expiresAt": null },
    });
    assert_eq!(*cluster, shown);
    let analyst = platform.person("ana", &[Role::Analyst]).await;
    let events = platform.data(Some(&analyst), "{ events { nodes { payload metadata } } }", json!({})).await;
    let everything = format!("{payload} {events}");
    assert!(everything.contains("frankfurt") && !everything.contains(SECRET));
}

#[tokio::test]
async fn what_is_turned_down_names_its_field_and_no_secret() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    registered(&platform, &admin, "frankfurt").await;
    let refused = async |variables: Value| {
        let payload = mutate(&platform, &admin, "clusterRegister", variables).await;
        assert!(payload["cluster"].is_null() && !payload.to_string().contains(SECRET), "{payload}");
        (payload["errors"][0]["code"].clone(), payload["errors"][0]["field"].clone(), payload["errors"][0]["message"].clone())
    };
    let (code, field, _) = refused(register("frankfurt", SECRET)).await;
    assert_eq!((code, field), (json!("NAME_TAKEN"), json!("name")));
    let (code, field, _) = refused(register("Frankfurt", SECRET)).await;
    assert_eq!((code, field), (json!("NAME_INVALID"), json!("name")));
    let (code, field, message) = refused(register("berlin", &format!("bad {SECRET}"))).await;
    assert_eq!((code, field), (json!("NOT_USABLE"), json!("access")));
    let expected =
        "the cluster cannot be used as it is: credentials: the token is not accepted; permissions: create pods/exec is not allowed";
    assert_eq!(message, expected);
    let mut kubeconfig = register("berlin", SECRET);
    kubeconfig["input"]["access"] = json!({ "kubeconfig": { "text": SECRET } });
    let (code, field, message) = refused(kubeconfig).await;
    assert_eq!((code, field, message), (json!("ACCESS_INVALID"), json!("access"), json!("users[0].user.exec: programs are not run")));
    let mut twice = register("berlin", SECRET);
    twice["input"]["profile"]["labels"] = json!([{ "key": "gpu" }, { "key": "gpu" }]);
    let query = "mutation($input: ClusterRegisterInput!) { clusterRegister(input: $input) { cluster { id } } }";
    assert_eq!(platform.code(Some(&admin), query, twice).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn clusters_are_for_administrators() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let cluster = registered(&platform, &admin, "frankfurt").await;
    let everyone = [Some(platform.person("ana", &[Role::Analyst, Role::Author]).await), None];
    let (access, profile) = (register("a", "t")["input"]["access"].clone(), register("a", "t")["input"]["profile"].clone());
    let mutations = [
        ("clusterRegister", register("berlin", SECRET)),
        ("clusterRevise", json!({ "input": { "clusterId": cluster, "profile": profile } })),
        ("clusterRotateCredentials", json!({ "input": { "clusterId": cluster, "access": access } })),
        ("clusterTest", which(&cluster)),
        ("clusterTest", json!({ "input": { "access": access } })),
        ("clusterSetDefault", which(&cluster)),
        ("clusterCordon", which(&cluster)),
        ("clusterUncordon", which(&cluster)),
        ("clusterDrain", which(&cluster)),
        ("clusterRemove", which(&cluster)),
    ];
    for (somebody, expected) in everyone.iter().zip(["FORBIDDEN", "UNAUTHENTICATED"]) {
        let somebody = somebody.as_ref();
        for (mutation, variables) in &mutations {
            let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
            let query = format!("mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}");
            assert_eq!(platform.code(somebody, &query, variables.clone()).await, expected, "{mutation}");
        }
        for query in ["{ clusters { totalCount } }", "query($id: ID!) { cluster(id: $id) { id } }", "{ environments { totalCount } }"] {
            assert_eq!(platform.code(somebody, query, json!({ "id": cluster })).await, expected, "{query}");
        }
        let node = platform.data(somebody, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": cluster })).await;
        assert_eq!(node["node"], Value::Null, "it is not there for them");
    }
    let mut socket = Socket::of(&platform, everyone[0].as_ref().expect("somebody")).await;
    socket.subscribe("c", "subscription { clusterChanged { id } }", json!({})).await;
    assert_eq!(socket.hear().await["payload"]["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn a_cluster_is_managed_from_its_registration_to_its_removal() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let (frankfurt, berlin) = (registered(&platform, &admin, "frankfurt").await, registered(&platform, &admin, "berlin").await);
    let profile = json!({ "name": "hamburg", "weight": 7 });
    let revised = mutate(&platform, &admin, "clusterRevise", json!({ "input": { "clusterId": frankfurt, "profile": profile } })).await;
    let cluster = &revised["cluster"];
    assert_eq!((&cluster["name"], &cluster["weight"], &cluster["limit"]), (&json!("hamburg"), &json!(7), &Value::Null));
    let access = json!({ "token": { "server": "https://frankfurt.example.org", "token": "other" } });
    let input = json!({ "input": { "clusterId": frankfurt, "access": access } });
    let rotated = mutate(&platform, &admin, "clusterRotateCredentials", input).await;
    assert_eq!(rotated["cluster"]["credentials"]["version"], 2, "{rotated}");
    assert_ne!(rotated["cluster"]["credentials"]["fingerprint"], cluster["credentials"]["fingerprint"]);
    for (mutation, schedule) in [("clusterCordon", "CORDONED"), ("clusterDrain", "DRAINING"), ("clusterUncordon", "OPEN")] {
        assert_eq!(mutate(&platform, &admin, mutation, which(&frankfurt)).await["cluster"]["schedule"], schedule);
    }
    assert_eq!(mutate(&platform, &admin, "clusterSetDefault", which(&berlin)).await["cluster"]["isDefault"], true);
    assert!(mutate(&platform, &admin, "clusterRemove", which(&frankfurt)).await["cluster"]["removedAt"].is_string());
    let list = "{ clusters { nodes { name isDefault } totalCount } }";
    let left = json!({ "nodes": [{ "name": "berlin", "isDefault": true }], "totalCount": 1 });
    assert_eq!(platform.data(Some(&admin), list, json!({})).await["clusters"], left);
    let gone = mutate(&platform, &admin, "clusterCordon", which(&frankfurt)).await;
    assert_eq!((&gone["errors"][0]["code"], &gone["errors"][0]["field"]), (&json!("CLUSTER_NOT_FOUND"), &json!("clusterId")));
}

#[tokio::test]
async fn a_test_tells_everything_that_does_not_work() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let cluster = registered(&platform, &admin, "frankfurt").await;
    let test = "mutation($input: ClusterTestInput!) { clusterTest(input: $input) {
        report { isUsable reachable version missingPermissions failures { point problem } } errors { code } } }";
    let fine = json!({ "isUsable": true, "reachable": true, "version": "v1.36.0", "missingPermissions": [], "failures": [] });
    let data = platform.data(Some(&admin), test, which(&cluster)).await;
    assert_eq!(data["clusterTest"], json!({ "report": fine, "errors": [] }));
    let bad = json!({ "input": { "access": register("berlin", "bad")["input"]["access"] } });
    let report = platform.data(Some(&admin), test, bad).await["clusterTest"]["report"].clone();
    assert_eq!((&report["isUsable"], &report["missingPermissions"]), (&json!(false), &json!(["create pods/exec"])));
    assert_eq!(report["failures"], json!([{ "point": "credentials", "problem": "the token is not accepted" }]));
    let nowhere = which(&format!("cls_{}", "0".repeat(32)));
    assert_eq!(platform.data(Some(&admin), test, nowhere).await["clusterTest"]["errors"][0]["code"], "CLUSTER_NOT_FOUND");
}

#[tokio::test]
async fn environments_are_listed_by_their_cluster_and_state() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let (frankfurt, berlin) = (registered(&platform, &admin, "frankfurt").await, registered(&platform, &admin, "berlin").await);
    let workshop = platform.workshop(&admin, "pipes", content()).await;
    let session = platform.session(&admin, &workshop).await;
    let mine = "query($id: ID!) { session(id: $id) { environment { id } } }";
    let there = |data: &Value| !data["session"]["environment"].is_null();
    let data = platform.until(&admin, mine, json!({ "id": session }), there).await;
    let environment: EnvironmentId = data["session"]["environment"]["id"].as_str().expect("an id").parse().expect("an id");
    let cluster: ClusterId = frankfurt.parse().expect("an id");
    let placement = Placement { driver: "kubernetes".into(), node: frankfurt.clone(), reason: "the only one".into() };
    let environments = &platform.services.commands.environments;
    environments.place_on_cluster(&Request::system("test"), environment, cluster, &placement).await.expect("placed");
    platform.level().await;

    let list = "query($on: ID, $state: EnvironmentState) { environments(clusterId: $on, state: $state) {
        nodes { id cluster { name taken } } totalCount } }";
    let found = async |variables: Value| platform.data(Some(&admin), list, variables).await["environments"].clone();
    let one = json!({ "nodes": [{ "id": environment.to_string(), "cluster": { "name": "frankfurt", "taken": 1 } }], "totalCount": 1 });
    let none = json!({ "nodes": [], "totalCount": 0 });
    assert_eq!(found(json!({})).await, one);
    assert_eq!(found(json!({ "on": frankfurt, "state": "PROVISIONING" })).await, one);
    assert_eq!(found(json!({ "on": frankfurt, "state": "READY" })).await, none);
    assert_eq!(found(json!({ "on": berlin })).await, none);
    let own = "query($id: ID!) { environment(id: $id) { state } }";
    let stranger = platform.person("eve", &[]).await;
    let variables = json!({ "id": environment.to_string() });
    assert_eq!(platform.data(Some(&admin), own, variables.clone()).await["environment"]["state"], "PROVISIONING");
    assert_eq!(platform.data(Some(&stranger), own, variables).await["environment"], Value::Null);

    let refused = mutate(&platform, &admin, "clusterRemove", which(&frankfurt)).await;
    assert_eq!((&refused["errors"][0]["code"], &refused["errors"][0]["field"]), (&json!("ENVIRONMENTS_LIVE"), &json!("force")));
    let forced = json!({ "input": { "clusterId": frankfurt, "force": true } });
    assert_eq!(mutate(&platform, &admin, "clusterRemove", forced).await["cluster"]["schedule"], "REMOVING");
    let going = |data: &Value| data["environments"]["totalCount"] == 1;
    platform.until(&admin, list, json!({ "on": frankfurt, "state": "TEARING_DOWN" }), going).await;
}

#[tokio::test]
async fn clusters_are_followed_until_they_are_removed() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let (frankfurt, berlin) = (registered(&platform, &admin, "frankfurt").await, registered(&platform, &admin, "berlin").await);
    let mut socket = Socket::of(&platform, &admin).await;
    let follow = "subscription($id: ID) { clusterChanged(id: $id) { name schedule removedAt } }";
    socket.subscribe("one", follow, json!({ "id": berlin })).await;
    assert_eq!(socket.item("one").await["clusterChanged"]["name"], "berlin");
    let mut others = Socket::of(&platform, &admin).await;
    others.subscribe("all", follow, json!({})).await;
    for name in ["berlin", "frankfurt"] {
        assert_eq!(others.item("all").await["clusterChanged"]["name"], name);
    }
    mutate(&platform, &admin, "clusterCordon", which(&frankfurt)).await;
    let cordoned = json!({ "name": "frankfurt", "schedule": "CORDONED", "removedAt": null });
    assert_eq!(others.item("all").await["clusterChanged"], cordoned);
    mutate(&platform, &admin, "clusterRemove", which(&berlin)).await;
    while socket.item("one").await["clusterChanged"]["removedAt"].is_null() {}
    while others.item("all").await["clusterChanged"]["removedAt"].is_null() {}
}
