//! What learners see of their own part of a cluster.

use commands::Request;
use domain::{
    environments::environment::{EnvironmentCommand as Do, Placement, TeardownReason},
    identity::Role,
    kernel::EnvironmentId,
};
use serde_json::{Value, json};

use crate::{
    placement::environment,
    platform::{Person, Platform, content},
    socket::Socket,
};

const LIST: &str = "query($id: ID!, $kind: EnvironmentResourceKind!) { environmentResources(sessionId: $id, kind: $kind) {
    resources { name namespace } errors { code field } } }";
const LOG: &str = "query($id: ID!, $pod: String!, $lines: Int, $in: String) {
    environmentLog(sessionId: $id, pod: $pod, lines: $lines, namespace: $in) { text errors { code field } } }";
const FOLLOW: &str = "subscription($id: ID!, $kind: EnvironmentResourceKind!) { environmentResourcesChanged(sessionId: $id, kind: $kind) {
    resources { name } errors { code field } } }";

const FOLLOW_LOG: &str = "subscription($id: ID!, $pod: String!, $in: String) {
    environmentLogFollowed(sessionId: $id, pod: $pod, lines: 2, namespace: $in) { text errors { code field } } }";

/// A learner, the session and the environment, which is ready.
async fn ready(platform: &Platform) -> (Person, Value, EnvironmentId) {
    let author = platform.person("author", &[Role::Author]).await;
    let learner = platform.person("ada", &[]).await;
    let workshop = platform.workshop(&author, "pipes", content()).await;
    let id = environment(platform, &learner, &workshop).await;
    let placement = Placement { driver: "kubernetes".into(), node: "there".into(), reason: "the only one".into() };
    record(platform, id, || Do::Place(placement.clone())).await;
    record(platform, id, || Do::MarkReady).await;
    platform.level().await;
    let query = "query($id: ID!) { environment(id: $id) { session { id } } }";
    let session = platform.data(Some(&learner), query, json!({ "id": id.to_string() })).await["environment"]["session"]["id"].clone();
    (learner, session, id)
}

async fn record(platform: &Platform, environment: EnvironmentId, command: impl Fn() -> Do + Send + Sync) {
    platform.services.commands.environments.record(&Request::system("test"), environment, command).await.expect("recorded");
}

