//! Usage over time, what it costs, and alerts.

use chrono::{DateTime, TimeDelta, Utc};
use commands::Request;
use domain::{
    environments::cluster::{Capacity, Thresholds},
    identity::Role,
    kernel::{ClusterId, Mebibytes, Millicores},
};
use journal::{Amounts, UsageSample};
use serde_json::{Value, json};

use crate::{
    clusters::registered,
    platform::{Person, Platform},
    socket::Socket,
};

const USAGE: &str = "query($cluster: ID, $from: DateTime!, $to: DateTime, $step: Int) {
    resourceUsage(clusterId: $cluster, from: $from, to: $to, step: $step) {
        at cpuUsed cpuRequested cpuAllocatable memoryUsed memoryAllocatable pods podsAllocatable environments
        cost { amount currency } } }";
const ALERTS: &str = "query($cluster: ID, $first: Int, $after: String) { alerts(clusterId: $cluster, first: $first, after: $after) {
    nodes { kind resource percent reason cluster { name shortOf } } pageInfo { hasNextPage endCursor } } }";

/// The beginning of an hour of the day before.
fn yesterday() -> DateTime<Utc> {
    let now = Utc::now().timestamp();
    DateTime::from_timestamp(now - now % 86_400 - 43_200, 0).expect("a time")
}

/// A cluster of 10 cores and 20 GiB that is half used, for five minutes.
fn sample(cluster: &str, at: DateTime<Utc>) -> UsageSample {
    let half = |all: i64| Amounts { used: all / 2, requested: all * 3 / 5, allocatable: all };
    let cluster = cluster.parse::<ClusterId>().expect("an id").0;
    let (cpu, memory, storage, pods) = (half(10_000), half(20 << 10), half(1 << 20), half(110));
    UsageSample { cluster, at, seconds: 300, cpu, memory, storage, pods, environments: 4 }
}

async fn ask(platform: &Platform, by: &Person, cluster: Option<&str>, from: DateTime<Utc>, to: DateTime<Utc>, step: i32) -> Value {
    let variables = json!({ "cluster": cluster, "from": from, "to": to, "step": step });
    platform.data(Some(by), USAGE, variables).await["resourceUsage"].clone()
}

#[tokio::test]
async fn administrators_see_what_was_used_and_what_it_cost() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let (one, two) = (registered(&platform, &admin, "frankfurt").await, registered(&platform, &admin, "berlin").await);
    let start = yesterday();
    for cluster in [&one, &two] {
        for minute in [0, 5, 10] {
            platform.services.journal.keep_usage(sample(cluster, start + TimeDelta::minutes(minute))).await.expect("kept");
        }
    }
    let (hour, end) = (3600, start + TimeDelta::hours(2));
    // A quarter of an hour of 10 × 0.04 + 20 × 0.005 + 0.1.
    let point = json!([{ "at": start, "cpuUsed": 5000, "cpuRequested": 6000, "cpuAllocatable": 10_000, "memoryUsed": 10_240,
        "memoryAllocatable": 20_480, "pods": 55, "podsAllocatable": 110, "environments": 4,
        "cost": { "amount": "0.15", "currency": "EUR" } }]);
    let shown = ask(&platform, &admin, Some(&one), start, end, hour).await;
    let same_instant = shown[0]["at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok()) == Some(start);
    let mut expected = point.clone();
    expected[0]["at"] = shown[0]["at"].clone();
    assert!(same_instant && shown == expected, "{shown}");
    let both = ask(&platform, &admin, None, start, end, hour).await;
    assert_eq!((&both[0]["cpuAllocatable"], &both[0]["cost"]["amount"]), (&json!(20_000), &json!("0.30")));
    assert_eq!(ask(&platform, &admin, Some(&one), start, end, 300).await.as_array().map(Vec::len), Some(3));
    let variables = json!({ "cluster": one, "from": start });
    let usual = platform.data(Some(&admin), USAGE, variables).await["resourceUsage"].clone();
    assert_eq!(usual.as_array().map(Vec::len), Some(3), "by 300 seconds, until now: {usual}");

    // Part of today, wherever midnight is, and no more than it.
    platform.services.journal.keep_usage(sample(&one, Utc::now() - TimeDelta::milliseconds(1))).await.expect("kept");
    let data = platform.data(Some(&admin), "{ platformStatistics { costToday { amount currency } } }", json!({})).await;
    let today = &data["platformStatistics"]["costToday"];
    assert_eq!(today["currency"], "EUR");
    assert!(today["amount"] == "0.05" || today["amount"] == "0.00", "{today}");
}

