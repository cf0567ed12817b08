//! How the platform does, and where environments would go.

use commands::Request;
use domain::{
    environments::environment::{EnvironmentCommand, Placement, TeardownReason},
    identity::Role,
    kernel::{ClusterId, EnvironmentId},
};
use serde_json::{Value, json};

use crate::{
    clusters::registered,
    platform::{Person, Platform, content, pages},
};

const PREVIEW: &str = "query($id: ID!) { placementPreview(workshopId: $id) {
    choices { cluster { name } score reason } refusals { cluster { name } reason } } }";
const STATISTICS: &str =
    "{ platformStatistics { clusters healthyClusters environmentsByState { state count } sessionsToday startP50 startP99
    failureRate capacity { nodes cpuMillicores memoryMebibytes storageMebibytes pods } } }";

/// The environment of a session that begins now.
pub(crate) async fn environment(platform: &Platform, learner: &Person, workshop: &str) -> EnvironmentId {
    let session = platform.session(learner, workshop).await;
    let query = "query($id: ID!) { session(id: $id) { environment { id } } }";
    let there = |data: &Value| !data["session"]["environment"].is_null();
    let data = platform.until(learner, query, json!({ "id": session }), there).await;
    data["session"]["environment"]["id"].as_str().expect("an id").parse().expect("an id")
}

#[tokio::test]
async fn who_waits_for_a_place_is_told_how_many_come_first() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let cluster = registered(&platform, &admin, "frankfurt").await;
    let workshop = platform.workshop(&admin, "pipes", content()).await;
    let mut all = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let learner = platform.person(name, &[]).await;
        let environment = environment(&platform, &learner, &workshop).await;
        all.push((learner, environment));
    }
    let positions = async || {
        platform.level().await;
        let mut positions = Vec::new();
        for (learner, environment) in &all {
            let query = "query($id: ID!) { environment(id: $id) { queuePosition } }";
            let data = platform.data(Some(learner), query, json!({ "id": environment.to_string() })).await;
            positions.push(data["environment"]["queuePosition"].clone());
        }
        positions
    };
    assert_eq!(positions().await, [json!(0), json!(1), json!(2)]);
    place(&platform, &cluster, all[0].1).await;
    assert_eq!(positions().await, [Value::Null, json!(0), json!(1)]);
}

pub(crate) async fn place(platform: &Platform, cluster: &str, environment: EnvironmentId) {
    let id: ClusterId = cluster.parse().expect("an id");
    let placement = Placement { driver: "kubernetes".into(), node: cluster.into(), reason: "the only one".into() };
    let placed = platform.services.commands.environments.place_on_cluster(&Request::system("test"), environment, id, &placement).await;
    assert!(matches!(placed, Ok(commands::Outcome::Accepted(_))));
}

#[tokio::test]
async fn administrators_see_how_the_platform_does() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let statistics = async || {
        platform.level().await;
        platform.data(Some(&admin), STATISTICS, json!({})).await["platformStatistics"].clone()
    };
    let nothing = json!({ "nodes": 0, "cpuMillicores": 0, "memoryMebibytes": 0, "storageMebibytes": 0, "pods": 0 });
    let blank = json!({ "clusters": 0, "healthyClusters": 0, "environmentsByState": [], "sessionsToday": 0, "startP50": null,
        "startP99": null, "failureRate": null, "capacity": nothing });
    assert_eq!(statistics().await, blank);

    let cluster = registered(&platform, &admin, "frankfurt").await;
    registered(&platform, &admin, "berlin").await;
    let workshop = platform.workshop(&admin, "pipes", content()).await;
    let mut all = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let learner = platform.person(name, &[]).await;
        all.push(environment(&platform, &learner, &workshop).await);
    }
    place(&platform, &cluster, all[0]).await;
    let record = async |environment, command: fn() -> EnvironmentCommand| {
        let recorded = platform.services.commands.environments.record(&Request::system("test"), environment, command).await;
        assert!(matches!(recorded, Ok(commands::Outcome::Accepted(_))));
    };
    record(all[0], || EnvironmentCommand::MarkReady).await;
    record(all[1], || EnvironmentCommand::BeginTeardown { reason: TeardownReason::ProvisioningFailed }).await;
    let now = statistics().await;
    let capacity = json!({ "nodes": 4, "cpuMillicores": 16_000, "memoryMebibytes": 32_768, "storageMebibytes": 200_000, "pods": 220 });
    assert_eq!((&now["clusters"], &now["healthyClusters"], &now["capacity"]), (&json!(2), &json!(2), &capacity));
    let by_state =
        json!([{ "state": "PROVISIONING", "count": 1 }, { "state": "READY", "count": 1 }, { "state": "TEARING_DOWN", "count": 1 }]);
    assert_eq!((&now["environmentsByState"], &now["failureRate"]), (&by_state, &json!(0.5)));
    assert!(now["startP50"].as_f64().is_some_and(|seconds| seconds >= 0.0), "{now}");
    assert_eq!(now["startP50"], now["startP99"], "of one");
    // Midnight may have come meanwhile.
    assert!(now["sessionsToday"].as_u64().is_some_and(|count| count <= 3), "{now}");
}

#[tokio::test]
async fn administrators_see_where_an_environment_would_go_and_why() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    for name in ["frankfurt", "berlin"] {
        registered(&platform, &admin, name).await;
    }
    let mut needy = content();
    needy["environment"]["kubernetes"] = json!({ "nodeSelector": [{ "key": "cluster", "value": "berlin" }] });
    let preview = async |slug: &str, content: Value| {
        let workshop = platform.workshop(&admin, slug, content).await;
        platform.data(Some(&admin), PREVIEW, json!({ "id": workshop })).await["placementPreview"].clone()
    };
    let shown = json!({
        "choices": [{ "cluster": { "name": "berlin" }, "score": 7, "reason": "berlin is asked for" }],
        "refusals": [{ "cluster": { "name": "frankfurt" }, "reason": "berlin is asked for" }],
    });
    assert_eq!(preview("needy", needy).await, shown);
    assert_eq!(preview("sandboxed", content()).await, Value::Null, "made on no cluster");
    assert_eq!(preview("read", pages(1)).await, Value::Null, "made nowhere");
    let nowhere = json!({ "id": format!("wks_{}", "0".repeat(32)) });
    assert_eq!(platform.data(Some(&admin), PREVIEW, nowhere.clone()).await["placementPreview"], Value::Null);

    let analyst = platform.person("ana", &[Role::Analyst, Role::Author]).await;
    for (somebody, expected) in [(Some(&analyst), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        assert_eq!(platform.code(somebody, PREVIEW, nowhere.clone()).await, expected);
        assert_eq!(platform.code(somebody, STATISTICS, json!({})).await, expected);
    }
}