#[tokio::test]
async fn a_learner_sees_what_is_theirs_and_so_does_who_manages_sessions() {
    let platform = Platform::start().await;
    let (learner, session, id) = ready(&platform).await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let stranger = platform.person("eve", &[Role::Author, Role::Analyst]).await;
    let list = |kind: &str| json!({ "id": session, "kind": kind });
    let web = json!({ "resources": [{ "name": "web", "namespace": id.to_string() }], "errors": [] });
    let refused = |code: &str, field: &str| json!([{ "code": code, "field": field }]);
    for by in [&learner, &admin] {
        assert_eq!(platform.data(Some(by), LIST, list("PODS")).await["environmentResources"], web);
    }
    let unseen = platform.data(Some(&stranger), LIST, list("PODS")).await["environmentResources"].clone();
    assert_eq!(unseen, json!({ "resources": [], "errors": refused("NOT_FOUND", "sessionId") }));
    assert_eq!(platform.code(None, LIST, list("PODS")).await, "UNAUTHENTICATED");
    assert_eq!(platform.code(Some(&learner), LIST, list("SECRETS")).await, "BAD_USER_INPUT");
    let nowhere = platform.data(Some(&learner), LIST, list("SERVICES")).await["environmentResources"].clone();
    assert_eq!(nowhere, json!({ "resources": [], "errors": refused("NOT_ON_CLUSTER", "sessionId") }));
    let later = platform.data(Some(&learner), LIST, list("DEPLOYMENTS")).await["environmentResources"].clone();
    assert_eq!(later, json!({ "resources": [], "errors": refused("VCLUSTER_NOT_READY", "sessionId") }));
    let broken = platform.code(Some(&learner), LIST, list("EVENTS")).await;
    assert_eq!(broken, "UNAVAILABLE", "what a cluster answers is for the log");

    let log = |pod: &str, lines: Value| json!({ "id": session, "pod": pod, "lines": lines });
    let read = async |by: &Person, variables: Value| platform.data(Some(by), LOG, variables).await["environmentLog"].clone();
    assert_eq!(read(&learner, log("web", Value::Null)).await["text"], "200 lines");
    assert_eq!(read(&admin, log("web", json!(7))).await["text"], "7 lines");
    let elsewhere = json!({ "id": session, "pod": "web", "in": "shop" });
    assert_eq!(read(&learner, elsewhere).await["text"], "in shop");
    assert_eq!(read(&learner, log("db", Value::Null)).await["errors"], refused("POD_NOT_FOUND", "pod"));
    assert_eq!(read(&stranger, log("web", Value::Null)).await["errors"], refused("NOT_FOUND", "sessionId"));
    for lines in [0, 1001, -1] {
        assert_eq!(platform.code(Some(&learner), LOG, log("web", json!(lines))).await, "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn what_stands_is_followed_until_the_environment_goes() {
    let platform = Platform::start().await;
    let (learner, session, id) = ready(&platform).await;
    let mut socket = Socket::of(&platform, &learner).await;
    let follow = |kind: &str| json!({ "id": session, "kind": kind });
    socket.subscribe("pods", FOLLOW, follow("PODS")).await;
    for names in [json!([{ "name": "web" }]), json!([{ "name": "db" }, { "name": "web" }])] {
        assert_eq!(socket.item("pods").await["environmentResourcesChanged"]["resources"], names);
    }
    record(&platform, id, || Do::BeginTeardown { reason: TeardownReason::Forced }).await;
    let end = socket.hear().await;
    assert_eq!((&end["type"], &end["id"]), (&json!("complete"), &json!("pods")));
}

#[tokio::test]
async fn who_may_not_follow_is_told_why() {
    let platform = Platform::start().await;
    let (learner, session, _) = ready(&platform).await;
    let stranger = platform.person("eve", &[]).await;
    let follow = |kind: &str| json!({ "id": session, "kind": kind });
    for (by, kind, code) in [(&stranger, "PODS", "NOT_FOUND"), (&learner, "SERVICES", "NOT_ON_CLUSTER")] {
        let mut socket = Socket::of(&platform, by).await;
        socket.subscribe("one", FOLLOW, follow(kind)).await;
        let errors = socket.item("one").await["environmentResourcesChanged"]["errors"].clone();
        assert_eq!(errors, json!([{ "code": code, "field": "sessionId" }]));
        assert_eq!(socket.hear().await["type"], "complete");
    }
    let mut socket = Socket::of(&platform, &learner).await;
    socket.subscribe("many", FOLLOW, follow("EVENTS")).await;
    assert_eq!(socket.hear().await["payload"]["errors"][0]["extensions"]["code"], "QUOTA_EXCEEDED");
}

#[tokio::test]
async fn a_log_is_followed_until_the_environment_goes_and_by_nobody_else() {
    let platform = Platform::start().await;
    let (learner, session, id) = ready(&platform).await;
    let stranger = platform.person("eve", &[]).await;
    let follow = |pod: &str| json!({ "id": session, "pod": pod });
    let mut inside = Socket::of(&platform, &learner).await;
    inside.subscribe("shop", FOLLOW_LOG, json!({ "id": session, "pod": "web", "in": "shop" })).await;
    assert_eq!(inside.item("shop").await["environmentLogFollowed"]["text"], "in shop", "of a vCluster");
    let mut socket = Socket::of(&platform, &learner).await;
    socket.subscribe("web", FOLLOW_LOG, follow("web")).await;
    for text in ["2 lines", "and more"] {
        assert_eq!(socket.item("web").await["environmentLogFollowed"], json!({ "text": text, "errors": [] }));
    }
    record(&platform, id, || Do::BeginTeardown { reason: TeardownReason::Forced }).await;
    let end = socket.hear().await;
    assert_eq!((&end["type"], &end["id"]), (&json!("complete"), &json!("web")));
    for (by, pod, code, field) in [(&stranger, "web", "NOT_FOUND", "sessionId"), (&learner, "db", "POD_NOT_FOUND", "pod")] {
        let mut socket = Socket::of(&platform, by).await;
        socket.subscribe("one", FOLLOW_LOG, follow(pod)).await;
        let seen = socket.item("one").await["environmentLogFollowed"].clone();
        assert_eq!(seen, json!({ "text": null, "errors": [{ "code": code, "field": field }] }));
        assert_eq!(socket.hear().await["type"], "complete");
    }
}