#[tokio::test]
async fn what_cannot_be_answered_is_named() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let now = Utc::now();
    let back = |days: i64| now - TimeDelta::days(days);
    for (from, to, step, argument, told) in [
        (now, back(1), None, "from", "before to"),
        (back(367), now, None, "from", "the last 366 days"),
        (back(0) - TimeDelta::hours(1), now, Some(90), "step", "a multiple of 60"),
        (back(0) - TimeDelta::hours(1), now, Some(0), "step", "a multiple of 60"),
        (back(2), now, Some(60), "step", "a multiple of 300"),
        (back(8), now, Some(300), "step", "a multiple of 3600"),
        (back(6), now, Some(300), "step", "at least 519 seconds"),
        (now, now + TimeDelta::days(2000), None, "to", "1000 days"),
    ] {
        let answer = platform.answer(Some(&admin), USAGE, json!({ "from": from, "to": to, "step": step })).await;
        let error = &answer["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["extensions"]["argument"]),
            (&json!("BAD_USER_INPUT"), &json!(argument)),
            "{answer}"
        );
        assert!(error["message"].as_str().is_some_and(|message| message.contains(told)), "{answer}");
    }
    let learner = platform.person("ada", &[]).await;
    for (by, expected) in [(Some(&learner), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        assert_eq!(platform.code(by, USAGE, json!({ "from": back(1) })).await, expected);
        assert_eq!(platform.code(by, ALERTS, json!({})).await, expected);
    }
}

async fn measure(platform: &Platform, cluster: &str, percent: u32) {
    let of = |cpu| Capacity { cpu: Millicores(cpu), memory: Mebibytes(0), ..Capacity::default() };
    let id: ClusterId = cluster.parse().expect("an id");
    let amounts = (of(1000), of(percent * 10));
    let measured =
        platform.services.commands.environments.measure_cluster(&Request::system("test"), id, amounts, Thresholds::default()).await;
    assert!(matches!(measured, Ok(commands::Outcome::Accepted(_))));
}

#[tokio::test]
async fn administrators_are_alerted_and_can_look_it_up() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let (one, two) = (registered(&platform, &admin, "frankfurt").await, registered(&platform, &admin, "berlin").await);
    measure(&platform, &one, 90).await;
    let mut socket = Socket::of(&platform, &admin).await;
    socket.subscribe("a", "subscription { alerts { kind resource percent cluster { name } } }", json!({})).await;
    // Whether it listens yet cannot be seen, so that changes go on until it hears one: never the one before it came.
    let heard = socket.item("a");
    tokio::pin!(heard);
    let mut percent = 95;
    let first = loop {
        tokio::select! {
            item = &mut heard => break item,
            () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {
                measure(&platform, &two, percent).await;
                percent = if percent == 95 { 10 } else { 95 };
            }
        }
    };
    let alert = &first["alerts"];
    assert_eq!((&alert["cluster"]["name"], &alert["resource"]), (&json!("berlin"), &json!("CPU")), "{alert}");
    assert!(alert["percent"] == 95 || alert["percent"] == 10, "{alert}");

    platform.level().await;
    let page = platform.data(Some(&admin), ALERTS, json!({ "cluster": one })).await["alerts"].clone();
    let shown = json!([{ "kind": "CAPACITY_SHORT", "resource": "CPU", "percent": 90, "reason": null,
        "cluster": { "name": "frankfurt", "shortOf": ["CPU"] } }]);
    assert_eq!(page["nodes"], shown);
    let latest = platform.data(Some(&admin), ALERTS, json!({ "first": 1 })).await["alerts"].clone();
    assert_eq!((&latest["nodes"][0]["cluster"]["name"], &latest["pageInfo"]["hasNextPage"]), (&json!("berlin"), &json!(true)));
    let rest = json!({ "cluster": one, "first": 10, "after": latest["pageInfo"]["endCursor"] });
    let rest = platform.data(Some(&admin), ALERTS, rest).await["alerts"].clone();
    assert_eq!(rest["nodes"], shown);
}
