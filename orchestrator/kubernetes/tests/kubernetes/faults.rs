//! A cluster that fails: nothing is made twice, nothing stays, and what is worth another try says so.

use std::time::Duration;

use domain::workshops::cluster_needs::KubernetesNeeds;
use orchestrator::driver::{DriverError, EnvironmentSpec, Observed};
use orchestrator_kubernetes::desired::workbench_namespace;
use test_cluster_simulator::{Effect, Fault, When};

use crate::{
    driver_contract::{check, eventually, spec},
    stage::{Stage, clustered, terminal},
};

/// As the saga does: each step until it is done, as long as it is worth another try.
async fn stand_stubbornly(stage: &Stage, spec: &EnvironmentSpec) {
    for step in stage.driver.steps() {
        let mut tries = 0;
        while let Err(error) = stage.driver.apply(step, spec).await {
            tries += 1;
            assert!(matches!(error, DriverError::Transient(_)) && tries < 200, "{step}: {error}");
        }
    }
}

async fn fall_stubbornly(stage: &Stage, spec: &EnvironmentSpec) {
    let mut tries = 0;
    while let Err(error) = stage.fall(spec).await {
        tries += 1;
        assert!(matches!(error, DriverError::Transient(_)) && tries < 200, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_passes_and_leaves_nothing() {
    let effects = [
        Effect::Conflict,
        Effect::TooManyRequests { retry_after: 0 },
        Effect::InternalError,
        Effect::Unavailable,
        Effect::Timeout,
        Effect::LoseRequest,
        Effect::LoseReply,
        Effect::Truncated,
    ];
    for effect in effects {
        let stage = Stage::new();
        let spec = clustered(KubernetesNeeds::default());
        stage.simulator.inject(Fault::new(effect.clone()).when(When::Probability(0.15)));
        stand_stubbornly(&stage, &spec).await;
        fall_stubbornly(&stage, &spec).await;
        stage.simulator.withdraw_all();
        assert_eq!(stage.driver.observe(spec.id).await.expect("seen"), Observed::Absent, "{effect:?}");
        assert_eq!(stage.driver.list().await.expect("listed"), [], "{effect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_no_harm_twice_is_sent_again_at_once_and_nothing_else() {
    for effect in [Effect::InternalError, Effect::Unavailable, Effect::Timeout, Effect::LoseRequest, Effect::LoseReply] {
        let stage = Stage::new();
        let spec = spec();
        let once = |fault: Fault| stage.simulator.inject(fault.when(When::First(1)));
        once(Fault::new(effect.clone()).on("create", "namespaces"));
        let failed = stage.driver.apply("namespace", &spec).await.expect_err("a creation is not repeated");
        assert!(matches!(failed, DriverError::Transient(_)), "{failed}");
        stage.driver.apply("namespace", &spec).await.expect("made");
        once(Fault::new(effect.clone()).on("patch", "limitranges"));
        stage.driver.apply("limits", &spec).await.expect("an apply is repeated");
        once(Fault::new(effect.clone()).on("delete", "namespaces"));
        stage.driver.revert("namespace", spec.id).await.expect("a deletion is repeated");
        let struck: u64 = stage.simulator.struck().values().sum();
        assert_eq!(struck, 3, "{effect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_that_break_off_or_fall_silent_hold_nothing_up() {
    let stage = Stage::new();
    stage.simulator.behave(|behaviour| behaviour.pod_ready = Duration::from_millis(100));
    stage.stand(&spec()).await.expect("with whole watches");
    stage.simulator.drop_watches();
    stage.stand(&spec()).await.expect("after they broke off");
    stage.simulator.compact();
    stage.simulator.drop_watches();
    stage.stand(&spec()).await.expect("after what they had seen was forgotten");
    stage.simulator.freeze_watches();
    stage.stand(&spec()).await.expect("while they are silent");
}

/// Until the watches see all of it; requests from then on are counted.
async fn seen(stage: &Stage, spec: &EnvironmentSpec) {
    let began = std::time::Instant::now();
    loop {
        stage.simulator.forget_requests();
        if stage.driver.stands(spec.id).await.expect("known") && stage.simulator.requests().total() == 0 {
            break;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{:?}", stage.simulator.requests().by_kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_is_seen_without_a_request_and_what_is_gone_is_noticed() {
    let stage = Stage::new();
    let spec = clustered(KubernetesNeeds::default());
    stage.stand(&spec).await.expect("it stands");
    seen(&stage, &spec).await;
    assert!(stage.simulator.remove("pods", &workbench_namespace(spec.id), "workbench"));
    let began = std::time::Instant::now();
    while stage.driver.stands(spec.id).await.expect("known") {
        assert!(began.elapsed() < Duration::from_mins(1), "it is not noticed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_watches_show_is_not_asked_for() {
    let stage = Stage::new();
    stage.simulator.behave(|behaviour| {
        behaviour.pod_ready = Duration::from_millis(300);
        (behaviour.namespace, behaviour.namespace_with_pods) = (Duration::from_millis(300), Duration::from_millis(300));
    });
    let spec = clustered(KubernetesNeeds::default());
    stage.stand(&spec).await.expect("it stands");
    let watched = ["get namespaces", "get pods", "get resourcequotas"];
    let made = stage.simulator.requests();
    assert!(watched.iter().all(|kind| made.of(kind) == 0), "{made:?}");
    seen(&stage, &spec).await;
    stage.fall(&spec).await.expect("it is gone");
    let requests = stage.simulator.requests();
    assert!(watched.iter().all(|kind| requests.of(kind) == 0), "{requests:?}");
    assert_eq!(requests.of("delete namespaces"), 2, "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_silent_watch_shows_is_not_taken_for_what_is_there() {
    let stage = Stage::new();
    let spec = clustered(KubernetesNeeds::default());
    stage.stand(&spec).await.expect("it stands");
    seen(&stage, &spec).await;
    stage.simulator.freeze_watches();
    for _ in 0..2 {
        stage.fall(&spec).await.expect("it is gone, whatever the watch shows");
        assert!(stage.simulator.object("namespaces", "", &workbench_namespace(spec.id)).is_none());
        stage.stand(&spec).await.expect("it stands again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_share_the_watches() {
    let stage = Stage::new();
    stage.simulator.behave(|behaviour| behaviour.pod_ready = Duration::from_millis(30));
    let (one, other) = (spec(), spec());
    let (first, second) = tokio::join!(stage.stand(&one), stage.stand(&other));
    first.and(second).expect("both stand");
    let watches: u64 =
        stage.simulator.requests().by_kind.iter().filter(|(kind, _)| kind.starts_with("watch")).map(|(_, count)| count).sum();
    assert!((1..=3).contains(&watches), "{:?}", stage.simulator.requests().by_kind);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_is_told_for_good() {
    let stage = Stage::new();
    let token = stage.simulator.token_for("nobody", &[]);
    let kubeconfig = stage.simulator.kubeconfig_for(&token);
    let stage = Stage::by(stage.simulator, &kubeconfig, Duration::from_secs(1));
    let told = terminal(stage.driver.apply("namespace", &spec()).await);
    assert!(told.contains("403"), "{told}");
    stage.simulator.revoke(&token);
    let told = terminal(stage.driver.apply("namespace", &spec()).await);
    assert!(told.contains("401") && !told.contains(&token), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_whose_connection_breaks_off_is_no_verdict() {
    let stage = Stage::new();
    let spec = spec();
    stage.stand(&spec).await.expect("it stands");
    let running = tokio::spawn({
        let driver = stage.driver.clone();
        async move { driver.run(spec.id, &check("touch begun; sleep 600")).await }
    });
    eventually(&stage.driver, spec.id, "[ -e begun ]").await;
    assert!(stage.simulator.remove("pods", &workbench_namespace(spec.id), "workbench"));
    let ended = running.await.expect("no panic");
    assert!(matches!(&ended, Err(DriverError::Transient(told)) if told.contains("broke off")), "{ended:?}");
}
