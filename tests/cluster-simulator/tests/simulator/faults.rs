//! Each fault, as a client meets it.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::{
    Api, Client,
    api::{DeleteParams, PostParams},
};
use serde_json::json;
use test_cluster_simulator::{Effect, Fault, Simulator, When};
use tokio::time::timeout;

use crate::bench::{client, config, namespace, object, pod, refusal, simulator, soon};

/// Long enough for an answer to come, if there is one.
const A_WHILE: Duration = Duration::from_millis(300);

async fn maps(simulator: &Simulator) -> Api<ConfigMap> {
    let client = client(simulator).await;
    namespace(&client, "one").await;
    Api::namespaced(client, "one")
}

async fn create(maps: &Api<ConfigMap>, name: &str) -> Result<ConfigMap, kube::Error> {
    maps.create(&PostParams::default(), &object(json!({"metadata": {"name": name}}))).await
}

fn exists(simulator: &Simulator, name: &str) -> bool {
    simulator.object("configmaps", "one", name).is_some()
}

#[tokio::test]
async fn refusals_have_their_codes_and_no_effect() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    let effects = [
        (Effect::Conflict, 409, "Conflict"),
        (Effect::InternalError, 500, "InternalError"),
        (Effect::Status { code: 403, reason: "Forbidden".to_owned() }, 403, "Forbidden"),
    ];
    for (effect, code, reason) in effects {
        let fault = simulator.inject(Fault::new(effect).on("create", "configmaps"));
        let refused = refusal(create(&maps, "a").await);
        assert_eq!((refused.code, refused.reason.as_str()), (code, reason));
        assert_eq!(simulator.struck()[&fault], 1);
        simulator.withdraw(fault);
    }
    assert!(!exists(&simulator, "a"));
    create(&maps, "a").await.expect("created");
}

#[tokio::test]
async fn what_a_client_tries_again_by_itself_is_met_as_often_as_said() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    let effects = [Effect::TooManyRequests { retry_after: 1 }, Effect::Unavailable, Effect::Timeout];
    for (number, effect) in effects.into_iter().enumerate() {
        let name = format!("map-{number}");
        let fault = simulator.inject(Fault::new(effect).on("create", "configmaps").named(&name).when(When::First(1)));
        // Whether it was tried again or refused is the client's own business.
        let _ = soon(create(&maps, &name)).await;
        assert_eq!(simulator.struck()[&fault], 1, "{name}");
        let _ = create(&maps, &name).await;
        assert!(exists(&simulator, &name));
    }
    assert_eq!(simulator.requests().by_status[&429], 1);
}

#[tokio::test]
async fn a_lost_reply_has_an_effect_and_a_lost_request_has_none() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    simulator.inject(Fault::new(Effect::LoseReply).on("create", "configmaps").named("after*").when(When::First(1)));
    simulator.inject(Fault::new(Effect::LoseRequest).on("create", "configmaps").named("before*").when(When::First(1)));
    for (name, takes_effect) in [("after-1", true), ("before-1", false)] {
        let lost = soon(create(&maps, name)).await;
        assert!(!matches!(lost, Ok(_) | Err(kube::Error::Api(_))), "{lost:?}");
        assert_eq!(exists(&simulator, name), takes_effect, "{name}");
    }
    assert_eq!(refusal(create(&maps, "after-1").await).reason, "AlreadyExists");
    create(&maps, "before-1").await.expect("created");
    simulator.inject(Fault::new(Effect::LoseReply).on("delete", "configmaps").when(When::Nth(1)));
    assert!(soon(maps.delete("before-1", &DeleteParams::default())).await.is_err());
    assert!(!exists(&simulator, "before-1"));
}

#[tokio::test]
async fn a_half_open_connection_never_answers() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    simulator.inject(Fault::new(Effect::HalfOpen).on("create", "configmaps").named("silent"));
    simulator.inject(Fault::new(Effect::HalfOpenReply).on("create", "configmaps").named("done"));
    assert!(timeout(A_WHILE, create(&maps, "silent")).await.is_err());
    assert!(!exists(&simulator, "silent"));
    let mut waiting = Box::pin(create(&maps, "done"));
    crate::bench::eventually("it takes effect", async || {
        let _ = timeout(Duration::from_millis(10), &mut waiting).await;
        exists(&simulator, "done")
    })
    .await;
    assert!(timeout(A_WHILE, waiting).await.is_err());
    crate::bench::eventually("it is counted", async || simulator.requests().by_status.get(&0) == Some(&1)).await;
}

