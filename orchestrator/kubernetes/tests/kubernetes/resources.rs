//! What learners see of their namespace.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use commands::environments::{EnvironmentResource, LogParts, PodLog, ResourceChanges, ResourceKind, ResourcesError};
use domain::{
    environments::EnvironmentRejection as Rejection,
    kernel::EnvironmentId,
    workshops::cluster_needs::{Isolation, KubernetesNeeds},
};
use futures_util::StreamExt;
use orchestrator_kubernetes::desired::{learner_namespace, workbench_namespace};
use serde_json::json;
use test_cluster_simulator::{Effect, Fault, LOG_ANNOTATION, PULL_ERROR_ANNOTATION};
use tokio::time::timeout;

use crate::stage::{Stage, clustered};

/// Longer than anything here takes.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

async fn standing() -> (Stage, EnvironmentId) {
    let stage = Stage::new();
    let spec = clustered(KubernetesNeeds::default());
    stage.stand(&spec).await.expect("it stands");
    (stage, spec.id)
}

fn map(stage: &Stage, environment: EnvironmentId, name: &str) {
    stage.simulator.put("configmaps", &learner_namespace(environment), name, json!({ "metadata": {}, "data": { "key": "a value" } }));
}

async fn list(stage: &Stage, environment: EnvironmentId, kind: ResourceKind) -> Vec<EnvironmentResource> {
    stage.driver.resources(Isolation::Namespace).expect("they are shown").list(environment, kind).await.expect("listed")
}

async fn follow(stage: &Stage, environment: EnvironmentId, kind: ResourceKind) -> ResourceChanges {
    stage.driver.resources(Isolation::Namespace).expect("they are shown").follow(environment, kind).await.expect("followed")
}

