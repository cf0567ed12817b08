//! What environments use and cost.

use std::{collections::HashMap, sync::PoisonError};

use commands::Request;
use domain::{
    environments::environment::EnvironmentCommand,
    identity::Role,
    kernel::{ClusterId, EnvironmentId, Mebibytes, Millicores},
};
use graphql::Budget;
use serde_json::{Value, json};

use crate::{
    clusters::registered,
    placement::{environment, place},
    platform::{Person, Platform, content},
};

const USAGE: &str = "query($cluster: ID!, $first: Int) { environmentUsage(clusterId: $cluster, first: $first) {
    environment { id } cpuUsed cpuRequested memoryUsed memoryRequested isIdle isOversized unusedHourly { amount currency } } }";
const COST: &str = "query($id: ID!) { environment(id: $id) { cost { amount currency } } }";

/// Environments that are ready on a cluster, for so many learners.
async fn ready(platform: &Platform, admin: &Person, cluster: &str, learners: &[&str]) -> Vec<(Person, EnvironmentId)> {
    let mut needy = content();
    needy["environment"]["kubernetes"] = json!({ "nodeSelector": [{ "key": "cluster", "value": "frankfurt" }] });
    let workshop = platform.workshop(admin, "needy", needy).await;
    let mut all = Vec::new();
    for name in learners {
        let learner = platform.person(name, &[]).await;
        let environment = environment(platform, &learner, &workshop).await;
        place(platform, cluster, environment).await;
        let mark = || EnvironmentCommand::MarkReady;
        let recorded = platform.services.commands.environments.record(&Request::system("test"), environment, mark).await;
        assert!(matches!(recorded, Ok(commands::Outcome::Accepted(_))));
        all.push((learner, environment));
    }
    platform.level().await;
    all
}

#[tokio::test]
async fn who_uses_least_of_what_is_kept_for_them_comes_first() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let (one, two) = (registered(&platform, &admin, "frankfurt").await, registered(&platform, &admin, "berlin").await);
    let all = ready(&platform, &admin, &one, &["ada", "bob"]).await;
    let budget = |cpu, memory| Budget { cpu: Millicores(cpu), memory: Mebibytes(memory) };
    // Of the second nothing is measured: no pod of it runs.
    let used = HashMap::from([(all[0].1, budget(200, 512))]);
    let cluster: ClusterId = one.parse().expect("an id");
    platform.placements.0.lock().unwrap_or_else(PoisonError::into_inner).insert(cluster, used);
    let ask = async |cluster: &str, first: i32| {
        let data = platform.data(Some(&admin), USAGE, json!({ "cluster": cluster, "first": first })).await;
        data["environmentUsage"].clone()
    };
    // Each may request 2 cores and 4 GiB.
    let shown = |(_, environment): &(Person, EnvironmentId), cpu: u32, memory: u32, unused: &str| {
        json!({ "environment": { "id": environment.to_string() }, "cpuUsed": cpu, "cpuRequested": 2000, "memoryUsed": memory,
            "memoryRequested": 4096, "isIdle": false, "isOversized": false, "unusedHourly": { "amount": unused, "currency": "EUR" } })
    };
    // Nothing is said of those that have just begun.
    let expected = [shown(&all[1], 0, 0, "0.10"), shown(&all[0], 200, 512, "0.0895")];
    assert_eq!(ask(&one, 10).await, json!(expected));
    assert_eq!(ask(&one, 1).await, json!(expected[..1]));
    assert_eq!(ask(&two, 10).await, Value::Null, "not measured");
    for (by, expected) in [(Some(&all[0].0), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        assert_eq!(platform.code(by, USAGE, json!({ "cluster": one })).await, expected);
    }
}

#[tokio::test]
async fn an_environment_costs_from_when_it_is_ready() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let cluster = registered(&platform, &admin, "frankfurt").await;
    let all = ready(&platform, &admin, &cluster, &["ada"]).await;
    let (learner, environment) = &all[0];
    let cost =
        async |by: &Person| platform.data(Some(by), COST, json!({ "id": environment.to_string() })).await["environment"]["cost"].clone();
    let begun = cost(learner).await;
    // A second of it costs 28 millionths.
    let amount = begun["amount"].as_str().and_then(|amount| amount.parse::<f64>().ok()).unwrap_or(1.0);
    assert!(begun["currency"] == "EUR" && amount < 0.01, "{begun}");
    let later = async {
        while cost(&admin).await == begun {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), later).await.expect("it costs more by the second");

    let sandboxed = platform.workshop(&admin, "sandboxed", content()).await;
    let bob = platform.person("bob", &[]).await;
    let here = crate::placement::environment(&platform, &bob, &sandboxed).await;
    let data = platform.data(Some(&bob), COST, json!({ "id": here.to_string() })).await;
    assert_eq!(data["environment"]["cost"], Value::Null, "on no cluster");
}