#[tokio::test]
async fn a_slow_answer_comes() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    simulator.inject(Fault::new(Effect::Slow { milliseconds: 200 }).on("create", "configmaps"));
    let begun = std::time::Instant::now();
    soon(create(&maps, "a")).await.expect("created");
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn answers_that_are_no_answers_are_told_from_others() {
    let simulator = simulator();
    let client = client(&simulator).await;
    let effects = [Effect::Html, Effect::Redirect { location: "https://127.0.0.1:1/".to_owned() }, Effect::Truncated];
    for effect in effects {
        let fault = simulator.inject(Fault::new(effect.clone()).on("get", "/version"));
        let answer = soon(client.apiserver_version()).await;
        assert!(answer.is_err(), "{effect:?}: {answer:?}");
        simulator.withdraw(fault);
    }
    client.apiserver_version().await.expect("a version");
}

#[tokio::test]
async fn a_huge_answer_is_as_long_as_said() {
    let simulator = simulator();
    let client = client(&simulator).await;
    simulator.inject(Fault::new(Effect::Huge { bytes: 50_000_000 }).on("get", "/version"));
    let request = axum::http::Request::get("/version").body(Vec::new()).expect("a request");
    let text = soon(client.request_text(request)).await.expect("text");
    assert_eq!(text.len(), 50_000_000 + r#"{"kind":""#.len());
}

#[tokio::test]
async fn chance_is_the_seeds_and_does_not_depend_on_the_order() {
    let outcome = async |names: Vec<String>| {
        let simulator = simulator();
        let maps = maps(&simulator).await;
        simulator.inject(Fault::new(Effect::InternalError).on("create", "configmaps").when(When::Probability(0.5)));
        let mut failed: Vec<String> = Vec::new();
        for name in names {
            if create(&maps, &name).await.is_err() {
                failed.push(name);
            }
        }
        failed.sort();
        failed
    };
    let names: Vec<String> = (0..40).map(|number| format!("map-{number}")).collect();
    let forwards = outcome(names.clone()).await;
    let backwards = outcome(names.into_iter().rev().collect()).await;
    assert_eq!(forwards, backwards);
    assert!((5..35).contains(&forwards.len()), "{forwards:?}");
}

#[tokio::test]
async fn a_cluster_that_is_cut_off_comes_back() {
    let simulator = simulator();
    let client = client(&simulator).await;
    simulator.set_reachable(false);
    assert!(soon(client.apiserver_version()).await.is_err());
    simulator.set_reachable(true);
    crate::bench::eventually("it answers", async || client.apiserver_version().await.is_ok()).await;
}

#[tokio::test]
async fn a_certificate_of_another_cluster_is_not_believed() {
    let (one, other) = (simulator(), simulator());
    let mut config = config(&one.kubeconfig()).await;
    config.cluster_url = other.url().parse().expect("an address");
    let client = Client::try_from(config).expect("a client");
    assert!(soon(client.apiserver_version()).await.is_err());
    assert_eq!(other.requests().total(), 0);
}

#[tokio::test]
async fn requests_are_counted() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    simulator.behave(|behaviour| behaviour.latency = Duration::from_millis(200));
    simulator.forget_requests();
    let names: Vec<String> = (0..8).map(|number| format!("map-{number}")).collect();
    let results = futures_util::future::join_all(names.iter().map(|name| create(&maps, name))).await;
    assert!(results.iter().all(Result::is_ok));
    let requests = simulator.requests();
    assert_eq!((requests.of("create configmaps"), requests.by_status[&201]), (8, 8));
    assert!((2..=8).contains(&requests.peak), "{}", requests.peak);
    let pods: Api<Pod> = Api::namespaced(maps.into_client(), "nowhere");
    assert_eq!(refusal(pods.create(&PostParams::default(), &pod("p")).await).code, 404);
    assert_eq!(simulator.counts()["configmaps"], 8 + 4);
}