/// Waits until what is seen has these names among it, or has them no more.
pub(crate) async fn until(changes: &mut ResourceChanges, name: &str, is_there: bool) -> Arc<Vec<EnvironmentResource>> {
    let seen = async {
        loop {
            let all = changes.next().await.expect("it goes on");
            if all.iter().any(|row| row.name == name) == is_there {
                return all;
            }
        }
    };
    timeout(DEADLINE, seen).await.unwrap_or_else(|_| panic!("not seen in time: {name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_sees_the_objects_of_their_namespace_and_no_others() {
    let (stage, id) = standing().await;
    let namespace = learner_namespace(id);
    map(&stage, id, "mine");
    stage.simulator.put("configmaps", &workbench_namespace(id), "theirs", json!({ "metadata": {}, "data": {} }));
    let maps = list(&stage, id, ResourceKind::ConfigMaps).await;
    let mine = maps.iter().find(|row| row.name == "mine").expect("theirs");
    assert_eq!((mine.namespace.as_str(), mine.message.as_deref()), (namespace.as_str(), Some("key")));
    assert!(maps.iter().all(|row| row.namespace == namespace && row.name != "theirs"), "{maps:?}");
    let pods = list(&stage, id, ResourceKind::Pods).await;
    assert_eq!(pods, [], "the workbench is not theirs");
    for kind in [ResourceKind::Services, ResourceKind::Deployments, ResourceKind::Events] {
        list(&stage, id, kind).await;
    }
    assert_eq!(list(&stage, EnvironmentId(uuid::Uuid::now_v7()), ResourceKind::ConfigMaps).await, [], "of another environment");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_look_share_one_watch_and_it_ends_with_the_last() {
    let (stage, id) = standing().await;
    let before = stage.simulator.requests().of("watch configmaps");
    let mut one = follow(&stage, id, ResourceKind::ConfigMaps).await;
    let mut other = follow(&stage, id, ResourceKind::ConfigMaps).await;
    // The first may be in the list that a watch begins with, the second is seen by the watch itself.
    map(&stage, id, "first");
    until(&mut one, "first", true).await;
    map(&stage, id, "mine");
    until(&mut one, "mine", true).await;
    let seen = until(&mut other, "mine", true).await;
    let mut late = follow(&stage, id, ResourceKind::ConfigMaps).await;
    assert_eq!(until(&mut late, "mine", true).await, seen, "who comes later sees what is there at once");
    assert_eq!(stage.simulator.requests().of("watch configmaps"), before + 1);
    drop((one, other));
    stage.simulator.remove("configmaps", &learner_namespace(id), "mine");
    until(&mut late, "mine", false).await;
    drop(late);
    let mut again = follow(&stage, id, ResourceKind::ConfigMaps).await;
    for name in ["new", "newer"] {
        map(&stage, id, name);
        until(&mut again, name, true).await;
    }
    assert_eq!(stage.simulator.requests().of("watch configmaps"), before + 2, "the first one has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_followed_survives_dropped_watches_and_ones_that_are_too_old() {
    let (stage, id) = standing().await;
    let mut changes = follow(&stage, id, ResourceKind::ConfigMaps).await;
    map(&stage, id, "first");
    until(&mut changes, "first", true).await;
    stage.simulator.drop_watches();
    map(&stage, id, "second");
    until(&mut changes, "second", true).await;
    // What happens while nobody can watch is forgotten before anybody could hear of it: the next watch is answered with 410.
    let fault = stage.simulator.inject(Fault::new(Effect::Unavailable).on("watch", "configmaps"));
    stage.simulator.drop_watches();
    let began = Instant::now();
    while stage.simulator.struck()[&fault] == 0 {
        assert!(began.elapsed() < DEADLINE, "nobody watches again");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stage.simulator.remove("configmaps", &learner_namespace(id), "first");
    stage.simulator.compact();
    stage.simulator.withdraw(fault);
    let seen = until(&mut changes, "first", false).await;
    assert!(seen.iter().any(|row| row.name == "second"), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_log_is_read_and_nothing_else() {
    let (stage, id) = standing().await;
    let resources = stage.driver.resources(Isolation::Namespace).expect("they are shown");
    let annotations = json!({ LOG_ANNOTATION: "one\ntwo\nthree\n" });
    let pod = json!({ "metadata": { "annotations": annotations }, "spec": { "containers": [{ "name": "a", "image": "a" }] },
        "status": { "phase": "Running" } });
    stage.simulator.put("pods", &learner_namespace(id), "web", pod);
    let log = |pod: &str, lines| PodLog { namespace: None, pod: pod.to_owned(), container: None, lines };
    assert_eq!(resources.log(id, &log("web", 2)).await, Ok("two\nthree\n".to_owned()));
    let missing = Err(ResourcesError::Refused(Rejection::PodNotFound));
    let elsewhere = format!("../../{}/pods/workbench", workbench_namespace(id));
    for pod in ["nobody", "", "..", &elsewhere, "web/log?container=a"] {
        assert_eq!(resources.log(id, &log(pod, 2)).await, missing, "{pod}");
    }
    let log_in = |namespace: String| PodLog { namespace: Some(namespace), ..log("web", 2) };
    assert_eq!(resources.log(id, &log_in(learner_namespace(id))).await, Ok("two\nthree\n".to_owned()));
    for namespace in [workbench_namespace(id), "..".to_owned(), String::new()] {
        assert_eq!(resources.log(id, &log_in(namespace.clone())).await, missing, "{namespace}");
    }
    let annotations = json!({ PULL_ERROR_ANNOTATION: "ErrImagePull" });
    let waiting = json!({ "metadata": { "annotations": annotations }, "spec": { "containers": [{ "name": "a", "image": "a" }] },
        "status": { "phase": "Pending" } });
    stage.simulator.put("pods", &learner_namespace(id), "late", waiting);
    let refused = resources.log(id, &log("late", 2)).await;
    assert!(matches!(refused, Err(ResourcesError::Refused(Rejection::LogUnavailable { .. }))), "{refused:?}");
}

pub(crate) fn printing(text: &str) -> serde_json::Value {
    json!({ "metadata": { "annotations": { LOG_ANNOTATION: text } }, "spec": { "containers": [{ "name": "a", "image": "a" }] },
        "status": { "phase": "Running" } })
}

pub(crate) async fn next(parts: &mut LogParts) -> Option<String> {
    timeout(DEADLINE, parts.next()).await.expect("in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_followed_until_its_pod_is_gone() {
    let (stage, id) = standing().await;
    let (resources, namespace) = (stage.driver.resources(Isolation::Namespace).expect("they are shown"), learner_namespace(id));
    stage.simulator.put("pods", &namespace, "web", printing("one\ntwo\nthree\n"));
    let log = |pod: &str| PodLog { namespace: None, pod: pod.to_owned(), container: None, lines: 2 };
    let mut parts = resources.follow_log(id, &log("web")).await.expect("followed");
    assert_eq!(next(&mut parts).await.as_deref(), Some("two\nthree\n"));
    stage.simulator.put("pods", &namespace, "web", printing("one\ntwo\nthree\nfour\n"));
    assert_eq!(next(&mut parts).await.as_deref(), Some("four\n"));
    stage.simulator.remove("pods", &namespace, "web");
    assert_eq!(next(&mut parts).await, None);
    for pod in ["nobody", "web", "../../x/pods/web"] {
        assert_eq!(resources.follow_log(id, &log(pod)).await.err(), Some(ResourcesError::Refused(Rejection::PodNotFound)), "{pod}");
    }
}
